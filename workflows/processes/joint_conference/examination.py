"""Rules of each form that need the case: everybody who was asked is accounted for, and every decision has its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from workflows.form import papers_missing
from workflows.processes.joint_conference import nameless, wording
from workflows.processes.joint_conference.decisions import silent
from workflows.processes.joint_conference.forms import FORMS

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView, Problems

#: a high-risk case is looked at again so often until it is lowered (P8)
AGAIN = timedelta(days=30)
_BODIES = dict(wording.BODY)


def examine(view: CaseView, form: str, values: Answers) -> Problems:
    """Everything that is wrong with the answers, by field path."""
    problems = papers_missing(FORMS[form], values, view.papers(form))
    rule = _RULES.get(form)
    for found in (nameless.problems(view, form, values), rule(view, values) if rule else {}):
        for path, said in found.items():
            problems.setdefault(path, []).extend(said)
    return problems


def _reports(view: CaseView, values: Answers) -> Problems:
    if values["held"] != "HELD":
        return {}
    asked = Counter(each["body"] for each in (view.form("convene") or {}).get("members") or ())
    told = Counter(each["body"] for each in values["reports"] or ())
    problems: Problems = {}
    if left_out := [body for body in asked if told[body] < asked[body]]:
        text = N_("请到的单位都要有一行，没有来的写明原因；还缺：{bodies}")
        problems["reports"] = [Message(text, {"bodies": _named(left_out)})]
    for each in values["reports"] or ():
        if each["body"] and each["body"] not in asked:
            text = N_("“{body}”不在这次会议的成员单位里")
            problems[f"reports.{each['slot']}.body"] = [Message(text, {"body": _named([each["body"]])})]
    return problems


def _named(bodies: list[str]) -> Message:
    first, *rest = bodies
    named = Message(_BODIES[first])
    return Message(N_("{first}、{rest}"), {"first": named, "rest": _named(rest)}) if rest else named


def _minutes(view: CaseView, values: Answers) -> Problems:
    asked = {each["body"] for each in (view.form("convene") or {}).get("members") or ()} | {"FEDERATION"}
    problems: Problems = {}
    for each in values["decisions"] or ():
        if each["owner"] and each["owner"] not in asked:
            text = N_("“{body}”没有参加会议，不能替它议定；请先请它到会，或由到会单位牵头")
            path = f"decisions.{each['slot']}.owner"
            problems[path] = [Message(text, {"body": Message(_BODIES[each["owner"]])})]
    if values["heldOn"] and values["heldOn"] > view.today:
        dates = {"seen": values["heldOn"].isoformat(), "limit": view.today.isoformat()}
        problems["heldOn"] = [Message(N_("填写的是 {seen}，会议还没有开；纪要在会后填写（今天是 {limit}）"), dates)]
    if (view.form("convene") or {}).get("type") == "RISK" and values["heldOn"]:
        problems |= _soon_enough(values["heldOn"], values["nextOn"])
    return problems


def _soon_enough(held: date, following: date | None) -> Problems:
    latest = held + AGAIN
    if following is not None and following <= latest:
        return {}
    dates = {"seen": following.isoformat() if following else "—", "limit": latest.isoformat()}
    text = N_("高风险个案每 30 天议一次，直到降级：填写的是 {seen}，下次会议最迟 {limit}（P8）")
    return {"nextOn": [Message(text, dates)]}


def _follow(view: CaseView, values: Answers) -> Problems:
    minutes = view.form("minutes") or {}
    problems: Problems = {}
    if values["heldOn"] and values["heldOn"].isoformat() != minutes.get("heldOn"):
        dates = {"seen": values["heldOn"].isoformat(), "limit": minutes.get("heldOn", "—")}
        problems["heldOn"] = [Message(N_("填写的是 {seen}，要跟踪的是 {limit} 的会议"), dates)]
    wanted = {int(each["slot"]) for each in minutes.get("decisions") or ()}
    told = Counter(each["item"] for each in values["results"] or () if each["item"])
    if missing := sorted(wanted - told.keys()):
        text = N_("每一项议定事项都要有一行；还缺第 {items} 项")
        problems["results"] = [Message(text, {"items": "、".join(map(str, missing))})]
    for each in values["results"] or ():
        path = f"results.{each['slot']}"
        if each["item"] and (each["item"] not in wanted or told[each["item"]] > 1):
            text = N_("第 {item} 项不在会议纪要里，或者写了两次")
            problems[f"{path}.item"] = [Message(text, {"item": each["item"]})]
        if each["newDueOn"] and each["newDueOn"] <= view.today:
            dates = {"seen": each["newDueOn"].isoformat(), "limit": view.today.isoformat()}
            problems[f"{path}.newDueOn"] = [Message(N_("填写的是 {seen}，新的期限应在今天（{limit}）以后"), dates)]
    return problems


def _sent(view: CaseView, values: Answers) -> Problems:
    problems = _of_the_silent(view, values["sent"] or (), "sent")
    met = (view.form("minutes") or {}).get("heldOn", "")
    for each in values["sent"] or ():
        problems |= _between(view, each, "sent", "sentOn", met)
    return problems


def _receipts(view: CaseView, values: Answers) -> Problems:
    problems = _of_the_silent(view, values["receipts"] or (), "receipts")
    sent = {each["body"]: each["sentOn"] for each in (view.form("minutes_sent") or {}).get("sent") or ()}
    for each in values["receipts"] or ():
        for name in ("receivedOn", "remindedOn"):
            problems |= _between(view, each, "receipts", name, sent.get(each["body"], ""))
    return problems


def _of_the_silent(view: CaseView, lines: Sequence[Mapping[str, Any]], field: str) -> Problems:
    """Every body that was silent has its line, and no other has."""
    wanted, told = Counter(silent(view)), Counter(each["body"] for each in lines if each["body"])
    problems: Problems = {}
    if missing := sorted((wanted - told).elements()):
        text = N_("没有音信的单位都要有一行；还缺：{bodies}")
        problems[field] = [Message(text, {"bodies": _named(missing)})]
    for each in lines:
        if each["body"] and told[each["body"]] > wanted[each["body"]]:
            text = N_("“{body}”不在没有音信的单位里，或者写了两次")
            problems[f"{field}.{each['slot']}.body"] = [Message(text, {"body": _named([each["body"]])})]
    return problems


def _between(view: CaseView, line: Mapping[str, Any], field: str, name: str, first: str) -> Problems:
    """A day that is not before the first possible one, nor in the future."""
    on = line[name]
    if on is None or (first <= on.isoformat() and on <= view.today):
        return {}
    dates = {"seen": on.isoformat(), "first": first, "last": view.today.isoformat()}
    return {f"{field}.{line['slot']}.{name}": [Message(N_("填写的是 {seen}，应在 {first} 至 {last} 之间"), dates)]}


def _report_back(view: CaseView, values: Answers) -> Problems:
    problems: Problems = {}
    if values["meetsAgain"] and not (view.form("minutes") or {}).get("nextOn"):
        problems["meetsAgain"] = [Message(N_("纪要里没有下次会议日期；要再开会的，请由权益部部长另行召集"))]
    risk = (view.form("convene") or {}).get("type") == "RISK"
    if risk and values["meetsAgain"] is False and not values["endReason"]:
        problems["endReason"] = [Message(N_("高风险个案不再开会的，须写明理由：已由评估人员降级，或者已结案（P8）"))]
    return problems


_RULES: Mapping[str, Callable[[Any, Any], Problems]] = {
    "reports": _reports,
    "minutes": _minutes,
    "minutes_sent": _sent,
    "minutes_receipts": _receipts,
    "follow": _follow,
    "report_back": _report_back,
}
