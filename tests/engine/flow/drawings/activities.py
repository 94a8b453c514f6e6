"""Steps, multi-instance activities, sub-processes and called processes."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.engine.flow.drawing import Draw
from tests.engine.flow.drawings.registry import mediation, model, one_of


@model
def line(p: Draw) -> dict[str, Any]:
    p.user("a")
    p.node("task", "nothing")
    p.node("manualTask", "by_hand")
    p.decide("rule", "weigh")
    p.perform("work", "do.it")
    p.perform("send", "tell.them", "sendTask")
    p.user("b")
    p.end("end")
    p.chain("start", "a", "nothing", "by_hand", "rule", "work", "send", "b", "end")
    return {"answers": {"weigh": lambda f: {"weight": f["x_a"] % 3}, "do.it": lambda f: {"done": f["weight"] + 1}}}


def _people(rnd: Random) -> dict[str, Any]:
    return {"people": [f"no{i}" for i in range(rnd.randint(0, 4))], "n": rnd.randint(0, 3)}


def _many(p: Draw, **kind: Any) -> dict[str, Any]:
    p.user("v")
    p.many("v", **kind)
    p.user("after")
    p.end("end")
    p.chain("start", "v", "after", "end")
    return {"first": _people, "instances": frozenset({"v"})}


@model
def many_parallel(p: Draw) -> dict[str, Any]:
    return _many(p, over="people")


@model
def many_sequential(p: Draw) -> dict[str, Any]:
    return _many(p, over="people", sequential=True)


@model
def many_counted(p: Draw) -> dict[str, Any]:
    return _many(p, count="n + 1")


@model
def many_counted_sequential(p: Draw) -> dict[str, Any]:
    return _many(p, count="n", sequential=True)


@model
def many_subprocesses(p: Draw) -> dict[str, Any]:
    """A sub-process once for each item."""
    inner = p.inside("sub")
    inner.start("s2")
    inner.user("a")
    inner.user("b")
    inner.end("e2")
    inner.chain("s2", "a", "b", "e2")
    p.many("sub", over="people", collect=False)
    p.user("after")
    p.end("end")
    p.chain("start", "sub", "after", "end")
    people = lambda rnd: {"people": [f"no{i}" for i in range(rnd.randint(1, 3))]}  # noqa: E731
    return {"first": people, "instances": frozenset({"a", "b"})}


@model
def subprocess(p: Draw) -> dict[str, Any]:
    mediation(p.inside("sub"), "1")
    p.user("before")
    p.user("after")
    p.end("end")
    p.chain("start", "before", "sub", "after", "end")
    return {"choices": {"r1": one_of("again", True, False)}}


@model
def subprocess_in_subprocess(p: Draw) -> dict[str, Any]:
    """Nested twice, with parallel branches inside and beside it, in a loop."""
    outer = p.inside("outer")
    outer.start("so")
    outer.gate("parallel", "split", "join")
    outer.user("beside")
    mediation(outer.inside("inner"), "1")
    outer.end("eo")
    outer.chain("so", "split", "beside", "join", "eo")
    outer.chain("split", "inner", "join")
    p.gate("exclusive", "merge", "g")
    p.user("after")
    p.end("end")
    p.chain("start", "merge", "outer", "after", "g")
    p.flow("g", "merge", "repeat")
    p.flow("g", "end", default=True)
    choices = {"r1": one_of("again", True, False), "after": one_of("repeat", True, False)}
    return {"choices": choices, "parts_in_a_loop": True}


@model
def subprocess_many_ends(p: Draw) -> dict[str, Any]:
    """What the branches of a sub-process leave behind reaches the process, also when they end apart or are terminated."""
    inner = p.inside("sub")
    inner.start("s2")
    inner.gate("parallel", "split")
    inner.gate("exclusive", "g")
    for ident in ("a", "b", "c"):
        inner.user(ident)
        inner.end("e_" + ident)
        inner.chain("split", ident)
    inner.end("stop", terminate=True)
    inner.chain("s2", "split")
    inner.chain("a", "e_a")
    inner.chain("b", "e_b")
    inner.chain("c", "g")
    inner.flow("g", "stop", "enough")
    inner.flow("g", "e_c", default=True)
    p.user("after")
    p.end("end")
    p.chain("start", "sub", "after", "end")
    return {"choices": {"c": one_of("enough", True, False, False)}}


@model
def called(p: Draw) -> dict[str, Any]:
    q = Draw("q")
    mediation(q, "q")
    p.user("before")
    p.call("first_call", "q")
    p.call("second_call", "q")
    p.user("after")
    p.end("end")
    p.chain("start", "before", "first_call", "second_call", "after", "end")
    return {"processes": (q,), "choices": {"rq": one_of("again", True, False)}}
