"""Rules that need the agreement: until when it can be confirmed, which items are due, and what a broken one leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.messages import N_, Message
from workflows.form import papers_missing
from workflows.processes.mediation import register
from workflows.processes.mediation.wording import ruled
from workflows.processes.mediation_after import effects
from workflows.processes.mediation_after.forms import FORMS

if TYPE_CHECKING:
    from datetime import date

    from engine.process_type import Answers, CaseView, Problems


def examine(view: CaseView, form: str, values: Answers) -> Problems:
    """Everything that is wrong with the answers, by field path."""
    problems = papers_missing(FORMS[form], values, view.papers(form))
    for name in ("offeredOn", "requestedOn", "checkedDay", "courtOn"):
        problems |= _not_later(values.get(name), view.today, name)
    rule = {"confirm": _confirm, "perform": _perform}.get(form)
    for path, found in (rule(view, values) if rule else {}).items():
        problems.setdefault(path, []).extend(found)
    return problems


def _not_later(day: date | None, last: date, path: str) -> Problems:
    if day is None or day <= last:
        return {}
    text = N_("填写的是 {seen}，不能晚于今天（{today}）")
    return {path: [Message(text, {"seen": day.isoformat(), "today": last.isoformat()})]}


def _confirm(view: CaseView, values: Answers) -> Problems:
    line = register.standing(view)
    day, until = values.get("requestedOn"), line.confirm_until
    if values.get("decision") == "LAPSED" and view.today <= until:
        text = Message(N_("还可以申请到 {last}"), {"last": until.isoformat()})
        return {"decision": [ruled(text, "RML33", code="NOT_LAPSED")]}
    if day is None:
        return {}
    if day < line.effective_on:
        text2 = N_("填写的是 {seen}，不能早于协议生效日期（{first}）")
        return {"requestedOn": [Message(text2, {"seen": day.isoformat(), "first": line.effective_on.isoformat()})]}
    if day > until:
        shown = {"seen": day.isoformat(), "last": until.isoformat()}
        text = Message(N_("填写的是 {seen}，共同申请司法确认到 {last} 为止"), shown)
        return {"requestedOn": [ruled(text, "RML33", code="TOO_LATE")]}
    return {}


def _perform(view: CaseView, values: Answers) -> Problems:
    due = {item.slot: item for item in effects.due_items(view)}
    confirmed = register.standing(view).confirmation == "CONFIRMED"
    found = values.get("results") or []
    problems: Problems = {}
    for each in found:
        path, item = f"results.{each['slot']}", due.get(each.get("term"))
        if item is None:
            problems[f"{path}.term"] = [Message(N_("第 {term} 项没有到期，或者已经核对"), {"term": each.get("term")})]
            continue
        if each.get("found") in ("PART", "BROKEN") and item.due_on >= view.today:
            shown = {"day": item.due_on.isoformat()}
            problems[f"{path}.found"] = [Message(N_("履行期限是 {day}，当天结束以后才能登记为没有履行"), shown)]
        right = "ENFORCEMENT" if confirmed else "SUIT"
        if each.get("told") not in (None, right):
            text = N_("经司法确认的可以申请强制执行，没有确认的可以起诉")
            problems[f"{path}.told"] = [ruled(Message(text), "RML33", code="WRONG_WAY")]
    terms = [each.get("term") for each in found]
    if len(set(terms)) < len(terms) or (set(due) - set(terms) and not problems):
        wanted = "、".join(str(slot) for slot in due)
        problems["results"] = [Message(N_("请把到期的约定各登记一次：第 {terms} 项"), {"terms": wanted})]
    return problems
