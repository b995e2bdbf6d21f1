"""The causes: one file each, one folder a chapter."""
