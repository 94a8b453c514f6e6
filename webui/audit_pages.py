"""The log auditor's page, which answers whether the history of every case is still exactly what was written."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from sqlalchemy import select

from engine import audit
from engine.access import Permission
from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.model import case_file
from webui.runtime import house, now, permitted, reading

bp = Blueprint("audit", __name__, url_prefix="/audit")

#: faults shown on the page; the command line lists them all
SHOWN = 100


@bp.get("")
def show() -> str:
    """The page with its button."""
    _require()
    return render_template("audit.html", result=None)


@bp.post("")
def verify() -> str:
    """Walk every chain and say what was found. Case numbers only: the auditor sees no content (D1)."""
    _require()
    number = request.form.get("number", "").strip()
    with reading() as connection:
        case_id = None
        if number:
            case_id = connection.execute(select(case_file.c.id).where(case_file.c.number == number)).scalar()
            if case_id is None:
                return render_template("audit.html", result=None, number=number, unknown=True)
        result = audit.verify(connection, house().vault, case_id)
        ids = {fault.case_id for fault in result.faults[:SHOWN]}
        rows = connection.execute(select(case_file.c.id, case_file.c.number).where(case_file.c.id.in_(ids)))
        numbers = {row.id: row.number for row in rows}
    return render_template(
        "audit.html", result=result, number=number, numbers=numbers, shown=result.faults[:SHOWN], at=now()
    )


def _require() -> None:
    if not permitted(Permission.VERIFY_HISTORY):
        raise Forbidden(why=Message(N_("只有日志审计员可以校验历史记录")))
