"""Wrong, foreign and conflicting labels."""
