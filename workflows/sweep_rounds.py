"""Setting the sweep of a quarter (布置排查): a case for every village of a county, with the clock of its report.

A county begins by setting one quarter; from then on the house sets each quarter with its last month by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from engine.access import SYSTEM, Permission
from engine.audit import ALL_CASES
from engine.clock import civil_date
from engine.commands.context import CaseContext
from engine.commands.entering import began, enter, next_number
from engine.commands.progress import begin
from engine.errors import InvalidAnswers
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.process_type import Start
from engine.unit_of_work import unit_of_work
from workflows import organisation, organisation_log
from workflows.chart import chart
from workflows.engagements import Place
from workflows.posts import UnitKind
from workflows.processes.dispute_sweep.register import dispute_sweep
from workflows.processes.dispute_sweep.register import enter as enter_line
from workflows.spans import Span

if TYPE_CHECKING:
    from datetime import date

    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork
    from workflows.chart import Unit

KIND: Final = "dispute_sweep"
_QUARTER: Final = 3
_SET = select(dispute_sweep.c.unit_id).where(
    dispute_sweep.c.county_id == bindparam("b_county"), dispute_sweep.c.quarter == bindparam("b_quarter")
)
_COUNTIES = select(dispute_sweep.c.county_id).distinct().order_by(dispute_sweep.c.county_id)


def quarter_of(day: date) -> Span:
    """The quarter in which a day lies."""
    return Span(day.replace(month=day.month - (day.month - 1) % _QUARTER, day=1), _QUARTER)


def set_quarter(uow: UnitOfWork, *, unit_id: int, quarter: str) -> dict[str, Any]:
    """Set the sweep of a quarter for every village of a county that has none yet; ``{"set": how many}``.

    Forbidden outside her charge; InvalidAnswers for a quarter that is neither this one nor the one before.
    """
    county = chart(uow.connection).units.get(unit_id)
    uow.require(Permission.SET_SWEEP, Place(unit_id, county.path if county is not None else ""))
    now = quarter_of(uow.today)
    span = next((each for each in (now, now.before) if str(each) == quarter), None)
    if span is None:
        told = {"seen": quarter[:20], "now": str(now), "before": str(now.before)}
        raise InvalidAnswers(
            {"quarter": [Message(N_("只能布置本季度 {now} 或者上季度 {before}，填写的是“{seen}”"), told)]}
        )
    return {"set": _set(uow, unit_id, span)}


def set_following(runtime: Runtime) -> int:
    """The quarter whose last month has begun, in every county that has set one before; how many villages. May be asked twice."""
    today = civil_date(runtime.clock.now())
    span = quarter_of(today)
    if today.month != span.last.month:
        return 0
    with unit_of_work(runtime, SYSTEM) as work:
        counties = work.connection.execute(_COUNTIES).scalars().all()
        return sum(_set(work, county_id, span) for county_id in counties)


def _set(work: UnitOfWork, county_id: int, span: Span) -> int:
    known = set(work.connection.execute(_SET, {"b_county": county_id, "b_quarter": str(span)}).scalars())
    found = organisation.below(work.connection, county_id, UnitKind.VILLAGE)
    villages = [unit for unit in found if unit.id not in known]
    for village in villages:
        _open(work, county_id, village, span)
    if villages:
        told = {"unit": county_id, "quarter": str(span), "villages": len(villages), "by": work.actor.id}
        organisation_log.write(work, "sweep.set", **told)
    return len(villages)


def _open(work: UnitOfWork, county_id: int, village: Unit, span: Span) -> None:
    process = work.runtime.catalogue[KIND]
    case, _ = enter(work, process, Start(village.id, village.path, village.code))
    view = CaseContext(work, case, process)
    enter_line(view, county_id=county_id, quarter=str(span))
    view.describe(subject=str(span))
    progress, parsed = begin(view)
    next_number(work, ALL_CASES)
    started = {**began(view.case, parsed.digest), **progress.as_json(), "quarter": str(span)}
    work.record(Event(Kind.CASE_STARTED, view.case.id, progress.opened[0]["task"], content=started))
