"""Copies of one picture within the validation set, and between it and the training set."""
