"""The streaming pass: batches to logits to reducers to the run directory."""
