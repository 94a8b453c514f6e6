"""The log auditor looks acts up by person, case, act and time, exports what she found, and learns nothing of any case."""

from __future__ import annotations

import csv
import io
import logging
from datetime import date

from sqlalchemy import delete, func, insert, select, update

from engine import audit, jobs
from engine.anchors import Anchor
from engine.commands.reading import log_read
from engine.guarding import tokens_of
from engine.model import case_file, history
from engine.model_audit import anchor, audit_log
from engine.model_jobs import job
from engine.model_teams import case_exclusion
from engine.unit_of_work import unit_of_work
from tests.engine.jobs.test_running import attempt
from tests.workflows.processes.loan import examples
from webui import audit_pages
from workflows import model, organisation_log

NUMBER = "V1-2026-L-0001"


def sought(visitor, **typed):
    """The page to which a search leads."""
    answer = visitor.post("/audit/search", {"csrf_token": visitor.token(), **typed})
    assert answer.status == 303, answer.text
    return visitor.get(answer.location)


def lines(page):
    return [
        " ".join(row.text_content().split()) for row in page.all("//section[.//form[@role='search']]//tr[@data-row]")
    ]


def done(house, statement):
    with house.runtime.database.engine.begin() as connection:
        connection.execute(statement)


def entries(house, **where):
    chosen = select(history).where(*(history.c[name] == value for name, value in where.items()))
    with house.runtime.reading() as connection:
        return connection.execute(chosen).all()


def audits(house):
    with house.runtime.reading() as connection:
        return connection.execute(select(audit_log).order_by(audit_log.c.seq)).all()


def test_acts_are_found_by_person_case_act_and_time_and_tell_nothing_of_the_case(house, visit):
    case_id = house.applied()
    house.clock.set_day(date(2026, 6, 17))
    house.applied()
    auditor = visit("logauditor")
    everything = auditor.get("/audit")
    assert len(lines(everything)) == min(50, len(entries(house)))
    assert not [word for word in (examples.W, examples.application()["phone"]) if word in everything.text]
    chair = house.actor("v1chair")
    for who in ("v1chair", chair.name, str(chair.id)):
        assert len(lines(sought(auditor, person=who))) == len(entries(house, actor_id=chair.id)), who
    assert lines(sought(auditor, person="countychair")) == lines(sought(auditor, person="nobody")) == []
    for what in (NUMBER, f"#{case_id}"):
        assert len(lines(sought(auditor, case=what))) == len(entries(house, case_id=case_id)), what
    (start,) = lines(sought(auditor, case=NUMBER, act="case.started"))
    assert "登记立案" in start
    assert len(lines(sought(auditor, since="2026-06-17", act="case.started"))) == 1
    assert len(lines(sought(auditor, until="2026-06-16", act="case.started"))) == 1
    assert lines(sought(auditor, since="2026-06-16", until="2026-06-16")) == []
    assert sought(auditor, since="x", until="2026-99-99").status == 200


def test_readings_and_audits_are_looked_through_in_the_same_way(house, visit):
    case_id = house.applied()
    house.act(log_read, "countychair", case_id=case_id, what="paper 7")
    auditor = visit("logauditor")
    (line,) = lines(sought(auditor, log="reads", person="countychair", case=NUMBER))
    assert "材料 7" in line
    assert NUMBER in line
    auditor.post("/audit", {"csrf_token": auditor.token(), "number": ""})
    (line,) = lines(sought(auditor, log="audits", person="logauditor"))
    assert "全部一致" in line
    assert "全部一致" in auditor.get("/audit").all("//*[@id='state']")[0].text_content()


def test_every_page_goes_on_where_the_last_one_ended(house, visit, monkeypatch):
    house.applied()
    monkeypatch.setattr(audit_pages.audit_search.search, "__kwdefaults__", {"after": None, "size": 3})
    auditor = visit("logauditor")
    page, seen = auditor.get("/audit?act="), []
    while True:
        seen += [a.get("href") + line for a, line in zip(page.all("//tr[@data-row]//a"), lines(page), strict=True)]
        further = page.all("//a[@rel='next']")
        if not further:
            break
        page = auditor.get(further[0].get("href"))
    assert len(seen) == len(entries(house)) > 6
    assert len(set(seen)) == len(seen)


def test_a_confidential_case_is_a_bare_number_and_cannot_be_asked_for_by_its_business_number(house, visit):
    case_id = house.applied()
    done(house, update(case_file).values(confidentiality="C3"))
    auditor = visit("logauditor")
    page = auditor.get("/audit")
    assert NUMBER not in page.text
    assert "T_VillageApply" not in page.text
    assert lines(page)
    assert all(f"#{case_id}" in line for line in lines(page))
    assert lines(sought(auditor, case=NUMBER)) == lines(sought(auditor, case="V1-2026-L-9999")) == []
    assert len(lines(sought(auditor, case=f"#{case_id}"))) == len(entries(house, case_id=case_id))
    for number in (NUMBER, "V1-2026-L-9999"):
        assert "没有业务号为" in auditor.post("/audit", {"csrf_token": auditor.token(), "number": number}).text


