"""Conflict of interest (D3): the one place that says whether a member of staff is too close to a case, and why.

Both sides are known by marks (`model_conflict`): her own ID number, what she declared of herself and her relatives, and the
units in which she serves, against what the forms of the case say of its parties. Equal marks are a hit. Nobody is judged close
because somebody else is: the relatives of an excluded person are not looked for (D3.1).
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, literal, select, union_all

from engine.messages import N_, Message
from engine.model import task
from engine.reference import Kept
from engine.remembering import remembered
from workflows import model
from workflows.addresses import address_key
from workflows.chart import chart
from workflows.model_conflict import party_mark, party_of, staff_mark
from workflows.organisation import RELATION_NAMES
from workflows.people import normalise_idcard, normalise_phone
from workflows.posts import POST_NAMES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from engine.fields import Vault
    from engine.process_type import CaseView

#: how a person stands in a case
ROLE_NAMES: Final[Mapping[str, str]] = {
    "APPLICANT": N_("当事人"),
    "GUARANTOR": N_("担保人"),
    "HOUSEHOLD": N_("当事人的家庭成员"),
    "RESPONDENT": N_("对方当事人"),
}
#: by what two people are found close; the order in which a hit is told
MARK_NAMES: Final[Mapping[str, str]] = {
    "idcard": N_("身份证号码"),
    "household": N_("户口簿户号"),
    "phone": N_("电话号码"),
    "address": N_("住址"),
    "unit": N_("工作单位"),
}
#: the mark of a name: nobody is close by it; who comes asking for a woman names her (`workflows.incidents`)
NAME: Final = "name"
#: the relation of a hit by the unit she serves in
COLLEAGUE: Final = "COLLEAGUE"
_OWN: Final = "unit:"

Marks = frozenset[tuple[str, str]]
_ORDER: Final = {kind: place for place, kind in enumerate(MARK_NAMES)}
_shown = (party_of.c.role, party_of.c.slot, party_of.c.kind, party_of.c.mark, party_of.c.unit_id)
_PARTIES = select(*_shown).where(party_of.c.case_id == bindparam("b_case"))
_own = (party_mark.c.role, party_mark.c.slot, party_mark.c.kind, party_mark.c.mark, party_mark.c.unit_id)
_OWN_PARTIES = select(*_own).where(party_mark.c.case_id == bindparam("b_case"))
_DROP = delete(party_mark).where(party_mark.c.case_id == bindparam("b_case"))
_ADD = insert(party_mark)
_held = model.post_holding.c
_DECLARED = union_all(
    select(model.account.c.id.label("account_id"), literal("SELF").label("relation"), literal("idcard").label("kind"),
           model.account.c.id_hash.label("mark")).where(model.account.c.id_hash.is_not(None)),
    select(model.relative.c.account_id, model.relative.c.relation, literal("idcard"), model.relative.c.id_hash)
    .where(model.relative.c.ended_at.is_(None)),
    select(staff_mark.c.account_id, staff_mark.c.relation, staff_mark.c.kind, staff_mark.c.mark),
)  # fmt: skip
_SERVICE = select(_held.account_id, _held.unit_id, _held.since, _held.until)
_told = _DECLARED.subquery()
_CLOSE = union_all(
    select(party_of.c.case_id, _told.c.account_id).join(_told, _told.c.mark == party_of.c.mark),
    select(party_of.c.case_id, _held.account_id).join(
        model.post_holding,
        (_held.unit_id == party_of.c.unit_id)
        & (_held.since <= bindparam("b_on"))
        & (_held.until.is_(None) | (_held.until >= bindparam("b_on"))),
    ),
).subquery()
_holder = model.post_holding.alias("holder")
#: open tasks whose post is held by somebody who is close to a party of the case
_TOO_CLOSE = (
    select(task.c.id)
    .join(_CLOSE, _CLOSE.c.case_id == task.c.case_id)
    .join(_holder, _holder.c.account_id == _CLOSE.c.account_id)
    .where(
        task.c.state == "open",
        _holder.c.unit_id == task.c.unit_id,
        _holder.c.post == task.c.post,
        _holder.c.since <= bindparam("b_on"),
        _holder.c.until.is_(None) | (_holder.c.until >= bindparam("b_on")),
    )
    .distinct()
)


@dataclass(frozen=True)
class Hit:
    """One way in which somebody is close to a party of a case: whose mark of hers (`relation`), which kind, whose of theirs."""

    relation: str
    kind: str
    role: str
    slot: int = 0

    @property
    def is_party(self) -> bool:
        """Whether she is that person herself."""
        return self.relation == "SELF" and self.kind == "idcard"

    def told(self) -> dict[str, Any]:
        """For the history: codes alone."""
        return {"relation": self.relation, "by": self.kind, "role": self.role}


@dataclass(frozen=True)
class Closeness:
    """What is known of the members of staff: account → mark → relation, and the terms they serve."""

    marks: Mapping[int, Mapping[str, tuple[str, str]]]
    terms: Mapping[int, Sequence[tuple[int, date, date | None]]]


def _gathered(connection: Connection) -> Closeness:
    marks: defaultdict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in connection.execute(_DECLARED):
        marks[row.account_id].setdefault(row.mark, (row.relation, row.kind))
    terms: defaultdict[int, list[tuple[int, date, date | None]]] = defaultdict(list)
    for row in connection.execute(_SERVICE):
        terms[row.account_id].append((row.unit_id, row.since, row.until))
    return Closeness(marks, terms)


_closeness = Kept(_gathered)


@dataclass(frozen=True)
class Screen:
    """The parties of one case, read once, against any number of people."""

    connection: Connection
    parties: tuple[tuple[str, int, str, str], ...]
    on: date

    def hits(self, account_id: int) -> tuple[Hit, ...]:
        """Every way in which she is close to the case, the plainest first; none when nothing is known against her."""
        if not self.parties:
            return ()
        known = _closeness.of(self.connection)
        own = dict(known.marks.get(account_id, {}))
        for unit_id, since, until in known.terms.get(account_id, ()):
            if since <= self.on and (until is None or self.on <= until):
                own.setdefault(unit_mark(unit_id), (COLLEAGUE, "unit"))
        found = [Hit(own[mark][0], kind, role, slot) for role, slot, kind, mark in self.parties if mark in own]
        return tuple(sorted(found, key=lambda hit: (_ORDER[hit.kind], hit.relation != "SELF", hit.role, hit.slot)))

    def idcards(self, role: str) -> frozenset[str]:
        """The keyed hashes of the ID numbers of everybody in one role."""
        return frozenset(mark for each, _, kind, mark in self.parties if each == role and kind == "idcard")


def screen(connection: Connection, case_id: int, on: date) -> Screen:
    """The parties of a case, and of the one it was opened from, as the forms stand now, to hold people against.

    `on` is the day whose terms count.
    """
    return Screen(connection, _read(connection, _PARTIES, case_id), on)


@remembered
def _read(connection: Connection, parties: Select[Any], case_id: int) -> tuple[tuple[str, int, str, str], ...]:
    rows = connection.execute(parties, {"b_case": case_id})
    return tuple((r.role, r.slot, r.kind, r.mark or unit_mark(r.unit_id)) for r in rows)


def explained(hit: Hit, source: Message) -> Message:
    """What a person who is too close reads; nothing of the party but how they are connected."""
    shown: dict[str, Any] = {"source": source, "code": "PARTY" if hit.is_party else "RELATIVE"}
    if hit.is_party:
        shown["role"] = Message(ROLE_NAMES[hit.role])
        return Message(N_("您是本件的{role}，不能办理；系统会转给他人办理 —— 依据：{source}"), shown)
    shown |= {"role": Message(ROLE_NAMES[hit.role]), "kind": Message(MARK_NAMES[hit.kind])}
    if hit.relation == COLLEAGUE:
        text = N_("{role}的工作单位就是您任职的单位，应当回避；系统会转给他人办理 —— 依据：{source}")
        return Message(text, shown)
    shown["relation"] = Message(RELATION_NAMES[hit.relation])
    if hit.kind == "idcard":
        text = N_("您申报过与{role}的亲属关系（{relation}），应当回避；系统会转给他人办理 —— 依据：{source}")
    elif hit.relation == "SELF":
        text = N_("您本人的{kind}与{role}的相同，应当回避；系统会转给他人办理 —— 依据：{source}")
    else:
        text = N_("您申报的亲属（{relation}）的{kind}与{role}的相同，应当回避；系统会转给他人办理 —— 依据：{source}")
    return Message(text, shown)


def passed_over(told: Mapping[str, Any]) -> Message | None:
    """A line of the record about somebody who was passed over, by her post; None for what is not known here."""
    relation = {**RELATION_NAMES, COLLEAGUE: N_("同单位")}.get(str(told.get("relation")))
    kind, role = MARK_NAMES.get(str(told.get("by"))), ROLE_NAMES.get(str(told.get("role")))
    if relation is None or kind is None or role is None:
        return None
    post = Message(POST_NAMES.get(str(told.get("post")), str(told.get("post"))))
    shown = {"post": post, "role": Message(role), "relation": Message(relation), "kind": Message(kind)}
    return Message(N_("回避：{post}与{role}有利害关系（{relation}，{kind}相同）"), shown)


def too_close(connection: Connection, on: date) -> list[int]:
    """Ids of the open tasks that somebody who holds their post is too close to work on; more than these is harmless."""
    return list(connection.execute(_TOO_CLOSE, {"b_on": on}).scalars())


def marks_of(
    vault: Vault, connection: Connection, *, idcard: str = "", phone: str = "", address: str = "", village: str = "",
    household: str = "", employer: str = "", name: str = "",
) -> Marks:  # fmt: skip
    """(kind, mark) of what is known of one person; what is empty, or names no house, leaves no mark."""
    found: set[tuple[str, str]] = set()
    home = address_key(address, village) if address else None
    plain = {
        "idcard": normalise_idcard(idcard),
        "phone": normalise_phone(phone),
        "household": _bare(household),
        "name": _bare(name),
        "address": home or "",
    }
    found |= {(kind, vault.lookup(kind, value)) for kind, value in plain.items() if value}
    if bare := _bare(employer):
        found.add(("unit", vault.lookup("unit", bare)))
        found |= {("unit", unit_mark(unit.id)) for unit in chart(connection).units.values() if _names(bare, unit)}
    return frozenset(found)


def unit_mark(unit_id: int) -> str:
    """The mark of serving in one of our own units; it is no hash, and stands in a column of its own."""
    return f"{_OWN}{unit_id}"


def _stored(mark: str) -> dict[str, Any]:
    if mark.startswith(_OWN):
        return {"mark": None, "unit_id": int(mark.removeprefix(_OWN))}
    return {"mark": mark, "unit_id": None}


def enter_parties(view: CaseView, parties: Iterable[tuple[str, int, Marks]]) -> None:
    """Set who the parties of a case are: (role, slot, marks). Nothing happens when they are the same as before."""
    wanted = {(role, slot, kind, mark) for role, slot, marks in parties for kind, mark in marks}
    known = set(_read(view.connection, _OWN_PARTIES, view.case.id))
    if wanted == known:
        return
    if known:
        view.change(_DROP, {"b_case": view.case.id})
    rows = [
        {"case_id": view.case.id, "role": role, "slot": slot, "kind": kind, **_stored(mark)}
        for role, slot, kind, mark in sorted(wanted)
    ]
    if rows:
        view.change(_ADD, rows)
    view.register_changed(register="parties", count=len({(role, slot) for role, slot, *_ in wanted}))
    view.rescreen()


def _bare(text: str) -> str:
    """Letters and digits alone, narrow and upper-case."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum())


def _names(employer: str, unit: Any) -> bool:
    """Whether an employer is one of our units: by its name, with or without the county before it, or by its code."""
    name = _bare(unit.name)
    return employer == _bare(unit.code) or employer == name or (len(name) >= 4 and employer.endswith(name))
