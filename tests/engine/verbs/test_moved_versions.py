"""Running cases moved to another version while they stand in parallel branches, in called processes and in half-signed steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select, true

from engine.batches import work_batches
from engine.commands.migration import start_migration, undo_migration
from engine.commands.tasks import claim_task
from engine.commands.versions import approve_version, propose_version
from engine.model import instance
from engine.queries import migration as planned
from tests.engine.flow.drawing import Draw, document
from tests.engine.toy import ADMIN, person
from tests.engine.verbs.drawings import ends, timed
from tests.engine.verbs.office import ANN, BEA, CAT, DOT, EVE
from tests.engine.verbs.whole import Whole

CHAIR = person(8, "ADMIN")
Item = tuple[str, list[tuple[str, str]]]


def branches(p: Draw) -> Sequence[Draw]:
    """The drawing of that name, with a step more at the end of the longer branch."""
    timed(p, "a", "b", "b2", "m", "c", "d")
    p.gate("parallel", "split", "join")
    p.chain("start", "a", "split", "b", "b2", "m", "join", "d")
    p.chain("split", "c", "join")
    ends(p, "d")
    return ()


def called(p: Draw) -> Sequence[Draw]:
    """The drawing of that name, with a step more at the end of the called process."""
    q = Draw("q")
    q.start("qs")
    timed(q, "qa", "qb", "qm")
    q.end("qe")
    q.chain("qs", "qa", "qb", "qm", "qe")
    timed(p, "a", "d")
    p.call("call", "q")
    p.chain("start", "a", "call", "d")
    ends(p, "d")
    return (q,)


def several(p: Draw) -> Sequence[Draw]:
    """`several_sequence`, with a step more after the join."""
    timed(p, "a", "m", "b", "c", "d")
    p._of("m").set("{urn:halfsky:bpmn}signing", "sequence")
    p.gate("parallel", "split", "join")
    p.chain("start", "a", "split", "m", "join", "c", "d")
    p.chain("split", "b", "join")
    ends(p, "d")
    return ()


def move(house: Any, drawn: Callable[[Draw], Sequence[Draw]]) -> int:
    """Publish the changed drawing by two persons and move every running case to it; the batch."""
    p = Draw(house.name)
    p.start()
    content = document(p, *drawn(p))
    named = {"kind": house.name, "sort": "drawing", "content": content}
    number = house.act(propose_version, ADMIN, **named)["proposal_id"]
    to_id = house.act(approve_version, CHAIR, proposal_id=number, seen_base=1)["version_id"]
    batch = house.act(start_migration, ADMIN, kind=house.name, from_id=1, to_id=to_id)["batch_id"]
    work_batches(house.runtime)
    return int(batch)


def items(house: Any, batch: int) -> list[Item]:
    with house.runtime.reading() as connection:
        found = planned.items(connection, batch, true())
    return [(row.state, [(each["code"], each["element"]) for each in row.why]) for row in found]


def whole(house: Any, *cases: int) -> None:
    """Tokens, rows, clocks, history and chain of each agree."""
    for case_id in cases:
        one = Whole(house, case_id)
        one.look()
        one.look_at_all()


def begun(house: Any, *steps: tuple[str, Any]) -> int:
    case_id = house.start(ANN)
    for element, who in (("a", ANN), *steps):
        house.submit(case_id, element, who)
    return int(case_id)


def through(house: Any, case_id: int, *steps: tuple[str, Any]) -> str:
    for element, who in steps:
        house.submit(case_id, element, who)
    return str(house.case(case_id).outcome)


def test_cases_in_parallel_branches_move_where_no_branch_has_passed_the_new_step(office: Any) -> None:
    house = office("branches")
    early = begun(house)
    late = begun(house, ("b", BEA))
    joined = begun(house, ("c", CAT), ("b", BEA))
    past = begun(house, ("b", BEA), ("b2", BEA))
    typed = house.row(early, "c")
    house.type(typed, CAT, "半句")
    before = {case_id: house.rows(case_id) for case_id in (early, late, joined, past)}

    states = items(house, move(house, branches))
    assert [state for state, _ in states] == ["moved", "moved", "moved", "refused"]
    assert ("skipped", "m") in states[3][1]
    whole(house, early, late, joined, past)
    for case_id, rows in before.items():
        assert house.rows(case_id) == rows  # nobody's task, claim or due date has changed
    assert house.typed(early, CAT, "f_c") == "半句"

    rest = [("b2", BEA), ("m", DOT), ("d", EVE)]
    assert through(house, early, ("b", BEA), ("c", CAT), *rest) == "done"
    house.submit(late, "b2", BEA)
    assert house.at(late) == ["c", "m"]
    assert through(house, late, ("m", DOT), ("c", CAT), ("d", EVE)) == "done"
    assert through(house, joined, *rest) == "done"  # the branch that had arrived still counts at the join
    assert through(house, past, ("c", CAT), ("d", EVE)) == "done"  # by the old drawing
    whole(house, early, late, joined, past)


def test_cases_inside_a_called_process_move_and_come_back_where_nobody_has_acted(office: Any) -> None:
    house = office("called")
    first = begun(house)
    second = begun(house, ("qa", BEA))
    past = begun(house, ("qa", BEA), ("qb", CAT))

    def stored(case_id: int) -> tuple[Any, ...]:
        with house.runtime.reading() as connection:
            row = connection.execute(select(instance).where(instance.c.case_id == case_id)).one()
        return row.definition_id, bytes(row.state), [{**r._mapping, "version": 0} for r in house.rows(case_id)]

    kept = stored(first)
    batch = move(house, called)
    assert items(house, batch) == [("moved", []), ("moved", []), ("refused", [("skipped", "qm")])]
    whole(house, first, second, past)
    house.verb(claim_task, CAT, house.row(second, "qb"))
    house.act(undo_migration, ADMIN, batch_id=batch)
    work_batches(house.runtime)
    assert [state for state, _ in items(house, batch)] == ["undone", "kept", "refused"]
    assert stored(first) == kept
    whole(house, first, second, past)
    assert through(house, first, ("qa", BEA), ("qb", CAT), ("d", EVE)) == "done"
    assert through(house, second, ("qb", CAT), ("qm", DOT), ("d", EVE)) == "done"
    whole(house, first, second)


def test_a_half_signed_step_in_a_branch_moves_with_its_seats_their_turns_and_those_asked(small: Any) -> None:
    house = small("several_sequence")
    case_id = begun(house)
    one, two, _ = [r for r in house.rows(case_id, "open", "waiting") if r.element == "m"]
    house.opine(one, BEA)
    house.ask(house.task(two.id), CAT, "after", DOT)
    before = house.rows(case_id, "open", "waiting", "closed")
    assert items(house, move(house, several)) == [("moved", [])]
    assert house.rows(case_id, "open", "waiting", "closed") == before
    whole(house, case_id)
    house.opine(house.task(two.id), CAT)
    house.opine(house.row(case_id, "m", assignee_id=DOT.id), DOT)
    house.submit(case_id, "m", EVE)
    assert through(house, case_id, ("b", BEA), ("c", CAT), ("d", EVE)) == "done"
    whole(house, case_id)
