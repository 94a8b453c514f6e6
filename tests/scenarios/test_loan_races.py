"""Two at the same moment: one right, one place, one number; whoever comes second is told (S001-50, on both databases)."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands.cases import withdraw_case
from engine.commands.signing import Reauthentication
from engine.commands.tasks import complete_task
from engine.errors import Busy, EngineError, InvalidAnswers
from tests.scenarios.county import woman
from tests.workflows.processes.loan import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.scenarios.county import County


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run them together; what each gave or the error it met."""
    together, found = Barrier(len(acts), timeout=60), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        together.wait()
        try:
            found[place] = act()
        except EngineError as error:
            found[place] = error

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def submission(
    county: County, case_id: int, login: str, answers: dict[str, Any], key: str = "race"
) -> Callable[[], Any]:
    """Completing the open task of a case, prepared down to the last argument."""
    row, actor = county.open_task(case_id), county.actor(login)
    proof = Reauthentication(actor.id, county.clock.now())
    asked = {"task_id": row.id, "answers": answers, "seen_version": row.version, "signature": proof}
    return lambda: county.runtime.execute(complete_task, actor=actor, key=key, **asked)


def again_while_busy(act: Callable[[], Any]) -> Callable[[], Any]:
    """What a person does who is told that somebody else is working on it: she sends it again."""

    def acts() -> Any:
        for _ in range(20):
            try:
                return act()
            except Busy:
                continue
        return act()

    return acts


@pytest.mark.parametrize("chairs", [("v1chair", "v2chair"), ("v1chair", "v9chair")], ids=["one county", "two counties"])
def test_of_two_applications_at_the_same_moment_one_passes_and_one_is_a_duplicate(
    county: County, chairs: Sequence[str]
) -> None:
    cases = [county.begin(login) for login in chairs]
    acts = [submission(county, c, who, county.form(who)) for c, who in zip(cases, chairs, strict=True)]
    found = at_once(*map(again_while_busy, acts))
    assert [f for f in found if isinstance(f, EngineError)] == []
    assert sorted(county.where(case_id) for case_id in cases) == ["T_ConfirmRefusal", "T_VillageReview"]
    assert sorted(county.refusals(case_id) for case_id in cases) == [[], ["DUPLICATE_OPEN"]]
    assert sorted(county.line(case_id).state for case_id in cases) == ["duplicate", "open"]


def test_of_two_loans_of_one_woman_only_one_ever_reaches_the_money(county: County) -> None:
    """The refused one objects while the other is paid out in another county at the same moment."""
    paid = county.apply("v9chair")
    for verb, login in (("village", "v9chair"), ("town", "t9chair"), ("credit", "credit9"), ("final", "worker9"), ("stamp", "seal9")):  # fmt: skip
        getattr(county, verb)(paid, login)
    other = county.apply("v1chair")
    county.objects(other)
    county.town(other, opinion="RETURN", reason="请村级核实")
    acts = [
        submission(county, paid, "credit9", examples.disburse()),
        submission(county, other, "v1chair", examples.village_review()),
    ]
    first, second = at_once(*map(again_while_busy, acts))
    assert not isinstance(first, EngineError)
    assert isinstance(second, InvalidAnswers)
    assert (county.where(paid), county.where(other), county.consumed(paid)) == ("T_Repay", "T_VillageReview", 1)
    answers = examples.village_review()
    assert {str(m.params["code"]) for m in county.problems(other, "v1chair", answers)["opinion"]} == {"ALREADY_ENJOYED"}


def test_of_two_duplicates_that_move_up_together_one_takes_the_place(county: County) -> None:
    first = county.apply("v9chair")
    others = [county.apply(login) for login in ("v1chair", "v3chair")]
    for case_id, chair in zip(others, ("t1chair", "t2chair"), strict=True):
        county.objects(case_id, chair)
        county.town(case_id, chair, opinion="RETURN", reason="请村级核实")
    county.withdraw(first, "v9chair")
    for case_id, village in zip(others, ("v1chair", "v3chair"), strict=True):
        county.village(case_id, village)
    acts = [
        submission(county, case_id, chair, examples.town_review())
        for case_id, chair in zip(others, ("t1chair", "t2chair"), strict=True)
    ]
    at_once(*map(again_while_busy, acts))
    assert sorted(county.line(case_id).state for case_id in others) == ["duplicate", "open"]
    assert sorted(county.where(case_id) for case_id in others) == ["T_Credit", "T_TownReview"]


def test_a_withdrawal_and_the_money_at_the_same_moment_leave_one_end(county: County) -> None:
    case_id = county.until(county.apply(), "T_Disburse")
    chair = county.actor("v1chair")
    acts = [
        submission(county, case_id, "credit", examples.disburse()),
        lambda: county.runtime.execute(withdraw_case, actor=chair, key="race", case_id=case_id, reason="改做别的生意"),
    ]
    found = at_once(*map(again_while_busy, acts))
    assert len([f for f in found if isinstance(f, EngineError)]) == 1
    state = county.line(case_id).state
    assert (county.where(case_id), state, county.consumed(case_id)) in (
        ("T_Repay", "disbursed", 1),
        ("withdrawnAfterStamp", "withdrawn", 0),
    )


def test_two_chairs_of_one_township_who_sign_at_once_sign_once(county: County) -> None:
    case_id = county.until(county.apply(), "T_TownReview")
    acts = [submission(county, case_id, login, examples.town_review()) for login in ("t1chair", "t1vice")]
    found = at_once(*map(again_while_busy, acts))
    assert len([f for f in found if isinstance(f, EngineError)]) == 1
    assert (county.where(case_id), len(county.versions(case_id, "town_review"))) == ("T_Credit", 1)


def test_one_number_of_the_seal_register_goes_to_one_of_two(county: County) -> None:
    cases = [county.until(county.apply(**woman("1990-05-04", serial=n)), "T_Stamp") for n in (1, 2)]
    for case_id in cases:
        county.upload(case_id, "seal", "scan")
    acts = [submission(county, case_id, "seal", examples.stamp(), key=f"stamp-{case_id}") for case_id in cases]
    found = at_once(*map(again_while_busy, acts))
    assert len([f for f in found if isinstance(f, InvalidAnswers)]) == 1
    assert sorted(county.where(case_id) for case_id in cases) == ["T_Disburse", "T_Stamp"]


def test_one_guarantor_at_the_same_moment_for_a_third_and_a_fourth_loan_stands_for_two(county: County) -> None:
    """D2 OVERLOAD with maxActive 2, one place left."""
    only = {"guarantors": [examples.payroll()], "amount": "20000.00"}
    county.apply(**woman("1990-05-04", serial=1), **only)
    cases = [county.begin(login) for login in ("v1chair", "v3chair")]
    acts = [
        submission(county, case_id, login, county.form(login, **woman("1990-05-04", serial=2 + n), **only))
        for n, (case_id, login) in enumerate(zip(cases, ("v1chair", "v3chair"), strict=True))
    ]
    found = at_once(*map(again_while_busy, acts))
    assert len([f for f in found if isinstance(f, InvalidAnswers)]) == 1
    assert sorted(county.where(case_id) for case_id in cases) == ["T_Apply", "T_VillageReview"]
