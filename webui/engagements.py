"""审计委托: engagements asked for, decided, ended; the dossiers they let the auditor into; and what she has printed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import InvalidAnswers
from engine.messages import Message
from webui import directory
from webui.language import gettext
from webui.runtime import act, house, me, new_key, now, permitted, reading
from workflows import engagement_register as register
from workflows import engagements as commands
from workflows.audit_dossiers import DossierList, dossiers, log_audit, number_for
from workflows.bare_prints import decide_bare_print, waiting_for
from workflows.chart import chart
from workflows.engaged import AUDITOR, OPEN_CLASSES
from workflows.engagement_form import RULES
from workflows.organisation import holders
from workflows.posts import UnitKind

bp = Blueprint("engagements", __name__, url_prefix="/engagements")

_BOXES = ("auditor", "unit", "opened_since", "opened_until", "since", "until", "reason", "sample", "n", "numbers")
#: units whose cases can be audited
_AUDITED = (UnitKind.COUNTY, UnitKind.TOWN, UnitKind.VILLAGE)


@bp.get("")
def listed() -> str:
    """The register, what waits for her, and the form for another one."""
    return _page()


@bp.post("")
def ask() -> ResponseReturnValue:
    """Ask for one; the page once more with what was typed when something is wrong."""
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in _BOXES}
    typed |= {"kinds": request.form.getlist("kinds"), "confidential": request.form.get("confidential") == "1"}
    sample = {"rule": typed["sample"], "n": _number(typed["n"]), "numbers": typed["numbers"].split("\n")}
    asked: dict[str, Any] = {name: typed[name] for name in ("kinds", *_BOXES[2:7], "confidential")}
    asked |= {"auditor_id": _number(typed["auditor"]), "unit_id": _number(typed["unit"])}
    try:
        answer = act(commands.ask_engagement, **asked, sample=_plain(sample))
    except InvalidAnswers as wrong:
        return _page(typed, {field: found[0] for field, found in wrong.problems.items()}), 422
    return redirect(url_for("engagements.show", engagement_id=answer.content["engagement_id"]), 303)


@bp.get("/<int:engagement_id>")
def show(engagement_id: int) -> str:
    """One engagement; for its auditor, while it runs, the dossiers in it. Each list she is shown is remembered."""
    return _show(engagement_id)


@bp.post("/<int:engagement_id>/approve")
def approve(engagement_id: int) -> ResponseReturnValue:
    """Approve it and draw its sample."""
    act(commands.approve_engagement, engagement_id=engagement_id, note=request.form.get("note", ""))
    return redirect(url_for("engagements.show", engagement_id=engagement_id), 303)


@bp.post("/<int:engagement_id>/refuse")
def refuse(engagement_id: int) -> ResponseReturnValue:
    """Refuse it."""
    try:
        act(commands.refuse_engagement, engagement_id=engagement_id, note=request.form.get("note", ""))
    except InvalidAnswers as wrong:
        return _show(engagement_id, next(iter(wrong.problems.values()))[0]), 422
    return redirect(url_for("engagements.show", engagement_id=engagement_id), 303)


@bp.post("/<int:engagement_id>/end")
def end(engagement_id: int) -> ResponseReturnValue:
    """End it now."""
    act(commands.end_engagement, engagement_id=engagement_id)
    return redirect(url_for("engagements.show", engagement_id=engagement_id), 303)


@bp.post("/unredacted/<int:bare_id>")
def decide_unredacted(bare_id: int) -> ResponseReturnValue:
    """Give or refuse leave to print one C3 dossier whole."""
    act(decide_bare_print, bare_id=bare_id, approve=request.form.get("approve") == "1")
    return redirect(url_for("engagements.listed"), 303)


def _page(typed: dict[str, Any] | None = None, problems: dict[str, Message] | None = None) -> str:
    today = civil_date(now())
    with reading() as connection:
        rows = register.engagements(connection, house().rules, me())
        shown = {
            "rows": [(row, register.standing(row, today)) for row in rows],
            "asks": waiting_for(house().rules, connection, me()),
            "reasons": {},
            "typed": typed or {},
            "problems": problems or {},
            "today": today,
            **_choices(connection),
            **_names(connection, rows),
        }
        shown["reasons"] = {row.id: house().vault.open(row.reason_sealed).decode() for row in shown["asks"]}
        shown["people"] |= directory.people(connection, {row.asked_by for row in shown["asks"]})
    return render_template("engagements.html", **shown)


def _choices(connection: Connection) -> dict[str, Any]:
    """What the form offers: units in her charge, auditors of their counties, kinds, rules of a sample."""
    known = chart(connection)
    units = [
        unit
        for unit in known.units.values()
        if unit.kind in _AUDITED and permitted(Permission.ASK_ENGAGEMENT, commands.Place(unit.id, unit.path))
    ]
    above = {int(part) for unit in units for part in unit.path.split(".") if part}
    auditors = {h.account_id: h.name for u in sorted(above) for h in holders(connection, AUDITOR, u, civil_date(now()))}
    mine = {me().id: me().name} if me().holds(AUDITOR) else auditors
    kinds = {key: gettext(process.title) for key, process in house().catalogue.items() if process.series}
    units.sort(key=lambda unit: (unit.path.count("."), unit.code))
    return {"units_to_choose": units, "auditors": mine, "kinds": kinds, "rules": RULES}


def _names(connection: Connection, rows: list[Row[Any]]) -> dict[str, Any]:
    people = {i for row in rows for i in (row.auditor_id, row.asked_by, row.decided_by, row.ended_by)}
    return {
        "people": directory.people(connection, people),
        "unit_names": directory.unit_names(connection, {row.unit_id for row in rows}),
        "standings": register.STANDING_NAMES,
    }


def _show(engagement_id: int, problem: Message | None = None) -> str:
    today, rules, vault = civil_date(now()), house().rules, house().vault
    with reading() as connection:
        row = register.engagement_seen(connection, rules, me(), engagement_id)
        standing = register.standing(row, today)
        mine = row.auditor_id == me().id and standing is register.Standing.RUNNING
        found = _dossiers(connection, engagement_id) if mine else None
        told = me().id in (row.auditor_id, row.asked_by) or register.may_decide(rules, me(), row)
        shown = {
            "row": row,
            "standing": standing,
            "dossiers": found,
            "batches": register.batches(connection, engagement_id),
            "reason": vault.open(row.reason_sealed).decode() if told else "",
            "answer": vault.open(row.answer_sealed).decode() if told and row.answer_sealed else "",
            "may_decide": standing is register.Standing.ASKED and register.may_decide(rules, me(), row),
            "may_end": standing in (register.Standing.RUNNING, register.Standing.AHEAD)
            and register.may_end(rules, me(), row),
            "counted": row.auditor_id == me().id or not row.confidential,
            "kinds": {key: gettext(process.title) for key, process in house().catalogue.items()},
            "rules": RULES,
            "open_classes": OPEN_CLASSES,
            "number_for": number_for,
            "problem": problem,
            **_names(connection, [row]),
        }
    if found is not None:
        ids = [case.id for case in found.rows]
        act(log_audit, key=new_key(), engagement_id=engagement_id, case_ids=ids, what="list")
    return render_template("engagement.html", **shown)


def _dossiers(connection: Connection, engagement_id: int) -> DossierList:
    return dossiers(house(), connection, me(), engagement_id, after=request.args.get("after", "")[:40])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _plain(sample: dict[str, Any]) -> dict[str, Any]:
    """Only what the rule of the sample asks for."""
    wanted = {"numbers": ("numbers",), "nth": ("n",), "random": ("n",)}.get(sample["rule"], ())
    return {"rule": sample["rule"] or "all", **{name: sample[name] for name in wanted}}
