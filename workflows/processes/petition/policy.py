"""Which version of the county's rules about petitions a case keeps: that of the day it was received."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from engine.errors import NotFound
from engine.messages import N_
from workflows.organisation import home_of
from workflows.parameters import Parameters
from workflows.petition_policy import PETITION_A, PETITION_PARAMETERS, PETITION_PERIODS
from workflows.policy import Policy, policy_by_id, policy_on
from workflows.processes.petition import register

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.process_type import CaseView

SCOPE: Final = "petition"
#: what counts where a county has not decided anything yet
DEFAULTS: Final = Policy(
    0, 0, SCOPE, date(2014, 1, 1), N_("信访办理规定（默认值）"), Parameters(PETITION_PARAMETERS, PETITION_A), PETITION_PERIODS
)  # fmt: skip


def in_force(connection: Connection, county_id: int, on: date) -> Policy:
    """The county's version on a day, or the defaults (id 0)."""
    try:
        return policy_on(connection, county_id, SCOPE, on)
    except NotFound:
        return DEFAULTS


def policy_of(view: CaseView) -> Policy:
    """The version of a case; before it is registered, today's of the unit in which it is."""
    line = register.entry(view.connection, view.case.id)
    if line is None:
        return in_force(view.connection, home_of(view.connection, view.case.unit_id), view.today)
    return policy_by_id(view.connection, line.policy_id) if line.policy_id else DEFAULTS
