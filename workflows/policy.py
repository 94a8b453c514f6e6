"""Policy as data: parameters and time limits by county, scope and the day they take effect.

A version is never changed, only followed by another; a case keeps the version of its application date (processes.md §1,
parameter owner). Policies are written by :func:`add_policy` alone, which refuses with field, value seen and value allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from engine.clock import Period, Unit, civil_date
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.reference import Kept
from workflows import model
from workflows.climbing import CLIMBING
from workflows.inbox_policy import INBOX_PARAMETERS, inbox_contradictions
from workflows.loan_policy import LOAN_PARAMETERS, LOAN_PERIODS, loan_contradictions
from workflows.organisation import POST_KIND
from workflows.parameters import Parameter, Parameters, Problems, checked_values, period_from, period_json, wrong


@dataclass(frozen=True)
class Scope:
    """What one kind of policy consists of: parameters, the periods that must be given, and what contradicts itself."""

    parameters: Mapping[str, Parameter]
    periods: Mapping[str, Period]
    contradictions: Callable[[Parameters], Problems]


SCOPES: Final[Mapping[str, Scope]] = {
    "loan": Scope(LOAN_PARAMETERS, LOAN_PERIODS, loan_contradictions),
    "supervision": Scope({}, CLIMBING, lambda _: {}),
    "inbox": Scope(INBOX_PARAMETERS, {}, inbox_contradictions),
}
#: the longest period of each unit: two years of days, or of hours
_LONGEST: Final[Mapping[Unit, int]] = {Unit.CAL: 730, Unit.WORK: 500, Unit.HOUR: 17520}

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
    problems |= _period_problems(rules.periods, periods) | _frame_problems(
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


def _period_problems(wanted: Mapping[str, Period], given: Mapping[str, Period]) -> Problems:
    problems: Problems = {key: [Message(N_("没有这个时限"))] for key in given.keys() - wanted.keys()}
    for key in wanted:
        if key not in given:
            problems[key] = [Message(N_("缺少时限 {key}"), {"key": key})]
        elif wrongs := list(_wrong_period(given[key])):
            problems[key] = wrongs
    return problems


def _wrong_period(period: Period) -> list[Message]:
    found = []
    longest = _LONGEST[period.unit]
    if isinstance(period.amount, bool) or not isinstance(period.amount, int) or not 0 <= period.amount <= longest:
        allowed = Message(N_(" 0 至 {longest} 的整数"), {"longest": longest})
        found.append(wrong(N_("时限长度"), period.amount, allowed))
    if not period.clause.strip():
        found.append(wrong(N_("时限依据"), period.clause, Message(N_("一条依据的名称"))))
    unknown = [post for post in period.escalates_to if post not in POST_KIND]
    if unknown or not period.escalates_to:
        allowed = Message(N_("以下岗位中的至少一个：{posts}"), {"posts": "、".join(POST_KIND)})
        found.append(wrong(N_("逾期提醒的岗位"), unknown, allowed))
    return found
