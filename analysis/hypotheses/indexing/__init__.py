"""Which output stands for which class."""
