"""The further verbs of a task: one page each, which says what will happen before it does; and the same by JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import co_signing
from engine.commands.at_step import VERBS, known_verb
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotNow, SignatureRequired
from engine.messages import N_, Message
from engine.process_type import Problems
from engine.queries.standing import Offer, offer
from engine.runtime import Answer
from webui import directory, proof
from webui.errors import status_of
from webui.language import gettext
from webui.runtime import act, house, me, now, posted_key, reading
from webui.task_view import Showing, render
from webui.tasks import keep, posted
from webui.verb_words import WORDS
from workflows.entering import TooManyAttempts

bp = Blueprint("verbs", __name__, url_prefix="/tasks/<int:task_id>")


def parameters(verb: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a verb out of what was sent; InvalidAnswers names what cannot be read, field by field."""
    problems: Problems = {}
    found: dict[str, Any] = {}
    for name, read in _FIELDS[verb].items():
        try:
            found[name] = read(sent.get(name))
        except (ValueError, TypeError):
            wanted = Message(_WANTED.get(name, N_("填写的内容无法识别：{seen}")), {"seen": str(sent.get(name))[:40]})
            problems[name] = [wanted]
    if problems:
        raise InvalidAnswers(problems)
    return found


def _number(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(value)
    return int(value)


def _numbers(value: Any) -> list[int]:
    if value is None or isinstance(value, str | bytes):
        raise TypeError(value)
    return [_number(each) for each in value]


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise TypeError(value)
    return value or ""


def _day(value: Any) -> date:
    return date.fromisoformat(value)


def _yes(value: Any) -> bool:
    return value in (True, "1")


_FIELDS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "transfer": {"to": _number, "reason": _text},
    "delegate": {"to": _number, "note": _text},
    "hand_back": {"note": _text},
    "add_signers": {"people": _numbers, "place": _text, "reason": _text, "in_order": _yes},
    "remove_signer": {"seat_id": _number, "reason": _text},
    "return": {"target": _text, "reason": _text, "whole": _yes},
    "recall": {"reason": _text},
    "suspend": {"reason": _text, "until": _day},
    "resume": {},
    "terminate": {"reason": _text},
}
_WANTED = {
    "to": N_("请选择一位同事；见到“{seen}”"),
    "people": N_("请选择一位或几位同事；见到“{seen}”"),
    "seat_id": N_("请选择要减去的加签人；见到“{seen}”"),
    "until": N_("请写明预计日期，如 2026-06-30；见到“{seen}”"),
}


def perform(verb: str, task: Any, sent: Mapping[str, Any], *, key: str, version: int) -> Answer:
    """Run a verb on a task row for the person signed in."""
    found = parameters(verb, sent)
    if verb == "terminate":
        return act(VERBS[verb], key=key, case_id=task.case_id, **found)
    return act(VERBS[verb], key=key, task_id=task.id, seen_version=version, **found)


@bp.post("/verbs")
def leave(task_id: int) -> ResponseReturnValue:
    """From the form of a task to the page of a verb; what has been typed is kept first."""
    verb = known_verb(request.form.get("_verb", ""))
    keep(task_id, posted(task_id))
    return redirect(url_for("verbs.ask", task_id=task_id, verb=verb), 303)


@bp.get("/verbs/<verb>")
def ask(task_id: int, verb: str) -> ResponseReturnValue:
    """The page of one verb: what it will do, and what it needs to know."""
    return _page(task_id, known_verb(verb))


