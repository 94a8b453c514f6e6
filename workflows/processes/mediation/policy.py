"""Which version of the county's rules about mediation a case keeps: that of the day it was opened."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from engine.clock import Period, Unit, civil_date
from engine.errors import NotFound
from engine.messages import N_
from workflows.mediation_policy import MEDIATION_A, MEDIATION_PARAMETERS, MEDIATION_PERIODS
from workflows.organisation import home_of
from workflows.parameters import Parameters
from workflows.policy import Policy, policy_on, sla_period
from workflows.sla_table import SLA_PERIODS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.process_type import CaseView

SCOPE: Final = "mediation"
#: what counts where a county has not decided anything yet
_DEFAULTS = Policy(
    0,
    0,
    SCOPE,
    date(2014, 1, 1),
    N_("调解规定（默认值）"),
    Parameters(MEDIATION_PARAMETERS, MEDIATION_A),
    MEDIATION_PERIODS,
)
#: the day on which an item of the agreement is due, reckoned into day 0 (`process.anchor`)
_ITEM = Period("med.item", 0, Unit.CAL, N_("调解协议约定的履行日"), ("RIGHTS_HEAD",))


def in_force(connection: Connection, unit_id: int, on: date) -> Policy:
    """The version of the county of a unit on a day, or the defaults (id 0)."""
    try:
        return policy_on(connection, home_of(connection, unit_id), SCOPE, on)
    except NotFound:
        return _DEFAULTS


def policy_of(view: CaseView) -> Policy:
    """The version a case keeps."""
    return in_force(view.connection, view.case.unit_id, civil_date(view.case.created_at))


def period(view: CaseView, key: str) -> Period:
    """A time limit: the county's own for a step, or the one of the table of all limits ("sla") that binds every mediation."""
    if key == _ITEM.key:
        return _ITEM
    if key not in SLA_PERIODS:
        return policy_of(view).period(key)
    return sla_period(view.connection, view.case.unit_id, key, civil_date(view.case.created_at))
