"""Enter a case: its number, its place and its class, before any process of it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, update

from engine import audit
from engine.access import CLASSES, CONFIDENTIAL
from engine.audit import case_number
from engine.clock import civil_date
from engine.model import case_file, number_series
from engine.unit_of_work import UnitOfWork, inserted_id

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.process_type import ProcessType, Start

_NEXT = (
    update(number_series)
    .where(number_series.c.series == bindparam("b_series"))
    .values(last=number_series.c.last + 1)
    .returning(number_series.c.last)
)
_VOUCH = update(number_series).where(number_series.c.series == bindparam("b_series")).values(mac=bindparam("b_mac"))


def enter(uow: UnitOfWork, process: ProcessType, where: Start, *, at_least: str = "C0") -> tuple[Row[Any], str]:
    """The row of a new case of a process type with its number; its class is the type's own, or `at_least` where that is higher.

    The caller begins its process, records that, and counts it last (`next_number` of `ALL_CASES`): that row is everybody's.
    """
    year = civil_date(uow.now).year
    series = f"{where.unit_code}-{year}-{process.series}"
    number = case_number(series, next_number(uow, series))
    level = max(process.confidentiality, at_least, key=CLASSES.index)
    row = {
        "number": number,
        "kind": process.key,
        "confidentiality": level,
        "guarded": level in CONFIDENTIAL,
        "unit_id": where.unit_id,
        "path": where.path,
        "created_at": uow.now,
        "created_by": uow.actor.id,
    }
    case_id = inserted_id(uow.connection.execute(insert(case_file), row))
    return uow.case(case_id), number


def began(case: Row[Any], digest: str) -> dict[str, Any]:
    """What the first entry of a history says of a case: what it is, of which class and unit, and on which drawing it runs."""
    place = {"class": case.confidentiality, "unit": case.unit_id}
    return {"kind": case.kind, "number": case.number, **place, "digest": digest}


def next_number(uow: UnitOfWork, series: str) -> int:
    """The next number of a series, from 1; two commands never get the same one, and no number is left out."""
    last = uow.connection.execute(_NEXT, {"b_series": series}).scalar()
    if last is None:
        last = 1
        uow.connection.execute(insert(number_series), {"series": series, "last": last})
    uow.connection.execute(_VOUCH, {"b_series": series, "b_mac": audit.count_mac(uow.runtime.vault, series, last)})
    return int(last)
