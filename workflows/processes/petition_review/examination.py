"""Rules of review and recheck that need the item: her thirty days, papers, impossible days, the safe way (条例 35, 36)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.messages import N_, Message
from workflows.form import papers_missing
from workflows.processes.petition_review import wording
from workflows.processes.petition_review.forms import FORMS
from workflows.processes.petition_review.periods import last_day
from workflows.safe_contact import refused

if TYPE_CHECKING:
    from datetime import date

    from engine.process_type import Answers, CaseView, Problems

_RULE: Final = {"review_window": wording.REVIEW_PERIOD, "recheck_window": wording.RECHECK_PERIOD}
_NOT_OVER: Final = N_("期限还没有满：{begun} 送达，最后一天是 {last}，期满后再登记“没有申请” —— 依据：{rule}")
_TOO_EARLY: Final = N_("填写的是 {seen}，早于送达日期 {begun}")
_TOO_LATE: Final = N_(
    "填写的是 {seen}，已超过最后一天 {last}（{begun} 送达）：请选“超过期限才提出”，说明理由并提供帮助 —— 依据：{rule}"
)
_IN_TIME: Final = N_("填写的是 {seen}，没有超过最后一天 {last}：应当受理，请选“在期限内提出申请” —— 依据：{rule}")
_NOT_BEGUN: Final = N_(
    "意见书当时没有送达她，期限还没有起算：她收到以后填写收到日期，自那天起 30 日内都可以申请 —— 依据：{rule}"
)
#: days that lie behind, by form
_PAST: Final = {
    "review_outside": ("sentOn", "receivedOn"),
    "recheck_outside": ("sentOn", "receivedOn"),
    "review_delivered": ("deliveredOn",),
    "recheck_delivered": ("deliveredOn",),
    "carry_out": ("doneOn",),
    "hearing": ("heldOn",),
}


def examine(view: CaseView, form: str, values: Answers) -> Problems:
    """Everything that is wrong with the answers, by field path."""
    problems = papers_missing(FORMS[form], values, view.papers(form))
    for name in _PAST.get(form, ()):
        if values[name] and values[name] > view.today:
            problems[name] = [_later(values[name], view.today)]
    rule = _RULES.get(form)
    for path, found in (rule(view, form, values) if rule else {}).items():
        problems.setdefault(path, []).extend(found)
    return problems


def _later(seen: date, limit: date) -> Message:
    dates = {"seen": seen.isoformat(), "limit": limit.isoformat()}
    return Message(N_("填写的是 {seen}，不能晚于今天（{limit}）"), dates)


def _window(view: CaseView, form: str, values: Answers) -> Problems:
    for name in ("handedOn", "askedOn"):
        if values[name] is not None and values[name] > view.today:
            return {name: [_later(values[name], view.today)]}
    known = last_day(view, form, values["handedOn"])
    if known is not None:
        return _in_window(view, form, values, known)
    if values["asked"] in ("NONE", "LATE"):
        return {"asked": [Message(_NOT_BEGUN, {"rule": Message(_RULE[form])})]}
    return {}


def _in_window(view: CaseView, form: str, values: Answers, known: tuple[date, date]) -> Problems:
    begun, last = known
    asked, on = values["asked"], values["askedOn"]
    shown = {"begun": begun.isoformat(), "last": last.isoformat(), "rule": Message(_RULE[form])}
    if asked == "NONE" and view.today <= last:
        return {"asked": [Message(_NOT_OVER, shown)]}
    if on is None:
        return {}
    shown = {**shown, "seen": on.isoformat()}
    if on < begun:
        return {"askedOn": [Message(_TOO_EARLY, shown)]}
    wrong = _TOO_LATE if asked == "ASKED" and on > last else _IN_TIME if asked == "LATE" and on <= last else None
    return {} if wrong is None else {"asked": [Message(wrong, shown)]}


def _recheck(view: CaseView, form: str, values: Answers) -> Problems:  # noqa: ARG001
    if values["result"] == "HEARING" and view.form("hearing") is not None:
        return {
            "result": [
                Message(N_("已经听证过一次：请提出复核意见，听证不能再次停住期限（《信访工作条例》第三十六条）"))
            ]
        }
    return {}


def _delivered(view: CaseView, form: str, values: Answers) -> Problems:
    problems: Problems = {}
    if (why := refused(view, form, "way", values["way"])) is not None:
        problems["way"] = [why]
    if not view.papers(form).get("receipt") and not values["noReceiptReason"]:
        problems["noReceiptReason"] = [Message(N_("没有送达回证的，请写明理由"))]
    return problems


def _outside(view: CaseView, form: str, values: Answers) -> Problems:  # noqa: ARG001
    if values["sentOn"] and values["receivedOn"] and values["receivedOn"] < values["sentOn"]:
        dates = {"seen": values["receivedOn"].isoformat(), "limit": values["sentOn"].isoformat()}
        return {"receivedOn": [Message(N_("填写的是 {seen}，早于报送日期 {limit}"), dates)]}
    return {}


_RULES: Mapping[str, Callable[[Any, str, Any], Problems]] = {
    "review_window": _window,
    "recheck_window": _window,
    "recheck": _recheck,
    "review_delivered": _delivered,
    "recheck_delivered": _delivered,
    "review_outside": _outside,
    "recheck_outside": _outside,
}
