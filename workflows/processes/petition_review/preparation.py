"""What each form of review and recheck opens with: her last day, what she asked, what was decided before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.messages import N_, Message
from engine.process_type import Prepared
from workflows.processes.petition_review import wording
from workflows.processes.petition_review.periods import WINDOWS, last_day

if TYPE_CHECKING:
    from engine.process_type import CaseView

_RESULTS = dict(wording.RESULT)


def prepare(view: CaseView, form: str) -> Prepared:
    """Values to start from, and what the person must know."""
    if form in WINDOWS:
        known = last_day(view, form)
        if known is None:
            text = N_("意见书当时没有送达她：她的 30 日从她收到的那天起算，收到以前不能登记“没有申请”")
            return Prepared({}, [Message(text)])
        begun, last = known
        text = N_("{begun} 送达，最后一天是 {last}；信件以邮戳日期为准")
        return Prepared({}, [Message(text, {"begun": begun.isoformat(), "last": last.isoformat()})])
    if form == "review":
        return Prepared({}, [*_reasons(view, "review_window"), *_before(view)])
    if form == "recheck":
        return Prepared({}, [*_reasons(view, "recheck_window"), *_before(view), *_hearing(view)])
    return Prepared()


def _reasons(view: CaseView, window: str) -> list[Message]:
    asked = view.form(window) or {}
    text = N_("申请的理由（{day}）：{reasons}")
    return [Message(text, {"day": asked["askedOn"], "reasons": asked["reasons"]})] if asked.get("reasons") else []


def _before(view: CaseView) -> list[Message]:
    found = []
    if decided := (view.form("decide") or {}).get("text"):
        found.append(Message(N_("原处理意见：{text}"), {"text": decided}))
    reviewed = view.form("review") or view.form("review_outside") or {}
    if reviewed.get("result"):
        known = {"result": Message(_RESULTS[reviewed["result"]]), "text": reviewed.get("text") or ""}
        found.append(Message(N_("复查意见：{result}。{text}"), known))
    return found


def _hearing(view: CaseView) -> list[Message]:
    heard = view.form("hearing") or {}
    text = N_("听证意见（{day}）：{record}")
    return [Message(text, {"day": heard["heldOn"], "record": heard["record"]})] if heard else []
