"""Slices of metadata that fail under the predictions at hand, searched once for several hypotheses."""

from analysis.diagnosis.metadata import metadata_of
from analysis.diagnosis.unexplained_errors import unexplained_errors
from analysis.diagnosis.view import View
from analysis.reports.slices import SliceSearch, find_slices


def slices_of(view: View) -> SliceSearch:
    """Slices of all N samples; errors that another cause explains do not count."""
    kept = view.kept.get("failing slices")
    if kept is None or kept[0] is not view.predictions:
        search = find_slices(metadata_of(view).columns, view.label, unexplained_errors(view), view.second)
        view.kept["failing slices"] = kept = (view.predictions, search)
    found: SliceSearch = kept[1]
    return found
