"""A small process type and house for tests of the engine: two people in a row, a third on return, no federation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from cryptography.fernet import Fernet
from sqlalchemy import ColumnElement, Connection, false, true

from engine.access import Actor, Permission, Post, UrgeLimits
from engine.clock import SHANGHAI, Calendar, FixedClock, Period, Unit
from engine.columns import metadata
from engine.commands.signing import Reauthentication
from engine.commands.versions import publish_definition
from engine.database import Database
from engine.errors import InvalidAnswers
from engine.fields import Vault
from engine.messages import Message
from engine.process_type import Candidates, Check, Prepared, Start
from engine.runtime import Runtime

TOY = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:halfsky="urn:halfsky:bpmn" id="d" targetNamespace="urn:halfsky:toy">
  <bpmn:process id="toy" isExecutable="true">
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="WRITER" name="写"><bpmn:flowNodeRef>begin</bpmn:flowNodeRef><bpmn:flowNodeRef>T_Write</bpmn:flowNodeRef></bpmn:lane>
      <bpmn:lane id="READER" name="审"><bpmn:flowNodeRef>T_Read</bpmn:flowNodeRef><bpmn:flowNodeRef>BT_T_Read</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>late_T_Read</bpmn:flowNodeRef><bpmn:flowNodeRef>GW_Read</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>done</bpmn:flowNodeRef><bpmn:flowNodeRef>withdrawn</bpmn:flowNodeRef></bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="begin" name="开始"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="T_Write" name="填写" halfsky:form="write"><bpmn:incoming>f1</bpmn:incoming><bpmn:incoming>f4</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:userTask id="T_Read" name="审核" halfsky:form="read"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:userTask>
    <bpmn:boundaryEvent id="BT_T_Read" name="时限" attachedToRef="T_Read" cancelActivity="false"><bpmn:outgoing>f6</bpmn:outgoing>
      <bpmn:timerEventDefinition id="t1"><bpmn:timeDate xsi:type="bpmn:tFormalExpression">due('toy.read')</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:endEvent id="late_T_Read" name="逾期上报"><bpmn:incoming>f6</bpmn:incoming></bpmn:endEvent>
    <bpmn:exclusiveGateway id="GW_Read" name="意见" default="f5"><bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>f4</bpmn:outgoing><bpmn:outgoing>f5</bpmn:outgoing><bpmn:outgoing>f7</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:endEvent id="done" name="办结"><bpmn:incoming>f5</bpmn:incoming><bpmn:terminateEventDefinition id="x1"/></bpmn:endEvent>
    <bpmn:endEvent id="withdrawn" name="撤回"><bpmn:incoming>f7</bpmn:incoming><bpmn:terminateEventDefinition id="x2"/></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="T_Write"/>
    <bpmn:sequenceFlow id="f2" sourceRef="T_Write" targetRef="T_Read"/>
    <bpmn:sequenceFlow id="f3" sourceRef="T_Read" targetRef="GW_Read"/>
    <bpmn:sequenceFlow id="f4" sourceRef="GW_Read" targetRef="T_Write"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">opinion == 'RETURN'</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f5" sourceRef="GW_Read" targetRef="done"/>
    <bpmn:sequenceFlow id="f6" sourceRef="BT_T_Read" targetRef="late_T_Read"/>
    <bpmn:sequenceFlow id="f7" sourceRef="GW_Read" targetRef="withdrawn"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">opinion == 'WITHDRAWN'</bpmn:conditionExpression></bpmn:sequenceFlow>
  </bpmn:process>
</bpmn:definitions>
""".encode()


@dataclass(frozen=True)
class ToyForm:
    """Answers are a flat mapping with one required word."""

    key: str
    title: str
    required: str
    signed: bool = False
    sheets: tuple[str, ...] = ()

    def load(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        if not answers.get(self.required):
            raise InvalidAnswers({self.required: [Message("必填")]})
        return dict(answers)

    def attempt(self, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Message]]]:
        return dict(answers), {} if answers.get(self.required) else {self.required: [Message("必填")]}

    def dump(self, values: dict[str, Any]) -> dict[str, Any]:
        return dict(values)


