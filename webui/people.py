"""People: accounts, their terms, their training; who creates an account gives no right by it (三员)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.unit_of_work import unit_of_work
from webui import directory
from webui.language import gettext
from webui.organisation import closed, firsts, number, text
from webui.runtime import act, house, me, now, permitted, reading
from workflows import accounts, staff, standing, training
from workflows.chart import chart
from workflows.posts import TRAINED_POSTS

bp = Blueprint("people", __name__, url_prefix="/organisation/people")
bp.before_request(closed)


@bp.get("/")
def show() -> str:
    """Accounts, their posts of today, and whether their training counts."""
    return _people()


def _people(problems: Mapping[str, Message] | None = None) -> str:
    with reading() as connection:
        today = civil_date(now())
        asked = request.args.get("q", "").strip()
        rows = standing.people(connection, me())
        shown = [row for row in rows if asked in row.name or asked == row.login]
        held: dict[int, list[tuple[str, int]]] = {}
        for unit_id, serving in standing.serving(connection, today).items():
            for post, account_id, _ in serving:
                held.setdefault(account_id, []).append((post, unit_id))
        return render_template(
            "people.html",
            rows=shown,
            held=held,
            names={u.id: u.name for u in chart(connection).units.values()},
            scores={row.id: training.may_score_risk(connection, row.id, today) for row in shown},
            trained_posts=TRAINED_POSTS,
            asked=asked,
            may_create=permitted(Permission.MANAGE_ACCOUNTS),
            problems=problems or {},
            typed=request.form,
        )


@bp.post("/")
def create_account() -> ResponseReturnValue:
    """Create an account."""
    try:
        made = act(staff.create_account, **text("login_name", "name", "idcard")).content
    except InvalidAnswers as wrong:
        return _people(firsts(wrong)), 422
    return redirect(url_for("people.person", account_id=made["account_id"], done="created"), 303)


@bp.get("/<int:account_id>")
def person(account_id: int) -> str:
    """One person: her terms, her training."""
    return _person(account_id)


def _person(account_id: int, problems: Mapping[str, Message] | None = None, secret: str = "") -> str:
    with reading() as connection:
        today = civil_date(now())
        row = next((r for r in standing.people(connection, me()) if r.id == account_id), None)
        if row is None:
            raise NotFound(what=Message(N_("账号 {id}"), {"id": account_id}))
        rows = standing.terms_of(connection, account_id)
        places = [chart(connection).units[term.unit_id] for term in rows]
        records = training.trainings(connection, [account_id]).get(account_id, [])
        return render_template(
            "person.html",
            person=row,
            terms=rows,
            names={u.id: u.name for u in chart(connection).units.values()},
            trainings=records,
            training_kinds=training.KIND_NAMES,
            kind_options=[(kind, gettext(name)) for kind, name in training.KIND_NAMES.items()],
            people=directory.people(connection, [r.recorded_by for r in records]),
            may_score=training.may_score_risk(connection, account_id, today),
            may_train=account_id != me().id and any(permitted(Permission.MANAGE_TRAINING, p) for p in places),
            may_manage=account_id != me().id and permitted(Permission.MANAGE_ACCOUNTS),
            today=today,
            problems=problems or {},
            typed=request.form,
            secret=secret,
        )


@bp.post("/<int:account_id>/training")
def train(account_id: int) -> ResponseReturnValue:
    """Note a training, or strike one out."""
    try:
        if struck := number("training_id"):
            act(training.strike_training, training_id=struck)
        else:
            boxes = text("kind", "held_on", "valid_until", "note")
            act(training.record_training, account_id=account_id, **boxes)
    except InvalidAnswers as wrong:
        return _person(account_id, firsts(wrong)), 422
    return redirect(url_for("people.person", account_id=account_id, done="training"), 303)


@bp.post("/<int:account_id>/state")
def set_state(account_id: int) -> ResponseReturnValue:
    """Close the account, or open it again."""
    act(staff.set_account_state, account_id=account_id, active=request.form.get("active") == "1")
    return redirect(url_for("people.person", account_id=account_id, done="state"), 303)


@bp.post("/<int:account_id>/password")
def give_password(account_id: int) -> ResponseReturnValue:
    """A new start password, shown on this page once and nowhere again."""
    answer = act(staff.note_start_password, account_id=account_id)
    if answer.replayed:  # the same request again: the password was shown already, and is not known here
        return redirect(url_for("people.person", account_id=account_id), 303)
    secret = staff.start_password()
    with unit_of_work(house(), me()) as work:
        accounts.give_password(work.connection, account_id, secret)
    return _person(account_id, secret=secret)
