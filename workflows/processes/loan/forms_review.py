"""L-03, the village's opinion, and L-04, the township's: both are personal sign-offs (S001-48, S001-49)."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §1

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message, message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Tick, YesNo
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group
from workflows.processes.loan import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

NOT_RECOMMENDED = ("opinion", ("RETURN", "REFUSE"))
_DECLARATION = N_("本人及近亲属与申请人、担保人没有亲属或利害关系")
_MUST_DECLARE = N_("有亲属或利害关系的不能签字，请退出，由系统转给他人办理；没有的请勾选")
_FIRST_CHECK = N_("同意推荐前必须核实属实（{clause}）；不属实的请选择退回或不予推荐")


def recommended_only_if(values: Answers, names: tuple[str, ...], clause: str) -> Problems:
    """S001-48: who recommends has checked; each named answer must then be yes."""
    if values["opinion"] != "RECOMMEND":
        return {}
    told = message(_FIRST_CHECK, clause=wording.source(clause))
    return {name: [told] for name in names if values[name] is False}


class VillageReview(FormSchema):
    """L-03 村级把关意见表."""

    identitySeen = YesNo(N_("已当面核对本人和身份证"), clause="S001-48")
    livesInVillage = YesNo(N_("在本村居住"))
    unemployedChecked = YesNo(N_("已核实未就业"), clause="S001-52")
    projectVisitedOn = Day(N_("实地看项目的日期"), required=False, hint=N_("同意推荐时必填"), clause="S001-48")
    guarantorsContacted = YesNo(N_("已逐个联系担保人确认自愿担保"), clause="S001-53")
    remarks = LongText(N_("家庭和信用情况"), shortest=4)
    conflictDeclared = Tick(_DECLARATION, must=_MUST_DECLARE, clause="D3")
    opinion = Choice(N_("村妇联意见"), wording.OPINION, clause="S001-48")
    reason = LongText(N_("退回或不予推荐的理由"), when=NOT_RECOMMENDED, hint=N_("缺什么一次写全（一次性告知）"))

    groups: ClassVar = (
        Group(
            N_("核实情况"),
            (
                "identitySeen",
                "livesInVillage",
                "unemployedChecked",
                "projectVisitedOn",
                "guarantorsContacted",
                "remarks",
            ),
            "L-03",
        ),
        Group(N_("意见和签字"), ("conflictDeclared", "opinion", "reason"), "L-03", wording.SIGNING_MEANS),
    )

    def rules(self, values: Answers) -> Problems:
        """Recommending needs identity, unemployment and guarantors confirmed, and the project seen."""
        problems = recommended_only_if(values, ("identitySeen", "unemployedChecked", "guarantorsContacted"), "S001-48")
        if values["opinion"] == "RECOMMEND" and values["projectVisitedOn"] is None:
            problems["projectVisitedOn"] = [Message(N_("同意推荐前必须实地看过项目，请填写日期"))]
        return problems


class TownReview(FormSchema):
    """L-04 乡镇审核意见表. The on-site visit above the policy's amount is checked by `examine` (P, 50 000)."""

    applicationComplete = YesNo(N_("申请表填写完整"), clause="S001-55")
    evidenceComplete = YesNo(N_("证明材料齐全、与原件一致"), clause="S001-52")
    guaranteeComplete = YesNo(N_("担保人符合条件、材料齐全"), clause="S001-53")
    villageSigned = YesNo(N_("村级已签字"), clause="S001-49")
    siteVisited = YesNo(N_("乡镇已实地抽查"))
    siteVisitedOn = Day(N_("抽查日期"), when=("siteVisited", (True,)))
    remarks = LongText(N_("审核说明"), required=False)
    conflictDeclared = Tick(_DECLARATION, must=_MUST_DECLARE, clause="D3")
    opinion = Choice(N_("乡镇妇联意见"), wording.OPINION, clause="S001-49")
    reason = LongText(N_("退回或不予推荐的理由"), when=NOT_RECOMMENDED, hint=N_("缺什么一次写全（一次性告知）"))

    groups: ClassVar = (
        Group(
            N_("完整性审核"),
            ("applicationComplete", "evidenceComplete", "guaranteeComplete", "villageSigned"),
            "L-04",
        ),
        Group(N_("实地抽查"), ("siteVisited", "siteVisitedOn", "remarks"), "L-04"),
        Group(N_("意见和签字"), ("conflictDeclared", "opinion", "reason"), "L-04", wording.SIGNING_MEANS),
    )

    def rules(self, values: Answers) -> Problems:
        """Recommending needs a complete dossier."""
        checks = ("applicationComplete", "evidenceComplete", "guaranteeComplete", "villageSigned")
        return recommended_only_if(values, checks, "S001-49")


VILLAGE_REVIEW = SchemaForm("village_review", N_("村级把关意见表"), VillageReview(), ("L-03",), signed=True)
TOWN_REVIEW = SchemaForm("town_review", N_("乡镇审核意见表"), TownReview(), ("L-04",), signed=True)
