"""A matter that has come again: what follows from how it stands with the earlier item (条例 19, 35, 36), and who hears of it.

One in hand, or under review, is joined without a second clock. After a decision she may bring new facts, or be told of the review
she may still ask for; after the recheck the same facts are not taken again, which P-03 explains with what can still be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, update

from engine.access import CONFIDENTIAL
from engine.messages import N_, Message
from engine.model_links import REPEAT
from engine.process_type import Prepared
from workflows import organisation
from workflows.posts import UnitKind
from workflows.processes.petition import matching, moves, register, routing, wording
from workflows.processes.petition.register import petition_register
from workflows.processes.petition.wording import ruled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from engine.process_type import Answers, CaseView, Problems
    from workflows.processes.petition.matching import Candidate

#: how it stands with the earlier item → what the one that has come may be to it
ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "hand": ("JOIN",),
    "again": ("JOIN", "NEW_FACTS"),
    "window": ("NEW_FACTS", "OFFER_REVIEW"),
    "final": ("NEW_FACTS", "CLOSED_FOR_EVER"),
    "over": ("NEW_FACTS",),
}
#: relation → body that P-03 names
LED: Final = {"OFFER_REVIEW": "HIGHER", "CLOSED_FOR_EVER": "NONE"}
_COUNT = (
    update(petition_register)
    .where(petition_register.c.case_id == bindparam("b_case"))
    .values(
        repeat_count=petition_register.c.repeat_count + 1,
        people=bindparam("b_people"),
        collective=bindparam("b_collective"),
        major=bindparam("b_major"),
    )
)
_WHY = {
    "subject": N_("同一人"),
    "phone": N_("电话和类别相同"),
    "name": N_("姓名相同，类别或者地点也相同（只是线索）"),
    "text": N_("文字相近"),
}
_STAGE = {
    "window": N_("已办结，{until} 前可以申请复查或者复核"),
    "again": N_("正在复查复核"),
    "final": N_("已复核终结"),
}
_HIDDEN = N_("有一件可能相同的事项，请询问承办人或者权益部部长")
_HINT = N_("查到的只是线索（文字相近尤其如此），是否同一事项由您判断")
_REFUSED = {
    "hand": (N_("{number} 还在办理：同一事项只能并入"), "条例19"),
    "JOIN": (N_("{number} 已经办结，不能并入"), "条例19"),
    "OFFER_REVIEW": (N_("{number} 不在申请复查、复核的期限内"), "条例35、条例36"),
    "CLOSED_FOR_EVER": (N_("{number} 没有复核终结：只有复核以后才不再受理"), "条例36"),
}


def told(view: CaseView) -> Prepared:
    """What was found, with the reasons; of what the actor may not read, that there is something to ask about."""
    both = matching.found(view)
    notes = [Message(N_("{why}：{number}，{on} 收到，{state}"), _words(each)) for each in both.shown]
    notes += [Message(_HIDDEN)] if both.hidden else []
    return Prepared({}, [*notes, Message(_HINT)] if notes else [])


def _words(found: Candidate) -> dict[str, Any]:
    until = found.window.until.isoformat() if found.window else ""
    state = (
        Message(_STAGE[found.stage], {"until": until}) if found.stage in _STAGE else Message(wording.STATE[found.state])
    )
    return {"why": _joined(found.why), "number": found.number, "on": found.received_on.isoformat(), "state": state}


def _joined(why: tuple[str, ...]) -> Message:
    first, rest = Message(_WHY[why[0]]), why[1:]
    return Message(N_("{first}、{rest}"), {"first": first, "rest": _joined(rest)}) if rest else first


def problems(view: CaseView, values: Answers) -> Problems:
    """JOIN only what is in hand, a review only within its period, closed for ever only after the recheck (条例 19, 35, 36)."""
    relation = values["relation"]
    named = "caseId" if values["caseId"] else "toldNumber"
    if relation in ("NEW", None) or not values[named]:
        return {}
    found = matching.chosen(view, values)
    if found is None:
        return {named: [Message(_UNKNOWN[named])]}
    if found.confidential and view.case.confidentiality not in CONFIDENTIAL:
        return {"caseId": [ruled(N_("前件是保密事项：请先把本件定为保密，再认定"), "D4")]}
    if relation not in ALLOWED[found.stage]:
        text, clause = _REFUSED["hand" if found.stage == "hand" else relation]
    elif relation == "OFFER_REVIEW" and found.window is not None and view.today > found.window.until:
        text, clause = N_("复查、复核申请期到 {limit} 为止，已经过了"), "条例35、条例36"
    else:
        return {}
    if named == "toldNumber":  # of an item she may not read nothing is said, not even how it stands
        return {named: [ruled(N_("与承办人告知的情况不符：请向承办人核对编号和办理情况"), "条例19")]}
    limit = found.window.until.isoformat() if found.window else ""
    return {"relation": [ruled(text, clause, number=found.number, limit=limit)]}


_UNKNOWN = {
    "caseId": N_("请从所列事项中选择"),
    "toldNumber": N_("与承办人告知的情况不符：请向承办人核对编号和办理情况"),
}


def noted(view: CaseView, values: Answers) -> None:
    """An item that is its own although the matter came before is linked to the earlier one; whoever waits for her hears."""
    if values["relation"] not in wording.SAME or values["relation"] == "JOIN":
        return
    found = matching.chosen(view, values)
    assert found is not None  # noqa: S101 - `problems` has found it
    _repeat_of(view, found.case_id)
    if values["relation"] == "OFFER_REVIEW" and found.window is not None:
        view.notify(found.window.post, found.window.unit_id, "petition.review_offered", other=found.case_id)


def join(view: CaseView) -> Mapping[str, Any]:
    """Add this item to the one in hand (条例 19): no second clock; that one's count rises, and the receivers of both hear."""
    found = matching.chosen(view, view.form("match") or {})
    assert found is not None  # noqa: S101 - `problems` has found it
    _repeat_of(view, found.case_id, state="joined", closed_on=view.today)
    other = register.entry(view.connection, found.case_id)
    assert other is not None  # noqa: S101 - candidates are lines of the register
    mine = register.standing(view)
    view.change(_COUNT, {"b_case": other.case_id, **_greater(mine, other)})
    hear = [moves.receiver(view, other.unit_id), (other.first_post, other.first_unit_id)]
    if mine.first_asked != view.actor.id:
        hear.append((mine.first_post, mine.first_unit_id))
    for post, unit_id in dict.fromkeys(hear):
        view.notify(post, unit_id, "petition.joined", other=other.case_id)
    return {}


