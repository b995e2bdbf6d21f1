"""Causes in what was saved, or in which of it was loaded."""
