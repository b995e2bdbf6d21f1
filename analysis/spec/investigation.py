"""The investigation file: what to diagnose, read from TOML and checked key by key."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from analysis.errors import SpecError
from analysis.spec.complaints import complaints
from analysis.spec.sections import (
    BaselineSpec,
    ClassesSpec,
    DataSpec,
    EmbeddingSpec,
    InferenceSpec,
    ModelSpec,
    PreprocessingSpec,
    Section,
    TrainingSpec,
)
from analysis.spec.text_file import read_text


class Investigation(Section):
    """What to diagnose; every path is absolute. `source` is the investigation file itself."""

    title: str = ""
    model: ModelSpec
    classes: ClassesSpec
    data: DataSpec
    preprocessing: PreprocessingSpec = PreprocessingSpec()
    baseline: BaselineSpec | None = None
    training: TrainingSpec | None = None
    inference: InferenceSpec = InferenceSpec()
    embedding: EmbeddingSpec = EmbeddingSpec()
    source: Path

    def with_inference(self, *, device: str | None = None, batch_size: str | None = None) -> Self:
        """Return the investigation with what the command line sets instead of the file.

        Args:
            device: auto, cpu, cuda, cuda:N or mps; None keeps the file's.
            batch_size: `auto` or a number as text; None keeps the file's.

        Raises:
            SpecError: If a value is not what it should be.
        """
        number = int(batch_size) if batch_size is not None and batch_size.isdecimal() else batch_size
        given = {name: value for name, value in (("device", device), ("batch_size", number)) if value is not None}
        try:
            inference = InferenceSpec.model_validate(self.inference.model_dump() | given)
        except ValidationError as error:
            raise SpecError("\n".join(complaints(error, InferenceSpec, within="inference"))) from error
        return self.model_copy(update={"inference": inference})


def load_investigation(path: Path) -> Investigation:
    """Read an investigation file.

    The files it names are not opened here; their own readers check them.

    Args:
        path: A TOML file in UTF-8. Paths in it are relative to its folder.

    Returns:
        The checked investigation, with every default filled in that does not depend on the architecture.

    Raises:
        SpecError: If the file is missing, is no TOML, or holds an unknown key or a wrong value.
    """
    source = Path(os.path.abspath(path))
    text = read_text(source, what="investigation file", error=SpecError)
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SpecError(
            f"{source} is not valid TOML: {error}. Strings need quotes, sections stand as [model]."
        ) from error
    return check_investigation(content, source)


def check_investigation(content: Mapping[str, object], source: Path) -> Investigation:
    """Check the content of an investigation file, as TOML gives it.

    Args:
        content: Sections and keys, see the contract.
        source: Where the file is or will be; relative paths start from its folder.

    Returns:
        The checked investigation.

    Raises:
        SpecError: If a key is unknown or missing, or a value is not what it should be; all of them in one message.
    """
    if "source" in content:
        raise SpecError(f"{source}: unknown key 'source'. Known keys here: {', '.join(_known())}.")
    try:
        spec = Investigation.model_validate({**content, "source": source}, context={"folder": source.parent})
    except ValidationError as error:
        raise SpecError(f"{source}:\n" + "\n".join(complaints(error, Investigation))) from error
    return spec.model_copy(update={"title": spec.title.strip() or _title(source), "baseline": _baseline(spec)})


def dump_investigation(spec: Investigation) -> dict[str, object]:
    """Return the investigation as resolved, ready for JSON: paths as text, unset keys as None."""
    return spec.model_dump(mode="json")


def recalled_investigation(content: Mapping[str, object]) -> Investigation:
    """The investigation that `dump_investigation` wrote into a run, checked again.

    Raises:
        SpecError: If a key or value is not what this version knows.
    """
    given = {
        key: {name: item for name, item in value.items() if item is not None} if isinstance(value, Mapping) else value
        for key, value in content.items()
        if value is not None and key != "source"
    }
    return check_investigation(given, Path(str(content.get("source") or "investigation.toml")))


def _baseline(spec: Investigation) -> BaselineSpec | None:
    if spec.baseline is None or spec.baseline.architecture is not None:
        return spec.baseline
    return spec.baseline.model_copy(update={"architecture": spec.model.architecture})


def _title(source: Path) -> str:
    return source.parent.name if source.stem == "investigation" and source.parent.name else source.stem


def _known() -> list[str]:
    return [name for name in Investigation.model_fields if name != "source"]
