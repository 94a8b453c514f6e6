"""Running cases move to another version one by one: nothing behind a token is skipped unsaid, and a move can be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, true

from engine import audit
from engine.batches import work_batches
from engine.commands.cases import start_case
from engine.commands.migration import start_migration
from engine.commands.tasks import claim_task, save_draft
from engine.commands.versions import approve_version, propose_version
from engine.errors import Forbidden, InvalidAnswers
from engine.events import Kind
from engine.model import case_file, history, instance, task, timer
from engine.queries import migration as planned
from engine.queries.versions import in_force_id
from tests.engine.acting import read, value, written
from tests.engine.toy import ADMIN, READER, TOY, WRITER, ToyHouse, person

if TYPE_CHECKING:
    from collections.abc import Mapping

CHAIR = person(8, "ADMIN")
FORM = b'halfsky:form="read"'
RELANED = TOY.replace(b"<bpmn:flowNodeRef>T_Read</bpmn:flowNodeRef>", b"").replace(
    b"<bpmn:flowNodeRef>T_Write</bpmn:flowNodeRef>",
    b"<bpmn:flowNodeRef>T_Write</bpmn:flowNodeRef><bpmn:flowNodeRef>T_Read</bpmn:flowNodeRef>",
)


def with_step(source: str, target: str, flow: str) -> bytes:
    """The toy drawing with a step T_New on the way `flow` from `source` to `target`."""
    step = f'<bpmn:userTask id="T_New" name="核实" {FORM.decode()}/><bpmn:sequenceFlow id="n1" sourceRef="T_New" targetRef="{target}"/>'
    way = f'<bpmn:sequenceFlow id="{flow}" sourceRef="{source}" targetRef="{target}"'.encode()
    assert way in TOY
    changed = TOY.replace(way, f'<bpmn:sequenceFlow id="{flow}" sourceRef="{source}" targetRef="T_New"'.encode())
    drawn = changed.replace(b"<bpmn:startEvent", step.encode() + b"<bpmn:startEvent", 1)
    lane = b"<bpmn:flowNodeRef>T_Read</bpmn:flowNodeRef>"
    return drawn.replace(lane, lane + b"<bpmn:flowNodeRef>T_New</bpmn:flowNodeRef>", 1)


BEFORE_READING, AFTER_READING = with_step("T_Write", "T_Read", "f2"), with_step("T_Read", "GW_Read", "f3")
WITHOUT_READING = (
    TOY.replace(b'id="T_Read"', b'id="T_Other"').replace(b">T_Read<", b">T_Other<").replace(b'"T_Read"', b'"T_Other"')
)
OTHER_PERIOD = TOY.replace(b"due('toy.read')", b"due('toy.other')")
NO_PERIOD = TOY.replace(b"<bpmn:flowNodeRef>BT_T_Read</bpmn:flowNodeRef>", b"").replace(
    b"<bpmn:flowNodeRef>late_T_Read</bpmn:flowNodeRef>", b""
)
NO_PERIOD = (
    NO_PERIOD[: NO_PERIOD.index(b"<bpmn:boundaryEvent")] + NO_PERIOD[NO_PERIOD.index(b"<bpmn:exclusiveGateway") :]
)
NO_PERIOD = NO_PERIOD.replace(b'<bpmn:sequenceFlow id="f6" sourceRef="BT_T_Read" targetRef="late_T_Read"/>', b"")


def publish(house: ToyHouse, content: bytes) -> int:
    with house.runtime.reading() as connection:
        seen = in_force_id(connection, "drawing", "toy", house.clock.now())
    number = house.act(propose_version, ADMIN, kind="toy", sort="drawing", content=content)["proposal_id"]
    return int(house.act(approve_version, CHAIR, proposal_id=number, seen_base=seen)["version_id"])


def move(house: ToyHouse, content: bytes, **more: Any) -> int:
    """Publish `content`, begin a batch from the first version to it, and let the system work it."""
    to_id = publish(house, content)
    batch = house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=to_id, **more)["batch_id"]
    work_batches(house.runtime)
    return int(batch)


def items(house: ToyHouse, batch: int) -> list[tuple[str, list[tuple[str, str]]]]:
    with house.runtime.reading() as connection:
        found = planned.items(connection, batch, true())
    return [(row.state, [(each["code"], each["element"]) for each in row.why]) for row in found]


def row(house: ToyHouse, statement: Any) -> Any:
    with house.runtime.reading() as connection:
        return connection.execute(statement).one()


def open_task(house: ToyHouse) -> Any:
    return row(house, select(task).where(task.c.state == "open").order_by(task.c.id.desc()).limit(1))


def genuine(house: ToyHouse) -> bool:
    with house.runtime.reading() as connection:
        return audit.verify(connection, house.runtime.vault).genuine


def told(house: ToyHouse, kind: Kind) -> list[Mapping[str, Any]]:
    with house.runtime.reading() as connection:
        sealed = connection.execute(select(history.c.content_sealed).where(history.c.kind == str(kind))).scalars().all()
    return [house.runtime.vault.open_json(each) for each in sealed]


def test_a_step_ahead_of_the_case_is_met_after_the_move(house: ToyHouse) -> None:
    task_id = written(house)
    due = open_task(house).due_at
    assert items(house, move(house, AFTER_READING)) == [("moved", [])]
    same = open_task(house)
    assert (same.id, same.element, same.due_at) == (task_id, "T_Read", due)
    assert value(house, select(timer.c.state).where(timer.c.level == "broken")) == "armed"
    read(house, task_id, seen_version=same.version)
    assert open_task(house).element == "T_New"
    read(house, open_task(house).id)
    assert value(house, select(case_file.c.outcome)) == "done"
    assert genuine(house)


def test_a_step_behind_the_case_is_refused_until_somebody_says_why_it_may_be_left_out(house: ToyHouse) -> None:
    written(house)
    assert items(house, move(house, BEFORE_READING)) == [("refused", [("skipped", "T_New")])]
    assert value(house, select(instance.c.definition_id)) == 1
    with pytest.raises(InvalidAnswers):
        house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=2, acknowledged={"T_New": " "})
    batch = house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=2, acknowledged={"T_New": "已电话核实"})
    work_batches(house.runtime)
    assert items(house, batch["batch_id"]) == [("moved", [])]
    [entry] = told(house, Kind.CASE_MIGRATED)
    assert (entry["left_out"], entry["from"], entry["to"]) == ({"T_New": "已电话核实"}, 1, 2)


def test_a_case_that_has_not_come_to_the_place_yet_is_not_said_to_skip_it(house: ToyHouse) -> None:
    house.act(start_case, WRITER, kind="toy")
    assert items(house, move(house, BEFORE_READING)) == [("moved", [])]


def test_a_case_sent_back_before_the_place_meets_the_new_step(house: ToyHouse) -> None:
    read(house, written(house), "RETURN")
    assert open_task(house).element == "T_Write"
    assert items(house, move(house, BEFORE_READING)) == [("moved", [])]


@pytest.mark.parametrize(
    ("drawing", "why"),
    [
        (WITHOUT_READING, ("missing", "T_Read")),
        (TOY.replace(b'<bpmn:userTask id="T_Read" name="\xe5\xae\xa1\xe6\xa0\xb8" ' + FORM,
                     b'<bpmn:userTask id="T_Read" name="\xe5\xae\xa1\xe6\xa0\xb8" halfsky:form="write"'), ("form", "T_Read")),
    ],
    ids=["its step is gone", "its step asks another form"],
)  # fmt: skip
def test_a_case_whose_open_step_has_no_counterpart_stays(house: ToyHouse, drawing: bytes, why: tuple[str, str]) -> None:
    written(house)
    assert drawing != TOY
    assert items(house, move(house, drawing)) == [("refused", [why])]
    assert open_task(house).version == 1
    assert told(house, Kind.CASE_MIGRATED) == []


def test_a_renamed_step_moves_when_the_names_are_mapped_and_its_clock_goes_on(house: ToyHouse) -> None:
    task_id = written(house)
    before = row(house, select(timer).where(timer.c.level == "broken"))
    assert items(house, move(house, WITHOUT_READING, mapping={"T_Read": "T_Other"})) == [("moved", [])]
    after = row(house, select(timer).where(timer.c.level == "broken"))
    assert (after.id, after.due_at, after.state, after.attached_to) == (before.id, before.due_at, "armed", "T_Other")
    assert open_task(house).element == "T_Other"
    read(house, task_id, seen_version=open_task(house).version)
    assert value(house, select(case_file.c.outcome)) == "done"


@pytest.mark.parametrize(
    ("mapping", "said"),
    [({"T_Nothing": "T_Read"}, "T_Nothing"), ({"T_Read": "T_Nowhere"}, "T_Nowhere"),
     ({"T_Read": "T_Write", "T_Write": "T_Write"}, "同一个"), ({"T_Read": "T_Write"}, "T_Write")],
)  # fmt: skip
def test_a_mapping_that_cannot_be_meant_is_refused(house: ToyHouse, mapping: dict[str, str], said: str) -> None:
    to_id = publish(house, AFTER_READING)
    with pytest.raises(InvalidAnswers) as wrong:
        house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=to_id, mapping=mapping)
    assert said in "".join(str(each) for each in wrong.value.problems["mapping"])


def test_another_lane_gives_the_open_step_to_other_people_and_keeps_the_draft(house: ToyHouse) -> None:
    task_id = written(house)
    house.act(claim_task, READER, task_id=task_id, seen_version=1)
    house.act(save_draft, READER, task_id=task_id, answers={"opinion": "OK"})
    assert items(house, move(house, RELANED)) == [("moved", [])]
    now = open_task(house)
    assert (now.id, now.post, now.assignee_id) == (task_id, "WRITER", 0)
    with pytest.raises(Forbidden):
        read(house, task_id, seen_version=now.version)
    read(house, task_id, actor=WRITER, seen_version=now.version)
    assert row(house, select(case_file)).outcome == "done"


@pytest.mark.parametrize("drawing", [OTHER_PERIOD, NO_PERIOD], ids=["another period", "no period"])
def test_clocks_follow_the_new_drawing(house: ToyHouse, drawing: bytes) -> None:
    task_id = written(house)
    due = open_task(house).due_at
    house.clock.at += timedelta(days=2)
    assert items(house, move(house, drawing)) == [("moved", [])]
    with house.runtime.reading() as connection:
        armed = connection.execute(select(timer).where(timer.c.state == "armed", timer.c.level == "broken")).all()
    if drawing is NO_PERIOD:
        assert (armed, open_task(house).due_at) == ([], None)
    else:
        assert [each.period for each in armed] == ["toy.other"]
        assert open_task(house).due_at == armed[0].due_at > due
    read(house, task_id, seen_version=open_task(house).version)
    assert genuine(house)
