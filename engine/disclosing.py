"""May information of a case be given to another body? By a consent for this recipient and purpose, or by a duty (V-12, PIPL 23).

The rule is `cover`; it asks no database. What it allows is written down by `sharing.disclose` before anything goes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from engine.clock import civil_date, end_of_day
from engine.legal_bases import SHIPPED
from engine.messages import N_, Message
from engine.model_disclosure import legal_basis
from engine.reference import Kept

#: outside bodies without a unit of their own here
BODY_NAMES: Final[Mapping[str, str]] = {
    "POLICE": N_("公安机关"),
    "COURT": N_("人民法院"),
    "PROCURATORATE": N_("人民检察院"),
    "CIVIL_AFFAIRS": N_("民政部门"),
    "EDUCATION": N_("教育部门（学校）"),
    "COMMITTEE": N_("村（居）民委员会"),
    "HOSPITAL": N_("医疗、伤情鉴定机构"),
    "SHELTER": N_("庇护、救助机构"),
    "LEGAL_AID": N_("法律援助机构"),
    "CREDIT_UNION": N_("信用社"),
    "MEDIATION": N_("人民调解组织"),
}
PURPOSE_NAMES: Final[Mapping[str, str]] = {
    "LOAN": N_("贷款审查、放款和贷后管理"),
    "REPORT": N_("强制报告"),
    "PROTECTION": N_("申请或执行人身安全保护令"),
    "WARNING": N_("告诫书的通知和查访"),
    "REFERRAL": N_("转介服务"),
    "MEDIATION": N_("人民调解"),
    "EVIDENCE": N_("司法机关依法调取"),
}
#: kinds of data, each told by name in a consent: that is separate for each recipient and purpose (PIPL 23, 29)
KIND_NAMES: Final[Mapping[str, str]] = {
    "IDENTITY": N_("姓名、身份证号码"),
    "CONTACT": N_("联系方式"),
    "FINANCE": N_("收入、贷款、担保"),
    "HEALTH": N_("伤情、健康"),
    "CHILD": N_("未满十四周岁子女的信息"),
    "FACTS": N_("事情经过"),
    "WHEREABOUTS": N_("现住地址、行踪"),
}
GIVERS: Final[Mapping[str, str]] = {"SELF": N_("本人"), "GUARDIAN": N_("监护人")}
#: below this age a guardian gives consent (PIPL 31); from the other on nobody has one who could (民法典 17)
GUARDIAN_BELOW: Final = 14
GROWN_UP: Final = 18


@dataclass(frozen=True)
class Wanted:
    """What is to be given: to whom, what for, which kinds of data, when; `basis` is the code of a duty when one is relied on."""

    recipient: str
    purpose: str
    kinds: frozenset[str]
    at: datetime
    #: what the recipient is, when it is a unit ("CREDIT_UNION"); duties speak of kinds of bodies
    body: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Ends:
    """The first instant at which it may be given no more; None: no end is known."""

    at: datetime | None


@dataclass(frozen=True)
class Cover:
    """On what it rests: a consent, or the code of a legal basis."""

    consent_id: int | None = None
    basis: str | None = None


def cover(consents: Iterable[Any], bases: Mapping[str, Any], wanted: Wanted) -> Cover | Message:
    """What allows it, or why nothing does. One consent must cover every kind of data."""
    if not wanted.kinds or not wanted.kinds <= KIND_NAMES.keys() or wanted.purpose not in PURPOSE_NAMES:
        return Message(N_("须写明提供给谁、做什么用、提供哪几类信息"))
    if wanted.basis:
        return _by_duty(bases.get(wanted.basis), wanted)
    nearest: tuple[int, Message] = (
        0,
        Message(N_("没有对这个接收方的单独同意，也没有写明法定依据（个人信息保护法第23条）")),
    )
    for row in consents:
        refusal = _not_by(row, wanted)
        if refusal is None:
            return Cover(consent_id=row.id)
        nearest = max(refusal, nearest, key=lambda found: found[0])  # of two as near, the newer consent tells why
    return nearest[1]


def _not_by(row: Any, wanted: Wanted) -> tuple[int, Message] | None:
    """Why a consent does not cover it; the higher the number, the nearer it came."""
    if row.recipient != wanted.recipient:
        return 0, Message(N_("没有对这个接收方的单独同意，也没有写明法定依据（个人信息保护法第23条）"))
    if row.purpose != wanted.purpose:
        text = N_("同意的用途是“{given}”，不能用于“{asked}”")
        names = {"given": Message(PURPOSE_NAMES[row.purpose]), "asked": Message(PURPOSE_NAMES[wanted.purpose])}
        return 1, Message(text, names)
    missing = sorted(wanted.kinds - set(row.kinds))
    if missing:
        return 2, Message(N_("没有同意提供“{kind}”"), {"kind": Message(KIND_NAMES[missing[0]])})
    lapsed = _lapsed(row, wanted.at)
    return None if lapsed is None else (3, lapsed)


def _lapsed(row: Any, at: datetime) -> Message | None:
    """Why a consent does not count at an instant; its last day is counted to its end."""
    on = civil_date(at)
    if row.withdrawn_at is not None and row.withdrawn_at <= at:
        return Message(N_("同意已于 {day} 撤回"), {"day": civil_date(row.withdrawn_at).isoformat()})
    if on < row.given_on:
        return Message(N_("同意自 {day} 起才有效"), {"day": row.given_on.isoformat()})
    if row.expires_on is not None and on > row.expires_on:
        return Message(N_("同意已于 {day} 到期"), {"day": row.expires_on.isoformat()})
    return None


def _by_duty(row: Any, wanted: Wanted) -> Cover | Message:
    on = civil_date(wanted.at)
    if row is None:
        return Message(N_("没有这项法定依据：{code}"), {"code": wanted.basis})
    if on < row.valid_from or (row.valid_until is not None and on > row.valid_until):
        return Message(N_("{clause}在 {day} 不在有效期内"), {"clause": row.clause, "day": on.isoformat()})
    body = wanted.body or wanted.recipient
    if body not in row.recipients or wanted.purpose not in row.purposes:
        return Message(N_("{clause}不适用于这个接收方或用途"), {"clause": row.clause})
    beyond = sorted(wanted.kinds - set(row.kinds)) if row.kinds is not None else []
    if beyond:
        names = {"clause": row.clause, "kind": Message(KIND_NAMES[beyond[0]])}
        return Message(N_("{clause}不包括“{kind}”"), names)
    return Cover(basis=row.code)


def may_consent(given_by: str, age: int | None, *, guardian_is_abuser: bool) -> Message | None:
    """Why somebody cannot give consent for a person of this age (None: adult), None when she can.

    Below fourteen the guardian does (PIPL 31); a guardian who may be the abuser does not: then a duty stands in its place.
    """
    young = age is not None and age < GUARDIAN_BELOW
    if guardian_is_abuser and (young or given_by == "GUARDIAN"):
        return Message(N_("监护人可能是施暴人的，不征求其同意：须按强制报告等法定依据提供"))
    if young and given_by != "GUARDIAN":
        return Message(N_("未满十四周岁的，须由监护人同意（个人信息保护法第31条）"))
    if given_by == "GUARDIAN" and (age is None or age >= GROWN_UP):
        return Message(N_("成年人由本人同意"))
    return None


def ends(consents: Iterable[Any], given: Iterable[Any], bases: Mapping[str, Any], wanted: Wanted) -> Ends | None:
    """How long what counts at `wanted.at` lets it be given: by the consent, or the duty relied on, that lasts longest.

    `given`: the disclosures of the case; a duty counts that was relied on for the same recipient and purpose and as many kinds of
    data. None: nothing counts.
    """
    found = [row.expires_on for row in consents if _not_by(row, wanted) is None]
    relied_on = (each for each in given if each.basis is not None and _as_much(each, wanted))
    duties = (bases[each.basis] for each in relied_on if each.basis in bases)
    on = civil_date(wanted.at)
    found += [row.valid_until for row in duties if row.valid_until is None or on <= row.valid_until]
    if not found:
        return None
    days = [day for day in found if day is not None]
    return Ends(end_of_day(max(days)) if len(days) == len(found) else None)


def _as_much(given: Any, wanted: Wanted) -> bool:
    return (given.recipient, given.purpose) == (wanted.recipient, wanted.purpose) and wanted.kinds <= set(given.kinds)


def _bases(connection: Connection) -> Mapping[str, Any]:
    stored = {row.code: row for row in connection.execute(select(legal_basis).order_by(legal_basis.c.code))}
    return {**{basis.code: basis for basis in SHIPPED}, **stored}


bases = Kept(_bases)


def last_day(given_on: date, years: int) -> date:
    """The last day of a consent that counts for so many years: the day before the anniversary."""
    try:
        again = given_on.replace(year=given_on.year + years)
    except ValueError:
        again = date(given_on.year + years, 3, 1)
    return date.fromordinal(again.toordinal() - 1)
