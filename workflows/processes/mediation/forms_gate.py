"""The questions of the gate (D5), as part of any form that asks them: the hand-over sheet, and the check before every session."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §6

from __future__ import annotations

from typing import ClassVar, Final

from engine.messages import N_
from workflows.form_fields import Choice, UnitRef, YesNo, refuse
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group, Slots
from workflows.processes.mediation import wording

_VIOLENCE = ("pastViolence", (True,))


class Person(UnitRef):
    """A member of staff by account id, out of a list of the process type."""

    def read(self, typed: str) -> int:
        """The id."""
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 15):
            raise refuse(N_("请从所列人员中选择一人"))
        return int(typed)


class AssessmentItem(FormSchema):
    """One danger assessment (D4)."""

    band = Choice(N_("危险等级"), wording.BANDS, clause="WF-RISK")
    scoredOn = Day(N_("评估日期"))
    scorer = Person(N_("评估人"), options="scorers")
    approvedBy = Person(N_("批准重新评估的权益部部长"), options="heads", required=False)

    groups: ClassVar = (Group(N_("危险评估"), ("band", "scoredOn", "scorer", "approvedBy")),)


class GateQuestions(FormSchema):
    """What must be known before anybody mediates. Nothing is taken for answered that was not asked."""

    pastViolence = YesNo(N_("有过暴力或者威胁（不论何时）"), clause="D5")
    protectedVictim = YesNo(N_("受害人未满十八周岁，或者无、限制民事行为能力"), when=_VIOLENCE, clause="D5")
    sexualViolence = YesNo(N_("有性暴力"), when=_VIOLENCE)
    weapon = YesNo(N_("使用或者出示过凶器"), when=_VIOLENCE)
    strangulation = YesNo(N_("有扼颈、窒息"), when=_VIOLENCE)
    injury = Choice(N_("伤情"), wording.INJURY, when=_VIOLENCE)
    caseOpen = YesNo(N_("有刑事案件或者治安案件正在办理"), clause="RML25")
    orderActive = YesNo(N_("已申请人身安全保护令，或者保护令在有效期内"), clause="DVL23")
    warningBrokenOn = Day(N_("最近一次违反告诫书的日期（没有则不填）"), required=False, clause="DVL16")
    assessments = Slots(N_("危险评估"), AssessmentItem, most=5, item=N_("评估"), required=False)


#: the questions in their order, for the forms that take them in
QUESTIONS: Final = (
    "pastViolence",
    "protectedVictim",
    "sexualViolence",
    "weapon",
    "strangulation",
    "injury",
    "caseOpen",
    "orderActive",
    "warningBrokenOn",
    "assessments",
)
GATE_GROUP: Final = Group(
    N_("调解关口"),
    QUESTIONS,
    "",
    N_("危险等级只能由另一名受过培训的人员重新评估、并经权益部部长批准才能降低；没有任何岗位可以推翻“不得调解”。"),
)
