"""What people make of a finding, beside what its test says: four states, and changes of them in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STATES = ("open", "confirmed", "dismissed", "fixed")
ICONS = {
    "open": ":material/radio_button_unchecked:",
    "confirmed": ":material/thumb_up:",
    "dismissed": ":material/thumb_down:",
    "fixed": ":material/build_circle:",
}
COLOURS = {"open": "gray", "confirmed": "violet", "dismissed": "gray", "fixed": "green"}
MEANINGS = {
    "open": "Nobody has decided yet.",
    "confirmed": "Somebody looked and agrees with the test.",
    "dismissed": "Somebody looked and does not think that this is a fault; the reason says why.",
    "fixed": "The fault has been put right; a later run shows whether it is gone.",
}
OPEN: Mapping[str, Any] = {"state": "open", "reason": "", "assignee": ""}


def complete(value: Mapping[str, Any] | None) -> dict[str, str]:
    """State, reason and assignee of a value, whoever wrote it; what is not known is open."""
    found = {name: str((value or {}).get(name) or "") for name in OPEN}
    found["state"] = found["state"] if found["state"] in STATES else "open"
    return found


@dataclass(frozen=True, slots=True)
class OwnVerdicts:
    """What people said of findings: their verdicts by finding, and which have a note."""

    verdicts: Mapping[str, Mapping[str, Any]]
    noted: frozenset[str]

    def of(self, finding_id: str) -> dict[str, str] | None:
        """State, reason and assignee; None where nobody said anything."""
        found = self.verdicts.get(finding_id)
        return None if found is None else complete(found)

    def state(self, finding_id: str) -> str:
        """The state; what nobody spoke about is open."""
        return complete(self.verdicts.get(finding_id))["state"]

    @property
    def assignees(self) -> list[str]:
        """Everybody who takes care of something, by name."""
        return sorted({complete(value)["assignee"] for value in self.verdicts.values()} - {""})


def word(state: str) -> str:
    """The state as people read it."""
    return state.capitalize()


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """What a change of a verdict changed, one phrase each; plain text."""
    was, now = complete(before), complete(after)
    said = []
    if was["state"] != now["state"]:
        said.append(f"set it to {word(now['state'])}")
    if was["assignee"] != now["assignee"]:
        said.append(f"assigned it to {now['assignee']}" if now["assignee"] else f"took it from {was['assignee']}")
    if was["reason"] != now["reason"]:
        said.append(f"gave the reason “{now['reason']}”" if now["reason"] else "removed the reason")
    return said or ["cleared it"]
