"""Forms of an agreement: what was agreed (P-09), and how it was signed and sealed (人民调解法 28 to 30; 电子签名法 3)."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §6

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Text
from workflows.form_measures import Day, Money, Whole
from workflows.form_schema import FormSchema, Group, Slots
from workflows.processes.mediation import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_HAND = ("signWay", ("HAND",))


class Item(FormSchema):
    """One thing that was agreed: who does what, how much, until when."""

    topic = Choice(N_("事项"), wording.TOPIC)
    what = LongText(N_("约定的内容"), shortest=4, longest=500)
    duty = Choice(N_("由谁履行"), wording.DUTY)
    amount = Money(N_("金额"), required=False, positive=True)
    dueOn = Day(N_("履行期限"), required=False)
    itemWay = Text(N_("履行方式"), required=False, longest=100)

    groups: ClassVar = (Group(N_("约定"), ("topic", "what", "duty", "amount", "dueOn", "itemWay")),)

    def rules(self, values: Answers) -> Problems:
        """Money is owed on a day."""
        if values.get("amount") is not None and values.get("dueOn") is None:
            return {"dueOn": [Message(N_("写了金额的，请写明哪一天以前给付"))]}
        return {}


class Agreement(FormSchema):
    """P-09 调解协议书."""

    way = Choice(N_("协议的形式"), wording.WAY, clause="RML28")
    agreedOn = Day(N_("达成协议的日期"))
    facts = LongText(N_("纠纷的主要事实和争议事项"), shortest=10, clause="RML29")
    items = Slots(N_("约定的事项"), Item, most=9, item=N_("约定"))
    otherTerms = LongText(N_("其他约定"), required=False)

    groups: ClassVar = (
        Group(N_("协议"), ("way", "agreedOn", "facts"), "P-09"),
        Group(
            N_("约定的事项"),
            ("items", "otherTerms"),
            "P-09",
            N_("不得写入不报警、不起诉、不离婚、不申请保护令等内容；暴力本身不能作为交换。"),
        ),
    )


class Signed(FormSchema):
    """Signatures of both parties and the mediator, and the seal of the committee: the agreement counts from the last of them."""

    signWay = Choice(N_("签名方式"), wording.SIGN_WAY, clause="ESL3")
    herSignedOn = Day(N_("她签名的日期"), clause="RML29")
    otherSignedOn = Day(N_("对方签名的日期"), clause="RML29")
    mediatorSignedOn = Day(N_("调解员签名的日期"), clause="RML29")
    sealedOn = Day(N_("加盖调解委员会印章的日期"), clause="RML29")
    copies = Whole(N_("份数（双方各一份，一份存档）"), least=3, most=20)
    signedScan = Paper(N_("签名盖章后的协议扫描件"), when=_HAND, clause="ESL3")

    groups: ClassVar = (
        Group(
            N_("签名盖章"),
            ("signWay", "herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn", "copies", "signedScan"),
            "P-09",
            N_(
                "协议自双方签名（盖章、按指印）、调解员签名并加盖调解委员会印章之日起生效；涉及婚姻、收养、继承的，须打印后亲笔签名。"
            ),
        ),
    )


AGREEMENT = SchemaForm("agreement", N_("调解协议"), Agreement(), sheets=("P-09",))
SIGNED = SchemaForm("agreement_signed", N_("协议签名盖章"), Signed(), sheets=("P-09",), signed=True)