def test_a_case_she_is_excluded_from_is_not_found_counted_or_exported(house, visit):
    hidden, other = house.applied(), house.applied()
    me = house.actor("logauditor")
    (token, *_) = tokens_of(house.runtime.vault, me)
    row = {"case_id": hidden, "token": token, "who_sealed": b"x", "at": house.clock.now(), "by_id": 1}
    done(house, insert(case_exclusion).values(row))
    done(house, update(case_file).where(case_file.c.id == hidden).values(guarded=True))
    house.act(log_read, "countychair", case_id=hidden, what="case")
    auditor = visit("logauditor")
    assert len(lines(auditor.get("/audit"))) == len(entries(house, case_id=other))
    for what in (NUMBER, f"#{hidden}"):
        assert lines(sought(auditor, case=what)) == []
        assert "没有业务号为" in auditor.post("/audit", {"csrf_token": auditor.token(), "number": what}).text
    assert lines(auditor.get(f"/audit?case={hidden}")) == lines(auditor.get("/audit?log=reads")) == []
    export = auditor.post("/audit/export", auditor.get("/audit").fields("//form[contains(@action, 'export')]"))
    assert NUMBER not in export.body.decode()
    assert export.body.count(b"\r\n") == 1 + len(entries(house, case_id=other))


def test_an_export_is_an_entry_of_its_own_and_no_cell_is_a_formula(house, visit):
    house.applied()
    done(house, update(model.account).where(model.account.c.login == "v1chair").values(name="=HYPERLINK(1)"))
    auditor = visit("logauditor")
    page = sought(auditor, person="v1chair")
    (form,) = page.all("//form[contains(@action, 'export')]")
    answer = auditor.post(form.get("action"), page.fields("//form[contains(@action, 'export')]"))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.body.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
    assert head[0] == "时间"
    assert len(rows) == len(entries(house, actor_id=house.actor("v1chair").id))
    assert {row[2] for row in rows} == {"'=HYPERLINK(1)"}
    (entry,) = [row for row in audits(house) if row.act == "exported"]
    assert (entry.actor_id, entry.content["rows"]) == (house.actor("logauditor").id, len(rows))


def test_an_anchor_is_made_printed_with_its_code_and_downloaded(house, visit):
    house.applied()
    auditor = visit("logauditor")
    answer = auditor.post("/audit/anchors", {"csrf_token": auditor.token()})
    page = auditor.get(answer.location)
    with house.runtime.reading() as connection:
        row = connection.execute(select(anchor)).one()
    assert row.root in page.text
    assert page.all("//svg")
    assert Anchor.read(auditor.get(f"{answer.location}.txt").body.decode()).value == row.hash
    assert row.hash[:16] in auditor.get("/audit").text
    assert auditor.get("/audit/anchors/9").status == 404


def test_nobody_else_sees_any_of_it(house, visit):
    house.applied()
    jobs.sweep(house.runtime)
    for login in ("v1chair", "countychair", "sysadmin"):
        visitor = visit(login)
        for path in ("/audit", "/audit?log=reads", "/audit/anchors/1", "/audit/anchors/1.txt"):
            assert visitor.get(path).status == 403, path
        for path in ("/audit", "/audit/search", "/audit/export", "/audit/anchors"):
            fields = {"csrf_token": visitor.token(), "_key": "0123456789abcdef0123", "case": NUMBER}
            assert visitor.post(path, fields).status == 403, path
    assert [row.act for row in audits(house)] == ["anchored"]


def test_where_it_would_take_long_a_job_verifies_and_an_altered_entry_is_an_alarm(house, visit, monkeypatch, caplog):
    """O06."""
    case_id = house.applied()
    jobs.sweep(house.runtime)
    done(house, update(history).where(history.c.case_id == case_id, history.c.seq == 2).values(actor_id=4711))
    monkeypatch.setattr(audit_pages, "WORTH_SHARING", 1)
    auditor = visit("logauditor")
    answer = auditor.post("/audit", {"csrf_token": auditor.token(), "number": ""})
    assert "后台作业" in auditor.get(answer.location).text
    with house.runtime.reading() as connection:
        (asked,) = connection.execute(select(job.c.id).where(job.c.kind == "verify_history")).scalars()
    with caplog.at_level(logging.ERROR, "halfsky.audit"):
        attempt(house, asked)
    assert f"cases=[{case_id}]" in caplog.text
    page = auditor.get("/audit")
    assert "发现 1 处不一致" in page.all("//*[@id='state']")[0].text_content()
    assert "第 2 条记录已被改动" in page.text
    assert NUMBER in page.text


def test_the_record_of_the_organisation_is_verified_too(house):
    table = organisation_log.JOURNAL.table
    with house.runtime.reading() as connection:
        stood = int(connection.execute(select(func.coalesce(func.max(table.c.seq), 0))).scalar_one())
    with unit_of_work(house.runtime, house.actor("sysadmin")) as work:
        organisation_log.write(work, "unit.renamed", unit=1)
        organisation_log.write(work, "unit.renamed", unit=2)

    def found():
        with house.runtime.reading() as connection:
            return [str(fault.why) for fault in audit.verify(connection, house.runtime.vault).faults]

    assert found() == []
    done(house, update(table).where(table.c.seq == stood + 1).values(actor_id=4711))
    assert found() == [f"机构记录第 {stood + 1} 条已被改动"]
    done(house, delete(table).where(table.c.seq == stood + 2))
    assert f"机构记录应有 {stood + 2} 条，现有 {stood + 1} 条" in found()
