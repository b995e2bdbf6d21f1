"""Links: what an address means, also when an earlier version wrote it or the run is not where it was."""
