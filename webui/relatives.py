"""亲属申报: whom a member of staff is close to, by her own word; the list is shown to her alone."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from webui.language import gettext
from webui.organisation import firsts, text
from webui.runtime import act, house, me, now, permitted, reading
from workflows import declarations
from workflows.organisation import RELATION_NAMES

bp = Blueprint("relatives", __name__, url_prefix="/organisation/relatives")


@bp.get("/")
def show() -> str:
    """Her own list; nobody else's."""
    return _kin()


def _kin(problems: Mapping[str, Message] | None = None) -> str:
    if not permitted(Permission.DECLARE_RELATIVES):
        raise Forbidden(why=Message(N_("只有在任工作人员申报亲属关系")))
    with reading() as connection:
        today = civil_date(now())
        return render_template(
            "relatives.html",
            kin=declarations.mine(connection, house().vault, me().id),
            last=declarations.last_declared(connection, me().id),
            due=declarations.is_due(connection, me().id, today),
            relations=[(code, gettext(name)) for code, name in RELATION_NAMES.items()],
            relation_names=RELATION_NAMES,
            problems=problems or {},
            typed=request.form,
        )


@bp.post("/")
def declare() -> ResponseReturnValue:
    """Declare a relative."""
    try:
        boxes = text("name", "relation", "idcard", "phone", "address", "household", "employer")
        act(declarations.declare_person, **boxes)
    except InvalidAnswers as wrong:
        return _kin(firsts(wrong)), 422
    return redirect(url_for("relatives.show", done="declared"), 303)


@bp.post("/confirm")
def confirm() -> ResponseReturnValue:
    """The yearly word that the list is complete and true."""
    act(declarations.confirm_declaration)
    return redirect(url_for("relatives.show", done="confirmed"), 303)


@bp.post("/<int:relative_id>/end")
def end(relative_id: int) -> ResponseReturnValue:
    """Somebody is a relative no more."""
    act(declarations.end_relative, relative_id=relative_id)
    return redirect(url_for("relatives.show", done="ended"), 303)
