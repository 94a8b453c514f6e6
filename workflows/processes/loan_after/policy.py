"""Which version of the county's rules about running loans a case keeps: that of the day the money was paid out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from engine.clock import Period, Unit
from engine.errors import NotFound
from engine.messages import N_
from workflows.after_policy import AFTER_A, AFTER_PARAMETERS, AFTER_PERIODS, ANCHORED
from workflows.parameters import Parameters
from workflows.policy import Policy, policy_by_id, policy_on
from workflows.processes.loan_after import register

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.process_type import CaseView

SCOPE: Final = "loan_after"
#: parameters that count days after the due date; the others are reckoned into day 0 (`process.anchor`)
_FROM = ("reminderFrom", "attentionFrom", "riskFrom", "defaultFrom")
_D9 = N_("逾期分级表（D9）与贷后管理参数")
#: what counts where a county has not decided anything yet
_DEFAULTS = Policy(
    0, 0, SCOPE, date(2014, 1, 1), N_("贷后管理规定（默认值）"), Parameters(AFTER_PARAMETERS, AFTER_A), AFTER_PERIODS
)


def in_force(connection: Connection, county_id: int, on: date) -> Policy:
    """The county's version on a day, or the defaults (id 0)."""
    try:
        return policy_on(connection, county_id, SCOPE, on)
    except NotFound:
        return _DEFAULTS


def by_id(connection: Connection, policy_id: int | None) -> Policy:
    """The version a loan keeps."""
    return policy_by_id(connection, policy_id) if policy_id else _DEFAULTS


def policy_of(view: CaseView) -> Policy:
    """The version of a case."""
    return by_id(view.connection, register.standing(view).policy_id)


def period(policy: Policy, key: str) -> Period:
    """A clock of the drawing: one of the policy's, or one that hangs on a date of the loan (`after_policy.ANCHORED`)."""
    name = ANCHORED.get(key)
    if name is None:
        return policy.period(key)
    days = policy.parameters.integer(name) - 1 if name in _FROM else 0
    return Period(key, days, Unit.CAL, _D9, ("LOAN_WORKER",))