@bp.post("/verbs/<verb>")
def do(task_id: int, verb: str) -> ResponseReturnValue:
    """Do it: 303 to what it led to, or the page again with what was typed and what is wrong."""
    known_verb(verb)
    sent: dict[str, Any] = {**request.form, "people": request.form.getlist("people")}
    version = request.form.get("_version", "")
    with reading() as connection:
        job = offer(house(), connection, me(), task_id, verb).task
    try:
        seen = int(version) if version.isdecimal() and len(version) < 10 else 0
        answer = perform(verb, job, {**sent, "people": _in_turn(sent)}, key=posted_key(), version=seen)
    except InvalidAnswers as wrong:
        return _page(task_id, verb, sent, wrong.problems, wrong)
    except (NotNow, Forbidden) as refused:
        return _page(task_id, verb, sent, {}, refused)
    if verb == "terminate":
        return redirect(url_for("cases.show", case_id=job.case_id), 303)
    there = answer.content["task_id"] if verb == "recall" else task_id
    return redirect(url_for("tasks.show", task_id=there, did=verb), 303)


def _in_turn(sent: Mapping[str, Any]) -> list[str]:
    """The people as they were chosen; who is to sign in order, by the turns typed. InvalidAnswers for two at one turn."""
    people: list[str] = sent["people"]
    if sent.get("in_order") != "1":
        return people
    typed = {each: str(sent.get(f"turn_{each}", "")).strip() for each in people}
    turns = [int(turn) for turn in typed.values() if turn.isdecimal()]
    if len(turns) < len(people) or len(set(turns)) < len(turns):
        text = N_("依次签署的，请给每位选中的同事写明第几位，各不相同，如 1、2、3；见到“{seen}”")
        raise InvalidAnswers({"turn": [Message(text, {"seen": "、".join(typed.values())})]})
    return sorted(people, key=lambda each: int(typed[each]))


def _page(
    task_id: int,
    verb: str,
    sent: Mapping[str, Any] | None = None,
    problems: Problems | None = None,
    refused: EngineError | None = None,
) -> ResponseReturnValue:
    with reading() as connection:
        found = offer(house(), connection, me(), task_id, verb)
        shown = {
            "offer": found,
            "words": WORDS[verb],
            "sent": sent or {},
            "problems": {name: told[0].render(gettext) for name, told in (problems or {}).items()},
            "refused": refused.render(gettext) if refused and not problems else "",
            "names": directory.people(connection, _named(found)),
            "units": directory.unit_names(connection, {unit for _, _, unit in found.people}),
            "field": "note" if verb in ("delegate", "hand_back") else "reason",
            "tomorrow": now().date().isoformat(),
        }
        status = status_of(refused) if refused else 200
        return render_template("verb.html", **shown), status


def _named(found: Offer) -> set[int]:
    return {account for account, _, _ in found.people} | {row.assignee_id for row in found.seats}


def _agrees(said: str) -> bool:
    if said not in ("1", "0"):
        raise InvalidAnswers({"agrees": [Message(N_("请选择同意或不同意"))]})
    return said == "1"


@bp.post("/opinion")
def opinion(task_id: int) -> ResponseReturnValue:
    """Sign an opinion in a seat of a step with several signers."""
    sent = {"opinion": request.form.get("_opinion", ""), "agrees": request.form.get("_agrees", "")}
    version = request.form.get("_version", "")
    extra = {f"_{name}": value for name, value in sent.items()}
    try:
        agrees = _agrees(sent["agrees"])
        signature = proof.posted() if request.form.get("_password") else None
        act(
            co_signing.sign_opinion,
            key=posted_key(),
            task_id=task_id,
            agrees=agrees,
            opinion=sent["opinion"],
            seen_version=int(version) if version.isdecimal() and len(version) < 10 else 0,
            signature=signature,
        )
    except InvalidAnswers as wrong:
        aside = {f"_{name}": told[0].render(gettext) for name, told in wrong.problems.items()}
        return render(task_id, Showing(aside=aside, extra=extra)), 422
    except (SignatureRequired, TooManyAttempts) as unsigned:
        aside = {"_password": unsigned.render(gettext)}
        return render(task_id, Showing(aside=aside, extra=extra)), status_of(unsigned)
    except EngineError as refused:
        return render(task_id, Showing(note=refused.render(gettext), extra=extra)), status_of(refused)
    return redirect(url_for("tasks.show", task_id=task_id, did="opinion"), 303)
