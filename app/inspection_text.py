"""What `inspect` found, in a few sentences a person checks before starting; plain Python, tested without a browser."""

from collections.abc import Mapping
from typing import Any


def key_facts(found: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Headings with one to three sentences each: model, classes, data, preprocessing, faults seen."""
    parts = [
        ("Model", _model(found.get("checkpoint") or {}, found.get("head"))),
        ("Classes", _classes(found.get("classes") or {})),
        ("Data", [line for name, facts in (found.get("data") or {}).items() for line in _data(name, facts)]),
        ("Preprocessing", preprocessing_facts(found.get("preprocessing") or {})),
        ("Already found in the weights", _findings(found.get("checklist") or [])),
    ]
    return [(heading, lines) for heading, lines in parts if lines]


def _model(checkpoint: Mapping[str, Any], head: Mapping[str, Any] | None) -> list[str]:
    if not checkpoint:
        return []
    tensors, loaded = checkpoint.get("tensors") or 0, checkpoint.get("loaded") or 0
    how_many = "all" if tensors == loaded else f"{loaded:,}"
    lines = [
        f"{checkpoint.get('parameters') or 0:,} parameters; {how_many} of {tensors:,} tensors loaded "
        f"(weights: {checkpoint.get('weights') or 'as stored'})."
    ]
    if head is None:
        return [*lines, "The head is hidden in this file: head tests, map and clusters will be missing."]
    bias = "with" if head.get("has_bias") else "without"
    lines.append(
        f"Head “{head.get('name')}”: {head.get('kind')}, {head.get('outputs') or 0:,} outputs × "
        f"{head.get('dims') or 0:,} dimensions, {bias} bias."
    )
    return lines


def _classes(classes: Mapping[str, Any]) -> list[str]:
    if not classes:
        return []
    if classes.get("old") is None:
        return [f"{classes.get('listed') or 0:,} names; no old/new split."]
    return [f"{classes.get('listed') or 0:,} names: {classes['old']:,} old, {classes.get('new') or 0:,} new."]


def _data(name: str, facts: Mapping[str, Any]) -> list[str]:
    looked, missing = facts.get("files_looked_at") or 0, facts.get("files_missing") or 0
    lines = [f"{name.capitalize()}: {facts.get('samples') or 0:,} samples of {facts.get('classes') or 0:,} classes."]
    if looked:
        lines.append(f"{looked - missing:,} of {looked:,} files that were looked for exist.")
    if facts.get("unknown_labels"):
        lines.append(f"Labels that are not in the class list: {facts['unknown_labels']:,} samples.")
    if facts.get("unusable"):
        lines.append(f"{facts['unusable']:,} rows cannot be used.")
    return lines


def preprocessing_facts(used: Mapping[str, Any]) -> list[str]:
    """The preprocessing that is used, in sentences: size, resize, normalisation, and what had to be assumed."""
    if not used:
        return []
    size = " × ".join(str(side) for side in used.get("input_size") or ())
    resize = str(used.get("resize"))
    crop = f" and cut to {100 * float(used['crop_pct']):.4g} %" if resize == "shortest" and used.get("crop_pct") else ""
    lines = [f"{size} px, resize {resize}{crop}, {used.get('interpolation')}, {used.get('channels')}."]
    lines.append(f"mean {_list(used.get('mean'))}, std {_list(used.get('std'))}.")
    guessed = [name for name, source in (used.get("provenance") or {}).items() if source == "fallback"]
    if guessed:
        lines.append(f"Assumed, because nothing says it: {', '.join(name.replace('_', ' ') for name in guessed)}.")
    return lines


def _findings(checklist: list[Mapping[str, Any]]) -> list[str]:
    """What holds without a single picture; silence says nothing against the model."""
    return [f"{one['title']}: {one['summary']}" for one in checklist if one.get("verdict") == "supported"]


def _list(values: Any) -> str:
    return ", ".join(f"{value:g}" for value in values or ())
