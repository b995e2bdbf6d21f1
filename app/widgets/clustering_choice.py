"""Which clustering is shown, and finding clusters anew with other parameters."""

import streamlit as st

from app import people
from app.queries import clusterings, jobs, runs
from app.queries.clusterings import OWN
from app.queries.runs import RunKey
from app.widgets.cluster_ranking import CLUSTER
from app.widgets.notes import MAY_NOT
from app.widgets.text import escape_markdown

CLUSTERING = "clustering"  # plain parameter: name of the one that is shown
METHODS = {"eom": "few, large (excess of mass)", "leaf": "many, small (leaves)"}
OF = {"all": "all samples", "failures": "failures, then right ones between them"}
SPACES = {"map": "the map", "axes": "the first ten axes of the embeddings"}


def clustering_choice(key: RunKey, name: str) -> None:
    """Draw the picker (where there is a choice) and the form behind "Find anew"."""
    names = [OWN, *clusterings.names(key)]

    def chosen() -> None:
        _show(st.session_state["clu_which"])

    if len(names) > 1:
        st.selectbox(
            "Clusters", names, index=names.index(name) if name in names else 0, format_func=clusterings.in_words,
            key="clu_which", on_change=chosen, width=320,
            label_visibility="collapsed",
        )  # fmt: skip
    with st.popover("Find anew", icon=":material/tune:", help="Clusters with other parameters, beside these"):
        _form(key)


def _show(name: str) -> None:
    st.query_params.pop(CLUSTER, None)
    if name == OWN:
        st.query_params.pop(CLUSTERING, None)
    else:
        st.query_params[CLUSTERING] = name


def _form(key: RunKey) -> None:
    person = people.current()
    with st.form("clu_anew", border=False):
        of = st.radio("Cluster", list(OF), format_func=OF.__getitem__, horizontal=True)
        space = st.radio("By nearness in", list(SPACES), format_func=SPACES.__getitem__, horizontal=True)
        method = st.radio("Groups", list(METHODS), format_func=METHODS.__getitem__, horizontal=True)
        size = st.number_input(
            "Smallest size", min_value=2, value=None, step=5, placeholder="15, or N / 500 where that is more"
        )
        epsilon = st.number_input(
            "Not parted below this distance", min_value=0.0, value=0.0, step=0.1,
            help="HDBSCAN's epsilon, in units of the space: 0 parts wherever density allows.",
        )  # fmt: skip
        start = st.form_submit_button(
            "Start", type="primary", disabled=not person.may_edit, help=None if person.may_edit else MAY_NOT
        )
    if start:
        command = ["recluster", str(runs.run_path(key.id)), "--of", of, "--space", space, "--method", method]
        command += [] if size is None else ["--min-size", str(int(size))]
        command += ["--epsilon", f"{epsilon:g}"] if epsilon else []
        jobs.start_on_run(key.id, kind="recluster", title="Clusters, found anew", command=tuple(command))
        st.rerun()
    st.caption("The page stays usable; when the job is done, its clusters can be chosen beside this button.")


def unknown(name: str) -> str:
    """What to say of a clustering that a link names and the run does not have."""
    return f"The link names the clustering “{escape_markdown(name)}”, which this run does not have (any more)."
