"""Every statutory and house time limit of processes.md §0.3 outside the loan, with its default: policy data of scope "sla".

A county may shorten a duty of its own and must not lengthen one the law sets (`LAW`); the loan's own are in `loan_policy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.clock import Extension, Level, Period, Unit, WarnPoint
from engine.messages import N_
from workflows.posts import POST_KIND

_CAL, _WORK, _HOUR, _MONTH, _DATE = Unit.CAL, Unit.WORK, Unit.HOUR, Unit.MONTH, Unit.DATE

#: posts a time limit may name although nobody is appointed to them yet: they come with their processes (domain.md D1)
LATER_POSTS: Final = ("HIGHER_UNIT",)
POSTS: Final = (*POST_KIND, *LATER_POSTS)

_HOUSE = N_("办理时限表（默认值，县级可调）")
_CO_REGISTER = N_("《信访工作条例》第二十二条、第二十三条")
_CO_NOTICE = N_("《信访工作条例》第二十三条")
_CO_CONCLUDE = N_("《信访工作条例》第三十四条")
_CO_REVIEW = N_("《信访工作条例》第三十五条")
_CO_RECHECK = N_("《信访工作条例》第三十六条")
_REPORT = N_("《未成年人保护法》第十一条")
_ORDER = N_("《反家庭暴力法》第二十八条")
_ORDER_ENDS = N_("《反家庭暴力法》第三十条")
_VIOLENCE = N_("家庭暴力案件办理时限（默认值，县级可调）")
_WARNING = N_("告诫书回访时限（默认值，县级可调）")
_MEDIATION = N_("调解期限（默认值，县级可调）")
_CONFIRM = N_("《人民调解法》第三十三条")
_LABOUR = N_("《劳动争议调解仲裁法》第十四条")
_LIMITATION = N_("《劳动争议调解仲裁法》第二十七条")
_REGISTER_DATE = N_("年度登记工作安排（默认值，县级可调）")
_VISIT_DATE = N_("年度走访工作安排（默认值，县级可调）")


def warn(at: int, *to: str) -> WarnPoint:
    """A warning so many units before the end."""
    return WarnPoint(Level.WARN, at, True, to)


def after(level: Level, at: int, *to: str) -> WarnPoint:
    """A warning so many units after the start."""
    return WarnPoint(level, at, False, to)


def _duty(key: str, amount: int, unit: Unit, clause: str, post: str, *warns: WarnPoint) -> Period:
    return Period(key, amount, unit, clause, (post,), warns=warns)


def _right(key: str, amount: int, unit: Unit, clause: str, post: str, *warns: WarnPoint) -> Period:
    """A citizen's own period: it never ends on a day off (民法典 203)."""
    return Period(key, amount, unit, clause, (post,), rolls=True, warns=warns)


_EXTEND = Extension(("COUNTY_CHAIR",), 30, 1, 10, _CO_CONCLUDE, "P-06")
_CONCLUDE = Period("pet.conclude", 60, _CAL, _CO_CONCLUDE, ("COUNTY_CHAIR",), False, False,
                   (after(Level.WARN, 45, "RIGHTS_HEAD"), after(Level.RED, 55, "RIGHTS_HEAD")), _EXTEND)  # fmt: skip
_BY_CONSENT = Extension(("MEDIATOR",), 30, 1, 10, _MEDIATION, "P-06")