def _greater(mine: Row[Any], other: Row[Any]) -> dict[str, Any]:
    """A matter is as great as it has become, whichever item told so (S001-4)."""
    together = {"b_collective": mine.collective or other.collective, "b_major": mine.major or other.major}
    return {"b_people": max(mine.people, other.people), **together}


def _repeat_of(view: CaseView, other_id: int, **columns: Any) -> None:
    """Say that this item is another one come again."""
    other = register.entry(view.connection, other_id)
    count = (other.repeat_count if other is not None else 0) + 1
    register.set_columns(view, repeat_of=other_id, repeat_count=count, **columns)
    view.link(other_id, REPEAT)


def misled(view: CaseView, values: Answers) -> Problems:
    """P-03 names the higher federation for a review that is offered, nobody after a recheck, and neither otherwise."""
    meant = LED.get((view.form("match") or {}).get("relation", ""))
    if values["bodyKind"] is None or meant == values["bodyKind"] or not (meant or values["bodyKind"] in LED.values()):
        return {}
    if meant:
        text = N_("本件已认定为“{relation}”：有权处理的机关应为“{body}”")
        relation = wording.label(wording.RELATION, (view.form("match") or {})["relation"])
        body = wording.label(wording.BODY_KIND, meant)
        return {"bodyKind": [ruled(text, "条例35、条例36", relation=relation, body=body)]}
    return {"bodyKind": [ruled(N_("没有认定复查期内或者复核终结的，不能这样引导"), "条例35、条例36")]}


def led(view: CaseView) -> tuple[dict[str, Any], list[Message]]:
    """What P-03 starts with when the matter was decided before, and why; nothing for other items."""
    answers = view.form("match") or {}
    relation = answers.get("relation")
    if relation not in LED:
        return {}, []
    initial = {"bodyKind": LED[relation], "forwarded": False, "legalAidOffered": True}
    if relation == "CLOSED_FOR_EVER":
        text = N_("已复核终结：同一事实和理由不再受理；说明理由，写明妇联还能做什么")
        return {**initial, "body": "没有其他机关再受理"}, [ruled(text, "条例36")]
    above = next((u for u in organisation.ancestors(view.connection, view.case.unit_id) if u.kind in _HIGHER), None)
    text = N_("还在申请复查、复核的期限内：告知向哪一级妇联、在哪一天以前提出")
    return {**initial, "body": above.name if above else "上一级妇女联合会"}, [ruled(text, "条例35、条例36")]


_HIGHER: Final = tuple(kind for kind in routing.HANDLERS if kind is not UnitKind.VILLAGE)
