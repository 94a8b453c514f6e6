"""Paper for the pages: the books of all process types, names from the organisation, and the engine's printer behind them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine.clock import Unit, due_day
from engine.commands.extensions import UNIT_NAMES
from engine.dossier import loading, proof, render, verify
from engine.dossier.pages import items_of
from engine.errors import Forbidden, NotFound
from engine.fields import digest
from engine.messages import N_, Message
from workflows import catalogue, disclosures, model, policy
from workflows.period_names import PERIOD_NAMES
from workflows.posts import POST_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.dossier.book import Book, Sheet
    from engine.dossier.record import CaseRecord
    from engine.outgoing import Permit
    from engine.queries.clocks import Asked
    from engine.runtime import Runtime

_UNITS = select(model.unit.c.id, model.unit.c.name)
_PEOPLE = select(model.account.c.id, model.account.c.name).where(
    model.account.c.id.in_(bindparam("b_ids", expanding=True))
)


class OrganisationNames:
    """The engine's `Directory`, answered from the tables of the organisation."""

    def units(self, connection: Connection) -> Mapping[int, str]:
        """Unit id → name."""
        return {row.id: row.name for row in connection.execute(_UNITS)}

    def people(self, connection: Connection, ids: Collection[int]) -> Mapping[int, str]:
        """Account id → name of its owner."""
        return {row.id: row.name for row in connection.execute(_PEOPLE, {"b_ids": list(ids)})}

    def posts(self) -> Mapping[str, str]:
        """Post code → Chinese name."""
        return POST_NAMES

    def periods(self) -> Mapping[str, str]:
        """Key of a time limit → Chinese name."""
        return PERIOD_NAMES

    def policy(self, connection: Connection, policy_id: int | None) -> str:
        """The label of a policy version."""
        return "" if policy_id is None else policy.policy_by_id(connection, policy_id).label


@cache
def book_of(kind: str) -> Book:
    """The sheets of a process type; NotFound when it prints none."""
    name = f"workflows.processes.{kind}.letters"
    if kind not in catalogue.load() or find_spec(name) is None:
        raise NotFound(what=Message(N_("事项类型 {kind} 的打印表式"), {"kind": kind}))
    found: Book = import_module(name).BOOK
    return found


def load_record(runtime: Runtime, connection: Connection, actor: Actor, case_id: int) -> CaseRecord:
    """The case as it stands now, for printing. NotFound or Forbidden as `engine.dossier.loading.load_record`."""
    return loading.load_record(runtime, connection, actor, case_id, directory=OrganisationNames())


def available(record: CaseRecord) -> list[tuple[str, str]]:
    """(code, title) of the sheets a case has so far, in order."""
    book = book_of(record.kind)
    held = {code: record.newest(sheet.form) for code, sheet in book.sheets.items()}
    return [
        (code, book.sheets[code].title)
        for code, form in held.items()
        if (record.sheets is None or code in record.sheets)
        and ((form and items_of(book.sheets[code], form)) or _to_deliver(book.sheets[code], record))
    ]


def _to_deliver(sheet: Sheet, record: CaseRecord) -> bool:
    """Whether a letter waits to be printed and delivered."""
    return sheet.ahead and sheet.form in record.waiting


def addressed(kind: str, sheet: str) -> bool:
    """Whether a sheet is handed to a person, her or others: then it is printed with a permit of the gate alone."""
    known = book_of(kind).sheets.get(sheet)
    return known is not None and known.addressed in ("her", "others")


def render_sheet(
    record: CaseRecord, sheet: str, *, reveal: bool, printed_by: str, printed_at: datetime, permit: Permit | None = None
) -> bytes:
    """One sheet ("L-01") of a case as PDF; NotFound for a sheet the case does not have (yet).

    Forbidden for one that is addressed to somebody without a permit (`engine.outgoing`) for this sheet of this case.
    """
    if addressed(record.kind, sheet):
        _require(permit, record.case_id, sheet)
    if sheet not in dict(available(record)):
        raise NotFound(what=Message(N_("表 {sheet}"), {"sheet": sheet}))
    book = book_of(record.kind)
    return render.render_sheet(book, record, sheet, reveal=reveal, printed_by=printed_by, printed_at=printed_at)


def _require(permit: Permit | None, case_id: int, sheet: str) -> None:
    if permit is None or (permit.case_id, permit.sheet) != (case_id, sheet):
        raise Forbidden(why=Message(N_("送给本人或他人的文书须先取得联系许可")))