class Toy:
    """The process type of TOY."""

    key = "toy"
    title = "玩具"
    series = "WJ"
    confidentiality = "C2"
    forms: ClassVar[Mapping[str, ToyForm]] = {
        "write": ToyForm("write", "填写", "text"),
        "read": ToyForm("read", "审核", "opinion", signed=True),
    }
    notices: ClassVar[Mapping[str, str]] = {"withdrawn": "已撤回"}
    barred: frozenset[int] = frozenset()
    sequels: ClassVar[Mapping[str, str]] = {}

    def options(self, view: Any, name: str) -> Sequence[tuple[str, str]]:
        return ()

    def source(self, clause: str) -> Message:
        return Message(clause)

    def start(self, connection: Connection, actor: Actor) -> Start:
        return Start(1, ".1.", "T1")

    def examine(self, view: Any, form: str, values: dict[str, Any]) -> dict[str, list[Message]]:
        return {}

    def prepare(self, view: Any, form: str) -> Prepared:
        return Prepared()

    def check(self, view: Any, form: str, values: dict[str, Any]) -> Check:
        return Check()

    def shipped_tables(self) -> bytes:
        return b""

    def unfit_tables(self, tables: Any) -> Sequence[Message]:
        return ()

    def facts(self, form: str, values: dict[str, Any]) -> Mapping[str, Any]:
        return {"opinion": values["opinion"]} if form == "read" else {}

    def submitted(self, view: Any, form: str, values: dict[str, Any]) -> None:
        if form == "write":
            view.describe(subject=values["text"][:1] + "*", applied_on=view.today)

    def decide(self, view: Any, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    def perform(self, view: Any, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    def candidates(self, view: Any, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:
        return Candidates(lane, 1)

    def free(self, view: Any, element: str, post: str, unit_id: int) -> tuple[int, ...]:
        return ()

    def misplaced(self, connection: Any, on: date) -> tuple[int, ...]:
        return ()

    def may_work(self, view: Any, element: str, form: str) -> Message | None:
        return Message("利害关系") if view.actor.id in self.barred else None

    def pauses(self, form: str, values: dict[str, Any]) -> bool:
        return values.get("opinion") == "RETURN"

    def period(self, view: Any, key: str) -> Period:
        return Period(key, 5, Unit.WORK, "S0", ("HEAD",), pauses=True)

    def anchor(self, view: Any, key: str) -> date | None:
        return None

    def calendar(self, view: Any) -> Calendar:
        return Calendar({}, frozenset({2026}))

    def superiors(self, view: Any, posts: Sequence[str]) -> Sequence[tuple[str, int]]:
        return [(post, 1) for post in posts]

    def returns(self, element: str) -> Sequence[tuple[str, str]]:
        return [("T_Write", "填写")] if element == "T_Read" else []

    def withdrawal(self, element: str) -> str | None:
        return "withdrawn"

    def withdrawn(self, view: Any) -> None:
        view.notify("READER", 1, "withdrawn")

    def termination(self, elements: Sequence[str]) -> str | None:
        return None


class ToyRules:
    """Whoever holds the post may work; readers and heads see all; everything else is closed."""

    def permits(self, actor: Actor, permission: Permission, subject: Any) -> bool:
        if permission in (Permission.START_CASE, Permission.WITHDRAW_CASE):
            return actor.holds("WRITER")
        if permission in (Permission.WORK_TASK, Permission.RETURN_TASK, Permission.ADD_PAPER):
            own = actor.holds(subject.post, subject.unit_id) and subject.assignee_id in (0, actor.id)
            return own or any(stand_in.covers(subject) for stand_in in actor.stand_ins)
        if permission is Permission.SUPERVISE:
            return any(actor.holds(post, unit) for rung in subject.chain for post, unit in rung)
        if permission is Permission.SEE_ESCALATION:
            return actor.holds("HEAD") or actor.holds("CHIEF") or actor.holds("CLERK")
        if permission is Permission.READ_CASE:
            return actor.id != STRANGER.id
        for_admins = permission in (Permission.UPLOAD_DEFINITION, Permission.MANAGE_JOBS)
        return not for_admins or actor.holds("ADMIN")

    def name_of(self, permission: Permission) -> Message:
        return Message(str(permission))

    def visible_cases(self, actor: Actor) -> ColumnElement[bool]:
        return true()

    def person(self, connection: Connection, account_id: int, on: date) -> Actor | None:
        return next((one for one in (WRITER, READER, READER_2, STRANGER, ADMIN) if one.id == account_id), None)

    def post(self, connection: Connection, code: str, unit_id: int) -> Post | None:
        return Post(code, 1, ".1.") if unit_id == 1 and code in ("WRITER", "READER") else None

    def workable_cases(self, actor: Actor) -> ColumnElement[bool]:
        return true()

    def lowering_refused(
        self, connection: Connection, actor: Actor, subject: Any, asked_by: int | None = None
    ) -> Message | None:
        """Whoever asked does not confirm."""
        return Message("—") if asked_by == actor.id else None

    def by_share_alone(self, actor: Actor) -> bool:
        """Nobody of another body is in this house."""
        return False

    def handed_over(self, actor: Actor) -> ColumnElement[bool]:
        """Never asked: see `by_share_alone`."""
        return true()

    def cases_with(self, permission: Permission, actor: Actor) -> ColumnElement[bool]:
        return true()

    def countable_cases(self, actor: Actor) -> ColumnElement[bool]:
        return true()

    def epoch(self) -> int:
        return 0

    def posts_permitted(self, connection: Connection, permission: Permission, subject: Any) -> Sequence[Post]:
        return []

    def eligible(self, person: Actor, subject: Any) -> bool:
        return person.id != STRANGER.id

    def kept_from(self, actor: Actor, account_id: int | None, unit_id: int | None) -> bool:
        return account_id == actor.id

    def deputises(self, deputy: Actor, place: Post) -> bool:
        return deputy.id != ADMIN.id

    def deputy_refused(self, absent: Actor, deputy: Actor) -> Message | None:
        return Message("管理员不代理") if deputy.id == ADMIN.id else None

    def urge_limits(self, connection: Connection, unit_id: int, on: date) -> UrgeLimits:
        return UrgeLimits(timedelta(hours=4), 3)

    def shut_out(self, actor: Actor) -> ColumnElement[bool]:
        return false()

    def supervised_cases(self, actor: Actor) -> ColumnElement[bool]:
        return true()


def person(number: int, *posts: str) -> Actor:
    """A synthetic member of staff holding posts in unit 1."""
    return Actor(number, f"职员{number}", tuple(Post(code, 1, ".1.") for code in posts))


WRITER, READER, READER_2, ADMIN = person(1, "WRITER"), person(2, "READER"), person(3, "READER"), person(9, "ADMIN")
#: may read no case
STRANGER = person(8, "WRITER")


def tables(url: str) -> None:
    """An empty database with every table, for tests to copy: making them costs more than most tests."""
    database = Database(url)
    metadata.create_all(database.engine)
    database.dispose()


def published(url: str) -> None:
    """The same with the toy drawing in force."""
    tables(url)
    house = ToyHouse(url)
    house.act(publish_definition, ADMIN, once="published", kind="toy", bpmn=TOY)
    house.close()


class ToyHouse:
    """A wired house on a copy of a `published` database, and short ways to act."""

    key: ClassVar[bytes] = Fernet.generate_key()

    def __init__(self, url: str) -> None:
        self.clock = FixedClock(datetime(2026, 6, 15, 9, tzinfo=SHANGHAI))
        self.process = Toy()
        self.runtime = Runtime(Database(url), Vault([self.key]), ToyRules(), {"toy": self.process}, self.clock)
        self.keys = 0

    def act(self, command: Any, actor: Actor, *, once: str | None = None, **parameters: Any) -> Mapping[str, Any]:
        """Run a command, with a fresh idempotency key unless one is given."""
        self.keys += 1
        return self.runtime.execute(command, actor=actor, key=once or f"k{self.keys}", **parameters).content

    def proof(self, actor: Actor) -> Reauthentication:
        """A re-authentication made this instant."""
        return Reauthentication(actor.id, self.clock.now())

    def close(self) -> None:
        self.runtime.database.dispose()
