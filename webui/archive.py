"""档案目录: the archivist's list of closed dossiers."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden
from engine.queries.inbox import Cursor
from webui import directory
from webui.outcomes import outcome_name
from webui.runtime import house, me, now, reading
from webui.team_part import CLASS_NAMES
from workflows import archive
from workflows.retention import STAGE_NAMES, Stage

bp = Blueprint("archive", __name__, url_prefix="/archive")


@bp.get("/")
def listed() -> str:
    """The list, the newest first."""
    if not archive.keeps(me()):
        raise Forbidden(why=house().rules.name_of(Permission.SEE_ARCHIVE))
    with reading() as connection:
        after = Cursor.parse(request.args.get("after"))
        page = archive.closed(house(), connection, me(), today=civil_date(now()), after=after)
        return render_template(
            "archive.html",
            page=page,
            units=directory.unit_names(connection, {row.unit_id for row in page.rows if row.unit_id is not None}),
            kinds={key: process.title for key, process in house().catalogue.items()},
            outcome=outcome_name(connection),
            classes=CLASS_NAMES,
            stages=STAGE_NAMES,
            kept=Stage.KEPT,
        )
