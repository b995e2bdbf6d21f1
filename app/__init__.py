"""The Streamlit app; its process never imports torch, umap, numba, hdbscan or sklearn."""
