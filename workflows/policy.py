"""Policy as data: parameters and time limits by county, scope and the day they take effect.

A version is never changed, only followed by another; a case keeps the version of its application date (processes.md §1,
parameter owner). Policies are written by :func:`add_policy` alone, which refuses with field, value seen and value allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from engine.clock import Period, civil_date
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.reference import Kept
from workflows import model
from workflows.after_policy import AFTER_PARAMETERS, AFTER_PERIODS, after_contradictions
from workflows.climbing import CLIMBING
from workflows.inbox_policy import INBOX_PARAMETERS, inbox_contradictions
from workflows.loan_policy import LOAN_PARAMETERS, LOAN_PERIODS, loan_contradictions
from workflows.mediation_policy import MEDIATION_PARAMETERS, MEDIATION_PERIODS, mediation_contradictions
from workflows.organisation import home_of
from workflows.parameters import Parameter, Parameters, Problems, checked_values, wrong
from workflows.period_rules import period_from, period_json, period_problems
from workflows.petition_policy import PETITION_A, PETITION_PARAMETERS, PETITION_PERIODS, petition_contradictions
from workflows.sla_table import SLA_PERIODS


@dataclass(frozen=True)
class Scope:
    """What one kind of policy consists of: parameters, the periods that must be given, and what contradicts itself."""

    parameters: Mapping[str, Parameter]
    periods: Mapping[str, Period]
    contradictions: Callable[[Parameters], Problems]
    #: the parameters that count where a county has decided nothing yet; none: it has to
    defaults: Mapping[str, Any] = field(default_factory=dict)


SCOPES: Final[Mapping[str, Scope]] = {
    "loan": Scope(LOAN_PARAMETERS, LOAN_PERIODS, loan_contradictions),
    "loan_after": Scope(AFTER_PARAMETERS, AFTER_PERIODS, after_contradictions),
    "mediation": Scope(MEDIATION_PARAMETERS, MEDIATION_PERIODS, mediation_contradictions),
    "supervision": Scope({}, CLIMBING, lambda _: {}),
    "inbox": Scope(INBOX_PARAMETERS, {}, inbox_contradictions),
    "petition": Scope(PETITION_PARAMETERS, PETITION_PERIODS, petition_contradictions, PETITION_A),
    "sla": Scope({}, {key: p for key, p in SLA_PERIODS.items() if key not in PETITION_PERIODS}, lambda _: {}),
}

_POLICIES = select(model.policy).order_by(model.policy.c.valid_from, model.policy.c.id)


@dataclass(frozen=True)
class Policy:
    """One version of a county's policy."""

    id: int
    county_id: int
    scope: str
    valid_from: date
    label: str
    parameters: Parameters
    periods: Mapping[str, Period]

    @property
    def version(self) -> str:
        """How a decision names the version it applied."""
        return f"{self.label}（{self.valid_from.isoformat()} 起，第 {self.id} 号）"

    def period(self, key: str) -> Period:
        """A time limit; NotFound when this version has none under that key."""
        try:
            return self.periods[key]
        except KeyError:
            raise NotFound(what=Message(N_("时限 {key}"), {"key": key})) from None


def policy_on(connection: Connection, county_id: int, scope: str, on: date) -> Policy:
    """The version in force in a county on a day; NotFound when none is yet."""
    versions = [p for p in _policies.of(connection).values() if (p.county_id, p.scope) == (county_id, scope)]
    begun = [version for version in versions if version.valid_from <= on]
    if not begun:
        raise NotFound(what=Message(N_("{on} 生效的政策（{scope}）"), {"on": on.isoformat(), "scope": scope}))
    return begun[-1]


def sla_period(connection: Connection, unit_id: int, key: str, on: date) -> Period:
    """A limit of the table of all limits (scope "sla"): the county's of that day, or the default it left alone."""
    try:
        return policy_on(connection, home_of(connection, unit_id), "sla", on).period(key)
    except NotFound:
        return SLA_PERIODS[key]


def policy_by_id(connection: Connection, policy_id: int) -> Policy:
    """The version a case was started under; NotFound."""
    found = _policies.of(connection).get(policy_id)
    if found is None:
        raise NotFound(what=Message(N_("政策版本 {id}"), {"id": policy_id}))
    return found


def _stored(connection: Connection) -> dict[int, Policy]:
    return {row.id: _policy(row) for row in connection.execute(_POLICIES)}


#: every version by id, the earliest to take effect first
_policies = Kept(_stored)


def add_policy(
    connection: Connection,
    *,
    county_id: int,
    scope: str,
    valid_from: date,
    label: str,
    values: Mapping[str, Any],
    periods: Mapping[str, Period],
    at: datetime,
    by: int,
) -> Policy:
    """Add a version. InvalidAnswers lists every problem by parameter name, period key, "label" or "valid_from".

    After the first version of a county, a new one takes effect today at the earliest: decisions already made stand.
    """
    rules = SCOPES[scope]
    stored, problems = checked_values(rules.parameters, values)
    problems |= period_problems(rules.periods, periods) | _frame_problems(
        connection, county_id, scope, valid_from, label, civil_date(at)
    )
    if not problems:
        problems = rules.contradictions(Parameters(rules.parameters, stored))
    if problems:
        raise InvalidAnswers(problems)
    row = {
        "county_id": county_id,
        "scope": scope,
        "valid_from": valid_from,
        "label": label.strip(),
        "parameters": {"values": stored, "periods": {key: period_json(periods[key]) for key in rules.periods}},
        "created_at": at,
        "created_by": by,
    }
    new_id = connection.execute(insert(model.policy).values(row).returning(model.policy.c.id)).scalar_one()
    return policy_by_id(connection, new_id)


def _policy(row: Row[Any]) -> Policy:
    rules = SCOPES[row.scope]
    periods = {key: period_from(key, stored) for key, stored in row.parameters["periods"].items()}
    parameters = Parameters(rules.parameters, row.parameters["values"])
    return Policy(row.id, row.county_id, row.scope, row.valid_from, row.label, parameters, periods)


def _frame_problems(
    connection: Connection, county_id: int, scope: str, valid_from: date, label: str, today: date
) -> Problems:
    problems: Problems = {}
    if not 0 < len(label.strip()) <= 80:
        problems["label"] = [wrong(N_("政策名称"), label.strip()[:80], Message(N_(" 1 至 80 个字")))]
    same = (model.policy.c.county_id == county_id) & (model.policy.c.scope == scope)
    known = connection.execute(select(func.count()).select_from(model.policy).where(same)).scalar_one()
    if known and valid_from < today:
        allowed = Message(N_("今天（{today}）或以后"), {"today": today.isoformat()})
        problems["valid_from"] = [wrong(N_("生效日期"), valid_from.isoformat(), allowed)]
    return problems
