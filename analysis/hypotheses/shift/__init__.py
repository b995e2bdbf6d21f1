"""Shift between training and validation, slices, clusters, calibration."""
