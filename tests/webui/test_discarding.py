"""An entry shows whose it is once her name is typed; one that was never submitted can be discarded, and its number says so."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine import audit
from engine.commands.absences import register_absence
from engine.commands.cases import start_case
from engine.commands.discarding import discard_entry
from engine.commands.tasks import save_draft
from engine.errors import Forbidden, InvalidAnswers, NotFound, StaleTask, TaskNotReady
from engine.model import history, instance, task, timer
from engine.model_filed import draft
from tests.webui.test_attention import lines, send
from tests.workflows.processes.loan import examples


def test_a_draft_shows_the_masked_name_once_it_is_typed(house, visit):
    case_id = house.begin()
    village = visit("v1chair")
    assert "未填写" in lines(village.get("/"))[0]
    job = house.open_task(case_id)
    house.act(save_draft, "v1chair", task_id=job.id, answers={"name": "苏小禾"})
    for tab in ("todo", "started"):
        line = lines(village.get(f"/?tab={tab}"))[0]
        assert "苏**" in line
        assert "小禾" not in line
    entries = house.row(select(func.count()).select_from(history))[0]
    house.act(save_draft, "v1chair", task_id=job.id, answers={"name": "苏小禾1"})
    assert "未填写" in lines(village.get("/"))[0], "what is no name shows nothing"
    assert house.row(select(func.count()).select_from(history))[0] == entries, "a draft makes no history"


def test_what_was_submitted_is_not_renamed_by_a_later_draft(house):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    job = house.open_task(case_id)
    house.act(save_draft, "t1chair", task_id=job.id, answers={"name": "王大"})
    assert house.case(case_id).subject == "苏**"


def test_an_unwanted_entry_leaves_the_lists_and_keeps_its_number(house, visit):
    case_id = house.begin()
    village = visit("v1chair")
    job = house.open_task(case_id)
    house.act(save_draft, "v1chair", task_id=job.id, answers={"name": "苏小禾"})
    page = village.get(f"/tasks/{job.id}")
    assert send(village, page, "/discard", reason="点错了").status == 303
    assert not lines(village.get("/"))
    assert "已删除草稿，业务号不再使用" in lines(village.get("/?tab=started"))[0]
    told = village.get(f"/cases/{case_id}?tab=timeline").text
    assert "删除草稿" in told
    assert "点错了" in told
    case = house.case(case_id)
    assert (case.state, case.outcome, case.subject) == ("closed", "discarded", "")
    assert house.row(select(func.count()).select_from(draft))[0] == 0
    assert house.row(select(func.count()).where(timer.c.state == "armed"))[0] == 0
    assert house.row(select(instance.c.status))[0] == "ended"
    assert house.row(select(task.c.close_reason))[0] == "discarded"
    with house.runtime.reading() as connection:
        assert audit.verify(connection, house.runtime.vault).faults == ()
    assert house.act(start_case, "v1chair", kind="loan")["number"].endswith("0002")


def test_what_was_submitted_once_is_withdrawn_not_discarded(house, visit):
    case_id = house.applied()
    job = house.open_task(case_id)
    assert "删除草稿" not in visit("v1chair").get(f"/tasks/{job.id}").text
    with pytest.raises(Forbidden, match="已经提交过"):
        house.act(discard_entry, "v1chair", task_id=job.id)


def test_nobody_else_discards_it_and_nothing_is_discarded_twice_or_from_an_old_page(house):
    case_id = house.begin()
    job = house.open_task(case_id)
    with pytest.raises(NotFound):
        house.act(discard_entry, "t2chair", task_id=job.id)
    with pytest.raises(Forbidden):
        house.act(discard_entry, "t1chair", task_id=job.id)
    days = {"since": "2026-06-15", "until": "2026-06-16", "with_held": True}
    house.act(register_absence, "v1chair", deputy_id=house.actor("t1vice").id, **days)
    with pytest.raises(Forbidden, match="代理人不能删除"):
        house.act(discard_entry, "t1vice", task_id=job.id)
    with pytest.raises(StaleTask):
        house.act(discard_entry, "v1chair", task_id=job.id, seen_version=job.version + 1)
    with pytest.raises(InvalidAnswers):
        house.act(discard_entry, "v1chair", task_id=job.id, reason="错" * 201)
    house.act(discard_entry, "v1chair", task_id=job.id)
    with pytest.raises(TaskNotReady):
        house.act(discard_entry, "v1chair", task_id=job.id)
