"""The petition's own history entries in words: what D3 proposed, what the house did, what the register keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.events import Kind
from engine.messages import N_, Message
from workflows.processes.petition import wording
from workflows.processes.petition_review import wording as review

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OPERATIONS = {
    "petition.protect": N_("有暴力或未成年人受害迹象的，先另建保密事项"),
    "petition.find_same": N_("查找同一人同一事项"),
    "petition.join": N_("并入前件"),
    "petition.move_up": N_("上报上一级"),
    "petition.assigned": N_("看是否交办"),
    "petition.take_back": N_("退回转送单位"),
    "petition.open_mediation": N_("移送调解"),
    "petition.open_conference": N_("提请联席会议"),
    "petition.withdrawal": N_("核对撤回询问"),
    "petition.close": N_("登记办结"),
    **review.OPERATIONS,
}
REGISTERS = {"petition_register": N_("信访登记簿"), "parties": N_("当事人信息（用于核对回避）")}
_COLUMNS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "way": (N_("办理方式：{value}"), dict(wording.WAY)),
    "collective": (N_("群体信访：{value}"), {True: N_("是"), False: N_("否")}),
    "accepted_on": (N_("受理日期 {value}"), {}),
    "notice_on": (N_("告知日期 {value}"), {}),
    "concluded_on": (N_("作出处理意见 {value}"), {}),
    "outcome": (N_("办理结果：{value}"), {**dict(wording.OUTCOME), **dict(wording.DECIDED), **dict(wording.AT_WINDOW)}),
    "delivered_on": (N_("送达日期 {value}"), {}),
    "answered_on": (N_("得到答复 {value}"), {}),
    "rated": (N_("本人凭查询码评价：{value}"), dict(wording.SATISFACTION)),
    "satisfaction": (N_("满意度：{value}"), dict(wording.SATISFACTION)),
    "extended_until": (N_("延长到 {value}"), {}),
    "overdue": (N_("超期：{value}"), {True: N_("是，一直计为超期"), False: N_("否")}),
    "closed_on": (N_("结案日期 {value}"), {}),
}


def tell(kind: str, content: Mapping[str, Any]) -> Sequence[Message]:
    """Lines for an entry only the petition understands; none for every other kind."""
    if kind == Kind.OPERATION_PERFORMED and content.get("operation") in OPERATIONS:
        return [Message(OPERATIONS[content["operation"]])]
    if kind == Kind.DECISION_MADE and content.get("table") == "petition_routing":
        return [_proposed(hit) for hit in content.get("hits", ())]
    if kind == Kind.REGISTER_CHANGED and content.get("register") in REGISTERS:
        return list(_registered(content))
    return []


def _proposed(hit: Mapping[str, Any]) -> Message:
    """What the routing table proposes, with its reason and clause."""
    noted = hit.get("annotations") or {}
    return Message(N_("分流建议：{reason}"), {"reason": wording.ruled(noted.get("message", ""), hit.get("clause", ""))})


def _registered(content: Mapping[str, Any]) -> Iterator[Message]:
    register = Message(REGISTERS[content["register"]])
    for name, (text, names) in _COLUMNS.items():
        value = content.get(name)
        if value in (None, ""):
            continue
        shown: Any = Message(names[value]) if value in names else value
        yield Message(N_("{register}：{line}"), {"register": register, "line": Message(text, {"value": shown})})
