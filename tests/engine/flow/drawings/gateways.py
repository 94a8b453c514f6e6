"""Splits, joins, returns and ends."""

from __future__ import annotations

from typing import Any

from tests.engine.flow.drawing import Draw
from tests.engine.flow.drawings.registry import model, one_of


@model
def returns(p: Draw) -> dict[str, Any]:
    """Three ways out, two of them back; the first condition that holds wins."""
    for ident in ("a", "b", "c"):
        p.user(ident)
    p.gate("exclusive", "merge", "g", "h")
    p.end("end")
    p.end("refused")
    p.chain("start", "merge", "a", "b", "g")
    p.flow("g", "merge", "b_says == 'RETURN'")
    p.flow("g", "c", "b_says in ['GO', 'BOTH']")
    p.flow("g", "refused", "b_says in ['BOTH', 'NO']")
    p.flow("g", "a", default=True)
    p.flow("c", "h")
    p.flow("h", "end", "c_says == 1")
    p.flow("h", "b", default=True)
    return {"choices": {"b": one_of("b_says", "RETURN", "GO", "BOTH", "NO", None), "c": one_of("c_says", 0, 1)}}


@model
def parallel(p: Draw) -> None:
    p.gate("parallel", "split", "join")
    p.chain("start", "split")
    for branch in ("a", "b", "c"):
        p.user(branch)
        p.user(branch + "2")
        p.chain("split", branch, branch + "2", "join")
    p.user("after")
    p.end("end")
    p.chain("join", "after", "end")


@model
def nested_parallel(p: Draw) -> None:
    p.gate("parallel", "s1", "s2", "s3", "j1", "j2", "j3")
    for ident in ("a", "b", "c", "d", "e", "after"):
        p.user(ident)
    p.end("end")
    p.chain("start", "s1", "s2", "a", "j2", "j1")
    p.chain("s2", "s3", "b", "j3", "j2")
    p.chain("s3", "c", "j3")
    p.chain("s1", "d", "e", "j1", "after", "end")


@model
def loop_in_branch(p: Draw) -> dict[str, Any]:
    """A branch that returns within itself while the other waits or works."""
    p.gate("parallel", "split", "join")
    p.gate("exclusive", "m", "g")
    for ident in ("a", "b", "c", "after"):
        p.user(ident)
    p.end("end")
    p.chain("start", "split", "m", "a", "b", "g")
    p.flow("g", "m", "again")
    p.flow("g", "join", default=True)
    p.chain("split", "c", "join", "after", "end")
    return {"choices": {"b": one_of("again", True, True, False)}}


@model
def many_ends(p: Draw) -> dict[str, Any]:
    """Tokens that end apart: the process lasts until the last of them."""
    p.gate("parallel", "split")
    p.gate("exclusive", "g")
    for ident in ("a", "b", "c"):
        p.user(ident)
        p.end("end_" + ident)
        p.chain("split", ident)
    p.end("end_b2")
    p.chain("start", "split")
    p.chain("a", "end_a")
    p.chain("b", "g")
    p.flow("g", "end_b", "odd")
    p.flow("g", "end_b2", default=True)
    p.chain("c", "end_c")
    return {"choices": {"b": one_of("odd", True, False)}}


@model
def uncontrolled_merge(p: Draw) -> None:
    """Two flows run into one task without a join: two tokens, two tasks."""
    p.gate("parallel", "split")
    for ident in ("a", "b", "m", "n"):
        p.user(ident)
    p.end("end")
    p.chain("start", "split", "a", "m", "n", "end")
    p.chain("split", "b", "m")


@model
def terminated(p: Draw) -> dict[str, Any]:
    """A terminate end takes everything with it, timers and a running sub-process included."""
    p.gate("parallel", "split")
    p.gate("exclusive", "g")
    p.user("a")
    p.user("b")
    inner = p.inside("sub")
    inner.start("s2")
    inner.user("c")
    inner.end("e2")
    inner.chain("s2", "c", "e2")
    p.end("stop", terminate=True)
    p.end("end_b")
    p.end("end_c")
    p.late("late_b", "b")
    p.end("late_end")
    p.chain("start", "split", "a", "g")
    p.flow("g", "stop", "enough")
    p.flow("g", "a", default=True)
    p.chain("split", "b", "end_b")
    p.chain("split", "sub", "end_c")
    p.chain("late_b", "late_end")
    return {"choices": {"a": one_of("enough", True, False, False)}}


@model
def inclusive(p: Draw) -> dict[str, Any]:
    p.gate("inclusive", "split", "join")
    p.user("ask")
    p.chain("start", "ask", "split")
    for branch in ("a", "b", "c"):
        p.user(branch)
        p.flow("split", branch, f"way_{branch}")
        p.flow(branch, "join")
    p.user("d")
    p.flow("split", "d", default=True)
    p.flow("d", "join")
    p.user("after")
    p.end("end")
    p.chain("join", "after", "end")
    return {"choices": {"ask": lambda rnd: {f"way_{b}": rnd.random() < 0.5 for b in "abc"}}}


@model
def inclusive_longer(p: Draw) -> dict[str, Any]:
    """Branches of two steps, one with a choice that may leave for another end."""
    p.gate("inclusive", "split", "join")
    p.gate("exclusive", "g")
    for ident in ("ask", "a", "a2", "b", "b2", "c", "after"):
        p.user(ident)
    p.end("end")
    p.end("left")
    p.chain("start", "ask", "split")
    p.flow("split", "a", "way_a")
    p.flow("split", "b", "way_b")
    p.flow("split", "c", default=True)
    p.chain("a", "a2", "join", "after", "end")
    p.chain("b", "g")
    p.flow("g", "left", "leave")
    p.flow("g", "b2", default=True)
    p.chain("b2", "join")
    p.chain("c", "join")
    ways = {"ask": lambda rnd: {f"way_{b}": rnd.random() < 0.6 for b in "ab"}}
    return {"choices": {**ways, "b": one_of("leave", True, False)}}


@model
def inclusive_in_parallel(p: Draw) -> dict[str, Any]:
    p.gate("parallel", "s1", "j1")
    p.gate("inclusive", "s2", "j2")
    for ident in ("ask", "a", "b", "c", "after"):
        p.user(ident)
    p.end("end")
    p.chain("start", "s1", "ask", "s2")
    p.flow("s2", "a", "way_a")
    p.flow("s2", "b", default=True)
    p.chain("a", "j2", "j1", "after", "end")
    p.chain("b", "j2")
    p.chain("s1", "c", "j1")
    return {"choices": {"ask": one_of("way_a", True, False)}}
