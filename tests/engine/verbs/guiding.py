"""Which verb to try next: by what may be done as the case stands, and by what the walk is after.

Every walk is after one cell of the table of docs/verbs.md (a verb on a kind of node) and leads up to it; it depends on nothing
but its own seed, so that each history can be walked again alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.engine.verbs.drawings import NODES
from tests.engine.verbs.office import CLERKS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tests.engine.verbs.whole import Seen

#: verb → how often it is tried when nothing else speaks for it, and its name in the table
VERBS = {
    "submit": (10.0, "提交 submit"),
    "opinion": (8, "签署意见 opinion"),
    "draft": (5, "暂存 draft"),
    "claim": (3, "签收 claim"),
    "release": (3, "取消签收 release"),
    "transfer": (3, "转办 transfer"),
    "delegate": (3, "委派 delegate"),
    "hand_back": (5, "交回 hand back"),
    "before": (3, "加签 before"),
    "after": (3, "加签 after"),
    "remove": (4, "减签 remove"),
    "return": (2, "退回 return"),
    "recall": (5, "撤回办理 recall"),
    "suspend": (2, "挂起 suspend"),
    "resume": (5, "恢复 resume"),
    "assign": (2, "指派 assign"),
    "timer": (2, "a timer fires"),
    "leave": (1, "a term ends"),
    "come": (1, "a term begins"),
    "terminate": (0.01, "终止 terminate"),
    "withdraw": (0.01, "撤回申请 withdraw"),
}
#: what leads up to a verb on the same node
LEADS = {
    "hand_back": ("delegate",),
    "resume": ("suspend",),
    "release": ("claim", "assign"),
    "claim": ("release",),
    "remove": ("before", "after"),
    "opinion": ("before", "after"),
    "recall": ("submit", "opinion"),
    "timer": ("resume",),
}
_AFTER_IT, _UP_TO_IT, _AT_IT, _TOWARDS_IT, _LEAVING_IT = 25.0, 8.0, 2.0, 6.0, 0.3
OTHERS = ("leave", "come", "assign", "terminate", "withdraw")


@dataclass(frozen=True)
class Attempt:
    """A verb on a row by a person; `timer`: the clock that fires instead."""

    verb: str
    row: Any
    by: int
    timer: Any = None


def kind_of(drawing: str, element: str) -> str:
    """The kind of node of an element."""
    return NODES[drawing].get(element, "single")


def cells(drawing: str) -> list[tuple[str, str]]:
    """What the walks of a drawing are after in turn; its own kinds of node more often than a plain step."""
    special = sorted(set(NODES[drawing].values()) - {"branch"} or {"branch"} & set(NODES[drawing].values()))
    kinds = [*special, *special, "single"] if special else ["single"]
    if "branch" in NODES[drawing].values() and special != ["branch"]:
        kinds.append("branch")
    return [(verb, kind) for kind in kinds for verb in VERBS if verb not in ("terminate", "withdraw")]


def choose(rnd: Random, drawing: str, seen: Seen, after: tuple[str, str], done: Any) -> Attempt | None:
    """One of the attempts that should go through; None when there is none."""
    possible = list(fitting(seen))
    if not possible:
        return None
    weights = [_weight(drawing, each, seen, after, done) for each in possible]
    return rnd.choices(possible, weights)[0]


def _weight(drawing: str, each: Attempt, seen: Seen, after: tuple[str, str], done: Any) -> float:
    verb, kind = each.verb, kind_of(drawing, each.row.element)
    alike = sum(1 for row in seen.live if kind_of(drawing, row.element) == kind)
    weight = VERBS[verb][0] / max(1, alike) / (1 + done[verb, kind]) ** 0.5
    if (verb, kind) == after:
        return weight * _AFTER_IT
    if kind == after[1]:
        if verb in ("submit", "return") and verb not in LEADS.get(after[0], ()):
            return weight * _LEAVING_IT
        return weight * (_UP_TO_IT if verb in LEADS.get(after[0], ()) else _AT_IT)
    there = any(kind_of(drawing, row.element) == after[1] for row in seen.live)
    return weight * (_TOWARDS_IT if verb == "submit" and not there else 1)


def fitting(seen: Seen) -> Iterator[Attempt]:
    """Every verb on every row by everybody who should be able to."""
    for row in seen.live:
        for verb in ("suspend", *OTHERS) if row.state == "open" else ("terminate", "withdraw"):
            if verb != "suspend":
                yield Attempt(verb, row, row.assignee_id or 1)
        yield from _of_live(seen, row)
    for clock in seen.timers:
        if clock.state == "armed":
            beside = next((row for row in seen.live if row.element == clock.attached_to), None)
            if beside is not None:
                yield Attempt("timer", beside, 1, clock)
    for row in seen.rows:
        if _recallable(seen, row):
            yield Attempt("recall", row, row.closed_by or row.assignee_id)


def _of_live(seen: Seen, row: Any) -> Iterator[Attempt]:
    asked = [r for r in seen.live if r.seat_of == row.id and r.seat in ("before", "after")]
    if row.state == "waiting" and row.carried and asked:
        yield Attempt("remove", row, row.assignee_id)
    if row.state != "open":
        return
    people = _people(seen, row)
    if row.owner_id is not None:
        yield from (Attempt("hand_back", row, who) for who in (row.owner_id, row.assignee_id) if who)
        yield Attempt("draft", row, row.assignee_id)
        return
    if row.suspended_at is not None:
        yield from (Attempt("resume", row, who) for who in people[:2])
        return
    for verb in _verbs(seen, row, asked):
        yield from (Attempt(verb, row, who) for who in people[:2])


def _verbs(seen: Seen, row: Any, asked: list[Any]) -> Iterator[str]:
    """What the holder of an open row may do, which is neither delegated nor suspended."""
    yield "draft"
    first = any(r.seat == "before" for r in asked)
    others = [r for r in seen.live if r.token == row.token and r.seat == "signer" and r.id != row.id]
    if row.seat in ("before", "after"):
        yield "opinion"
        return
    yield from ("transfer", "delegate", "before", "after", "suspend")
    yield "release" if row.assignee_id else "claim"
    if asked:
        yield "remove"
    if row.element != "a":
        yield "return"
    if first and seen.case.version % 4:  # now and then it is tried although others come first
        return
    if row.seat and others:
        yield "opinion"
    if not others or not _one_by_one(others, row):
        yield "submit"


def _one_by_one(others: list[Any], row: Any) -> bool:
    """Whether the others must have signed first, as far as that can be seen from the rows; else it is tried."""
    return bool(row.seat) and any(r.state == "waiting" for r in others)


def _people(seen: Seen, row: Any) -> list[int]:
    """Who has the row, or who might take it; nobody with another seat of the step."""
    if row.assignee_id:
        return [row.assignee_id]
    taken: set[int] = set(seen.first) if row.element in ("d", "c") else set()
    for other in seen.rows:
        if other.token == row.token and other.id != row.id:
            if other.state != "closed":
                taken |= {other.assignee_id, other.owner_id or 0}
            elif other.close_reason == "signed":
                taken.add(other.closed_by)
    free = [who for who in CLERKS if who not in taken]
    turn = (row.id + seen.case.version) % max(1, len(free))
    return free[turn:] + free[:turn]


def _recallable(seen: Seen, row: Any) -> bool:
    """Whether nobody has touched what a submission led to, as far as that can be seen from the rows."""
    if row.state == "waiting" and row.carried and "facts" in row.carried:
        return not any(r.seat_of == row.id and r.seat == "after" and r.close_reason == "signed" for r in seen.rows)
    if row.close_reason != "done" or not row.closed_by:
        return False
    led_to = [r for r in seen.rows if r.previous_id == row.id and r.seat not in ("before", "after")]
    return all(r.state != "closed" and r.version == 1 and not r.assignee_id for r in led_to)
