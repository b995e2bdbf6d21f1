"""Parts that pages share; each file is one part."""
