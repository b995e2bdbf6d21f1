"""Parts of a page that Streamlit has no element for: own JavaScript, one folder a component."""
