"""The built-in example: real digits, and the story of an expansion that went wrong."""
