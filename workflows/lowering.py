"""Who may not take part in making a case less confidential, beside what the rules say (D2, D3.4; 信访工作条例 30).

Two persons are two people, whatever accounts they have. A complaint about staff is lowered by the unit above alone: its people
ask, and its people confirm; whoever was kept from the case as accused, or serves where the accused do, does neither, also after
the exclusion was ended, and nor does a relative of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Connection, bindparam, or_, select

from engine.events import Kind
from engine.guarding import units_of
from engine.messages import N_, Message
from engine.model import history
from engine.model_teams import case_exclusion
from workflows import model
from workflows.chart import chart

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.access import Actor
    from engine.fields import Vault

_COMPLAINT = (
    select(history.c.id)
    .where(history.c.case_id == bindparam("b_case"), history.c.kind == str(Kind.CASE_LIFTED))
    .limit(1)
)
_KEPT_OUT = select(case_exclusion.c.who_sealed).where(case_exclusion.c.case_id == bindparam("b_case"))
_ACCOUNTS: BindParameter[Any] = bindparam("b_accounts", expanding=True)
_HASHES: BindParameter[Any] = bindparam("b_hashes", expanding=True)
_RELATED = (
    select(model.relative.c.id)
    .where(
        model.relative.c.ended_at.is_(None),
        or_(
            (model.relative.c.account_id == bindparam("b_me")) & model.relative.c.id_hash.in_(_HASHES),
            model.relative.c.account_id.in_(_ACCOUNTS) & (model.relative.c.id_hash == bindparam("b_hash")),
        ),
    )
    .limit(1)
)


def refused(
    connection: Connection, vault: Vault | None, actor: Actor, subject: Any, asked_by: int | None
) -> Message | None:
    """Why somebody may not ask that a case become less confidential, or confirm what `asked_by` asked; None when she may."""
    hers = _accounts_of(connection, actor.id)
    if asked_by in hers:
        return Message(N_("降低密级须由申请人以外的第二人确认"))
    if connection.execute(_COMPLAINT, {"b_case": subject.id}).first() is None:
        return None
    accounts, units = _accused(connection, vault, subject.id)
    if hers & accounts or units & units_of(actor) or _related(connection, actor.id, accounts):
        text = N_("此件是对工作人员的投诉：被投诉人、其单位的人员及近亲属不得申请或确认降低密级（信访工作条例第30条）")
        return Message(text)
    if not any(subject.path.startswith(post.path) for post in actor.posts):
        place = chart(connection).units[subject.unit_id]
        text = N_("此件是对工作人员的投诉：降低密级须由上一级（{unit}或其上级）的人员申请和确认")
        return Message(text, {"unit": place.name})
    return None


def _accounts_of(connection: Connection, account_id: int) -> set[int]:
    """Every account of the person who has this one."""
    people = chart(connection).people
    known = people.get(account_id)
    own = None if known is None else known.id_hash
    return {account_id, *(number for number, each in people.items() if own is not None and each.id_hash == own)}


def _accused(connection: Connection, vault: Vault | None, case_id: int) -> tuple[set[int], set[str]]:
    """The accounts of everybody who was ever kept from a case by name, all of a person's, and the ids of the units."""
    accounts: set[int] = set()
    units: set[str] = set()
    if vault is None:
        return accounts, units
    for sealed in connection.execute(_KEPT_OUT, {"b_case": case_id}).scalars():
        who = vault.open_json(sealed)
        if "account" in who:
            accounts |= _accounts_of(connection, who["account"])
        else:
            units.add(str(who["unit"]))
    return accounts, units


def _related(connection: Connection, account_id: int, accounts: Collection[int]) -> bool:
    people = chart(connection).people
    own = people[account_id].id_hash if account_id in people else None
    hashes = sorted({known for each in accounts if each in people and (known := people[each].id_hash)})
    asked = {"b_me": account_id, "b_hash": own or "", "b_accounts": sorted(accounts), "b_hashes": hashes}
    return connection.execute(_RELATED, asked).first() is not None
