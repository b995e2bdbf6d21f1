"""The command line: results on stdout, progress and messages on stderr, and an exit status a script can trust."""

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from analysis.errors import AnalysisError, InterruptedRunError

if TYPE_CHECKING:
    from analysis.investigations.item import Item

_INTERRUPTED = 130  # what typer makes of Ctrl-C

app = typer.Typer(
    help="Why is this image classifier wrong? Point Faultline at a checkpoint and a validation set.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip

investigation = typer.Typer(help="Hand over what people added to a run: one file out, one file in.")
app.add_typer(investigation, name="investigation", no_args_is_help=True)

Toml = Annotated[Path, typer.Argument(metavar="INVESTIGATION.toml", help="What to diagnose.")]
_EXPORTS = (
    "samples|classes|confusions|clusters|label-issues|duplicates|leaks|problems|findings|datalab|fiftyone-labels|"
    "fiftyone-predictions|report|evidence/FINDING/TABLE"
)
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")]
Skip = Annotated[str, typer.Option(help="Stages to leave out, comma-separated: projection, clusters, thumbnails.")]


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="The run directory to write.")] = Path("runs/demo"),
    healthy: Annotated[bool, typer.Option("--healthy", help="Plant nothing: the checklist must stay silent.")] = False,
    resume: Resume = False,
) -> None:
    """Build and diagnose the built-in example: real handwritten digits, an expansion that went wrong."""
    from analysis.pipeline import run_demo
    from analysis.terminal import progress_on_stderr

    with progress_on_stderr() as progress:
        run = run_demo(out, healthy=healthy, resume=resume, progress=progress)
    _print_run(run.path)


