"""The run directory: the one meeting point of everything that produces and everything that reads."""