_PETITION = (
    _duty("pet.register", 0, _WORK, _CO_REGISTER, "RIGHTS_HEAD"),
    _duty("pet.notice", 15, _CAL, _CO_NOTICE, "RIGHTS_HEAD", after(Level.WARN, 12)),
    _duty("pet.objection", 5, _WORK, _CO_NOTICE, "RIGHTS_HEAD", warn(1)),
    _CONCLUDE,
    _duty("pet.extend", 30, _CAL, _CO_CONCLUDE, "COUNTY_CHAIR", warn(5)),
    _right("pet.review.ask", 30, _CAL, _CO_REVIEW, "HIGHER_UNIT", warn(5)),
    _duty("pet.review.answer", 30, _CAL, _CO_REVIEW, "HIGHER_UNIT", warn(5)),
    _duty("pet.review.deliver", 5, _WORK, _HOUSE, "RIGHTS_HEAD", warn(1)),
    _duty("pet.review.carry", 30, _CAL, _HOUSE, "RIGHTS_HEAD", warn(5)),
    _right("pet.recheck.ask", 30, _CAL, _CO_RECHECK, "HIGHER_UNIT", warn(5)),
    Period("pet.recheck.answer", 30, _CAL, _CO_RECHECK, ("HIGHER_UNIT",), pauses=True, warns=(warn(5),)),
    _duty("pet.hearing", 20, _WORK, _HOUSE, "HIGHER_UNIT", warn(5)),
    _duty("pet.village.handle", 3, _WORK, _HOUSE, "TOWN_CHAIR", warn(1)),
    _duty("hotline.handover", 24, _HOUR, _HOUSE, "RIGHTS_HEAD", warn(4), WarnPoint(Level.RED, 1)),
)
_DV = (
    _duty("dv.screen", 2, _HOUR, _VIOLENCE, "RIGHTS_HEAD", warn(1)),
    _duty("dv.risk.full", 24, _HOUR, _VIOLENCE, "RIGHTS_HEAD", warn(4)),
    _duty("dv.mandatoryReport", 2, _HOUR, _REPORT, "COUNTY_CHAIR", after(Level.RED, 1, "COUNTY_CHAIR")),
    _duty("dv.high.plan", 24, _HOUR, _VIOLENCE, "COUNTY_CHAIR", warn(4)),
    _duty("dv.conference.high", 3, _WORK, _VIOLENCE, "COUNTY_CHAIR", warn(1)),
    _duty("dv.referral.reply.high", 24, _HOUR, _VIOLENCE, "RIGHTS_HEAD", warn(4)),
    _duty("dv.referral.reply", 5, _WORK, _VIOLENCE, "RIGHTS_HEAD", warn(1)),
    _duty("dv.followup.first", 7, _CAL, _VIOLENCE, "RIGHTS_HEAD", warn(2)),
    _duty("dv.followup.second", 30, _CAL, _VIOLENCE, "RIGHTS_HEAD", warn(3)),
    _duty("dv.followup.third", 90, _CAL, _VIOLENCE, "RIGHTS_HEAD", warn(7)),
    _duty("dv.followup.fourth", 180, _CAL, _VIOLENCE, "RIGHTS_HEAD", warn(7)),
    _duty("pso.court", 72, _HOUR, _ORDER, "RIGHTS_HEAD", warn(12)),
    _duty("pso.court.urgent", 24, _HOUR, _ORDER, "RIGHTS_HEAD", warn(4)),
    _duty("pso.expiry.remind", 6, _MONTH, _ORDER_ENDS, "RIGHTS_WORKER", warn(30), warn(14), WarnPoint(Level.RED, 3)),
    _duty("warning.visit.first", 7, _CAL, _WARNING, "TOWN_CHAIR", warn(2)),
    _duty("warning.visit.second", 30, _CAL, _WARNING, "TOWN_CHAIR", warn(3)),
    _duty("warning.visit.third", 60, _CAL, _WARNING, "TOWN_CHAIR", warn(5)),
    _duty("warning.visit.fourth", 90, _CAL, _WARNING, "TOWN_CHAIR", warn(7)),
)
_CONFERENCE = (
    _duty("conf.convene", 10, _WORK, _HOUSE, "COUNTY_CHAIR", warn(2)),
    _duty("conf.reports", 10, _WORK, _HOUSE, "RIGHTS_HEAD", warn(2)),
    _duty("conf.minutes", 5, _WORK, _HOUSE, "RIGHTS_HEAD", warn(1)),
    _duty("conf.issue", 3, _WORK, _HOUSE, "COUNTY_CHAIR", warn(1)),
    _duty("conf.send", 3, _WORK, _HOUSE, "RIGHTS_HEAD", warn(1)),
    _duty("conf.receipt", 5, _WORK, _HOUSE, "RIGHTS_HEAD", warn(1)),
    _duty("conf.action", 0, _CAL, _HOUSE, "RIGHTS_HEAD"),
    _duty("conf.report", 5, _WORK, _HOUSE, "RIGHTS_HEAD", warn(1)),
    _duty("conf.next", 0, _CAL, _HOUSE, "RIGHTS_HEAD"),
)
_OTHERS = (
    _duty("sweep.report", 10, _CAL, _HOUSE, "TOWN_CHAIR", warn(5), WarnPoint(Level.RED, 2)),
    Period("med.duration", 30, _CAL, _MEDIATION, ("MEDIATOR",), warns=(warn(5),), extension=_BY_CONSENT),
    _right("med.judicialConfirm", 30, _CAL, _CONFIRM, "MEDIATOR", after(Level.WARN, 20), after(Level.RED, 27)),
    _duty("lab.mediation", 15, _CAL, _LABOUR, "RIGHTS_HEAD", warn(3)),
    _right("lab.limitation", 12, _MONTH, _LIMITATION, "RIGHTS_HEAD", WarnPoint(Level.RED, 60)),
    _duty("aid.publicNotice", 5, _WORK, _HOUSE, "LOAN_HEAD", warn(1)),
    _duty("reg.collect", 318, _DATE, _REGISTER_DATE, "TOWN_CHAIR", warn(3)),
    _duty("reg.complete", 330, _DATE, _REGISTER_DATE, "COUNTY_CHAIR", warn(3, "TOWN_CHAIR")),
    _duty("visit.first", 630, _DATE, _VISIT_DATE, "TOWN_CHAIR", warn(30)),
    _duty("visit.year", 1231, _DATE, _VISIT_DATE, "TOWN_CHAIR", warn(60)),
)
SLA_PERIODS: Final[Mapping[str, Period]] = MappingProxyType(
    {p.key: p for p in (*_PETITION, *_DV, *_CONFERENCE, *_OTHERS)}
)

_LAWFUL = ("pet.register", "pet.notice", "pet.objection", "pet.conclude", "pet.extend", "pet.review.ask",
           "pet.review.answer", "pet.recheck.ask", "pet.recheck.answer", "dv.mandatoryReport", "med.judicialConfirm",
           "lab.mediation", "lab.limitation")  # fmt: skip
#: what the law itself sets: a duty may be shorter, a citizen's time may be longer, nothing else
LAW: Final[Mapping[str, Period]] = MappingProxyType({key: SLA_PERIODS[key] for key in _LAWFUL})