def blanks(kind: str) -> list[tuple[str, str]]:
    """(code, title) of the sheets of a process type that can be had blank, in order; none for a type that prints none."""
    try:
        book = book_of(kind)
    except NotFound:
        return []
    return [(code, sheet.title) for code, sheet in book.sheets.items()]


def render_blank(kind: str, sheet: str, *, printed_by: str, printed_at: datetime) -> bytes:
    """A blank form to fill in by hand; NotFound."""
    book = book_of(kind)
    if sheet not in book.sheets:
        raise NotFound(what=Message(N_("表 {sheet}"), {"sheet": sheet}))
    return render.render_sheet(book, None, sheet, reveal=False, printed_by=printed_by, printed_at=printed_at)


def render_dossier(
    record: CaseRecord, *, reveal: bool, printed_by: str, printed_at: datetime, number: str = ""
) -> bytes:
    """The whole file of a case as PDF; with a `number`, that, its reader and the time stand across every page.

    Forbidden for whoever sees a part of the case.
    """
    if record.sheets is not None:
        raise Forbidden(why=Message(N_("您只办理本件的一部分，不能打印整本卷宗")))
    return render.render_dossier(
        book_of(record.kind), record, reveal=reveal, printed_by=printed_by, printed_at=printed_at, number=number
    )


def verify_dossier(runtime: Runtime, pdf: bytes) -> verify.Verdict:
    """Whether a dossier is genuine, altered or unknown here; see `engine.dossier.verify`."""
    return verify.verify_dossier(
        runtime,
        pdf,
        label=lambda kind: book_of(kind).wording.label,
        personal=lambda kind: book_of(kind).wording.personal,
    )


def printed(runtime: Runtime, connection: Connection, actor: Actor, number: str, code: str) -> tuple[verify.Print, ...]:
    """What the register of prints says about a paper in somebody's hand; see `engine.dossier.verify.printed`."""
    return verify.printed(runtime, connection, actor, number, code)


def print_entry(record: CaseRecord, what: str, pdf: bytes, *, reveal: bool) -> dict[str, Any]:
    """The parameters of `engine.commands.printing.record_print` for a PDF that is about to be handed out."""
    return render.print_entry(book_of(record.kind), record, what, pdf, reveal=reveal)


def disclosure_sheet(
    runtime: Runtime, connection: Connection, record: CaseRecord, *, printed_by: str, printed_at: datetime
) -> tuple[bytes, dict[str, Any]]:
    """V-12, consents and what was given on them, as PDF; and the parameters of `record_print`."""
    told = disclosures.told(runtime, connection, record.case_id, printed_at)
    names = {**told, "unit": record.units[-1] if record.units else "", "number": record.number}
    book, code, named = book_of(record.kind), digest(names), {"number": record.number, "printed_by": printed_by}
    pdf = render.render_table(book, "V-12.html", "信息共享记录", names, code=code, printed_at=printed_at, **named)
    file = hashlib.sha256(pdf).hexdigest()
    entry = {"what": "V-12", "digest": code, "masked": False, "file": file, "pages": proof.page_codes(pdf)}
    return pdf, entry


def extension_letter(
    connection: Connection, record: CaseRecord, asked: Asked, *, printed_by: str, printed_at: datetime, permit: Permit
) -> tuple[bytes, dict[str, Any]]:
    """The letter that tells a granted extension as PDF, and the parameters of `record_print`. NotFound without a book."""
    _require(permit, record.case_id, asked.row.form)
    row, names, book = asked.row, OrganisationNames(), book_of(record.kind)
    people = names.people(connection, [row.asked_by, row.decided_by])
    told = {
        "sheet": row.form,
        "step": record.names.steps.get(row.element, row.element),
        "unit": next((unit for unit in reversed(record.units[:2])), ""),
        "units": row.units,
        "unit_name": UNIT_NAMES[Unit(row.unit)],
        "old": due_day(row.old_due_at),
        "new": due_day(row.new_due_at),
        "reason": asked.reason,
        "period": PERIOD_NAMES.get(row.period, ""),
        "clause": row.clause,
        "note": asked.answer,
        "approver": people.get(row.decided_by, ""),
        "approver_post": POST_NAMES.get(row.decided_post, row.decided_post),
        "decided_at": row.decided_at,
        "asked_by": people.get(row.asked_by, ""),
        "asked_post": POST_NAMES.get(row.asked_post, row.asked_post),
        "asked_at": row.asked_at,
        "progress": book.wording.figures(record).get("code", ""),
    }
    return render.render_letter(book, record, told, printed_by=printed_by, printed_at=printed_at)
