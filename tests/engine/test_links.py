"""A case that begins in another is a case of its own: its number, team, class and history; the first learns what it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, select, update

from engine import audit
from engine.commands.cases import start_case
from engine.commands.context import CaseContext
from engine.commands.tasks import complete_task
from engine.commands.teams import exclude, write_exclusion
from engine.commands.versions import publish_definition
from engine.errors import NotFound
from engine.events import Kind
from engine.model import case_file, task
from engine.model_links import case_link
from engine.model_teams import case_exclusion, case_member
from engine.process_type import Start
from engine.queries.case_page import case_page
from engine.queries.links import linked_cases
from engine.unit_of_work import unit_of_work
from tests.engine.toy import ADMIN, READER, TOY, WRITER, Toy, ToyForm

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = Start(1, ".1.", "T1")


class Side(Toy):
    """What is opened from the toy; its hand-over sheet stands on no step."""

    key = "side"
    title = "另案"
    series = "CA"
    forms = {**Toy.forms, "referred": ToyForm("referred", "移交单", "text")}  # noqa: RUF012


class Secret(Side):
    """The same, confidential from the first keystroke."""

    key = "secret"
    series = "MM"
    confidentiality = "C3"


class Opener(Toy):
    """Opens what the text asks for when the first form is submitted, and links to the case it names."""

    def submitted(self, view, form, values):
        super().submitted(view, form, values)
        if form == "write" and values["text"] in ("side", "secret"):
            handed = {"text": "移交内容"}
            view.open_case(values["text"], PLACE, relation="mediation", form="referred", answers=handed)
        elif form == "write" and values["text"].isdigit():
            view.link(int(values["text"]), "repeat")


@pytest.fixture
def opener(house):
    """The toy's house with two more kinds, whose drawings have been published."""
    house.process = Opener()
    house.runtime.catalogue = {"toy": house.process, "side": Side(), "secret": Secret()}
    for kind in ("side", "secret"):
        drawn = TOY.replace(b'id="toy"', f'id="{kind}"'.encode())
        house.act(publish_definition, ADMIN, kind=kind, bpmn=drawn)
    return house


def write(house, text: str) -> int:
    """A case whose first form says `text`; its id."""
    case_id = house.act(start_case, WRITER, kind="toy")["case_id"]
    with house.runtime.reading() as connection:
        row = connection.execute(select(task).where(task.c.case_id == case_id, task.c.state == "open")).one()
    house.act(complete_task, WRITER, task_id=row.id, answers={"text": text}, seen_version=row.version)
    return int(case_id)


def row_of(house, case_id: int):
    with house.runtime.reading() as connection:
        return connection.execute(select(case_file).where(case_file.c.id == case_id)).one()


def told(house, case_id: int) -> list[Mapping]:
    """What a case's history says of links."""
    with house.runtime.reading() as connection:
        page = case_page(house.runtime, connection, WRITER, case_id)
    return [entry.content for entry in page.history if entry.kind == Kind.CASE_LINKED]


def faults(house):
    with house.runtime.reading() as connection:
        return audit.verify(connection, house.runtime.vault).faults


def the_link(house):
    with house.runtime.reading() as connection:
        return connection.execute(select(case_link)).one()


def test_what_begins_in_a_confidential_case_is_as_confidential_and_tells_no_more(opener):
    first = write(opener, "nothing")
    with unit_of_work(opener.runtime, WRITER) as work:
        raised = update(case_file).where(case_file.c.id == first).values(confidentiality="C3", guarded=True)
        work.connection.execute(raised)
        view = CaseContext(work, work.fresh(first), opener.process)
        made = view.open_case("side", PLACE, relation="mediation", form="referred", answers={"text": "移交内容"})
        case = work.fresh(made)
        assert (case.confidentiality, case.guarded) == ("C3", True)
    with opener.runtime.reading() as connection:
        team = connection.execute(select(case_member.c.account_id).where(case_member.c.case_id == made)).scalars()
        assert list(team) == [WRITER.id]


def test_a_case_opened_from_a_case_has_a_number_and_a_first_task_of_its_own_and_knows_what_it_was_told(opener):
    first = write(opener, "side")
    made = row_of(opener, the_link(opener).case_id)
    assert (made.kind, made.state, made.number) == ("side", "open", made.number)
    assert "-CA-" in made.number
    with opener.runtime.reading() as connection:
        row = connection.execute(select(task).where(task.c.case_id == made.id)).one()
        page = case_page(opener.runtime, connection, WRITER, made.id)
    assert (row.element, row.assignee_id) == ("T_Write", 0)
    assert [(each.form, each.number, each.answers) for each in page.forms] == [("referred", 1, {"text": "移交内容"})]
    assert [each["other"] for each in told(opener, first)] == [made.id]
    assert [each["other_number"] for each in told(opener, made.id)] == [row_of(opener, first).number]
    assert faults(opener) == ()


