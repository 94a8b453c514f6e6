"""What each form of a conference opens with: what is known from the matter, the bodies asked, the decisions to follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from engine.process_type import Prepared
from workflows.processes.joint_conference import wording
from workflows.processes.joint_conference.decisions import results_of, silent, still_open

if TYPE_CHECKING:
    from engine.process_type import CaseView

_BODIES = dict(wording.BODY)


def prepare(view: CaseView, form: str) -> Prepared:
    """Values to start from, and what the person must know."""
    given = _FORMS.get(form)
    return given(view) if given else Prepared()


def _convene(view: CaseView) -> Prepared:
    told = view.form("referred") or {}
    again = view.form("minutes") or {}
    notes = []
    if told.get("question"):
        notes.append(Message(N_("需要会上解决：{question}"), {"question": told["question"]}))
    if again.get("nextOn"):
        notes.append(Message(N_("上次纪要定的下次会议日期：{day}"), {"day": again["nextOn"]}))
    before = view.form("convene") or {}
    initial = {"type": told.get("type"), "agenda": told.get("subject"), **before, "meetsOn": again.get("nextOn")}
    return Prepared(initial, notes)


def _reports(view: CaseView) -> Prepared:
    members = (view.form("convene") or {}).get("members") or ()
    lines = [{"slot": n, "body": each["body"], "came": "PRESENT"} for n, each in enumerate(members, 1)]
    return Prepared({"held": "HELD", "reports": lines})


def _minutes(view: CaseView) -> Prepared:
    before, issued = view.form("minutes") or {}, view.form("issue") or {}
    meets = (view.form("convene") or {}).get("meetsOn")
    if before.get("heldOn") == meets or issued.get("issued") == "RETURN":
        notes = [Message(N_("退回的理由：{reason}"), {"reason": issued["reason"]})] if issued.get("reason") else []
        return Prepared(before or {"heldOn": meets}, notes)
    return Prepared({"heldOn": meets})


def _sent(view: CaseView) -> Prepared:
    lines = [{"slot": n, "body": body} for n, body in enumerate(silent(view), 1)]
    return Prepared({"sent": lines}, [Message(N_("没有到会也没有音信的单位，不当作已经知道会议内容"))])


def _receipts(view: CaseView) -> Prepared:
    """What is known of each; what is still missing is asked for again."""
    told = (view.form("minutes_receipts") or {}).get("receipts") or ()
    known = {each["slot"]: each for each in told if each["receipt"] != "NOT_YET"}
    sent = (view.form("minutes_sent") or {}).get("sent") or ()
    lines = [known.get(n, {"slot": n, "body": body}) for n, body in enumerate(silent(view), 1)]
    notes = [
        Message(N_("{body}：{day} 送达纪要"), {"body": Message(_BODIES[each["body"]]), "day": each["sentOn"]})
        for each in sent
    ]
    return Prepared({"receipts": lines}, notes)


def _follow(view: CaseView) -> Prepared:
    minutes, known = view.form("minutes") or {}, results_of(view)
    lines = [
        {
            "slot": n,
            "item": int(each["slot"]),
            **{k: v for k, v in known.get(int(each["slot"]), {}).items() if k != "slot"},
        }
        for n, each in enumerate(minutes.get("decisions") or (), 1)
    ]
    notes = [
        Message(
            N_("第 {item} 项（{owner}，{due} 前）：{action}"),
            {
                "item": each.item,
                "owner": Message(_BODIES[each.owner]),
                "due": each.due_on.isoformat(),
                "action": each.action,
            },
        )
        for each in still_open(view)
    ]
    return Prepared({"heldOn": minutes.get("heldOn"), "results": lines}, notes)


_FORMS: Mapping[str, Callable[[Any], Prepared]] = {
    "convene": _convene,
    "reports": _reports,
    "minutes": _minutes,
    "minutes_sent": _sent,
    "minutes_receipts": _receipts,
    "follow": _follow,
}
