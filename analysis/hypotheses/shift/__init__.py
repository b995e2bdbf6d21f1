"""Groups of pictures that metadata can name: slices, sources, and what predictions owe to them."""
