"""Every fault of the catalogue planted in healthy models on real pictures, and what the checklist says of it."""
