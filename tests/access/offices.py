"""What is under way at the desk beside the cases: audits, emergencies, posts, handovers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyotp
from sqlalchemy import insert, select, update

from engine.access import SYSTEM
from engine.commands.absences import register_absence
from engine.unit_of_work import unit_of_work
from tests.access.given import WHY
from tests.access.making import BOOK, LOAN
from tests.workflows.processes.loan import examples
from workflows import model, second_factor
from workflows.analysis_versions import fix_analysis
from workflows.appointing import appoint_post
from workflows.audit_batches import ask_batch
from workflows.bare_prints import ask_bare_print
from workflows.declarations import declare_person
from workflows.engagements import approve_engagement, ask_engagement
from workflows.factor_resets import ask_reset
from workflows.glass import ask_glass, confirm_glass
from workflows.handover import open_handovers
from workflows.model_organisation import handover
from workflows.model_reception import reception_day, reception_report
from workflows.reception import plan_day
from workflows.reception_rounds import TOLD
from workflows.training import record_training
from workflows.units import create_unit

if TYPE_CHECKING:
    from tests.access.making import Making


def audits(made: Making) -> None:
    """An engagement whose sample holds the ordinary case and the confidential one, not the third; another waits."""
    house = made.town.house
    days = {"opened_since": "2026-06-01", "opened_until": made.today, "since": made.today, "until": made.today}
    scope = {
        "auditor_id": made.id("caseauditor"),
        "unit_id": house.unit("C1"),
        "kinds": ["loan"],
        **days,
        "reason": WHY * 2,
    }
    numbers = [house.case(made.known[name]["case_id"]).number for name in ("case", "secret")]
    runs = made.act(
        ask_engagement, "loanhead", **scope, confidential=True, sample={"rule": "numbers", "numbers": numbers}
    )
    runs = runs["engagement_id"]
    made.act(approve_engagement, "countychair", engagement_id=runs)
    waits = made.act(ask_engagement, "loanhead", **scope)["engagement_id"]
    one, two = (made.known[name]["case_id"] for name in ("case", "secret"))
    batch = made.act(ask_batch, "caseauditor", engagement_id=runs, case_ids=[one])["batch_id"]
    bare = made.act(ask_bare_print, "caseauditor", engagement_id=runs, case_id=two, reason=WHY * 2)["bare_id"]
    for name, ids in made.known.items():
        if name != "-":
            ids["case_ids"] = [ids["case_id"]]
    made.known["-"] |= {
        "engagement_id": runs,
        "asked_engagement": waits,
        "print_batch": batch,
        "bare_id": bare,
        **scope,
    }


def emergencies(made: Making) -> None:
    """One has let a township's chair in for a day, another waits."""
    known, number = made.known["-"], made.town.house.case(made.known["secret"]["case_id"]).number
    chair = made.logins["here.COUNTY_CHAIR"]
    for name, login in (("opened_request", "t1vice"), ("request_id", "t1chair")):
        asked = made.act(ask_glass, login, number=number, reason=WHY * 2, proof=made.proof(login))
        known[name] = asked["request_id"]
    assert made.act(confirm_glass, chair, request_id=known["opened_request"], proof=made.proof(chair))["opened"]


