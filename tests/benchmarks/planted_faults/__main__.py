"""`python -m tests.benchmarks.planted_faults`: plant, run, judge, and write the page."""

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from analysis.pipeline import run_investigation
from analysis.runs.run import Run
from analysis.spec.investigation import load_investigation
from tests.benchmarks.planted_faults import photographs
from tests.benchmarks.planted_faults.base import Base
from tests.benchmarks.planted_faults.case import Case
from tests.benchmarks.planted_faults.data_plants import COMPOUND_PLANTS, DATA_PLANTS, DECOYS
from tests.benchmarks.planted_faults.gray_bases import digits, strings
from tests.benchmarks.planted_faults.head_plants import HEAD_PLANTS
from tests.benchmarks.planted_faults.index_plants import INDEX_PLANTS
from tests.benchmarks.planted_faults.input_plants import INPUT_PLANTS
from tests.benchmarks.planted_faults.network_plants import NETWORK_PLANTS
from tests.benchmarks.planted_faults.plant import ALL, Plant
from tests.benchmarks.planted_faults.report import page, summary
from tests.benchmarks.planted_faults.scoring import Score, score

PLANTS = (*DECOYS, *INDEX_PLANTS, *HEAD_PLANTS, *NETWORK_PLANTS, *INPUT_PLANTS, *DATA_PLANTS, *COMPOUND_PLANTS)


def main() -> None:
    """Run what is asked for; what was judged before is taken from the cache."""
    options = _options()
    results = options.cache / "scores.jsonl"
    options.cache.mkdir(parents=True, exist_ok=True)
    lacking = photographs.missing(options.photographs)
    if lacking:
        print(lacking)
    known = [] if options.anew else _known(results)
    for base, plant, seed in _cases(options, lacking is None):
        if any((s.base, s.plant, s.seed) == (base.name, plant.name, seed) for s in known):
            continue
        found = _judge(base, plant, seed, options.cache / "cases")
        with results.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(found.to_json()) + "\n")
        print(_line(found), flush=True)
    scores = _in_order(_known(results))
    print("\n".join(summary(scores)))
    if options.page:
        before = options.page.read_text("utf-8") if options.page.is_file() else ""
        options.page.write_text(page(scores, [lacking] if lacking else [], before), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.planted_faults", description=__doc__)
    parser.add_argument("--base", nargs="*", choices=ALL, default=list(ALL))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], help="parts of the plants' names")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "faultline-planted-faults")
    parser.add_argument("--photographs", type=Path, default=Path("../shared/practice"), help="with photographs.npz")
    parser.add_argument("--anew", action="store_true", help="judge again what was judged before")
    parser.add_argument("--page", type=Path, help="whose rows to write, such as docs/diagnosis-benchmark.md")
    return parser.parse_args()


def _cases(options: argparse.Namespace, has_photographs: bool) -> Iterator[tuple[Base, Plant, int]]:
    for name in options.base:
        if name == "photographs" and not has_photographs:
            continue
        for seed in range(options.seeds):
            base = _base(name, seed, options)
            for plant in PLANTS:
                wanted = not options.only or any(part in plant.name for part in options.only)
                if name in plant.bases and wanted:
                    yield base, plant, seed


def _base(name: str, seed: int, options: argparse.Namespace) -> Base:
    if name == "photographs":
        return photographs.photographs(seed, options.cache, options.photographs)
    return {"digits": digits, "strings": strings}[name](seed, options.cache)


def _judge(base: Base, plant: Plant, seed: int, folder: Path) -> Score:
    case = Case.healthy(base, seed, folder / f"{base.name}-{seed}" / plant.name.replace(" ", "-"))
    plant.make(case)
    began = time.perf_counter()
    run = _run(case)
    seconds = time.perf_counter() - began
    return score(plant, case, run, seed=seed, healthy=_healthy(base, case), seconds=seconds)


def _run(case: Case) -> Run:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run_investigation(load_investigation(case.write()), case.folder / "run")


def _healthy(base: Base, case: Case) -> float:
    """Accuracy of the healthy model on the case's samples, in whatever names they have now."""
    if "healthy" not in base.kept:
        weight, bias = (base.state[name].numpy() for name in base.head)
        base.kept["healthy"] = (base.embed(base.val_pixels) @ weight.T + bias).argmax(axis=1) == base.val_label
    return float(base.kept["healthy"][case.rows].mean())


def _known(results: Path) -> list[Score]:
    if not results.is_file():
        return []
    latest: dict[tuple[str, str, int], Score] = {}
    for line in results.read_text("utf-8").splitlines():
        kept = json.loads(line)
        kept |= {"supported": tuple(kept["supported"]), "others": tuple(kept["others"])}
        found = Score(**kept)
        latest[found.base, found.plant, found.seed] = found
    return list(latest.values())


def _in_order(scores: list[Score]) -> list[Score]:
    order = {plant.name: place for place, plant in enumerate(PLANTS)}
    kept = [s for s in scores if s.plant in order]
    return sorted(kept, key=lambda s: (ALL.index(s.base), order[s.plant], s.seed))


def _line(found: Score) -> str:
    mark = "ok  " if found.first else "MISS"
    error = "" if found.error is None else f" said {100 * (found.said or 0):.1f} true {100 * (found.truth or 0):.1f}"
    points = "" if found.recall is None else f" precision {found.precision or 0:.2f} recall {found.recall:.2f}"
    names = ", ".join(found.supported) or "–"
    also = f" ({', '.join(found.others)})" if found.others else ""
    return (
        f"{mark} {found.base} {found.seed} {found.plant}: {100 * found.accuracy:.1f} % → {names}{also}{error}{points} "
        f"[{found.seconds:.0f} s]"
    )


if __name__ == "__main__":
    main()
