"""What expressions on the command line know of what people said: the column `triage`, from the app's database."""

from analysis.errors import RunError
from analysis.expressions.columns import Column
from analysis.investigations.address import FILE, VARIABLE, database_url
from analysis.investigations.store import InvestigationStore
from analysis.reports.triage import tag_column
from analysis.runs.identity import run_identity
from analysis.runs.run import Run

TRIAGE = "triage"


def triage_column(run: Run) -> Column:
    """The tag of every sample of a run.

    Raises:
        RunError: If there is no database where the app keeps them; says where it was looked for.
        StoreError: If it cannot be read.
    """
    root = run.path.resolve().parent
    address = database_url(root)
    if address == f"sqlite:///{root / FILE}" and not (root / FILE).is_file():
        raise RunError(
            f"`triage` is what people say in the app, and there is no {root / FILE}: nobody has said anything of a run "
            f"in {root} yet. Where a team shares another database, name it in {VARIABLE}."
        )
    with InvestigationStore(address) as store:
        items = store.items(run_identity(run.meta), TRIAGE)
    n = len(run)
    said = {int(item.subject): item.value.get("tag") for item in items if item.subject.isdecimal()}
    return tag_column({sample: str(tag) for sample, tag in said.items() if tag and sample < n}, n)


def in_cluster(told: str) -> Column:
    """Stands for the app's function of that name; what it needs is known there alone."""
    raise KeyError(
        f"Cluster “{told}”, as people left it, is known to the app: take “This cluster as CSV” there, or choose one of "
        "the run's own by its number, such as cluster = 3."
    )
