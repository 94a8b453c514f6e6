"""卷宗核验: is a dossier that somebody brings genuine? By its file, or by the number and code printed on the paper."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from engine.access import Permission
from engine.dossier.verify import STATUS_NAMES
from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from webui import directory
from webui.runtime import house, me, permitted, reading
from webui.uploads import VERIFICATION, content_of
from workflows import handover_prints, sheets
from workflows.throttle import Attempt, Budget, TooManyWrongPrints

bp = Blueprint("verification", __name__, url_prefix=VERIFICATION)


@bp.get("")
def show() -> str:
    """The page with its two questions."""
    _require()
    return render_template("verification.html")


@bp.post("")
def judge() -> str:
    """Genuine, altered with what differs, or unknown. Nothing of the file is kept."""
    _require()
    file = request.files.get("dossier")
    if file is None or not file.filename:
        raise InvalidAnswers({"dossier": [Message(N_("请选择要核验的 PDF 文件"))]})
    verdict = sheets.verify_dossier(house(), content_of(file))
    return render_template("verification.html", verdict=verdict, status=Message(STATUS_NAMES[verdict.status]))


@bp.post("/printed")
def find() -> str:
    """What the register of prints says about a paper print. A case she may not read is as unknown as one that is not there."""
    _require()
    number, code = request.form.get("number", ""), request.form.get("code", "")
    with Attempt(house(), Budget("printed", str(me().id)), None) as attempt:
        if attempt.wait is not None:
            raise TooManyWrongPrints(minutes=attempt.wait)
        with reading() as connection:
            prints = sheets.printed(house(), connection, me(), number, code)
            prints = prints or handover_prints.printed(house(), connection, me(), number, code)
        attempt.right = bool(prints)
    with reading() as connection:
        names = directory.people(connection, [p.by_id for p in prints])
    return render_template("verification.html", prints=prints, names=names, number=number, code=code)


def _require() -> None:
    if not permitted(Permission.VERIFY_PAPER):
        raise Forbidden(why=Message(N_("只有在岗人员可以核验卷宗")))
