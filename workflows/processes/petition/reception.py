"""An item of a reception day: which day, and that she was received by whoever was there, not by who typed it (P23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from workflows import reception, reception_list
from workflows.processes.petition import routing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.process_type import Answers, CaseView, Problems


def options(view: CaseView) -> Sequence[tuple[str, str]]:
    """The reception days of this unit that an item typed today may belong to."""
    rows = reception_list.open_days(view.connection, view.case.unit_id, view.today)
    return [(str(row.id), f"{row.held_on} {row.starts}—{row.ends} {_receiver(view, row)}") for row in rows]


def problems(view: CaseView, values: Answers) -> Problems:
    """A day of this unit on which somebody received, and the item of that very day."""
    wanted = values["receptionDay"]
    if values["channel"] != "RECEPTION" or wanted is None:
        return {}
    found = [
        row for row in reception_list.open_days(view.connection, view.case.unit_id, view.today) if row.id == wanted
    ]
    if not found:
        return {"receptionDay": [Message(N_("请选择本单位有人接待的接待日；接待人缺席的，须先指定替补"))]}
    on = found[0].held_on
    if values["receivedOn"] is not None and values["receivedOn"] != on:
        told = {"seen": values["receivedOn"].isoformat(), "limit": on.isoformat()}
        return {"receivedOn": [Message(N_("填写的是 {seen}，接待日是 {limit}：收到日期须是接待日当天"), told)]}
    return {}


def columns(view: CaseView, values: Answers) -> Mapping[str, Any]:
    """First asked and her post, and the day: whoever received, where a lawyer did or it was no reception day, whoever types."""
    first = routing.taking_post(view)
    typing = {"first_asked": view.actor.id, "first_post": first.post, "first_unit_id": first.unit_id}
    day_id = values["receptionDay"] if values["channel"] == "RECEPTION" else None
    if day_id is None:
        return {**typing, "reception_day_id": None}
    row = reception.load_day(view.connection, day_id)
    who = reception.present(view.connection, row)
    if who is None or row.kind == "LAWYER":
        return {**typing, "reception_day_id": day_id}
    received = {"first_asked": who.id, "first_post": who.post, "first_unit_id": who.unit_id}
    return {**received, "reception_day_id": day_id}


def _receiver(view: CaseView, row: Any) -> str:
    who = reception.present(view.connection, row)
    return who.name if who is not None else ""