def staff(made: Making) -> None:
    """A proposed post, a training, a relative, an absence, an authenticator to be taken off, a village nobody serves in."""
    known, house, admin = made.known["-"], made.town.house, made.logins["here.SEC_ADMIN"]
    post = {"post": "COUNTY_CHAIR", "unit_id": house.unit("C1"), "since": made.today}
    known["appointment_id"] = made.act(appoint_post, admin, account_id=made.id("archivist"), **post)["appointment_id"]
    trained = {"account_id": made.id("hotline"), "kind": "RISK", "held_on": "2026-06-01"}
    known["training_id"] = made.act(record_training, admin, **trained)["training_id"]
    kin = {"name": "吴小妹", "relation": "SIBLING", "idcard": examples.idcard(date(1970, 1, 1), serial=9)}
    made.act(declare_person, made.logins["here.TOWN_CHAIR"], **kin)
    for table, name, login in (
        (model.relative, "relative_id", "here.TOWN_CHAIR"),
        (model.post_holding, "holding_id", "v3chair"),
    ):
        known[name] = made.rows(select(table.c.id).where(table.c.account_id == made.id(login)))[0].id
    away = {"deputy_id": made.id("t1vice"), "since": made.today, "until": made.today}
    known["absence_id"] = made.act(register_absence, "t1chair", **away)["absence_id"]
    runtime, hotline = house.runtime, made.id("hotline")
    with unit_of_work(runtime, SYSTEM) as work:
        shown = second_factor.begin(work.connection, runtime.vault, hotline, "hotline", work.now)
        code = pyotp.TOTP(shown.secret.replace(" ", "")).at(work.now)
        second_factor.confirm(work.connection, runtime.vault, hotline, code, work.now)
    asked = runtime.execute(ask_reset, actor=house.actor(admin), key="reset", login="hotline", reason=WHY)
    known["reset_id"] = asked.content["reset_id"]
    empty = {"parent_id": house.unit("T1"), "kind": "VILLAGE", "name": "柏树村妇联", "code": "V8"}
    known["empty"] = made.act(create_unit, made.logins["here.SYS_ADMIN"], **empty)["unit_id"]


def handovers(made: Making) -> None:
    """The village's chair of yesterday has not handed over; her township's list is fixed and waits for signatures."""
    runtime, known = made.town.house.runtime, made.known["-"]
    three = {"successor_id": made.id("here.TOWN_CHAIR"), "supervisor_id": made.id("here.COUNTY_CHAIR")}
    with unit_of_work(runtime, SYSTEM) as work:
        open_handovers(work)
        found = {row.post: row.id for row in work.connection.execute(select(handover))}
        known |= {"handover_id": found["VILLAGE_CHAIR"], "listed_handover": found["TOWN_CHAIR"]}
        fixed = {**three, "state": "listed", "list_digest": "0" * 64, "listed_at": work.now}
        work.connection.execute(update(handover).where(handover.c.id == found["TOWN_CHAIR"]).values(**fixed))


def receptions(made: Making) -> None:
    """A reception day of the county that is planned, and one that was missed and reported; an analysis that was fixed."""
    house, known = made.town.house, made.known["-"]
    planned = {
        "unit_id": house.unit("C1"),
        "receiver_id": made.id("here.COUNTY_CHAIR"),
        "kind": "CHAIR",
        "place": "一楼",
    }
    when = {"held_on": "2026-06-29", "starts": "09:00", "ends": "11:00", "capacity": "9"}
    known["day_id"] = made.act(plan_day, "rightshead", **planned, **when)["day_id"]
    with unit_of_work(house.runtime, SYSTEM) as work:
        row = work.connection.execute(select(reception_day)).mappings().one()
        missed = {**row, "id": row["id"] + 1, "state": "missed"}
        work.connection.execute(insert(reception_day), missed)
        told = {"day_id": missed["id"], "unit_id": row["unit_id"], "told_at": work.now}
        work.connection.execute(insert(reception_report), [{**told, "post": post} for post in TOLD])
    known["missed_day"] = missed["id"]
    may = {"unit_id": house.unit("C1"), "span": "2026-05", "measures": "由权益部会同调处中心上门调解"}
    known["analysis_version"] = made.act(fix_analysis, "rightsworker", **may)["version_id"]


def others(made: Making) -> None:
    """Whom and what acts are about that are not about a case."""
    house, known = made.town.house, made.known["-"]
    units = {"unit_id": "V3", "parent_id": "T2", "town": "T1", "county": "C1", "workplace": "W1"}
    known |= {name: house.unit(code) for name, code in units.items()}
    people = {
        "county_chair": "countychair",
        "substitute": "loanhead",
        "account_id": "v3chair",
        "other": "v2chair",
        "newcomer": "archivist",
        "deputy": "t1vice",
        "leaver": "v1chair",
    }
    known |= {name: made.id(login) for name, login in people.items()}
    known |= {"others": [made.id("here.VILLAGE_CHAIR")], "receivers": [f"person:{made.id('countychair')}"]}
    known |= {"drawing": LOAN.replace(b'name="', b'name="3', 1), "book": BOOK, "print_item": known["print_batch"]}
