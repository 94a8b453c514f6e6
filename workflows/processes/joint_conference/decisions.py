"""What was decided and what became of it, read from the forms of the case: nothing is kept twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import CaseView


@dataclass(frozen=True)
class Open:
    """A decision without result. `item` is its slot in the minutes, `due_on` the day that counts now."""

    item: int
    action: str
    owner: str
    due_on: date


def outstanding(minutes: Mapping[str, Any], results: Mapping[int, Mapping[str, Any]]) -> list[Open]:
    """Of stored minutes, by item; `results`: item → the newest stored answer about it."""
    found = []
    for each in minutes.get("decisions") or ():
        answer = results.get(int(each["slot"]), {})
        if answer.get("result") in (None, "NOT_YET"):
            due = date.fromisoformat(answer.get("newDueOn") or each["dueOn"])
            found.append(Open(int(each["slot"]), each["action"], each["owner"], due))
    return found


def results_of(view: CaseView) -> dict[int, Mapping[str, Any]]:
    """The newest answer about each decision of the newest minutes; every version of the form answers for all of them."""
    minutes, told = view.form("minutes") or {}, view.form("follow") or {}
    if told.get("heldOn") != minutes.get("heldOn"):
        return {}
    return {int(each["item"]): each for each in told.get("results") or ()}


def silent(view: CaseView) -> list[str]:
    """The bodies that neither came to the newest meeting nor said a word, as often as they were asked."""
    return [each["body"] for each in (view.form("reports") or {}).get("reports") or () if each["came"] == "SILENT"]


def still_open(view: CaseView) -> list[Open]:
    """The decisions of the newest minutes that have no result."""
    return outstanding(view.form("minutes") or {}, results_of(view))
