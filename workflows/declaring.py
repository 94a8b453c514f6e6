"""A member of staff declares whom she is close to (D3.2): herself, and relatives, each by what is known of them.

What is declared counts at once: every open task whose parties it touches goes to those who may work on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, update

from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from workflows.addresses import address_key
from workflows.model_conflict import staff_mark
from workflows.organisation import RELATION_NAMES, declare_relative
from workflows.people import idcard_problem, phone_problem
from workflows.screening import marks_of

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

LONGEST: Final = 120
_CHECKS: Final[Mapping[str, Callable[[str], Message | None]]] = {"idcard": idcard_problem, "phone": phone_problem}


def declare_kin(
    uow: UnitOfWork,
    *,
    relation: str,
    idcard: str = "",
    phone: str = "",
    address: str = "",
    household: str = "",
    employer: str = "",
) -> dict[str, Any]:
    """Declare a person one is close to, or (relation SELF) one's own telephone, home and household; ``{"marks": count}``.

    Forbidden without a post. InvalidAnswers by field: a relation that is none, a number that cannot be, an address that names
    no house, nothing at all. What was declared before stays.
    """
    if not uow.actor.posts:
        raise Forbidden(why=Message(N_("只有在任工作人员申报亲属关系")))
    said = {"idcard": idcard, "phone": phone, "address": address, "household": household, "employer": employer}
    said = {name: text.strip() for name, text in said.items()}
    problems = _problems(relation, said)
    if problems:
        raise InvalidAnswers(problems)
    marks = marks_of(uow.runtime.vault, uow.connection, **said)
    for kind, mark in sorted(marks):
        if kind == "idcard" and relation != "SELF":
            declare_relative(uow.connection, account_id=uow.actor.id, id_hash=mark, relation=relation, at=uow.now)
            continue
        known = (staff_mark.c.account_id == uow.actor.id) & (staff_mark.c.mark == mark)
        again = update(staff_mark).where(known).values(relation=relation, declared_at=uow.now)
        if uow.connection.execute(again).rowcount == 0:
            row = {"account_id": uow.actor.id, "relation": relation, "kind": kind, "mark": mark, "declared_at": uow.now}
            uow.connection.execute(insert(staff_mark), row)
    uow.rescreen.add(None)
    return {"marks": len(marks)}


def _problems(relation: str, said: Mapping[str, str]) -> dict[str, list[Message]]:
    problems: dict[str, list[Message]] = {}
    if relation not in RELATION_NAMES:
        allowed = "、".join(RELATION_NAMES)
        problems["relation"] = [Message(N_("没有这种关系；可选：{allowed}"), {"allowed": allowed})]
    for name, text in said.items():
        check = _CHECKS.get(name)
        if text and len(text) > LONGEST:
            problems[name] = [Message(N_("最多 {limit} 字，现为 {seen} 字"), {"limit": LONGEST, "seen": len(text)})]
        elif text and check is not None and (wrong := check(text)) is not None:
            problems[name] = [wrong]
    home = said["address"]
    if home and "address" not in problems and address_key(home, "—") is None:
        problems["address"] = [Message(N_("地址须写到门牌号（如：柳湾村三组27号），只写到村、组不能用于核对"))]
    if not any(said.values()):
        problems["idcard"] = [Message(N_("身份证号码、电话、住址、户号、工作单位至少填写一项"))]
    return problems
