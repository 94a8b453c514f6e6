"""What the further verbs of a task are called, what they will do, and what they have done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.messages import N_
from webui.language import gettext


@dataclass(frozen=True)
class Words:
    """`means`: the consequences, told before; `done`: what happened, told after; `field`: what its text is for."""

    title: str
    icon: str
    short: str
    means: str
    button: str
    done: str
    field: str = ""
    danger: bool = False


WORDS: Mapping[str, Words] = {
    "transfer": Words(
        N_("转办"), "arrow-forward-up", N_("交给同岗位的另一位同事办理，不再回到您这里。"),
        N_("此件将转给您选择的同事，由她办理和签字，不再回到您这里；您暂存的内容会一并交给她，您自己的一份也保留。期限不变。"),
        N_("确认转办"), N_("已转办，新的办理人可以在收件箱中看到此件。"), N_("转办原因"),
    ),
    "delegate": Words(
        N_("委派"), "user-plus", N_("请同岗位的同事代为填写，填好交回，由您提交。"),
        N_("她填写表单、上传材料后交回，仍由您核对、签字和提交；在此期间您不能修改，但可以随时收回。您暂存的内容会交给她接着填。期限不变。"),
        N_("确认委派"), N_("已委派，填好交回后由您提交。"), N_("请她办什么"),
    ),
    "hand_back": Words(
        N_("交回"), "corner-up-left", N_("委派的件交回委派人；委派人可以随时收回。"),
        N_("此件将回到委派人手中，由她提交或另行处理；受委派人暂存的内容一并交给她，谁填的内容都不会丢失。"),
        N_("确认交回"), N_("已交回委派人。"), N_("说明（可不填）"),
    ),
    "add_signers": Words(
        N_("加签"), "users", N_("请其他同事先签署意见，或在您提交之后签署。"),
        N_("每位被请的同事收到自己的任务，签署意见。在您之前的：她们都签署后您才能提交。在您之后的：您提交后由她们签署，全部同意，此件才往下办；有人不同意，此件回到您这里，您填写的内容保留。期限不变。"),
        N_("确认加签"), N_("已请她们签署意见。"), N_("请她们就什么签署意见"),
    ),
    "remove_signer": Words(
        N_("减签"), "minus", N_("不再请某位尚未签署的同事。"),
        N_("她的任务将被取消。如果您已经提交、只等她一人，此件随即往下办。"),
        N_("确认减签"), N_("已减签。"), N_("减签原因"),
    ),
    "return": Words(
        N_("退回"), "arrow-back-up", N_("送回前面的环节补正，须一次写明全部原因。"),
        N_("此件将退回到您选择的环节，原因会告知那里的办理人。您和其他签署人填写的内容都会保留，本步骤的其他签署任务一并取消。"),
        N_("确认退回"), N_("已退回。"), N_("退回原因"), danger=True,
    ),
    "recall": Words(
        N_("撤回办理"), "rotate", N_("把您刚提交的收回来修改；下一环节还没有人动过才可以。"),
        N_("您提交的内容会收回，下一环节的任务取消，此步骤重新由您办理；表单中是您提交时的内容，已签的字留在记录中，修改后须重新签字。期限接着原来的计算。"),
        N_("确认撤回办理"), N_("已收回，请修改后重新提交。"), N_("撤回原因"),
    ),
    "suspend": Words(
        N_("挂起"), "clock-pause", N_("等待材料，暂不办理；期限按规定暂停。"),
        N_("此件暂停办理，等到材料后由您恢复。规定可以暂停的期限停止计算，不能暂停的照常计算。挂起期间仍可填写和上传材料，不能提交、转办或退回。"),
        N_("确认挂起"), N_("已挂起。"), N_("在等什么"),
    ),
    "resume": Words(
        N_("恢复"), "player-play", N_("材料已到，恢复办理，期限接着计算。"),
        N_("此件恢复办理，暂停的期限接着计算。"),
        N_("确认恢复"), N_("已恢复办理。"),
    ),
    "terminate": Words(
        N_("终止事项"), "ban", N_("由本单位决定，此件就此结束。"),
        N_("此件就此结束，不能恢复：所有环节的任务、加签和期限都会取消。理由将记入案卷。"),
        N_("确认终止"), N_("此件已终止。"), N_("终止的理由"), danger=True,
    ),
}  # fmt: skip

#: what somebody told about a task, by the kind of its history entry
SAID = {
    "opinion.signed": N_("签署意见"),
    "signers.added": N_("加签事由"),
    "task.delegated": N_("委派事由"),
    "task.handed_back": N_("交回说明"),
    "task.suspended": N_("挂起事由"),
    "task.transferred": N_("转办原因"),
}

_SEATS = {"signed": N_("已签"), "removed": N_("已减")}


def seat_state(row: Any) -> str:
    """How a seat stands, in a word."""
    if row.state == "open":
        return gettext("待签")
    if row.state == "waiting":
        return gettext("已提交") if "facts" in (row.carried or {}) else gettext("等候")
    return gettext(_SEATS.get(row.close_reason or "", N_("已结束")))
