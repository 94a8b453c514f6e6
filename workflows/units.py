"""Units come, are renamed, move, and are closed; whatever hangs on them follows in the same transaction (domain D1).

A unit's place in the tree is its path. Moving one writes the paths of everything below it and of every case that belongs there
at once, so that “below my unit” is never half true. A unit is closed, never deleted: what it signed keeps its name.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, bindparam, func, or_, select, update

from engine.access import Permission
from engine.audit import ALL_CASES
from engine.errors import InvalidAnswers
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import case_file, number_series, task
from engine.sharing import inherit
from workflows import model, organisation, organisation_log
from workflows.chart import Unit, chart
from workflows.posts import EXTERNAL, PARENT_KINDS, UNIT_KIND_NAMES, UnitKind

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,11}", re.ASCII)
LONGEST_NAME: Final = 60
#: more women than any work unit has
MOST_WOMEN: Final = 1_000_000

_ROW = model.unit.c.id == bindparam("b_id")
_RENAME = update(model.unit).where(_ROW).values(name=bindparam("b_name"))
_HANG = update(model.unit).where(_ROW).values(parent_id=bindparam("b_parent"))
_CLOSE = update(model.unit).where(_ROW).values(closed_on=bindparam("b_day"))
_COUNT = update(model.unit).where(_ROW).values(women=bindparam("b_women"), counted_on=bindparam("b_day"))
#: whoever opens a case waits for this row: no case can be opened under a path that is being changed
_HOLD_NEW_CASES = select(number_series.c.last).where(number_series.c.series == bindparam("b_series")).with_for_update()
_OPEN_CASES = select(case_file.c.id).where(case_file.c.unit_id == bindparam("b_unit"), case_file.c.state == "open")
_WAITING = select(task.c.case_id).where(task.c.unit_id == bindparam("b_unit"), task.c.state.in_(("open", "waiting")))
_SERVING = select(func.count()).where(
    model.post_holding.c.unit_id == bindparam("b_unit"),
    or_(model.post_holding.c.until.is_(None), model.post_holding.c.until > bindparam("b_day")),
)
_PUT_CASE = (
    update(case_file)
    .where(case_file.c.id == bindparam("b_case"), case_file.c.unit_id == bindparam("b_old"))
    .values(unit_id=bindparam("b_unit"), path=bindparam("b_path"))
)
_PUT_TASKS = (
    update(task)
    .where(
        task.c.case_id == bindparam("b_case"),
        task.c.unit_id == bindparam("b_old"),
        task.c.state.in_(("open", "waiting")),
    )
    .values(unit_id=bindparam("b_unit"), version=task.c.version + 1)
)
#: what waits above a moved unit, in units that are not above it any more
_ABOVE = (
    select(task.c.id, task.c.case_id, task.c.element, task.c.post, task.c.unit_id, case_file.c.unit_id.label("of"))
    .join(case_file, case_file.c.id == task.c.case_id)
    .where(
        task.c.state.in_(("open", "waiting")),
        task.c.unit_id.in_(bindparam("b_lost", expanding=True)),
        case_file.c.path.like(bindparam("b_like")),
    )
    .order_by(task.c.id)
)
_PUT_TASK = (
    update(task)
    .where(task.c.id == bindparam("b_task"))
    .values(unit_id=bindparam("b_unit"), assignee_id=0, owner_id=None, version=task.c.version + 1)
)
_NEW_PATHS = {
    table: (
        update(table)
        .where(table.c.path.like(bindparam("b_like")))
        .values(path=bindparam("b_new", type_=String).concat(func.substr(table.c.path, bindparam("b_from"))))
    )
    for table in (model.unit, case_file)
}

Problems = dict[str, list[Message]]


def create_unit(uow: UnitOfWork, *, parent_id: int, kind: str, name: str, code: str) -> dict[str, Any]:
    """Set up a unit below another one; ``{"unit_id"}``. InvalidAnswers with every field that is wrong, NotFound, Forbidden."""
    above = managed(uow, parent_id)
    problems: Problems = {}
    name, code = _named(name, problems), code.strip()
    check_code(uow, code, problems)
    if kind not in tuple(UnitKind) or above.kind not in PARENT_KINDS[UnitKind(kind)]:
        params = {"kind": Message(UNIT_KIND_NAMES[above.kind]), "seen": kind[:16]}
        problems["kind"] = [Message(N_("“{kind}”之下不能设这类机构（{seen}）"), params)]
    _standing(above, "parent_id", problems)
    if problems:
        raise InvalidAnswers(problems)
    made = organisation.add_unit(uow.connection, parent_id=parent_id, kind=UnitKind(kind), name=name, code=code)
    organisation_log.write(uow, "unit.created", unit=made.id, parent=parent_id, kind=kind, code=code)
    return {"unit_id": made.id}


def rename_unit(uow: UnitOfWork, *, unit_id: int, name: str) -> dict[str, Any]:
    """Give a unit another name from now on; ``{"unit_id"}``. What was printed and signed before keeps the old one."""
    place = managed(uow, unit_id)
    problems: Problems = {}
    name = _named(name, problems)
    if problems:
        raise InvalidAnswers(problems)
    if name != place.name:
        uow.connection.execute(_RENAME, {"b_id": unit_id, "b_name": name})
        organisation_log.write(uow, "unit.renamed", unit=unit_id)
    return {"unit_id": unit_id}


def move_unit(uow: UnitOfWork, *, unit_id: int, parent_id: int) -> dict[str, Any]:
    """Hang a unit, with all that is below it, under another one; ``{"unit_id", "units", "cases"}`` tells how many followed.

    Their cases follow in the same transaction. InvalidAnswers when the kinds do not fit, or when it would stand below itself.
    """
    place, above = managed(uow, unit_id), managed(uow, parent_id)
    problems: Problems = {}
    if above.path.startswith(place.path):
        problems["parent_id"] = [Message(N_("不能划到自己或自己的下级之下"))]
    elif above.kind not in PARENT_KINDS[place.kind]:
        kinds = {"above": Message(UNIT_KIND_NAMES[above.kind]), "kind": Message(UNIT_KIND_NAMES[place.kind])}
        problems["parent_id"] = [Message(N_("{kind}不能划到{above}之下"), kinds)]
    _standing(above, "parent_id", problems)
    _standing(place, "unit_id", problems)
    if problems:
        raise InvalidAnswers(problems)
    if place.parent_id == parent_id:
        return {"unit_id": unit_id, "units": 0, "cases": 0}
    uow.connection.execute(_HOLD_NEW_CASES, {"b_series": ALL_CASES})
    uow.connection.execute(_HANG, {"b_id": unit_id, "b_parent": parent_id})
    followed = follow(uow, place.path, f"{above.path}{place.id}.")
    _pass_on(uow, place, above)
    told = {"units": followed[model.unit.name], "cases": followed[case_file.name]}
    organisation_log.write(uow, "unit.moved", unit=unit_id, old=place.parent_id, new=parent_id, **told)
    uow.rescreen.add(None)
    return {"unit_id": unit_id, **told}


def follow(uow: UnitOfWork, old: str, new: str) -> dict[str, int]:
    """Write new paths over everything whose path begins with `old`; table name → how many rows."""
    moved = {"b_like": f"{old}%", "b_new": new, "b_from": len(old) + 1}
    return {table.name: uow.connection.execute(change, moved).rowcount for table, change in _NEW_PATHS.items()}


def _pass_on(uow: UnitOfWork, place: Unit, above: Unit) -> None:
    """What waits in the line above goes to the same post above in the new line; what waits elsewhere stays."""
    lost = {*place.ancestor_ids} - {above.id, *above.ancestor_ids}
    asked = {"b_lost": sorted(lost), "b_like": f"{above.path}{place.id}.%"}
    for row in uow.connection.execute(_ABOVE, asked).all() if lost else ():
        to = organisation.unit_for_post(uow.connection, row.post, row.of)
        if to is None or to.id == row.unit_id:
            continue
        uow.change(row.case_id, _PUT_TASK, {"b_task": row.id, "b_unit": to.id})
        content: dict[str, Any] = {"old": {"post": row.post, "unit": row.unit_id}}
        content |= {"new": {"post": row.post, "unit": to.id}, "reason": "UNIT_MOVED"}
        uow.record(Event(Kind.TASK_MOVED, row.case_id, row.id, row.element, content))


def close_unit(uow: UnitOfWork, *, unit_id: int, last_day: str, successor_id: int | None = None) -> dict[str, Any]:
    """Close a unit after a day (撤并); ``{"unit_id", "cases"}``. Its open cases go to the successor unit, of the same kind.

    InvalidAnswers while something hangs on it that nobody would inherit: units below it, people whose term runs on, open cases
    or waiting tasks without a successor. What is closed stays where it was, for those who may read it.
    """
    place = managed(uow, unit_id)
    problems: Problems = {}
    day = _day(uow, last_day, "last_day", problems)
    if day > uow.today:
        problems["last_day"] = [Message(N_("撤并日不能晚于今天，填写的是 {seen}"), {"seen": last_day[:20]})]
    heir = managed(uow, successor_id) if successor_id is not None else None
    _standing(place, "unit_id", problems)
    if heir is not None:
        _standing(heir, "successor_id", problems)
        if heir.kind is not place.kind or heir.id == place.id:
            problems["successor_id"] = [Message(N_("承接机构须是另一个同类机构"))]
    _nothing_left(uow, place, day, heir, problems)
    if problems:
        raise InvalidAnswers(problems)
    uow.connection.execute(_HOLD_NEW_CASES, {"b_series": ALL_CASES})
    cases = _unfinished(uow, place) if heir is not None else []
    for case_id in cases:
        _inherit(uow, case_id, place, heir or place)
    uow.connection.execute(_CLOSE, {"b_id": unit_id, "b_day": day})
    organisation_log.write(
        uow, "unit.closed", unit=unit_id, day=day.isoformat(), successor=successor_id, cases=len(cases)
    )
    uow.rescreen.add(None)
    return {"unit_id": unit_id, "cases": len(cases)}


def count_women(uow: UnitOfWork, *, unit_id: int, women: str, counted_on: str) -> dict[str, Any]:
    """Note how many women work in a unit, as counted on a day (S002-22); ``{"unit_id"}``. InvalidAnswers, NotFound, Forbidden."""
    place = managed(uow, unit_id)
    problems: Problems = {}
    day = _day(uow, counted_on, "counted_on", problems)
    if not problems and day > uow.today:
        problems["counted_on"] = [Message(N_("统计日期不能晚于今天，填写的是 {seen}"), {"seen": counted_on[:20]})]
    number = women.strip()
    if not (number.isascii() and number.isdecimal()) or not int(number[:9]) < MOST_WOMEN or len(number) > 9:
        problems["women"] = [Message(N_("女职工人数须是 0 或正整数，填写的是“{seen}”"), {"seen": women[:20]})]
    if place.kind is not UnitKind.WORKPLACE and place.kind not in EXTERNAL:
        problems["unit_id"] = [Message(N_("只登记机关、企事业单位和外部单位的女职工人数"))]
    if problems:
        raise InvalidAnswers(problems)
    uow.connection.execute(_COUNT, {"b_id": unit_id, "b_women": int(number), "b_day": day})
    organisation_log.write(uow, "unit.counted", unit=unit_id, women=int(number), day=day.isoformat())
    return {"unit_id": unit_id}


def managed(uow: UnitOfWork, unit_id: int) -> Unit:
    """A unit she may change. NotFound; Forbidden outside her own part of the tree."""
    place = organisation.unit(uow.connection, unit_id)
    uow.require(Permission.MANAGE_UNITS, place)
    return place


def check_code(uow: UnitOfWork, code: str, problems: Problems) -> None:
    """Note what is wrong with a new 机构代码."""
    if not _CODE.fullmatch(code):
        text = N_("机构代码只能是 1 至 12 位字母、数字或“-”，填写的是“{seen}”")
        problems["code"] = [Message(text, {"seen": code[:20]})]
    elif organisation.unit_by_code(uow.connection, code) is not None:
        problems["code"] = [Message(N_("机构代码 {code} 已被使用"), {"code": code})]


def _named(name: str, problems: Problems) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        params = {"most": LONGEST_NAME, "seen": len(name)}
        problems["name"] = [Message(N_("机构名称须有 1 至 {most} 个字，填写的有 {seen} 个"), params)]
    return name


def _day(uow: UnitOfWork, text: str, field: str, problems: Problems) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        problems[field] = [Message(N_("请选择日期，格式如 2026-06-20；填写的是“{seen}”"), {"seen": text.strip()[:20]})]
        return uow.today


def _standing(place: Unit, field: str, problems: Problems) -> None:
    if place.closed_on is not None:
        params = {"name": place.name, "day": place.closed_on.isoformat()}
        problems.setdefault(field, []).append(Message(N_("{name}已于 {day} 撤并"), params))


def _nothing_left(uow: UnitOfWork, place: Unit, day: date, heir: Unit | None, problems: Problems) -> None:
    """What keeps a unit from being closed."""
    found = []
    below = [u for u in chart(uow.connection).units.values() if u.parent_id == place.id and u.closed_on is None]
    if below:
        found.append(Message(N_("还有 {count} 个下级机构，请先划转或撤并"), {"count": len(below)}))
    serving = uow.connection.execute(_SERVING, {"b_unit": place.id, "b_day": day}).scalar_one()
    if serving:
        found.append(Message(N_("还有 {count} 人的任期晚于撤并日，请先结束任期"), {"count": serving}))
    if heir is None and _unfinished(uow, place):
        found.append(Message(N_("还有未办结的事项，请选择承接机构")))
    if found:
        problems.setdefault("unit_id", []).extend(found)


def _unfinished(uow: UnitOfWork, place: Unit) -> list[int]:
    """The open cases of a unit, and those of others that have a task waiting there."""
    here = {"b_unit": place.id}
    found = (
        case_id for chosen in (_OPEN_CASES, _WAITING) for case_id in uow.connection.execute(chosen, here).scalars()
    )
    return sorted(set(found))


def _inherit(uow: UnitOfWork, case_id: int, old: Unit, heir: Unit) -> None:
    """The case, its waiting tasks, and the right to see what was shared go to the heir."""
    to = {"b_case": case_id, "b_old": old.id, "b_unit": heir.id}
    uow.change(case_id, _PUT_CASE, {**to, "b_path": heir.path})
    uow.change(case_id, _PUT_TASKS, to)
    uow.record(Event(Kind.CASE_MOVED, case_id, content={"old": old.id, "new": heir.id}))
    inherit(uow, case_id, old.id, heir.id)
