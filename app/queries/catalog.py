"""Renaming, putting away and throwing away runs; how much room they take; what refers to them."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from analysis.catalog.catalog import Catalog
from analysis.catalog.trash import Deleted, Trash, folder_bytes
from analysis.errors import AnalysisError, OutputError, RunError
from analysis.jobs.job import Job
from app import people
from app.access import audit
from app.queries import follow_ups, investigations, jobs, runs, short_links
from app.queries.findings import outcome
from app.queries.roots import runs_root
from app.queries.run_list import RunEntry
from app.queries.runs import RunKey

SORTS = ("Newest", "Oldest", "Title", "Largest", "Lowest accuracy")
NOBODY = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the list of runs shows of one run."""

    entry: RunEntry
    state: str  # running | waiting | complete | interrupted
    cause: str
    accuracy: float | None
    owner: str
    created: datetime | None


def shown(entries: list[RunEntry], all_jobs: list[Job]) -> list[Shown]:
    """The runs with what their jobs and findings say; `all_jobs` newest first."""
    newest: dict[str, Job] = {}
    owners: dict[str, str] = {}
    for job in all_jobs:
        newest.setdefault(job.output.name, job)
        if job.author and job.kind in jobs.WHOLE_RUNS:
            owners[job.output.name] = job.author  # the oldest stays: who made it
    return [_shown(entry, newest.get(entry.id), owners.get(entry.id, NOBODY)) for entry in entries]


def _shown(entry: RunEntry, job: Job | None, owner: str) -> Shown:
    found = outcome(entry.id)
    cause = "not known yet" if found is None else found.cause or "no fault found"
    state = "complete" if entry.state == "done" else "interrupted"
    if job is not None and job.state.active:
        state = "running" if job.state.at_work else "waiting"
    accuracy = found.accuracy if found else None
    return Shown(entry=entry, state=state, cause=cause, accuracy=accuracy, owner=owner, created=_time(entry.created))


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def found_by(rows: list[Shown], text: str, *, archived: bool) -> list[Shown]:
    """The rows that hold every word of `text` in title, folder, owner, state or cause; archived ones only if asked."""
    words = text.casefold().split()
    return [row for row in rows if (archived or not row.entry.archived) and all(word in _text(row) for word in words)]


def _text(row: Shown) -> str:
    return " ".join([row.entry.title, row.entry.id, row.owner, row.state, row.cause]).casefold()


def ordered(rows: list[Shown], by: str) -> list[Shown]:
    """The rows in one of `SORTS`; ties and unknowns stay newest first, unknowns last."""
    if by == "Oldest":
        return rows[::-1]
    if by == "Title":
        return sorted(rows, key=lambda row: row.entry.title.casefold())
    if by == "Largest":
        return sorted(rows, key=lambda row: -disk_bytes(row.entry.id))
    if by == "Lowest accuracy":
        return sorted(rows, key=lambda row: 2.0 if row.accuracy is None else row.accuracy)
    return rows


def disk_bytes(run_id: str) -> int:
    """Bytes a run takes up; counted again when one of its files changes."""
    try:
        return _bytes(runs.run_key(run_id), str(runs_root()))
    except RunError:
        return 0


@st.cache_resource(max_entries=5000, show_spinner=False)
def _bytes(key: RunKey, root: str) -> int:  # `root` only keys the cache
    return folder_bytes(runs.run_path(key.id))


def rename(run_id: str, title: str) -> None:
    """Show a run under another title; its files and its links stay as they are.

    Raises:
        AnalysisError: If this person may only look, or it cannot be kept.
    """
    author = _editor()
    runs.run_key(run_id)
    Catalog(runs_root()).rename(run_id, title, author=author)
    audit.record("renamed a run", by=author, run=run_id, title=title)


def archive(run_ids: list[str], archived: bool) -> None:
    """Put runs away or take them out; links to them work all the time.

    Raises:
        AnalysisError: If this person may only look, or it cannot be kept.
    """
    author = _editor()
    for run_id in run_ids:
        runs.run_key(run_id)
    Catalog(runs_root()).archive(run_ids, archived, author=author)
    audit.record("archived runs" if archived else "took runs out of the archive", by=author, runs=", ".join(run_ids))


def delete(row: Shown) -> Deleted:
    """Move a run to the trash, from where it can be fetched back for a week.

    Raises:
        AnalysisError: If this person may only look, or somebody else made it and they do not administer; if a job
            writes it, or it cannot be moved.
    """
    run_id, author = row.entry.id, _editor()
    if row.owner not in (NOBODY, author):
        people.must_administer(f"delete what {row.owner} made")
    path = runs.run_path(run_id)
    if jobs.active_for(run_id) is not None:
        raise AnalysisError(f"A job is at work on {run_id}, or waits to be. Stop it first, then delete the run.")
    deleted = trash().delete(run_id, title=row.entry.title, author=author)
    jobs.store().dismiss(path)
    audit.record("deleted a run", by=author, run=run_id)
    return deleted


def restore(deleted: Deleted) -> str:
    """Fetch a run back from the trash; returns its folder name, which is a new one where the old is taken.

    Raises:
        AnalysisError: If this person may only look, or it is no longer there.
    """
    author = _editor()
    name = trash().restore(deleted.number)
    audit.record("fetched a run back", by=author, run=name)
    return name


def free(deleted: Deleted) -> None:
    """Delete a run in the trash for good.

    Raises:
        AnalysisError: If this person neither deleted it nor administers, or it is no longer there.
    """
    author = _editor()
    if deleted.author != author:
        people.must_administer(f"free what {deleted.author} deleted")
    trash().free(deleted.number)
    audit.record("freed a run for good", by=author, run=deleted.run)


_ADDED = {
    "verdict": "own verdict", "note": "note", "triage": "triage tag", "cluster": "change of a cluster",
    "slice": "saved slice", "view": "saved view", "follow_up": "link to a follow-up run",
}  # fmt: skip


def referrers(run_id: str) -> list[str]:
    """Sentences on what people added to this run, and would miss it."""
    try:
        key = runs.run_key(run_id)
        found = {words: len(investigations.items(key, kind)) for kind, words in _ADDED.items()}
        links = short_links.leading_to(investigations.identity(key))
        earlier = follow_ups.leading_to(investigations.identity(key))
    except AnalysisError:
        return []  # it cannot be read, or the notes cannot be: nothing is lost by saying so little
    said = [_count(number, words) for words, number in found.items() if number]
    sentences = [f"It has {', '.join(said)}; they are kept, and show again when it comes back."] if said else []
    sentences += [
        f"{_count(number, 'finding')} of “{title}” {'names' if number == 1 else 'name'} it as the follow-up run."
        for title, number in earlier.items()
    ]
    if links:
        sentences.append(f"{_count(links, 'short link')} to it will say that it is gone, until it comes back.")
    return sentences


def in_trash() -> list[Deleted]:
    """What can be fetched back, newest first; what has lain there for its week is freed by this look."""
    with suppress(OutputError):  # a disk that is full or read-only: it stays
        for deleted in trash().free_old():
            audit.record("freed a run for good, its time was over", by="", run=deleted.run)
    return trash().listed()


def trash() -> Trash:
    """The trash of the current runs root."""
    return Trash(runs_root())


def _count(number: int, words: str) -> str:
    """'1 note', '3 notes'; only the first word of "link to …" takes the plural."""
    first, space, rest = words.partition(" to ")
    return f"{number:,} {first}{'' if number == 1 else 's'}{space}{rest}"


def _editor() -> str:
    return people.must_edit("rename, archive or delete a run").name
