"""The way from some samples to more like them."""

from app import state


def find_more_link(**chosen: str | int) -> None:
    """Draw the link; `chosen` names the samples as the exports do: cluster, clustering, area, ids, finding."""
    state.page_link(
        "find_more", "Find more like these", icon=":material/travel_explore:",
        hint="Searches the unlabelled pool and the training set", **chosen,
    )  # fmt: skip
