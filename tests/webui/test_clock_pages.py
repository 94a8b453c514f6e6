"""期限怎么算的, asking for more time, deciding about it, its letter; and the calendar page of the administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from engine.model import calendar_day, task, timer
from engine.model_clocks import calendar_import, clock_extension
from tests.webui.visitors import Visitor, attachment
from webui import cli

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from tests.workflows.processes.loan.house import LoanHouse

REASON = "信用社须向外县核实担保人的工资证明，十个工作日内不能完成"
TABLE = "日期,安排,名称\n2026-06-19,休,端午节\n2026-06-22,休,测试假日\n2026-10-01,休,国庆节\n"


@pytest.fixture
def admin(site: Flask) -> Visitor:
    return Visitor(site).sign_in("sysadmin")


def at_credit(house: LoanHouse) -> int:
    """A case that waits at the credit union; returns its task."""
    case_id = house.to_credit()
    return int(house.row(select(task.c.id).where(task.c.case_id == case_id, task.c.state == "open")).id)


def test_a_task_and_its_case_explain_their_due_date(site: Flask, house: LoanHouse) -> None:
    case_id = house.applied()
    visitor = Visitor(site).sign_in("v1chair")
    task_id = house.row(select(task.c.id).where(task.c.case_id == case_id, task.c.state == "open")).id
    for url in (f"/tasks/{task_id}", f"/cases/{case_id}"):
        shown = visitor.get(url).text
        assert "期限怎么算的" in shown
        assert "（当日不计入）" in shown
        assert "5 个工作日" in shown
        assert "2026-06-19 端午节" in shown
        assert "小额贷款办理时限表" in shown


def test_more_time_is_asked_for_granted_and_told_in_a_letter(site: Flask, house: LoanHouse) -> None:
    task_id = at_credit(house)
    officer, head = Visitor(site).sign_in("credit"), Visitor(site).sign_in("loanhead")
    case_id = house.row(select(task.c.case_id).where(task.c.id == task_id)).case_id
    refused = officer.post(
        f"/tasks/{task_id}/extension", {"units": "9", "reason": "太忙", "_key": "k" * 20, "csrf_token": officer.token()}
    )
    assert refused.status == 422
    assert "应为 1 至 5 个工作日" in refused.text
    assert "延期理由至少 10 个字（现为 2 个字）" in refused.text
    assert refused.all("//textarea[@id='f-_why']")[0].value == "太忙"
    asked = {"units": "5", "reason": REASON, "_key": "a" * 20, "csrf_token": officer.token()}
    assert officer.post(f"/tasks/{task_id}/extension", asked).status == 303
    page = head.get(f"/cases/{case_id}")
    assert REASON in page.text
    number = house.row(select(clock_extension.c.id)).id
    assert "不予延期" not in officer.get(f"/cases/{case_id}").text.split(REASON)[1][:60]
    before = house.row(select(task.c.due_at).where(task.c.id == task_id)).due_at
    done = head.post(
        f"/extensions/{number}", {"decision": "grant", "note": "同意", "_key": "b" * 20, "csrf_token": head.token()}
    )
    assert done.status == 303
    assert house.row(select(task.c.due_at).where(task.c.id == task_id)).due_at > before
    letter = head.post(f"/extensions/{number}/letter", {"_key": "c" * 20, "csrf_token": head.token()})
    assert (letter.status, letter.body[:5]) == (200, b"%PDF-")
    assert "P-06" in head.get(f"/cases/{case_id}?tab=timeline").text


def test_the_administrator_tries_and_imports_a_notice_and_sees_what_moved(admin: Visitor, house: LoanHouse) -> None:
    house.applied()
    tried = admin.post("/calendar/try", {"csrf_token": admin.token(), "file": attachment(TABLE.encode(), "2026.csv")})
    assert "会移动的时限 1 个" in tried.text
    assert house.row(select(func.count()).select_from(calendar_import))[0] == 0
    assert "2026-06-23" in tried.text
    fields = tried.fields("//form[.//input[@name='table']]")
    done = admin.post("/calendar", fields)
    assert done.status == 303
    moved = admin.get("/calendar/imports/1").text
    assert "2026-06-23" in moved
    assert "2026-06-24" in moved
    assert house.row(select(timer.c.due_at).where(timer.c.level == "broken", timer.c.state == "armed"))
    assert "2026.csv" in admin.get("/calendar").text


def test_a_broken_line_is_shown_with_its_number_and_nothing_is_imported(admin: Visitor, house: LoanHouse) -> None:
    days = house.row(select(func.count()).select_from(calendar_day))[0]
    for url in ("/calendar", "/calendar/try"):
        sent = {
            "csrf_token": admin.token(),
            "_key": "d" * 20,
            "file": attachment((TABLE + "x,休,节\n").encode(), "x.csv"),
        }
        refused = admin.post(url, sent)
        assert refused.status == 422
        assert "第 5 行：日期“x”不存在" in refused.text
    assert house.row(select(func.count()).select_from(calendar_day))[0] == days


def test_nobody_else_finds_the_calendar_door(site: Flask) -> None:
    chair = Visitor(site).sign_in("t1chair")
    assert chair.get("/calendar").status == 403
    assert "日历" not in chair.get("/").text
    assert chair.post("/calendar/try", {"csrf_token": chair.token(), "table": TABLE}).status == 403


def test_an_unknown_year_stands_as_provisional(admin: Visitor) -> None:
    assert "暂定：没有安排，只按周末计算" in admin.get("/calendar").text


def test_the_command_line_imports_and_lists_before_and_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALFSKY_DATA", str(tmp_path))
    monkeypatch.delenv("HALFSKY_DATABASE_URL", raising=False)
    assert cli.main(["init", "--demo"]) == 0
    file = tmp_path / "2027.csv"
    file.write_text("日期,安排,名称\n2027-01-01,休,元旦\n2027-10-01,休,国庆节\n", "utf-8")
    assert cli.main(["calendar", "import", "--dry-run", str(file)]) == 0
    assert cli.main(["calendar", "import", str(file)]) == 0
    out = capsys.readouterr().out
    assert "试算：有变化的日期 2 天" in out
    assert "已导入 2 天（有变化 2 天）" in out
    file.write_text("日期,安排,名称\n2027-13-01,休,元旦\n", "utf-8")
    assert cli.main(["calendar", "import", str(file)]) == 1
    assert "第 2 行" in capsys.readouterr().err


def test_the_command_line_takes_a_table_of_time_limits_out_and_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALFSKY_DATA", str(tmp_path))
    monkeypatch.delenv("HALFSKY_DATABASE_URL", raising=False)
    assert cli.main(["init", "--demo"]) == 0
    capsys.readouterr()
    assert cli.main(["sla", "export", "--county", "C1"]) == 0
    text = capsys.readouterr().out
    assert "\npet.conclude,60,CAL," in text
    file = tmp_path / "sla.csv"
    file.write_text(
        text.splitlines()[0]
        + "\n"
        + next(x for x in text.splitlines() if x.startswith("loan.stamp")).replace(",3,", ",2,", 1)
        + "\n",
        "utf-8",
    )
    assert cli.main(["sla", "import", str(file), "--county", "C1", "--as", "sysadmin"]) == 1
    assert "维护时限表" in capsys.readouterr().err
    assert cli.main(["sla", "import", str(file), "--county", "C1", "--as", "countychair"]) == 0
    assert cli.main(["sla", "export", "--county", "C1"]) == 0
    assert "\nloan.stamp,2,WORK," in capsys.readouterr().out
    file.write_text(text.replace(",否,否,COUNTY_CHAIR,30,1", ",是,否,COUNTY_CHAIR,30,1"), "utf-8")
    assert cli.main(["sla", "import", str(file), "--county", "C1", "--as", "countychair"]) == 1
    assert "不得暂停" in capsys.readouterr().err
