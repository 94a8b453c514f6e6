"""Forms of the time after an agreement: the joint request for judicial confirmation, and what was found on a due day."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §6

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Text, Tick
from workflows.form_measures import Day, Money, Whole
from workflows.form_schema import FormSchema, Group, Slots
from workflows.processes.mediation_after import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_ASKED = ("decision", ("ASKED",))
_NOT_DONE = ("found", ("PART", "BROKEN"))


class Confirm(FormSchema):
    """What both parties did with the offer of a joint request (人民调解法 33)."""

    offeredOn = Day(N_("向双方说明可以申请司法确认的日期"))
    decision = Choice(N_("双方的决定"), wording.CONFIRM, clause="RML33")
    requestedOn = Day(N_("共同申请的日期"), when=_ASKED, clause="RML33")
    court = Text(N_("受理的人民法院"), when=_ASKED, longest=100)
    confirmNote = LongText(N_("说明"), required=False)

    groups: ClassVar = (
        Group(
            N_("司法确认"),
            ("offeredOn", "decision", "requestedOn", "court", "confirmNote"),
            "",
            N_("自协议生效之日起三十日内双方共同申请；联系她以前先看安全联系信息。"),
        ),
    )


class Court(FormSchema):
    """What the court decided about the joint request (人民调解法 33)."""

    courtResult = Choice(N_("法院的结果"), wording.COURT, clause="RML33")
    courtOn = Day(N_("裁定日期"))
    courtPaper = Paper(N_("裁定书"))

    groups: ClassVar = (Group(N_("法院的结果"), ("courtResult", "courtOn", "courtPaper")),)


class Found(FormSchema):
    """What was found about one item of the agreement."""

    term = Whole(N_("约定的序号"), least=1, most=9)
    found = Choice(N_("履行情况"), wording.FOUND, clause="RML31")
    paidOn = Day(N_("履行日期"), required=False, when=("found", ("DONE", "PART")))
    paid = Money(N_("已经给付的金额"), required=False, when=("found", ("PART",)))
    told = Choice(N_("告知她的途径"), wording.TOLD, required=False, when=_NOT_DONE, clause="RML32")
    toldDay = Day(N_("告知她的日期"), required=False, when=_NOT_DONE)

    groups: ClassVar = (Group(N_("约定"), ("term", "found", "paidOn", "paid", "told", "toldDay")),)

    def rules(self, values: Answers) -> Problems:
        """Whoever waits in vain is told what she can do."""
        if values.get("found") not in ("PART", "BROKEN") or values.get("told"):
            return {}
        return {"told": [Message(N_("没有全部履行的，请告知她可以起诉或者申请强制执行"))]}


class Perform(FormSchema):
    """Whether what was due has been done."""

    checkedDay = Day(N_("核对日期"))
    results = Slots(N_("到期的约定"), Found, most=9, item=N_("约定"))
    performNote = LongText(N_("说明"), required=False)
    proof = Paper(N_("履行凭证"), required=False)
    harmSeen = Tick(N_("核对时发现暴力或者威胁"), clause="RML25")
    harmFacts = LongText(N_("发现的情况"), shortest=4, when=("harmSeen", (True,)))

    groups: ClassVar = (
        Group(N_("履行情况"), ("checkedDay", "results", "performNote", "proof")),
        Group(N_("先看安全"), ("harmSeen", "harmFacts"), "", N_("有的，系统立即另建保密事项，由权益部部长紧急处理。")),
    )


CONFIRM = SchemaForm("confirm", N_("司法确认"), Confirm())
COURT = SchemaForm("court_result", N_("法院的结果"), Court())
PERFORM = SchemaForm("perform", N_("履行情况核对"), Perform())
FORMS: Mapping[str, SchemaForm] = {form.key: form for form in (CONFIRM, COURT, PERFORM)}
