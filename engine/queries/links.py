"""The cases that belong to a case, for somebody who may see them; what she may not see is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, or_, select

from engine.messages import N_
from engine.model import case_file
from engine.model_links import case_link

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.access import AccessRules, Actor

#: relation → what the later case is to the other one
RELATION_NAMES: Final[Mapping[str, str]] = {
    "mediation": N_("由此开出的调解"),
    "conference": N_("由此召开的联席会议"),
    "protection": N_("由此另立的保护事项"),
    "repeat": N_("同一人同一事项的重复信访"),
    "call": N_("由此转成的信访件"),
    "sweep": N_("由此转成的信访件"),
}
#: relation → what the other case is to the later one
ORIGIN_NAMES: Final[Mapping[str, str]] = {
    "mediation": N_("开出此件的事项"),
    "conference": N_("开出此件的事项"),
    "protection": N_("开出此件的事项"),
    "repeat": N_("同一人同一事项的在先信访"),
    "call": N_("转成此件的来电"),
    "sweep": N_("转成此件的排查"),
}


@dataclass(frozen=True)
class LinkedCase:
    """A case that belongs to the one on the page. `name`: msgid of what it is to that one; `later`: it is the later one."""

    id: int
    number: str
    kind: str
    state: str
    name: str
    later: bool


def linked_cases(connection: Connection, rules: AccessRules, actor: Actor, case_id: int) -> Sequence[LinkedCase]:
    """Those she may read, the earliest link first."""
    there = or_(
        (case_link.c.case_id == bindparam("b_case")) & (case_file.c.id == case_link.c.other_id),
        (case_link.c.other_id == bindparam("b_case")) & (case_file.c.id == case_link.c.case_id),
    )
    wanted = (
        select(case_file, case_link.c.relation, (case_link.c.case_id == case_file.c.id).label("later"))
        .join(case_link, there)
        .where(rules.visible_cases(actor))
        .order_by(case_link.c.id)
    )
    return [
        LinkedCase(r.id, r.number, r.kind, r.state, _NAMES[bool(r.later)][r.relation], bool(r.later))
        for r in connection.execute(wanted, {"b_case": case_id})
    ]


_NAMES: Final = {True: RELATION_NAMES, False: ORIGIN_NAMES}
