"""挂起至 on the pages: until when, that the day has passed, who is told, and what 督办 shows when it stands on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from engine import jobs
from engine.commands.suspending import suspend_task
from engine.model import notice
from tests.workflows.processes.loan import examples


def test_a_suspended_step_says_until_when_and_its_superior_hears_when_the_day_has_passed(house, visit):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    job = house.open_task(case_id)
    house.act(suspend_task, "t1chair", task_id=job.id, reason="等材料", until=date(2026, 6, 24), seen_version=1)
    pages = [
        ("t1chair", "/"),
        ("v1chair", "/?tab=started"),
        ("t1chair", f"/tasks/{job.id}"),
        ("t1chair", f"/cases/{case_id}"),
    ]
    for login, path in pages:
        text = visit(login).get(path).text
        assert "挂起至 6月24日" in text, path
        assert "已过" not in text, path

    house.clock.set_day(date(2026, 6, 25), hour=0)
    jobs.sweep(house.runtime)
    for login, path in pages:
        assert "挂起至 6月24日，已过" in visit(login).get(path).text, path
    with house.runtime.reading() as connection:
        told = connection.execute(select(notice.c.post).where(notice.c.kind == "wait.passed")).scalars().all()
    assert told == ["TOWN_CHAIR", "COUNTY_CHAIR"]
    assert "预计日期已过" in visit("countychair").get("/?tab=notices").text
    assert "预计日期已过" in visit("t1chair").get("/?tab=notices").text

    # five working days after the 24th, over a weekend
    house.clock.set_day(date(2026, 7, 1), hour=23)
    jobs.sweep(house.runtime)
    assert "挂起超过预计日期" not in visit("countychair").get("/escalations").text
    house.clock.set_day(date(2026, 7, 2), hour=0)
    jobs.sweep(house.runtime)
    chair = visit("countychair")
    assert "挂起超过预计日期的期限" in chair.get("/escalations").text
    assert "挂起至 6月24日，已过" in chair.get("/escalations").text
    assert "挂起已过预计日期：乡镇审核并签字" in chair.get(f"/cases/{case_id}?tab=timeline").text
