"""From a checkpoint to a network in evaluation mode, with its head."""
