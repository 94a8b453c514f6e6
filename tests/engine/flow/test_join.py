"""A parallel join waits for every branch, in every order, in every round.

The library's join fires early in the second round of a loop when the branches finish in another order (engine.md §1.2:
134 of 200 random runs wrong). Ours is judged by an oracle: what stands behind the join may never be open together with
what stands before it.
"""

from __future__ import annotations

from itertools import permutations, product
from random import Random

import pytest

from engine.flow import definition, stepping
from tests.engine.flow.drawing import Draw, document
from tests.engine.flow.world import World, open_elements, task_id, tree_size


def rounds(branches: int = 2, *, human: bool = True) -> definition.ParsedDefinition:
    """split → branches → join → again? → back to the split."""
    p = Draw()
    p.start()
    p.gate("exclusive", "merge", "g")
    p.gate("parallel", "split", "join")
    p.end("end")
    p.chain("start", "merge", "split")
    for number in range(branches):
        name = f"b{number}"
        p.user(name) if human else p.perform(name, "work")
        p.chain("split", name, "join")
    p.user("again") if human else p.perform("again", "count")
    p.chain("join", "again", "g")
    p.flow("g", "merge", "more")
    p.flow("g", "end", default=True)
    return definition.parse("p", document(p))


def finish(d: definition.ParsedDefinition, step: stepping.Step, element: str, **facts: object) -> stepping.Step:
    return stepping.complete(d, step.state, task_id(step, element), facts, World())


@pytest.mark.parametrize("orders", list(product(permutations(("b0", "b1")), repeat=2)), ids=str)
def test_the_join_waits_in_the_second_round_whatever_the_order_of_the_first(
    orders: tuple[tuple[str, ...], ...],
) -> None:
    d = rounds()
    step = stepping.start(d, {}, World())
    for order in orders:
        step = finish(d, step, order[0])
        assert open_elements(step) == [order[1]]
        step = finish(d, step, order[1])
        assert open_elements(step) == ["again"]
        step = finish(d, step, "again", more=True)


def test_many_rounds_in_random_order_never_pass_the_join_early_and_never_grow() -> None:
    d, rnd = rounds(4), Random(7)
    step = stepping.start(d, {}, World())
    sizes = set()
    for number in range(150):
        order = rnd.sample([f"b{i}" for i in range(4)], 4)
        for place, element in enumerate(order):
            assert open_elements(step) == sorted(order[place:])
            step = finish(d, step, element, last=f"{number} {element}")
        assert step.facts["last"] == f"{number} {order[-1]}"  # the last to arrive has the last word
        sizes.add(tree_size(d, step.state))
        step = finish(d, step, "again", more=True)
    assert len(sizes) == 1


def test_a_join_that_comes_round_within_one_step_waits_too() -> None:
    """No save between the rounds, so no pruning: the join alone must be right."""
    d = rounds(3, human=False)
    world = World({"count": lambda f: {"rounds": f.get("rounds", 0) + 1, "more": f.get("rounds", 0) < 9}})
    p = stepping.start(d, {}, world)
    assert (p.ended, p.facts["rounds"]) == ("end", 10)
    assert world.asked.count(("perform", "work")) == 30
    assert p.passed.count("join") == 10


def test_branches_that_share_a_task_after_their_join_keep_it_single() -> None:
    d = rounds()
    step = stepping.start(d, {}, World())
    step = finish(d, step, "b0")
    step = finish(d, step, "b1")
    assert step.passed == ("b1", "join")
    assert open_elements(step) == ["again"]


def agencies_with_recurrence() -> definition.ParsedDefinition:
    """Four agencies of two tasks, clocks on some, a mediation, and a way back to before the split."""
    p = Draw()
    p.start()
    p.gate("exclusive", "merge", "g")
    p.gate("parallel", "split", "join")
    p.user("plan")
    p.user("mediate")
    p.user("follow")
    p.end("end")
    p.chain("start", "merge", "plan", "split")
    for agency in "pwjh":
        for step in "12":
            p.user(f"{agency}{step}")
        p.late(f"late_{agency}", f"{agency}1")
        p.end(f"late_end_{agency}")
        p.chain(f"late_{agency}", f"late_end_{agency}")
        p.chain("split", f"{agency}1", f"{agency}2", "join")
    p.chain("join", "mediate", "follow", "g")
    p.flow("g", "merge", "recur")
    p.flow("g", "end", default=True)
    return definition.parse("p", document(p))


def test_no_agency_is_left_behind_in_any_round_of_a_returning_case() -> None:
    d, rnd, world = agencies_with_recurrence(), Random(11), World()
    agencies = {a + n for a in "pwjh" for n in "12"}
    for _ in range(25):
        step, left = stepping.start(d, {}, world), rnd.randint(1, 4)
        while step.ended is None:
            names = set(open_elements(step))
            assert not (names & agencies and names - agencies), names
            if step.timers and rnd.random() < 0.2:
                step = stepping.fire(d, step.state, rnd.choice(step.timers).id, world)
                continue
            task = rnd.choice(step.tasks)
            facts = {}
            if task.element == "follow":
                left -= 1
                facts = {"recur": left > 0}
            step = stepping.complete(d, step.state, task.id, facts, world)
        assert left == 0