def test_of_a_more_confidential_case_that_begins_in_it_a_case_tells_nothing(opener):
    first = write(opener, "secret")
    made = the_link(opener).case_id
    assert told(opener, first) == []
    with opener.runtime.reading() as connection:
        team = connection.execute(select(case_member.c.account_id, case_member.c.role)).all()
        seen = linked_cases(connection, opener.runtime.rules, WRITER, first)
    assert (row_of(opener, made).guarded, [tuple(each) for each in team]) == (True, [(WRITER.id, "intake")])
    assert [each.id for each in seen] == [made]
    assert faults(opener) == ()


def test_whoever_is_kept_from_a_case_is_kept_from_the_one_that_begins_in_it(opener):
    """D3.1: the mediation that comes out of a case would tell him of it."""
    first = opener.act(start_case, WRITER, kind="toy")["case_id"]
    with unit_of_work(opener.runtime, WRITER) as work:
        for who in ({"account_id": 77}, {"unit_id": 5}):
            write_exclusion(work, first, reason="对方亲属", **who)
        work.connection.execute(update(case_file).where(case_file.c.id == first).values(guarded=True))
    with opener.runtime.reading() as connection:
        row = connection.execute(select(task).where(task.c.case_id == first)).one()
    opener.act(complete_task, WRITER, task_id=row.id, answers={"text": "side"}, seen_version=row.version)
    made = the_link(opener).case_id
    with opener.runtime.reading() as connection:
        kept = (
            connection.execute(select(case_exclusion.c.token).where(case_exclusion.c.case_id == made)).scalars().all()
        )
        begun = connection.execute(select(task.c.guarded).where(task.c.case_id == made)).scalars().all()
    vault = opener.runtime.vault
    assert set(kept) == {vault.lookup("exclusion", "account:77"), vault.lookup("exclusion", "unit:5")}
    assert (row_of(opener, made).guarded, begun) == (True, [True])
    assert faults(opener) == ()


def test_what_begins_in_a_confidential_case_does_not_give_its_number(opener):
    first = opener.act(start_case, WRITER, kind="toy")["case_id"]
    with unit_of_work(opener.runtime, WRITER) as work:
        work.connection.execute(update(case_file).where(case_file.c.id == first).values(confidentiality="C3"))
    with opener.runtime.reading() as connection:
        row = connection.execute(select(task).where(task.c.case_id == first)).one()
    opener.act(complete_task, WRITER, task_id=row.id, answers={"text": "side"}, seen_version=row.version)
    assert [each.get("other_number") for each in told(opener, the_link(opener).case_id)] == [None]


def test_a_linked_case_is_there_for_nobody_to_whom_the_rules_do_not_show_it(opener, monkeypatch):
    first = write(opener, "side")
    monkeypatch.setattr(opener.runtime.rules, "visible_cases", lambda actor: case_file.c.created_by == actor.id + 1)
    with opener.runtime.reading() as connection:
        assert linked_cases(connection, opener.runtime.rules, WRITER, first) == []


def test_the_same_matter_come_again_is_linked_once_and_both_sides_know_which_came_later(opener):
    first = write(opener, "内容")
    again = write(opener, str(first))
    with opener.runtime.reading() as connection:
        here = linked_cases(connection, opener.runtime.rules, WRITER, again)
        there = linked_cases(connection, opener.runtime.rules, WRITER, first)
    assert [(each.id, each.name) for each in here] == [(first, "同一人同一事项的在先信访")]
    assert [(each.id, each.name) for each in there] == [(again, "同一人同一事项的重复信访")]
    assert faults(opener) == ()


def test_the_history_does_not_number_a_case_that_keeps_somebody_out_for_she_may_read_the_later_one(opener):
    first = write(opener, "内容")
    opener.act(exclude, WRITER, case_id=first, account_id=READER.id, reason="与当事人有亲属关系")
    again = write(opener, str(first))
    assert [("other" in each, "other_number" in each) for each in told(opener, again)] == [(True, False)]
    assert faults(opener) == ()


@pytest.mark.parametrize("ahead", [0, 900], ids=["itself", "none"])
def test_a_case_is_linked_to_another_case_that_is_there(opener, ahead):
    last = write(opener, "内容")
    with pytest.raises(NotFound):
        write(opener, str(last + 1 + ahead))


@pytest.mark.parametrize(
    "tamper",
    [
        update(case_link).values(relation="conference"),
        delete(case_link),
        insert(case_link).from_select(
            ["case_id", "other_id", "relation", "at", "by_id"],
            select(case_link.c.other_id, case_link.c.case_id, case_link.c.relation, case_link.c.at, case_link.c.by_id),
        ),
    ],
    ids=["another relation", "gone", "one more"],
)
def test_a_link_made_or_unmade_behind_the_history_is_found(opener, tamper):
    write(opener, "side")
    with opener.runtime.database.writing() as connection:
        connection.execute(tamper)
        connection.commit()
    assert faults(opener) != ()
