"""The Streamlit app; its process never imports torch, umap, hdbscan or sklearn."""
