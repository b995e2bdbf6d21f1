"""What to diagnose: the investigation file, class lists, old and new groups."""
