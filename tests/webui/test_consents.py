"""More time for a mediation is asked for with a day of consent for each side; what is missing is said at its box, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.workflows.processes.mediation import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.webui.visitors import Visitor
    from tests.workflows.processes.loan.house import LoanHouse

REASON = "双方愿意再谈两次，等候房产资料"


def test_both_consents_are_asked_for_refused_at_their_boxes_and_shown_to_who_decides(
    house: LoanHouse, visit: Callable[[str], Visitor]
) -> None:
    case_id = steps.to_session(house)
    task_id = house.open_task(case_id, "T_Stop").id
    worker, where = visit(steps.WORKER), f"/tasks/{task_id}/extension"
    fields = worker.get(f"/tasks/{task_id}").fields(f"//form[@action='{where}']")
    assert {"on_HER", "on_OTHER"} <= fields.keys()
    typed = {**fields, "units": "30", "reason": REASON, "on_OTHER": "2026-06-15"}
    refused = worker.post(where, typed)
    assert refused.status == 422
    assert {box.get("id") for box in refused.all("//*[@aria-invalid='true']")} == {"f-_on_HER", "f-_alone"}
    assert "《人民调解法》第23条" in refused.text
    kept = refused.fields(f"//form[@action='{where}']")
    assert (kept["reason"], kept["units"], kept["on_OTHER"]) == (REASON, "30", "2026-06-15")
    assert worker.post(where, {**kept, "on_HER": "2026-06-15", "alone": "1"}).status == 303
    told = visit(steps.MEDIATOR).get(f"/tasks/{task_id}").text
    assert "她本人于 2026-06-15 同意（单独征求）" in told
    assert "对方当事人于 2026-06-15 同意" in told
