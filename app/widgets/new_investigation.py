"""The form for a new investigation: fill in, look, start."""

from typing import Any, NamedTuple

import streamlit as st

from analysis.errors import AnalysisError
from app import people
from app.investigation_form import CHOICES, fill
from app.queries import jobs, preflight
from app.queries.roots import allowed_path, allowed_roots
from app.widgets.inspection import errors_of, inspection
from app.widgets.text import escape_markdown

LOOKED = "new_investigation_look"  # in the session: what the last look saw, and which file it looked at


class _Field(NamedTuple):
    name: str
    label: str
    example: str
    hint: str


_MODEL = (
    _Field(
        "checkpoint", "Checkpoint", "…/last.pth",
        "State dict (.pt .pth .bin .ckpt .safetensors), TorchScript (.pt) or exported program (.pt2). It is loaded as "
        "data only; a file that would run code is refused.",
    ),
    _Field(
        "names", "Class names", "…/classes.json",
        "In the order of the network's outputs: a JSON list, JSON {name: index}, or text with one name a line.",
    ),
    _Field(
        "validation", "Validation set", "…/val.csv or …/val/",
        "A CSV or Parquet manifest with a path column and a label column, or an image folder root/CLASS/image.",
    ),
)  # fmt: skip
_AROUND = (
    _Field(
        "architecture", "Architecture", "timm/resnet50",
        "timm/NAME, torchvision/NAME or FILE.py:FUNCTION. Not needed for TorchScript and .pt2. A FILE.py is your own "
        "program and will be run; it must lie in an allowed folder.",
    ),
    _Field(
        "old", "Old class names (optional)", "…/old_classes.json",
        "The names the model knew before it was expanded. Without them old and new cannot be told apart.",
    ),
    _Field(
        "root", "Folder that paths in the manifest start from (optional)", "…/images",
        "Default: the manifest's own folder.",
    ),
)  # fmt: skip
_MORE = (
    _Field("train", "Training set", "…/train.csv", "Manifest or folder; the pictures themselves may be elsewhere."),
    _Field(
        "baseline_checkpoint", "Checkpoint before the expansion", "…/best_old.pth",
        "Lets the checklist compare weights and accuracy.",
    ),
    _Field(
        "baseline_classes", "Class names before the expansion", "…/old_classes.json",
        "In the order of that checkpoint's own outputs.",
    ),
    _Field(
        "hierarchy", "Larger groups of classes", "…/hierarchy.csv",
        "CSV with the columns class and parent, or JSON {class: parent}; a parent may have a parent. Confusions can "
        "then be seen level by level.",
    ),
    _Field(
        "unlabeled", "Unlabelled pictures", "…/pool/",
        "Folder or manifest; “Find more like these” searches it for pictures that are worth a label.",
    ),
    _Field("log", "Training log", "…/metrics.csv", "CSV or JSON lines, one row an epoch or step."),
)  # fmt: skip
_NUMBERS = (
    _Field("input_size", "Input size", "224, or 224, 320", "Pixels; one number, or height and width."),
    _Field("crop_pct", "Crop share", "0.875", "The shortest side is resized to input size ÷ this, then cut."),
    _Field("mean", "Mean", "0.485, 0.456, 0.406", "One number a channel, on pixels scaled to 0..1."),
    _Field("std", "Standard deviation", "0.229, 0.224, 0.225", "One number a channel, on pixels scaled to 0..1."),
)
_LABELS = {
    "resize": "Resize",
    "interpolation": "Interpolation",
    "channels": "Channels",
    "exif": "Apply EXIF orientation",
}


def new_investigation() -> None:
    """Draw the form; the Start button works once a look at these very files found no error."""
    if not people.current().may_edit:
        st.caption("To start an investigation takes the role editor.")
        return
    with st.form("new_investigation", border=True):
        fields = _fields()
        look = st.form_submit_button(
            "Look at these files", icon=":material/search:", type="primary", disabled=not people.current().may_edit,
            help="Takes seconds: files, lists and weights; no pass over the pictures."
            if people.current().may_edit else jobs.ONLY_LOOKING,
        )  # fmt: skip
    if look:
        _look(fields)
    looked = st.session_state.get(LOOKED)
    if looked is not None:
        _report(looked)


def _fields() -> dict[str, str]:
    fields = {"title": st.text_input("Title", key="new_title", placeholder="Plant ID: 5,071 → 7,734 classes")}
    left, right = st.columns(2)
    with left:
        fields |= _inputs(_MODEL)
    with right:
        fields |= _inputs(_AROUND)
    with st.expander("More evidence: training set, baseline, hierarchy, training log, pool (all optional)"):
        left, right = st.columns(2)
        with left:
            fields |= _inputs(_MORE[::2])
        with right:
            fields |= _inputs(_MORE[1::2])
    with st.expander("Preprocessing, where it differs from the architecture's own"):
        left, right = st.columns(2)
        with left:
            fields |= _inputs(_NUMBERS)
        with right:
            fields |= {name: st.selectbox(_LABELS[name], CHOICES[name], key=f"new_{name}") for name in CHOICES}
    return fields


def _inputs(group: tuple[_Field, ...]) -> dict[str, str]:
    return {
        field.name: st.text_input(field.label, key=f"new_{field.name}", placeholder=field.example, help=field.hint)
        for field in group
    }


def _look(fields: dict[str, str]) -> None:
    filled = fill(fields, allowed_path)
    looked: dict[str, Any] = {"errors": list(filled.complaints), "title": fields["title"].strip() or "Untitled"}
    st.session_state[LOOKED] = looked
    if filled.complaints:
        return
    looked["run_id"] = jobs.free_run_id(looked["title"])
    looked["file"] = preflight.save(filled.toml, looked["run_id"])
    with st.spinner("Looking at the files …", show_time=True):
        try:
            looked["found"] = preflight.inspect(looked["file"])
        except AnalysisError as error:
            looked["errors"] = [str(error)]


def _report(looked: dict[str, Any]) -> None:
    st.subheader(f"What was found for “{escape_markdown(looked['title'])}”", anchor=False)
    for message in looked["errors"]:
        st.error(escape_markdown(message), icon=":material/error:")
    found = looked.get("found")
    if found is not None:
        inspection(found)
    ready = found is not None and not errors_of(found) and not looked["errors"]
    if not ready:
        roots = escape_markdown(", ".join(map(str, allowed_roots())))
        st.caption(f"Put this right in the form and look again. Folders that this app may read: {roots}")
    with st.container(horizontal=True, vertical_alignment="center"):
        start = st.button("Start", type="primary", icon=":material/play_arrow:", disabled=not ready, key="new_start")
        if ready:
            st.caption(f"Starts what was looked at, as run {escape_markdown(looked['run_id'])}", width="content")
    if start and ready:
        jobs.start_run(looked["file"], title=looked["title"], run_id=looked["run_id"])
        del st.session_state[LOOKED]
        st.rerun()
