"""The list of a handover on paper (R-13): printed for those who have part in it, registered, found again by number and code."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from engine.dossier import render
from engine.dossier.book import Book
from engine.dossier.verify import SHORTEST_CODE, Print
from engine.errors import NotFound, NotNow
from engine.messages import N_, Message
from workflows import organisation_log
from workflows.handover import ROLES, found, may_supervise, signed
from workflows.handover_list import faults, role_of
from workflows.model_organisation import handover, handover_print

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.access import Actor
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

SHEET = "R-13"
_NUMBERED = select(handover).where(handover.c.number == bindparam("b_number"))
_BOOK = Book(
    kind="handover",
    title="换届移交",
    folder=Path(__file__).parent / "letters",
    sheets={},
    order=(),
    retention="",
    applicant=("", ""),
)


def print_list(
    runtime: Runtime, connection: Connection, actor: Actor, handover_id: int, *, at: datetime
) -> tuple[bytes, dict[str, Any]]:
    """The fixed list as PDF (R-13), and the parameters of `record_list_print`. NotFound for who has no part in it."""
    row = found(connection, handover_id)
    if not _concerns(connection, actor, row):
        raise NotFound(what=Message(N_("移交 {id}"), {"id": handover_id}))
    if row.list_sealed is None:
        raise NotNow(why=Message(N_("移交清单尚未确定，或移交已经完成")))
    content = runtime.vault.open_json(row.list_sealed)
    content["signatures"] = _signatures(connection, row, content)
    names = {"list": content, "code": row.list_digest[:16]}
    title = f"移交清单 {row.number}"
    known = {"printed_by": actor.name, "number": row.number, "code": row.list_digest}
    pdf = render.render_table(_BOOK, f"{SHEET}.html", title, names, printed_at=at, **known)
    return pdf, {"handover_id": row.id, "digest": row.list_digest, "file": hashlib.sha256(pdf).hexdigest()}


def _signatures(connection: Connection, row: Row[Any], content: Mapping[str, Any]) -> list[dict[str, str]]:
    given = signed(connection, row.id)
    lines = []
    for role, title in ROLES.items():
        mark = given.get(role)
        how = "" if mark is None or mark.method == "PAPER" else f"已在系统内以本人密码签字　{mark.mac[:12]}"
        on = mark.signed_on.isoformat() if mark is not None else ""
        lines.append({"role": title, "name": content[role.lower()], "how": how, "on": on})
    return lines


def record_list_print(uow: UnitOfWork, *, handover_id: int, digest: str, file: str) -> dict[str, Any]:
    """Write a print of the list into the register of prints before it is handed out; ``{"handover_id"}``."""
    row = found(uow.connection, handover_id)
    if not _concerns(uow.connection, uow.actor, row):
        raise NotFound(what=Message(N_("移交 {id}"), {"id": handover_id}))
    new = {"handover_id": handover_id, "at": uow.now, "by_id": uow.actor.id, "digest": digest, "file": file}
    uow.connection.execute(insert(handover_print), new)
    organisation_log.write(uow, "handover.printed", handover=handover_id, file=file)
    return {"handover_id": handover_id}


def prints(connection: Connection, handover_id: int) -> list[Row[Any]]:
    """The register of prints of a list, the latest first."""
    chosen = select(handover_print).where(handover_print.c.handover_id == handover_id)
    return list(connection.execute(chosen.order_by(handover_print.c.id.desc())).all())


def printed(runtime: Runtime, connection: Connection, actor: Actor, number: str, code: str) -> tuple[Print, ...]:
    """The prints of a list whose check code begins with `code`, as on the paper; empty for who has no part in the handover.

    Empty as well when what is kept is not as it was signed: then the paper cannot be told to be ours.
    """
    wanted = "".join(code.split()).lower()
    row = connection.execute(_NUMBERED, {"b_number": number.strip().upper()}).one_or_none()
    if row is None or len(wanted) < SHORTEST_CODE or not _concerns(connection, actor, row):
        return ()
    if not str(row.list_digest).startswith(wanted) or faults(runtime, connection, row):
        return ()
    return tuple(
        Print(SHEET, each.at, each.by_id, masked=False)
        for each in prints(connection, row.id)
        if each.digest == row.list_digest
    )


def _concerns(connection: Connection, actor: Actor, row: Row[Any]) -> bool:
    return role_of(row, actor) is not None or may_supervise(connection, actor, row)
