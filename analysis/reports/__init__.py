"""Symptoms, one table a file; numpy and pandas only."""
