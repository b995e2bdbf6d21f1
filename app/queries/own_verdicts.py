"""What people made of a run's findings, all at once for lists."""

from app.own_verdict import OwnVerdicts
from app.queries import investigations
from app.queries.investigations import StoreError
from app.queries.runs import RunKey

_FINDING = "finding:"


def own_verdicts(key: RunKey) -> OwnVerdicts:
    """Verdicts and notes by finding; none where the database cannot be read, which the finding's own page says."""
    try:
        verdicts = {item.subject: item.value for item in investigations.items(key, "verdict")}
        noted = {item.subject.removeprefix(_FINDING) for item in investigations.items(key, "note")
                 if item.subject.startswith(_FINDING)}  # fmt: skip
    except StoreError:
        return OwnVerdicts({}, frozenset())
    return OwnVerdicts(verdicts, frozenset(noted))
