"""Causes in the layers below the head and in how they are run."""
