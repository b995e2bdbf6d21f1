"""Charts are pure: a table goes in, a Plotly figure comes out; no Streamlit here."""
