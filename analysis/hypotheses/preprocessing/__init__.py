"""Causes in how pictures become input."""
