"""Tests mirror the trees of the library and of the app."""
