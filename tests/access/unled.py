"""Three sealed cases that have lost who led them: one is given to somebody, one is asked about, one waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from engine.access import SYSTEM
from engine.commands.classes import raise_class
from engine.commands.teams import add_member, appoint_manager
from engine.model_teams import case_member
from engine.unit_of_work import unit_of_work
from tests.access.given import WHY
from workflows.successions import ask_succession, confirm_succession
from workflows.unled import handle_of

if TYPE_CHECKING:
    from tests.access.making import Making


def without_anybody(made: Making) -> None:
    """The membership of whoever led them has ended."""
    known, chair, head = made.known["-"], made.logins["here.COUNTY_CHAIR"], made.logins["here.RIGHTS_HEAD"]
    vault, manager = made.town.house.runtime.vault, made.logins["member"]
    known["successor"] = made.id(manager)
    handles = []
    for _ in range(3):
        about = {"case_id": made.town.house.begin("v2chair", papers=()), "reason": WHY}
        made.act(raise_class, "v2chair", **about, to="C3")
        made.act(appoint_manager, head, **about, account_id=made.id(manager))
        made.act(add_member, manager, **about, account_id=made.id("v2chair"))
        made.act(raise_class, manager, **about, to="C4")
        with unit_of_work(made.town.house.runtime, SYSTEM) as work:
            led = (case_member.c.case_id == about["case_id"]) & (case_member.c.role == "manager")
            work.connection.execute(update(case_member).where(led).values(until=work.now - timedelta(hours=1)))
        handles.append(handle_of(vault, about["case_id"]))
    asked = {"account_id": made.id(manager), "reason": WHY * 2, "proof": made.proof(chair)}
    for name, handle in zip(("named_succession", "asked_succession"), handles, strict=False):
        known[name] = made.act(ask_succession, chair, handle=handle, **asked)["request_id"]
    confirmed = {"request_id": known["named_succession"], "proof": made.proof(head)}
    assert made.act(confirm_succession, head, **confirmed)["named"]
    known["handle"] = handles[2]
