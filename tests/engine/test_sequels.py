"""A case may hold several processes: where one ends another takes over in the same commit, and the last one closes the case."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from engine import audit
from engine.access import SYSTEM
from engine.commands.cases import continue_case, start_case, withdraw_case
from engine.commands.tasks import complete_task
from engine.commands.versions import publish_definition
from engine.errors import Forbidden, NotFound
from engine.events import Kind
from engine.jobs import fire_due
from engine.model import case_file, instance, task
from engine.queries.case_page import case_page
from tests.engine.toy import ADMIN, READER, READER_2, TOY, WRITER, Toy

LATER = TOY.replace(b'id="toy"', b'id="later"').replace(b'name="\xe5\xae\xa1\xe6\xa0\xb8"', 'name="复核"'.encode())


class Later(Toy):
    """What comes after the toy: no case is opened as one."""

    key = "later"
    title = "后续"
    series = ""


class First(Toy):
    """The toy, which goes on."""

    sequels = {"done": "later"}  # noqa: RUF012


@pytest.fixture
def going_on(house):
    """The house with a second kind of process, whose drawing has been published."""
    house.process = First()
    house.runtime.catalogue = {"toy": house.process, "later": Later()}
    house.act(publish_definition, ADMIN, kind="later", bpmn=LATER)
    return house


def task_of(house, case_id):
    with house.runtime.reading() as connection:
        return connection.execute(select(task).where(task.c.case_id == case_id, task.c.state == "open")).one()


def complete(house, case_id, actor, answers):
    row = task_of(house, case_id)
    proof = house.proof(actor)
    given = {"task_id": row.id, "answers": answers, "seen_version": row.version, "signature": proof}
    return house.act(complete_task, actor, **given)


def through(house, case_id, reader=READER):
    complete(house, case_id, WRITER, {"text": "内容"})
    return complete(house, case_id, reader, {"opinion": "OK"})


def case_of(house, case_id):
    with house.runtime.reading() as connection:
        return connection.execute(select(case_file).where(case_file.c.id == case_id)).one()


def genuine(house):
    with house.runtime.reading() as connection:
        found = audit.verify(connection, house.runtime.vault)
    return found.faults


def test_where_one_process_ends_the_next_takes_over_in_the_same_commit(going_on):
    case_id = going_on.act(start_case, WRITER, kind="toy")["case_id"]
    answer = through(going_on, case_id)
    row = task_of(going_on, case_id)
    assert (answer["ended"], answer["opened"]) == ("done", [row.id])
    assert (row.kind, row.element) == ("later", "T_Write")
    case = case_of(going_on, case_id)
    assert (case.state, case.outcome, case.ended_at) == ("open", None, None)
    assert genuine(going_on) == ()


def test_the_case_closes_with_its_last_process_and_each_keeps_its_own_end_and_drawing(going_on):
    case_id = going_on.act(start_case, WRITER, kind="toy")["case_id"]
    through(going_on, case_id)
    assert through(going_on, case_id, READER_2)["ended"] == "done"
    assert (case_of(going_on, case_id).state, case_of(going_on, case_id).outcome) == ("closed", "done")
    with going_on.runtime.reading() as connection:
        page = case_page(going_on.runtime, connection, READER, case_id)
    assert [(p.kind, p.status, p.outcome) for p in page.processes] == [
        ("toy", "ended", "done"),
        ("later", "ended", "done"),
    ]
    assert {"T_Write", "T_Read", "done"} <= page.processes[0].done
    assert [e.kind for e in page.history].count(Kind.CASE_ENDED) == 1
    assert [e.kind for e in page.history].count(Kind.PROCESS_STARTED) == 1
    assert genuine(going_on) == ()


def test_each_process_is_marked_on_its_own_drawing_although_their_steps_share_names(going_on):
    case_id = going_on.act(start_case, WRITER, kind="toy")["case_id"]
    through(going_on, case_id)
    with going_on.runtime.reading() as connection:
        page = case_page(going_on.runtime, connection, READER, case_id)
    first, second = page.processes
    assert not first.current
    assert second.current == {"T_Write"}
    assert "T_Read" in first.done
    assert "T_Read" not in second.done


def test_a_clock_of_the_second_process_is_fired_by_the_rules_of_the_second_process(going_on):
    case_id = going_on.act(start_case, WRITER, kind="toy")["case_id"]
    through(going_on, case_id)
    complete(going_on, case_id, WRITER, {"text": "内容"})
    due = task_of(going_on, case_id).due_at
    going_on.clock.at = due
    assert fire_due(going_on.runtime) == 1
    assert task_of(going_on, case_id).overdue_since == due


def test_a_sequel_whose_drawing_was_never_published_keeps_the_first_process_from_ending(house):
    house.process = First()
    house.runtime.catalogue = {"toy": house.process, "later": Later()}
    case_id = house.act(start_case, WRITER, kind="toy")["case_id"]
    complete(house, case_id, WRITER, {"text": "内容"})
    with pytest.raises(NotFound):
        complete(house, case_id, READER, {"opinion": "OK"})
    assert task_of(house, case_id).element == "T_Read"


def test_a_case_is_not_opened_as_a_sequel(going_on):
    with pytest.raises(Forbidden):
        going_on.act(start_case, WRITER, kind="later")


def test_the_second_process_can_be_withdrawn_by_its_own_rules(going_on):
    case_id = going_on.act(start_case, WRITER, kind="toy")["case_id"]
    through(going_on, case_id)
    assert going_on.act(withdraw_case, WRITER, case_id=case_id, reason="不办了")["ended"] == "withdrawn"
    assert case_of(going_on, case_id).outcome == "withdrawn"
    assert genuine(going_on) == ()


def test_a_case_closed_before_there_was_a_sequel_goes_on_once(house):
    case_id = house.act(start_case, WRITER, kind="toy")["case_id"]
    through(house, case_id)
    assert case_of(house, case_id).state == "closed"
    house.runtime.catalogue = {"toy": First(), "later": Later()}
    house.act(publish_definition, ADMIN, kind="later", bpmn=LATER)
    with pytest.raises(Forbidden):
        house.act(continue_case, WRITER, case_id=case_id)
    opened = house.act(continue_case, SYSTEM, case_id=case_id)["opened"]
    assert opened == [task_of(house, case_id).id]
    assert house.act(continue_case, SYSTEM, case_id=case_id)["opened"] == []
    assert (case_of(house, case_id).state, case_of(house, case_id).ended_at) == ("open", None)
    assert genuine(house) == ()


def test_whoever_exchanges_the_drawing_of_the_second_process_is_found_out(going_on):
    case_id = going_on.act(start_case, WRITER, kind="toy")["case_id"]
    through(going_on, case_id)
    with going_on.runtime.database.writing() as connection:
        first = select(instance.c.definition_id).where(instance.c.case_id == case_id).order_by(instance.c.id).limit(1)
        other = connection.execute(first).scalar_one()
        connection.execute(update(instance).where(instance.c.status == "running").values(definition_id=other))
        connection.commit()
    assert [fault.case_id for fault in genuine(going_on)] == [case_id]
