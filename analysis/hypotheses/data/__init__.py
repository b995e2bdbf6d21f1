"""The pictures themselves, and how many there are."""
