"""An office of clerks for the verbs, wired to one of the drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import insert, inspect, select

from engine.access import SYSTEM, Actor, Permission, StandIn
from engine.clock import SHANGHAI, FixedClock, Period
from engine.columns import metadata
from engine.commands.cases import start_case
from engine.commands.co_signing import add_signers, sign_opinion
from engine.commands.signing import Reauthentication
from engine.commands.tasks import complete_task, save_draft
from engine.commands.versions import publish_definition
from engine.database import Database
from engine.fields import Vault
from engine.messages import Message
from engine.model import case_file, task
from engine.model_absence import absence
from engine.model_filed import draft
from engine.process_type import Candidates
from engine.runtime import Answer, Runtime
from engine.unit_of_work import inserted_id
from tests.engine.toy import ADMIN, Toy, ToyForm, ToyRules, person
from tests.engine.verbs.drawings import bpmn

CLERKS = {i: person(i, "CLERK", "CLERK_q") for i in range(1, 7)}
HEAD = person(9, "HEAD")
ANN, BEA, CAT, DOT, EVE, FAY = CLERKS.values()


class Office(Toy):
    """The process type of one drawing. Step `d` (or `c`) may not be done by who signed `a`; the barred do nothing."""

    def __init__(self, key: str) -> None:
        self.key = key
        forms = ("a", "b", "b2", "c", "d", "m", "qa", "qb", "qm")
        self.forms = {f"f_{e}": ToyForm(f"f_{e}", e, "text", signed=True) for e in forms}  # type: ignore[misc]
        self.clerks = set(CLERKS)
        self.barred = frozenset()
        self.pausing = True

    def facts(self, form: str, values: dict[str, Any]) -> Mapping[str, Any]:
        return {"stop": values.get("stop", False)} if "stop" in values else {"stop": False}

    def submitted(self, view: Any, form: str, values: dict[str, Any]) -> None:
        pass

    def candidates(self, view: Any, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:
        return Candidates(lane, 1)

    def seats(self, view: Any, element: str, lane: str, facts: Mapping[str, Any]) -> Sequence[Candidates]:
        return [Candidates(lane, 1, account_id=2), Candidates(lane, 1, account_id=3), Candidates(lane, 1)]

    def colleagues(self, view: Any, element: str) -> Sequence[Candidates]:
        return [Candidates("CLERK", 1, account_id=i) for i in sorted(self.clerks)]

    def free(self, view: Any, element: str, post: str, unit_id: int) -> frozenset[int]:
        return frozenset(i for i in self.clerks if self._barrier(view, i, element) is None)

    def may_work(self, view: Any, element: str, form: str) -> Message | None:
        return self._barrier(view, view.actor.id, element)

    def _barrier(self, view: Any, account_id: int, element: str) -> Message | None:
        if account_id in self.barred:
            return Message("利害关系")
        last = (element in ("d", "c") and self.key != "branches") or (element == "d")
        if not last:
            return None
        first = (view.signers().get("f_a"), view.principals().get("f_a"))
        return Message("四眼") if account_id in first else None

    def period(self, view: Any, key: str) -> Period:
        return replace(super().period(view, key), pauses=self.pausing)

    def pauses(self, form: str, values: dict[str, Any]) -> bool:
        return False

    def returns(self, element: str) -> Sequence[tuple[str, str]]:
        order = ["a", "b", "c", "b2", "m", "qa", "qm", "qb", "d"]
        before = order[: order.index(element)]
        return [(each, each) for each in before]

    def withdrawal(self, element: str) -> str | None:
        return "stopped"

    def termination(self, elements: Sequence[str]) -> str | None:
        return "stopped"

    def terminated(self, view: Any) -> None:
        view.notify("HEAD", 1, "withdrawn")

    withdrawn = terminated


class OfficeRules(ToyRules):
    """As in the toy; the verbs as in the federation."""

    def permits(self, actor: Actor, permission: Permission, subject: Any) -> bool:
        hers = (
            Permission.TRANSFER_TASK, Permission.ADD_SIGNER, Permission.SUSPEND_TASK, Permission.DELEGATE_TASK,
        )  # fmt: skip
        if permission is Permission.DELEGATE_TASK and subject.owner_id == actor.id:
            return actor.holds(subject.post, subject.unit_id)
        if permission in hers:  # nobody passes on what she may do in another's place
            actor, permission = replace(actor, stand_ins=()), Permission.WORK_TASK
        if permission is Permission.RECALL_TASK:
            did = subject.assignee_id if subject.state == "waiting" else subject.closed_by
            return did == actor.id and actor.holds(subject.post, subject.unit_id)
        if permission in (Permission.TERMINATE_CASE, Permission.ASSIGN_TASK, Permission.WITHDRAW_CASE):
            return actor.holds("HEAD")
        if permission is Permission.START_CASE:
            return actor.holds("CLERK")
        return super().permits(actor, permission, subject)


class OfficeHouse:
    """A wired house with one drawing published."""

    def __init__(self, url: str, name: str) -> None:
        self.clock = FixedClock(datetime(2026, 6, 15, 9, tzinfo=SHANGHAI))
        self.name = name
        database = Database(url)
        if not inspect(database.engine).has_table("case_file"):
            metadata.create_all(database.engine)
        self.process = Office(name)
        self.runtime = Runtime(
            database, Vault([Fernet.generate_key()]), OfficeRules(), {name: self.process}, self.clock
        )
        self.keys = 0
        self.last: tuple[Any, Actor, str, Mapping[str, Any]]
        self.act(publish_definition, ADMIN, kind=name, bpmn=bpmn(name))
        self.deputies: dict[int, Actor] = {}

    def close(self) -> None:
        self.runtime.database.dispose()

    def name_deputies(self) -> None:
        """Everybody is away for the year to come, and the next one acts in her place, for what she holds as well."""
        first, last = self.clock.now().date(), self.clock.now().date().replace(year=2030)
        with self.runtime.database.writing() as connection:
            for n, absent in CLERKS.items():
                deputy = CLERKS[n % len(CLERKS) + 1]
                row = {"absent_id": n, "number": 1, "deputy_id": deputy.id, "kind": "", "since": first, "until": last}
                row |= {"with_held": True, "begins_at": self.clock.now(), "created_at": self.clock.now()}
                absence_id = inserted_id(connection.execute(insert(absence), row))
                self.deputies[n] = replace(deputy, stand_ins=(StandIn(absence_id, absent, "", None, last),))
            connection.commit()

    def act(self, command: Any, actor: Actor, *, once: str | None = None, **parameters: Any) -> Mapping[str, Any]:
        self.keys += 1
        self.clock.at += timedelta(seconds=1)
        self.last = (command, actor, once or f"k{self.keys}", parameters)
        return self.again().content

    def again(self) -> Answer:
        """The last request, sent once more."""
        command, actor, key, parameters = self.last
        return self.runtime.execute(command, actor=actor, key=key, **parameters)

    @property
    def last_parameters(self) -> Mapping[str, Any]:
        return self.last[3]

    def start(self, actor: Actor = ANN) -> int:
        return int(self.act(start_case, actor, kind=self.name)["case_id"])

    def rows(self, case_id: int, *states: str) -> list[Any]:
        wanted = (
            select(task).where(task.c.case_id == case_id, task.c.state.in_(states or ("open",))).order_by(task.c.id)
        )
        with self.runtime.reading() as connection:
            return list(connection.execute(wanted).all())

    def row(self, case_id: int, element: str, **more: Any) -> Any:
        found = [r for r in self.rows(case_id, "open", "waiting") if r.element == element]
        found = [r for r in found if all(getattr(r, k) == v for k, v in more.items())]
        return found[0]

    def task(self, task_id: int) -> Any:
        with self.runtime.reading() as connection:
            return connection.execute(select(task).where(task.c.id == task_id)).one()

    def case(self, case_id: int) -> Any:
        with self.runtime.reading() as connection:
            return connection.execute(select(case_file).where(case_file.c.id == case_id)).one()

    def at(self, case_id: int) -> list[str]:
        return [r.element for r in self.rows(case_id)]

    def verb(self, command: Any, actor: Actor, row: Any, **parameters: Any) -> Mapping[str, Any]:
        """A verb on a task as it is now."""
        return self.act(command, actor, task_id=row.id, seen_version=self.task(row.id).version, **parameters)

    def submit(self, case_id: int, element: str, actor: Actor, **more: Any) -> Mapping[str, Any]:
        found = [r for r in self.rows(case_id) if r.element == element and r.assignee_id in (0, actor.id)]
        mine = min(found, key=lambda r: r.assignee_id != actor.id)
        return self.complete(mine, actor, **more)

    def complete(self, row: Any, actor: Actor, **answers: Any) -> Mapping[str, Any]:
        proof = self.proof(actor)
        return self.verb(complete_task, actor, row, answers={"text": "字", **answers}, signature=proof)

    def opine(self, row: Any, actor: Actor, agrees: bool = True, text: str = "同意") -> Mapping[str, Any]:
        return self.verb(sign_opinion, actor, row, agrees=agrees, opinion=text, signature=self.proof(actor))

    def ask(self, row: Any, actor: Actor, place: str, *people: Actor) -> Mapping[str, Any]:
        return self.verb(add_signers, actor, row, people=[p.id for p in people], place=place, reason="请看")

    def type(self, row: Any, actor: Actor, text: str) -> None:
        self.act(save_draft, actor, task_id=row.id, answers={"text": text})

    def typed(self, case_id: int, actor: Actor, form: str) -> str | None:
        wanted = select(draft.c.answers_sealed).where(
            draft.c.case_id == case_id, draft.c.by_id == actor.id, draft.c.form == form
        )
        with self.runtime.reading() as connection:
            sealed = connection.execute(wanted).scalar()
        return None if sealed is None else str(self.runtime.vault.open_json(sealed)["text"])

    def proof(self, actor: Actor) -> Reauthentication:
        return Reauthentication(actor.id, self.clock.now() + timedelta(seconds=1))


__all__ = ["ANN", "BEA", "CAT", "CLERKS", "DOT", "EVE", "FAY", "HEAD", "SYSTEM", "OfficeHouse", "bpmn"]
