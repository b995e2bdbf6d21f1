"""The Streamlit app; its process never imports torch, numba, hdbscan or sklearn."""
