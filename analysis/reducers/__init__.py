"""What is kept while batches of logits stream by: update, merge, result."""
