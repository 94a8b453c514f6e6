"""The test drawings of the flow: one per element (or combination) that the gate lets through.

Each model is the BPMN file and what people may answer: element → function of a random generator giving facts. Whatever
a person answers, she also leaves ``x_<element>``, so that merges of facts can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.engine.flow.drawing import Draw, document
from tests.engine.flow.world import Answers

Choice = Callable[[Random], dict[str, Any]]


@dataclass(frozen=True)
class Model:
    bpmn: bytes
    choices: dict[str, Choice] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    first: Choice = lambda _: {}  # the facts the case begins with
    instances: frozenset[str] = frozenset()  # elements that run once for each item


MODELS: dict[str, Model] = {}


def _one_of(name: str, *values: Any) -> Choice:
    return lambda rnd: {name: rnd.choice(values)}


def _model(fn: Callable[[Draw], Any]) -> None:
    p = Draw("p")
    p.start()
    made = fn(p) or {}
    processes = made.pop("processes", ())
    MODELS[fn.__name__] = Model(document(p, *processes), **made)


@_model
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


@_model
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
    return {"choices": {"b": _one_of("b_says", "RETURN", "GO", "BOTH", "NO", None), "c": _one_of("c_says", 0, 1)}}


@_model
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


@_model
def nested_parallel(p: Draw) -> None:
    p.gate("parallel", "s1", "s2", "s3", "j1", "j2", "j3")
    for ident in ("a", "b", "c", "d", "e", "after"):
        p.user(ident)
    p.end("end")
    p.chain("start", "s1", "s2", "a", "j2", "j1")
    p.chain("s2", "s3", "b", "j3", "j2")
    p.chain("s3", "c", "j3")
    p.chain("s1", "d", "e", "j1", "after", "end")


@_model
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
    return {"choices": {"b": _one_of("again", True, True, False)}}


@_model
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
    return {"choices": {"b": _one_of("odd", True, False)}}


@_model
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
    return {"choices": {"a": _one_of("enough", True, False, False)}}


@_model
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


@_model
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
    return {"choices": {**ways, "b": _one_of("leave", True, False)}}


@_model
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
    return {"choices": {"ask": _one_of("way_a", True, False)}}


def _people(rnd: Random) -> dict[str, Any]:
    return {"people": [f"no{i}" for i in range(rnd.randint(0, 4))], "n": rnd.randint(0, 3)}


def _many(p: Draw, **kind: Any) -> dict[str, Any]:
    p.user("v")
    p.many("v", **kind)
    p.user("after")
    p.end("end")
    p.chain("start", "v", "after", "end")
    return {"first": _people, "instances": frozenset({"v"})}


@_model
def many_parallel(p: Draw) -> dict[str, Any]:
    return _many(p, over="people")


@_model
def many_sequential(p: Draw) -> dict[str, Any]:
    return _many(p, over="people", sequential=True)


@_model
def many_counted(p: Draw) -> dict[str, Any]:
    return _many(p, count="n + 1")


@_model
def many_counted_sequential(p: Draw) -> dict[str, Any]:
    return _many(p, count="n", sequential=True)


@_model
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


@_model
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


def _mediation(inner: Draw, suffix: str) -> None:
    inner.start("s" + suffix)
    inner.user("m" + suffix)
    inner.user("r" + suffix)
    inner.gate("exclusive", "g" + suffix)
    inner.end("e" + suffix)
    inner.chain("s" + suffix, "m" + suffix, "r" + suffix, "g" + suffix)
    inner.flow("g" + suffix, "m" + suffix, "again")
    inner.flow("g" + suffix, "e" + suffix, default=True)


@_model
def subprocess(p: Draw) -> dict[str, Any]:
    _mediation(p.inside("sub"), "1")
    p.user("before")
    p.user("after")
    p.end("end")
    p.chain("start", "before", "sub", "after", "end")
    return {"choices": {"r1": _one_of("again", True, False)}}


@_model
def subprocess_in_subprocess(p: Draw) -> dict[str, Any]:
    """Nested twice, with parallel branches inside and beside it, in a loop."""
    outer = p.inside("outer")
    outer.start("so")
    outer.gate("parallel", "split", "join")
    outer.user("beside")
    _mediation(outer.inside("inner"), "1")
    outer.end("eo")
    outer.chain("so", "split", "beside", "join", "eo")
    outer.chain("split", "inner", "join")
    p.gate("exclusive", "merge", "g")
    p.user("after")
    p.end("end")
    p.chain("start", "merge", "outer", "after", "g")
    p.flow("g", "merge", "repeat")
    p.flow("g", "end", default=True)
    return {"choices": {"r1": _one_of("again", True, False), "after": _one_of("repeat", True, False)}}


@_model
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
    return {"choices": {"c": _one_of("enough", True, False, False)}}


@_model
def called(p: Draw) -> dict[str, Any]:
    q = Draw("q")
    _mediation(q, "q")
    p.user("before")
    p.call("first_call", "q")
    p.call("second_call", "q")
    p.user("after")
    p.end("end")
    p.chain("start", "before", "first_call", "second_call", "after", "end")
    return {"processes": (q,), "choices": {"rq": _one_of("again", True, False)}}


@_model
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
    return {"choices": {"b": _one_of("again", True, True, False)}}


@_model
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
    return {"choices": {"c": _one_of("extend", True, False)}}


@_model
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


@_model
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


@_model
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
    _mediation(p.inside("mediation"), "1")
    p.user("close")
    p.end("end")
    p.chain("join", "mediation", "close", "gm")
    p.flow("gm", "mediation", "reopen")
    p.flow("gm", "end", default=True)
    return {
        "answers": {"risk": lambda f: {"level": "HIGH" if f["score"] > 6 else "LOW"}},
        "choices": {
            "intake": lambda rnd: {"score": rnd.randint(0, 9)},
            "r1": _one_of("again", True, False),
            "close": _one_of("reopen", True, False, False),
        },
    }
