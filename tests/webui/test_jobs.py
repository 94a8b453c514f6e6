"""The system administrator sees what runs in the background, tries again what failed, calls off what may be called off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from engine.jobs_asking import State
from engine.model_jobs import executor, job, schedule
from tests.engine.jobs.acting import ask, kind, row_of
from webui import cli


@pytest.fixture
def failed(house):
    """A job that failed, and one that waits."""
    with kind("copy", lambda *_: None), kind("duty", lambda *_: None, cancellable=False):
        first = ask(house.runtime, "copy", once="copy-1", batch=12)
        ask(house.runtime, "duty", timer=3)
        told = {"state": State.FAILED, "attempt": 5, "error": "Broken", "reference": "1A2B3C4D"}
        with house.runtime.database.engine.begin() as connection:
            connection.execute(update(job).where(job.c.id == first).values(**told))
        yield first


def press(visitor, page, label):
    (form,) = [f for f in page.all("//main//form") if label in f.text_content()]
    return visitor.post(form.get("action"), dict(form.form_values()))


def test_what_failed_comes_first_with_its_error_and_log_number_and_can_be_tried_again(house, visit, failed):
    admin = visit("sysadmin")
    page = admin.get("/jobs")
    for told in ("#1", "批次 12", "失败", "Broken", "1A2B3C4D"):
        assert told in page.text, told
    answer = press(admin, page, "重试")
    assert (answer.status, answer.location) == (303, "/jobs?tab=open")
    assert row_of(house.runtime, failed).state == State.WAITING
    assert "没有需要处理的作业" in admin.get("/jobs?tab=failed").text


def test_a_job_can_be_called_off_and_the_clock_of_a_duty_cannot(house, visit, failed):
    admin = visit("sysadmin")
    page = admin.get("/jobs?tab=failed")
    assert press(admin, page, "取消").status == 303
    assert row_of(house.runtime, failed).state == State.CANCELLED
    waiting = admin.get("/jobs?tab=open")
    assert [f.get("action") for f in waiting.all("//main//form")] == ["/jobs/2/retry"]
    fields = dict(waiting.all("//main//form")[0].form_values())
    refused = admin.post("/jobs/2/cancel", fields)
    assert (refused.status, "法定期限的处理不能取消" in refused.text) == (409, True)


def test_nobody_else_sees_the_jobs_and_their_door_is_not_drawn(visit, failed):
    for login in ("v1chair", "logauditor"):
        visitor = visit(login)
        assert visitor.get("/jobs").status == 403
        assert not visitor.get("/").all("//nav//a[@href='/jobs']")
    assert visit("").get("/jobs").status == 303
    assert visit("sysadmin").get("/").all("//nav//a[@href='/jobs']")


def test_who_runs_them_and_what_comes_round_are_told_with_silence_and_failure(house, visit):
    at = house.clock.at
    admin = visit("sysadmin")
    assert "没有进程在执行后台作业" in admin.get("/jobs").text
    with house.runtime.database.engine.begin() as connection:
        for name, beat in (("a-1", at), ("b-1", at - timedelta(minutes=2))):
            row = {"id": name, "token": "x", "since": at - timedelta(hours=1), "beat_at": beat}
            connection.execute(insert(executor), row)
        rounds = {"name": "fire_due", "turn": 3, "last_at": at, "ended_at": at, "executor": "a-1"}
        connection.execute(insert(schedule), rounds)
        connection.execute(insert(schedule), {**rounds, "name": "restaff", "error": "OSError", "reference": "AB12CD34"})
    told = admin.get("/jobs").text
    assert told.count("已无响应") == 1
    for part in ("到期时限", "正常", "人员变动后的任务移交", "失败", "OSError", "AB12CD34", "b-1"):
        assert part in told, part


def test_the_command_line_does_the_same(house, failed, monkeypatch, capsys):
    class Place:
        def runtime(self):
            return house.runtime

    monkeypatch.setattr(cli.settings, "from_environment", Place)

    def run(*arguments):
        status = cli.main(["jobs", *arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    status, said = run("list")
    assert status == 0
    for told in ("1  失败", "batch=12", "Broken 1A2B3C4D", "共 2 项"):
        assert told in said, said
    assert run("retry", "1") == (0, "作业 1：等待\n")
    assert run("cancel", "1") == (0, "作业 1：已取消\n")
    assert run("cancel", "2")[0] == 1
    assert run("retry")[0] == 2
    status, said = run("retry", "99")
    assert (status, "没有找到" in said) == (1, True)
    assert "已取消" in run("list", "--all")[1]
    with house.runtime.reading() as connection:
        states = connection.execute(select(job.c.state)).scalars().all()
    assert states == [State.CANCELLED, State.WAITING]
