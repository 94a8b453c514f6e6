"""What is assigned (交办) is reported to whoever assigned it, by the day that was named (条例 22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.scenarios.reading import Place, Told
from tests.workflows.processes.petition import examples

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse


def assigned(rights: PetitionHouse) -> int:
    """An item of the first township that the county assigned to it, to be reported by 1 July."""
    case_id = rights.registered(at="T1")
    rights.triage(case_id, "ASSIGN", to="T1", reportBackOn="2026-07-01", deviationReason="由乡镇办理并报告结果")
    return case_id


def test_what_is_assigned_is_reported_by_the_day_that_was_named_before_it_is_closed(rights: PetitionHouse) -> None:
    case_id = assigned(rights)
    assert any("2026-07-01" in note for note in rights.notes(case_id, "t1chair", "T_Receive"))
    rights.submit(case_id, "t1chair", {"received": "AGREE"}, "T_Receive")
    assert any("2026-07-01" in note for note in rights.notes(case_id, "t1chair", "T_Triage"))
    rights.triage(case_id, login="t1chair")
    rights.accept(case_id, "t1chair")
    assert rights.place(case_id, "T_Report") == Place("TOWN_CHAIR", "T1")
    assert rights.due(case_id, "T_Report") == "2026-07-01"
    rights.plan(case_id, "t1chair")
    rights.decide(case_id, login="t1chair")
    rights.deliver(case_id, "t1chair")
    rights.answer(case_id, "rightsworker")
    assert "还没有报告结果" in rights.wrong(case_id, "rightshead", "T_Close", examples.close())
    rights.submit(case_id, "t1chair", {"reportedOn": rights.today, "report": "已约见双方，日期已商定"}, "T_Report")
    assert Told("RIGHTS_HEAD", "C1", "petition.reported") in rights.notices(case_id)
    rights.finish(case_id)
    assert rights.entry(case_id).state == "concluded"


def test_what_was_assigned_and_comes_back_owes_no_report(rights: PetitionHouse) -> None:
    case_id = assigned(rights)
    rights.submit(case_id, "t1chair", {"received": "OBJECT", "reason": "不属于本乡管辖的事项"}, "T_Receive")
    rights.submit(case_id, "rightshead", {"reply": "UPHELD", "reason": "核实属实，收回办理"}, "T_ObjectionReply")
    rights.triage(case_id)
    rights.accept(case_id)
    assert rights.where(case_id) == "T_Decide+T_Plan+T_Track"


def test_what_was_forwarded_owes_no_report(rights: PetitionHouse) -> None:
    case_id = rights.registered(at="T1")
    rights.triage(case_id, "FORWARD", to="T1")
    rights.submit(case_id, "t1chair", {"received": "AGREE"}, "T_Receive")
    rights.triage(case_id, login="t1chair")
    rights.accept(case_id, "t1chair")
    assert "T_Report" not in rights.where(case_id)


def test_who_assigned_an_item_that_was_settled_at_once_hears_of_its_end(rights: PetitionHouse) -> None:
    case_id = assigned(rights)
    rights.submit(case_id, "t1chair", {"received": "AGREE"}, "T_Receive")
    rights.triage(case_id, "HANDLE_NOW", login="t1chair")
    rights.submit(case_id, "t1chair", examples.handle_now(rights.today), "T_HandleNow")
    rights.answer(case_id, "rightsworker")
    rights.finish(case_id)
    assert Told("RIGHTS_HEAD", "C1", "petition.reported") in rights.notices(case_id)