@app.command()
def inspect(toml: Toml, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Look at files, keys, head, class lists and lineage, in seconds and without a pass over the data."""
    from analysis.inspection import inspect as look
    from analysis.spec.investigation import load_investigation

    inspection = look(load_investigation(toml))
    print(json.dumps(inspection.to_json(), indent=1, allow_nan=False) if as_json else inspection.to_text())
    if inspection.errors:
        raise typer.Exit(2)


@app.command()
def run(  # noqa: PLR0917
    toml: Toml,
    out: Annotated[Path, typer.Option(help="The run directory to write.")],
    device: Annotated[str | None, typer.Option(help="auto | cpu | cuda | cuda:N | mps")] = None,
    batch_size: Annotated[str | None, typer.Option(help="auto, or a number")] = None,
    resume: Resume = False,
    skip: Skip = "",
) -> None:
    """Run inference and the whole checklist."""
    from analysis.pipeline import run_investigation
    from analysis.spec.investigation import load_investigation
    from analysis.terminal import progress_on_stderr

    spec = load_investigation(toml).with_inference(device=device, batch_size=batch_size)
    stages = frozenset(part.strip() for part in skip.split(",") if part.strip())
    with progress_on_stderr() as progress:
        run_investigation(spec, out, resume=resume, skip=stages, progress=progress)
    _print_run(out)


@app.command()
def findings(
    run: RunFolder, as_json: Annotated[bool, typer.Option("--json", help="findings.json as it is.")] = False
) -> None:
    """Print the checklist of a run."""
    if as_json:
        print(json.dumps(_findings(run), indent=1, allow_nan=False))
    else:
        _print_run(run)


@app.command()
def export(  # noqa: PLR0917
    run: RunFolder,
    what: Annotated[str, typer.Argument(metavar="WHAT", help=_EXPORTS)],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    cluster: Annotated[int | None, typer.Option(help="Only the samples of this cluster.")] = None,
    finding: Annotated[str | None, typer.Option(help="Only the samples this finding points at.")] = None,
    ids: Annotated[str | None, typer.Option(help="Only these samples: 3,7,10-12, or @FILE that holds such.")] = None,
    where: Annotated[str | None, typer.Option(help='Only samples that pass: "correct = false and loss > 2".')] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Tell people's own verdicts and notes in the report.")] = False,
) -> None:
    """Write a table as CSV, labels for another tool, or the whole story as one HTML file."""
    from analysis.exports.chosen import Chosen, given_ids
    from analysis.exports.export import write_export
    from analysis.runs.run import Run

    chosen = Chosen(cluster=cluster, finding=finding, ids=None if ids is None else given_ids(ids), where=where)
    write_export(Run.open(run), what, out, chosen, _said(run) if notes else ())


def _said(run: Path) -> "list[Item]":
    from analysis.investigations.address import database_url
    from analysis.investigations.store import InvestigationStore
    from analysis.runs.identity import run_identity
    from analysis.runs.run import Run

    identity = run_identity(Run.open(run).meta)
    with InvestigationStore(database_url(run.resolve().parent)) as store:
        return [*store.items(identity, "verdict"), *store.items(identity, "note")]


@app.command()
def recluster(  # noqa: PLR0917
    run: RunFolder,
    min_size: Annotated[int | None, typer.Option(help="Samples a cluster needs; default: 15 and N / 500.")] = None,
    method: Annotated[str, typer.Option(help="eom (few, large) | leaf (many, small)")] = "eom",
    epsilon: Annotated[float, typer.Option(help="Distance below which clusters are not parted.")] = 0.0,
    of: Annotated[str, typer.Option(help="all samples | failures alone, which right ones between them join")] = "all",
    space: Annotated[str, typer.Option(help="map | axes: the first ten principal axes of the embeddings")] = "map",
) -> None:
    """Find clusters with other parameters; they are kept beside the run's own."""
    from analysis.embedding.clusters import Parameters
    from analysis.reclustering import recluster as again
    from analysis.runs.run import Run
    from analysis.terminal import progress_on_stderr

    asked = Parameters(min_size=min_size, method=method, epsilon=epsilon, of=of, space=space)
    with progress_on_stderr() as progress:
        found = again(Run.open(run), asked, progress)
    print(f"{found.facts['clusters']:,} clusters in {found.path}; {found.facts['in_none']:,} samples are in none.")


@app.command()
def pool(
    run: RunFolder,
    training: Annotated[bool, typer.Option("--training", help="The training set instead of data.unlabeled.")] = False,
    source: Annotated[Path | None, typer.Option(help="A folder or manifest instead of the investigation's.")] = None,
    device: Annotated[str | None, typer.Option(help="auto | cpu | cuda | cuda:N | mps")] = None,
    batch_size: Annotated[str | None, typer.Option(help="auto, or a number")] = None,
) -> None:
    """Embed the unlabelled pool, so that it can be searched; the same command goes on where it was stopped."""
    from analysis.pool.embed import embed_pool
    from analysis.pool.pool import TRAINING, UNLABELED
    from analysis.runs.run import Run
    from analysis.terminal import progress_on_stderr

    kind = TRAINING if training else UNLABELED
    with progress_on_stderr() as progress:
        made = embed_pool(
            Run.open(run), kind, source=source, device=device, batch_size=batch_size, progress=progress
        )  # fmt: skip
    state = made.state
    print(
        f"{state.done - state.problems:,} of {state.total:,} pictures in {made.path}; {state.problems:,} not readable."
    )


@app.command()
def alike(  # noqa: PLR0917
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    training: Annotated[bool, typer.Option("--training", help="Search the training set, not the pool.")] = False,
    k: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    nearest: Annotated[bool, typer.Option("--nearest", help="The nearest alone, however alike each other.")] = False,
    cluster: Annotated[int | None, typer.Option(help="Ask with this cluster's samples.")] = None,
    finding: Annotated[str | None, typer.Option(help="Ask with the samples this finding points at.")] = None,
    ids: Annotated[str | None, typer.Option(help="Ask with these samples: 3,7,10-12, or @FILE.")] = None,
    where: Annotated[str | None, typer.Option(help="Ask with the samples that pass a filter expression.")] = None,
) -> None:
    """Find pictures of the embedded pool that are like some samples, diverse ones, as a CSV to label."""
    from analysis.exports.chosen import Chosen, given_ids
    from analysis.pool.found import csv_chunks, find_alike
    from analysis.pool.pool import TRAINING, UNLABELED
    from analysis.runs.atomic import replacing
    from analysis.runs.run import Run

    opened = Run.open(run)
    chosen = Chosen(cluster=cluster, finding=finding, ids=None if ids is None else given_ids(ids), where=where)
    samples = chosen.samples(opened)
    kind = TRAINING if training else UNLABELED
    found = find_alike(opened, kind, samples, k, diverse=not nearest)
    with replacing(out) as file:
        file.writelines(csv_chunks(found))
    print(f"{len(found):,} pictures in {out}.")


@app.command()
def check(
    run: RunFolder,
    fail_on: Annotated[list[str], typer.Option(help="Hypothesis ids, comma-separated.")] = [],  # noqa: B006
    fail_if: Annotated[list[str], typer.Option(help='A condition, such as "old_accuracy < 0.70".')] = [],  # noqa: B006
) -> None:
    """Gate a pipeline: 0 passed, 1 failed, 4 could not judge."""
    from analysis import checks

    found = _findings(run)
    ids = [part.strip() for value in fail_on for part in value.split(",") if part.strip()]
    done = [checks.fail_on(found, name) for name in ids] + [checks.fail_if(found, condition) for condition in fail_if]
    if not done:
        raise checks.CheckError("check needs at least one --fail-on ID or --fail-if CONDITION.")
    for result in done:
        print(f"{result.outcome}: {result.asked} ({result.reason})")
    raise typer.Exit(checks.exit_status(done))


@investigation.command("export")
def export_investigation(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
    with_run: Annotated[bool, typer.Option("--with-run", help="Put the run directory in, too.")] = False,
) -> None:
    """Write notes, verdicts, tags and views of a run, with their history, into one file."""
    from analysis.investigations import bundle
    from analysis.investigations.address import database_url
    from analysis.investigations.store import InvestigationStore
    from analysis.runs.run import Run

    with InvestigationStore(database_url(run.resolve().parent)) as store:
        changes = bundle.export_investigation(store, Run.open(run), out, with_run=with_run)
    print(f"{out}: {changes} changes")


@investigation.command("import")
def import_investigation(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `investigation export` wrote.")],
    runs: Annotated[Path, typer.Option(help="The folder whose sub-folders are the runs.")] = Path("runs"),
) -> None:
    """Merge what somebody handed over; what was changed on both sides stays as it is here."""
    from analysis.investigations import bundle
    from analysis.investigations.address import database_url
    from analysis.investigations.store import InvestigationStore

    with InvestigationStore(database_url(runs.resolve())) as store:
        done = bundle.import_investigation(store, file, runs.resolve())
    print(done.to_text())


def _findings(path: Path) -> dict[str, Any]:
    from analysis.errors import RunError
    from analysis.runs.run import Run

    found = Run.open(path).findings
    if found is None:
        raise RunError(f"{path} has no findings yet: its diagnosis has not finished. Run it with --resume.")
    return found


def _print_run(path: Path) -> None:
    from analysis.runs.run import Run
    from analysis.terminal import print_findings

    print_findings(_findings(path), f"{Run.open(path).meta['title']}  ({path})")


def main() -> None:
    """Run the command line; whatever a person can put right is one message on stderr, never a traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stopped job ends as an interrupted one
    try:
        app()
    except AnalysisError as error:
        _stop(error)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe has left; there is nobody to tell
    except SystemExit as ended:
        if ended.code != _INTERRUPTED:
            raise
        _stop(InterruptedRunError("Interrupted. What is finished is kept; the same command with --resume goes on."))


def _stop(error: AnalysisError) -> NoReturn:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
