"""What people say of whole runs without touching them: another title, put away, thrown away and fetched back."""
