"""From files on disk to pictures with labels."""
