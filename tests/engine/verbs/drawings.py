"""Drawings for the verbs: one signer, branches, several signers, a called process, and all of it inside a called one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.engine.flow.drawing import Draw, document

DRAWINGS: dict[str, Callable[[Draw], Sequence[Draw]]] = {}


def drawing(fn: Callable[[Draw], Sequence[Draw] | None]) -> None:
    DRAWINGS[fn.__name__] = lambda p: fn(p) or ()


def ends(p: Draw, last: str) -> None:
    """After the last step it is done, or stopped."""
    p.gate("exclusive", "g")
    p.end("done")
    p.end("stopped", terminate=True)
    p.chain(last, "g")
    p.flow("g", "stopped", "stop")
    p.flow("g", "done", default=True)


def timed(p: Draw, *users: str) -> None:
    for ident in users:
        p.user(ident, f"f_{ident}")
        p.late(f"t_{ident}", ident)
        p.end(f"late_{ident}")
        p.chain(f"t_{ident}", f"late_{ident}")


@drawing
def line(p: Draw) -> None:
    timed(p, "a", "b", "c")
    p.chain("start", "a", "b", "c")
    ends(p, "c")


@drawing
def branches(p: Draw) -> None:
    timed(p, "a", "b", "b2", "c", "d")
    p.gate("parallel", "split", "join")
    p.chain("start", "a", "split", "b", "b2", "join", "d")
    p.chain("split", "c", "join")
    ends(p, "d")


@drawing
def called(p: Draw) -> Sequence[Draw]:
    q = Draw("q")
    q.start("qs")
    timed(q, "qa", "qb")
    q.end("qe")
    q.chain("qs", "qa", "qb", "qe")
    timed(p, "a", "d")
    p.call("call", "q")
    p.chain("start", "a", "call", "d")
    ends(p, "d")
    return (q,)


@drawing
def automatic(p: Draw) -> None:
    timed(p, "a", "b")
    p.perform("told", "tell.them")
    p.chain("start", "a", "told", "b")
    ends(p, "b")


@drawing
def voted(p: Draw) -> None:
    """What the signers said sends the matter on or back."""
    timed(p, "a", "m", "d")
    p._of("m").set("{urn:halfsky:bpmn}signing", "all")
    p.gate("exclusive", "start_again", "v")
    p.chain("start", "start_again", "a", "m", "v")
    p.flow("v", "start_again", "signed_refused > 0")
    p.flow("v", "d", default=True)
    ends(p, "d")


def _several(kind: str) -> Callable[[Draw], None]:
    def several(p: Draw) -> None:
        timed(p, "a", "m", "b", "d")
        p._of("m").set("{urn:halfsky:bpmn}signing", kind)
        p.gate("parallel", "split", "join")
        p.chain("start", "a", "split", "m", "join", "d")
        p.chain("split", "b", "join")
        ends(p, "d")

    return several


for _kind in ("all", "any", "sequence"):
    DRAWINGS[f"several_{_kind}"] = lambda p, kind=_kind: _several(kind)(p) or ()


@drawing
def nested(p: Draw) -> Sequence[Draw]:
    """Several signers in a parallel branch of a called process."""
    q = Draw("q")
    q.start("qs")
    timed(q, "qa", "qm", "qb")
    q._of("qm").set("{urn:halfsky:bpmn}signing", "sequence")
    q.gate("parallel", "split", "join")
    q.end("qe")
    q.chain("qs", "qa", "split", "qm", "join", "qe")
    q.chain("split", "qb", "join")
    timed(p, "a", "d")
    p.call("call", "q")
    p.chain("start", "a", "call", "d")
    ends(p, "d")
    return (q,)


#: what kind of node an element is in the table of docs/verbs.md, where that is not plainly one person's step
NODES = {
    "line": {},
    "branches": {"b": "branch", "b2": "branch", "c": "branch"},
    "called": {"qa": "called", "qb": "called"},
    "automatic": {},
    "voted": {"m": "all"},
    "several_all": {"m": "all", "b": "branch"},
    "several_any": {"m": "any", "b": "branch"},
    "several_sequence": {"m": "sequence", "b": "branch"},
    "nested": {"qa": "called", "qb": "nested", "qm": "nested"},
}
KINDS = ("single", "branch", "called", "all", "any", "sequence", "nested")


def bpmn(name: str) -> bytes:
    p = Draw(name)
    p.start()
    return document(p, *DRAWINGS[name](p))
