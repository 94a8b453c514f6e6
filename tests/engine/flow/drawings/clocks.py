"""Timers on steps and sub-processes, in the flow, and the shape of a hard case."""

from __future__ import annotations

from typing import Any

from tests.engine.flow.drawing import Draw
from tests.engine.flow.drawings.registry import mediation, model, one_of


@model
def many_timed(p: Draw) -> dict[str, Any]:
    """Several people asked at once, with a clock that takes the question back and one that only reminds."""
    p.user("v")
    p.many("v", over="people", collect=False)
    p.late("back", "v", interrupting=True)
    p.late("remind", "v")
    for ident in ("chase", "phone", "after"):
        p.user(ident)
    p.end("end")
    p.end("end_back")
    p.end("end_phone")
    p.chain("start", "v", "after", "end")
    p.chain("back", "chase", "end_back")
    p.chain("remind", "phone", "end_phone")
    people = lambda rnd: {"people": [f"no{i}" for i in range(rnd.randint(1, 4))]}  # noqa: E731
    return {"first": people, "instances": frozenset({"v"})}


@model
def reminded(p: Draw) -> dict[str, Any]:
    """Clocks that do not interrupt: one only marks lateness, one opens a task beside; in a loop."""
    p.gate("exclusive", "merge", "g")
    p.user("a")
    p.user("b")
    p.user("ask")
    p.late("late_a", "a")
    p.late("late_b", "b", '"P3D"')
    for ident in ("end", "late_end", "asked"):
        p.end(ident)
    p.chain("start", "merge", "a", "b", "g")
    p.flow("g", "merge", "again")
    p.flow("g", "end", default=True)
    p.chain("late_a", "late_end")
    p.chain("late_b", "ask", "asked")
    return {"choices": {"b": one_of("again", True, True, False)}, "parts_in_a_loop": True}


@model
def interrupted(p: Draw) -> dict[str, Any]:
    """A clock that takes the task back and asks somebody else; beside it one that only reminds; and a way back."""
    p.gate("exclusive", "merge", "g")
    p.user("a")
    p.user("b")
    p.user("c")
    p.user("phone")
    p.late("back", "a", interrupting=True)
    p.late("remind", "a")
    for ident in ("end", "lapsed", "phoned"):
        p.end(ident)
    p.chain("start", "merge", "a", "b", "end")
    p.chain("back", "c", "g")
    p.flow("g", "merge", "extend")
    p.flow("g", "lapsed", default=True)
    p.chain("remind", "phone", "phoned")
    return {"choices": {"c": one_of("extend", True, False)}}


@model
def timed_subprocess(p: Draw) -> dict[str, Any]:
    """Clocks on a sub-process, and inside it: when it is taken back, everything in it ends with its timers."""
    inner = p.inside("sub")
    inner.start("s2")
    inner.gate("parallel", "split", "join")
    inner.user("a")
    inner.user("b")
    inner.late("late_a", "a")
    inner.end("late_end")
    inner.end("e2")
    inner.chain("s2", "split", "a", "join", "e2")
    inner.chain("split", "b", "join")
    inner.chain("late_a", "late_end")
    p.late("back", "sub", interrupting=True)
    p.late("remind", "sub", '"P1M"')
    for ident in ("after", "chase", "phone"):
        p.user(ident)
    for ident in ("end", "chased", "phoned"):
        p.end(ident)
    p.chain("start", "sub", "after", "end")
    p.chain("back", "chase", "chased")
    p.chain("remind", "phone", "phoned")
    return {}


@model
def watched_subprocess(p: Draw) -> None:
    """One step after the other in a sub-process that somebody takes back, with a clock on a step inside it."""
    inner = p.inside("sub")
    inner.start("s2")
    inner.user("a")
    inner.user("b")
    inner.late("late_b", "b")
    inner.end("late_end")
    inner.end("e2")
    inner.chain("s2", "a", "b", "e2")
    inner.chain("late_b", "late_end")
    p.late("back", "sub", interrupting=True)
    p.late("remind", "sub")
    for ident in ("after", "chase", "phone"):
        p.user(ident)
    for ident in ("end", "chased", "phoned"):
        p.end(ident)
    p.chain("start", "sub", "after", "end")
    p.chain("back", "chase", "chased")
    p.chain("remind", "phone", "phoned")


@model
def reminded_in_a_branch(p: Draw) -> None:
    """A clock in a parallel branch opens a task beside, which ends apart from the branch."""
    p.gate("parallel", "split", "join")
    for ident in ("a", "phone", "b"):
        p.user(ident)
    p.late("remind", "a")
    p.end("phoned")
    p.end("end")
    p.chain("start", "split", "a", "join", "end")
    p.chain("split", "b", "join")
    p.chain("remind", "phone", "phoned")


@model
def waiting(p: Draw) -> dict[str, Any]:
    """A waiting time in the flow, alone and beside a branch."""
    p.gate("parallel", "split", "join")
    p.wait("pause")
    p.wait("rest", '"PT12H"')
    for ident in ("a", "b", "after"):
        p.user(ident)
    p.end("end")
    p.chain("start", "a", "pause", "split", "b", "join", "after", "end")
    p.chain("split", "rest", "join")
    return {}


@model
def agencies(p: Draw) -> dict[str, Any]:
    """The shape of a hard case: a choice, parallel agencies with clocks, a mediation that repeats, no return to the split."""
    p.user("intake")
    p.decide("risk", "risk")
    p.gate("exclusive", "gr", "mr", "gm")
    p.user("emergency")
    p.gate("parallel", "split", "join")
    p.chain("start", "intake", "risk", "gr")
    p.flow("gr", "emergency", "level == 'HIGH'")
    p.flow("gr", "mr", default=True)
    p.chain("emergency", "mr", "split")
    for agency in ("police", "court", "clinic"):
        p.user(agency)
        p.late("late_" + agency, agency)
        p.end("late_end_" + agency)
        p.chain("late_" + agency, "late_end_" + agency)
        p.chain("split", agency, "join")
    mediation(p.inside("mediation"), "1")
    p.user("close")
    p.end("end")
    p.chain("join", "mediation", "close", "gm")
    p.flow("gm", "mediation", "reopen")
    p.flow("gm", "end", default=True)
    return {
        "answers": {"risk": lambda f: {"level": "HIGH" if f["score"] > 6 else "LOW"}},
        "choices": {
            "intake": lambda rnd: {"score": rnd.randint(0, 9)},
            "r1": one_of("again", True, False),
            "close": one_of("reopen", True, False, False),
        },
    }
