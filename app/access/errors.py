"""What a person may not do."""

from analysis.errors import AnalysisError


class AccessDeniedError(AnalysisError):
    """Somebody asked for what their role does not allow; the message says which role it takes."""
