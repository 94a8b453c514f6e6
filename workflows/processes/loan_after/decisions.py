"""Glue to bpmn/loan_after.dmn: D9, which band a loan is in, and what reaching a band does to the loan book."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import bpmn
from engine.decisions import Decision, DecisionTable, load_tables
from workflows import organisation
from workflows.processes.loan_after import register, schedule
from workflows.processes.loan_after.policy import policy_of
from workflows.table_fit import unfit_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from engine.messages import Message
    from engine.process_type import CaseView
    from workflows.policy import Policy


@cache
def shipped() -> bytes:
    """The decision tables that come with the software."""
    return resources.files(bpmn).joinpath("loan_after.dmn").read_bytes()


@cache
def tables() -> Mapping[str, DecisionTable]:
    """The shipped tables, read: what any later version is measured by."""
    return load_tables(shipped())


def unfit(proposed: Mapping[str, DecisionTable]) -> Sequence[Message]:
    """Why proposed tables could not be worked with here."""
    return unfit_tables(proposed, tables(), tables()["overdue_band"].names)


def overdue_band(policy: Policy, due_on: date, on: date, known: Mapping[str, DecisionTable] | None = None) -> Decision:
    """D9 for an unpaid loan on a day, by the tables of its case (those shipped when none are given)."""
    facts = {"overdue_days": schedule.overdue_days(due_on, on)}
    table = (known or tables())["overdue_band"]
    return table.decide(facts, parameters=policy.parameters.inputs, policy_version=policy.version)


def note_band(view: CaseView) -> Mapping[str, Any]:
    """Ask D9 as of today and write down every band reached that the book does not know yet; returns the routing fact.

    A clock that fires late (the machine was down) records the band with the day it began, not the day it was noticed.
    """
    line, policy = register.standing(view), policy_of(view)
    in_force = view.tables(view.case.applied_on or view.today)
    decision = overdue_band(policy, line.due_on, view.today, in_force)
    view.decided(decision)
    band = str(decision.outputs["band"])
    known = {row.band for row in register.bands(view.connection, view.case.id) if row.due_on == line.due_on}
    for reached, since in schedule.begun_bands(line.due_on, view.today, policy.parameters):
        if reached not in known:
            register.add(view, register.loan_band, due_on=line.due_on, band=reached, since=since)
            if reached == "DEFAULT":
                _claimable(view, since)
    if band != line.band:
        register.set_columns(view, band=band)
    return {"band": band}


def _claimable(view: CaseView, since: date) -> None:
    """The bank may claim 代偿. The subsidy has ended with the term; what the book says of it is put beyond doubt here."""
    line = register.standing(view)
    register.set_columns(view, claimable_since=since, subsidy_until=min(line.first_due_on, line.due_on))
    for post in ("CREDIT_OFFICER", "LOAN_HEAD"):
        place = organisation.unit_for_post(view.connection, post, view.case.unit_id)
        if place is not None:
            view.notify(post, place.id, "loan_after.claimable")
