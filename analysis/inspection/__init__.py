"""A look at an investigation before it starts: files, class lists, weights, head, data and lineage, in seconds."""

from analysis.inspection.inspection import Inspection, inspect

__all__ = ["Inspection", "inspect"]
