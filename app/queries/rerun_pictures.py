"""Pictures as the network sees them under each variant, from ``reruns/pictures/NAME-SAMPLE.png``."""

import re
from typing import NamedTuple

import streamlit as st

from analysis.runs import layout
from app.queries import runs
from app.queries.runs import RunKey

OWN = "run"  # the run's own way
_FILE = re.compile(r"([a-z0-9.-]+)-([0-9]{1,12})\.png")


class Prepared(NamedTuple):
    """Variants that can be shown on the same samples.

    Attributes:
        samples: sample_ids, ascending.
        variants: names of the variants, OWN not among them.
    """

    samples: tuple[int, ...]
    variants: tuple[str, ...]


@st.cache_resource(max_entries=16, show_spinner=False)
def shown(key: RunKey) -> dict[str, tuple[int, ...]]:
    """Samples that there is a picture of, by variant; names that are no variant's are left out."""
    folder = runs.run_path(key.id) / layout.RERUN_PICTURES
    found: dict[str, list[int]] = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = _FILE.fullmatch(file.name)
        if match is not None:
            found.setdefault(match[1], []).append(int(match[2]))
    return {name: tuple(sorted(samples)) for name, samples in found.items()}


def prepared(key: RunKey, variants: tuple[str, ...]) -> tuple[Prepared, ...]:
    """Variants grouped by the samples that they and the run's own way are shown on; in the order given."""
    known = shown(key)
    groups: dict[tuple[int, ...], list[str]] = {}
    for variant in dict.fromkeys(variants):
        samples = tuple(sample for sample in known.get(variant, ()) if sample in known.get(OWN, ()))
        if samples and variant != OWN:
            groups.setdefault(samples, []).append(variant)
    return tuple(Prepared(samples, tuple(names)) for samples, names in groups.items())


def picture(key: RunKey, variant: str, sample: int) -> bytes | None:
    """One picture, or None; only names that `shown` has found are ever opened."""
    if sample not in shown(key).get(variant, ()):
        return None
    try:
        return (runs.run_path(key.id) / layout.RERUN_PICTURES / f"{variant}-{sample}.png").read_bytes()
    except OSError:
        return None
