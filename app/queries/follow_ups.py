"""Follow-up runs of a finding: what the same test says after somebody put the fault right."""

from dataclasses import dataclass

from app.findings import Finding
from app.queries import investigations, runs
from app.queries.findings import checklist
from app.queries.run_list import RunEntry, list_runs
from app.queries.runs import RunKey

KIND = "follow_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The run that was named, and the finding there; None where the run is not here or has not got that far."""

    title: str
    entry: RunEntry | None
    finding: Finding | None
    version: int
    author: str
    at: float


def follow_up(key: RunKey, finding_id: str) -> FollowUp | None:
    """The follow-up that somebody named for a finding."""
    item = investigations.item(key, KIND, finding_id)
    if item is None:
        return None
    identity = str(item.value.get("run") or "")
    entry = next((entry for entry in list_runs() if entry.mark.identity == identity), None)
    found = None if entry is None else checklist(runs.run_key(entry.id))
    return FollowUp(
        title=entry.title if entry else str(item.value.get("title") or "a run"), entry=entry,
        finding=None if found is None else found.get(finding_id), version=item.version, author=item.author, at=item.at,
    )  # fmt: skip


def others(key: RunKey) -> list[RunEntry]:
    """Runs that can be a follow-up of this one, newest first."""
    own = investigations.identity(key)
    return [entry for entry in list_runs() if entry.mark.identity != own and not entry.archived]


def leading_to(identity: str) -> dict[str, int]:
    """Title of each run whose findings name the run of this identity as their follow-up → how many of them do.

    Raises:
        StoreError: If the database cannot be read.
    """
    found: dict[str, int] = {}
    for entry in {entry.mark.identity: entry for entry in list_runs()}.values():  # copies share what is said
        if entry.mark.identity != identity:
            items = investigations.items(runs.run_key(entry.id), KIND)
            if named := sum(item.value.get("run") == identity for item in items):
                found[entry.title] = found.get(entry.title, 0) + named
    return found


def name(key: RunKey, finding_id: str, entry: RunEntry | None, *, expected: int) -> None:
    """Name the follow-up of a finding; None takes it away.

    Raises:
        ConflictError: If somebody named another in the meantime.
        StoreError: If it cannot be saved.
    """
    value = None if entry is None else {"run": entry.mark.identity, "title": entry.title}
    investigations.put(key, KIND, finding_id, value, expected=expected)
