"""Rows, biases and scales of the classification head."""
