"""The engine's `AccessRules`, answered from `workflows.rules`: for one subject in Python, over many cases as a WHERE clause."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, false, not_, or_, true

from engine.access import Actor, Permission, Post, UrgeLimits, permits
from engine.fields import Vault
from engine.guard import UNGUARDED, Guard
from engine.guarding import tokens_of, units_of
from engine.messages import Message
from engine.model import case_file, case_share, task
from engine.model_teams import case_exclusion
from workflows import colleagues, lowering, standing_in
from workflows.conditions import BY_SHARE, Clauses, lasting, ordinary, serves
from workflows.permission_names import PERMISSION_NAMES
from workflows.rules import RULES


class FederationRules:
    """The engine's `AccessRules`, answered from RULES. `vault` makes the hashes under which exclusions are kept.

    Without it nobody can be told from whom a case is kept, and every case with an exclusion is closed to all.
    """

    def __init__(self, vault: Vault | None = None) -> None:
        self._vault = vault

    def permits(self, actor: Actor, permission: Permission, subject: Any) -> bool:
        """Whether one clause holds and she is not excluded. Cases need path, kind, confidentiality, guard (and shared_with)."""
        guard: Guard = getattr(subject, "guard", UNGUARDED)
        if guard.excluded and self._keeps_out(guard, actor):
            return False
        return permits(RULES, actor, permission, subject)

    def _keeps_out(self, guard: Guard, actor: Actor) -> bool:
        return bool(guard.excluded) and (
            self._vault is None or not guard.excluded.isdisjoint(tokens_of(self._vault, actor))
        )

    def name_of(self, permission: Permission) -> Message:
        """The permission's Chinese name."""
        return Message(PERMISSION_NAMES[permission])

    def visible_cases(self, actor: Actor) -> ColumnElement[bool]:
        """READ_CASE over `model.case_file`; false for somebody without a post."""
        return self._listed(RULES[Permission.READ_CASE], actor)

    def cases_with(self, permission: Permission, actor: Actor) -> ColumnElement[bool]:
        """A permission whose every condition chooses cases."""
        return self._listed(RULES[permission], actor)

    def person(self, connection: Connection, account_id: int, on: date) -> Actor | None:
        """A member of staff with the posts she holds on a day."""
        return colleagues.person(connection, account_id, on)

    def post(self, connection: Connection, code: str, unit_id: int) -> Post | None:
        """A post in a unit, held or not."""
        return colleagues.post(connection, code, unit_id)

    def workable_cases(self, actor: Actor) -> ColumnElement[bool]:
        """What comes beside the post in the rules for tasks: an ordinary class, the team, or C3 for the rights department."""
        return self._listed(RULES[Permission.TAKE_PART], actor)

    def lowering_refused(
        self, connection: Connection, actor: Actor, subject: Any, asked_by: int | None = None
    ) -> Message | None:
        """By `workflows.lowering`."""
        return lowering.refused(connection, self._vault, actor, subject, asked_by)

    def by_share_alone(self, actor: Actor) -> bool:
        """Whether one of her posts is that of a body to which cases are handed."""
        return any(post.code in BY_SHARE for post in actor.posts)

    def handed_over(self, actor: Actor) -> ColumnElement[bool]:
        """`conditions.handed_over` over `model.task`."""
        by_share = or_(false(), *(and_(task.c.post == post, task.c.kind == kind) for post, kind in BY_SHARE.items()))
        shown = exists().where(
            case_share.c.case_id == task.c.case_id, case_share.c.unit_id == task.c.unit_id, lasting(actor)
        )
        return or_(not_(by_share), shown)

    def countable_cases(self, actor: Actor) -> ColumnElement[bool]:
        """Figures are C0 or C1: a case of a confidential class is in none of them."""
        return self._listed(((ordinary,),), actor)

    def epoch(self) -> int:
        """The step of the keys: exclusions are found by hashes of every step so far."""
        return 0 if self._vault is None else self._vault.step

    def posts_permitted(self, connection: Connection, permission: Permission, subject: Any) -> list[Post]:
        """By the rules."""
        return colleagues.posts_reading(connection, self, subject, permission)

    def eligible(self, person: Actor, subject: Any) -> bool:
        """Whoever holds a post that works on cases."""
        return serves(person) and not self._keeps_out(subject.guard, person)

    def kept_from(self, actor: Actor, account_id: int | None, unit_id: int | None) -> bool:
        """By her account and the units of her posts and above."""
        return account_id == actor.id or (unit_id is not None and str(unit_id) in units_of(actor))

    def shut_out(self, actor: Actor) -> ColumnElement[bool]:
        """By what stands against her, her posts' units, and those above them."""
        return and_(case_file.c.guarded, self._excluded(actor))

    def urge_limits(self, connection: Connection, unit_id: int, on: date) -> UrgeLimits:
        """By the county's policy."""
        return colleagues.urge_limits(connection, unit_id, on)

    def supervised_cases(self, actor: Actor) -> ColumnElement[bool]:
        """SEE_ESCALATION over `model.case_file`."""
        return self._listed(RULES[Permission.SEE_ESCALATION], actor)

    def deputises(self, deputy: Actor, place: Post) -> bool:
        """By the table of deputies."""
        return standing_in.deputises(deputy, place)

    def deputy_refused(self, absent: Actor, deputy: Actor) -> Message | None:
        """By the table of deputies."""
        return standing_in.refusal(absent, deputy)

    def _listed(self, clauses: Clauses, actor: Actor) -> ColumnElement[bool]:
        granted = or_(false(), *(and_(*(condition.where(actor) for condition in clause)) for clause in clauses))
        return and_(granted, or_(not_(case_file.c.guarded), not_(self._excluded(actor))))

    def _excluded(self, actor: Actor) -> ColumnElement[bool]:
        hers = true() if self._vault is None else case_exclusion.c.token.in_(tokens_of(self._vault, actor))
        return exists().where(case_exclusion.c.case_id == case_file.c.id, case_exclusion.c.ended_at.is_(None), hers)
