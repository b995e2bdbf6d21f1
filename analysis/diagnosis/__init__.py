"""The checklist engine: halves, significance, ranking and explaining away."""
