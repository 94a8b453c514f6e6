"""The same request acts once, whatever it carried; another request under the same key is refused; a refusal leaves the key free."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine.access import Permission
from engine.commands.cases import start_case
from engine.commands.papers import add_paper
from engine.commands.tasks import complete_task
from engine.errors import Busy, Forbidden, InvalidAnswers, KeyReused, NotFound
from engine.model import history, idempotency
from engine.model_filed import document, form_version
from engine.queries import inbox
from engine.queries.task_page import task_page
from tests.engine.acting import read, value, written
from tests.engine.test_documents import pdf, picture
from tests.engine.toy import READER, WRITER, ToyHouse

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork


def test_a_signed_post_sent_again_gets_the_first_answer_although_the_password_was_checked_again(
    house: ToyHouse,
) -> None:
    task_id = written(house)
    first = read(house, task_id, once="post", signature=house.proof(READER))
    house.clock.at += timedelta(seconds=3)
    assert read(house, task_id, once="post", signature=house.proof(READER)) == first
    assert value(house, select(func.count()).select_from(form_version).where(form_version.c.form == "read")) == 1


def test_other_answers_under_the_same_key_are_another_request(house: ToyHouse) -> None:
    task_id = written(house)
    read(house, task_id, once="post")
    with pytest.raises(KeyReused):
        read(house, task_id, "RETURN", once="post")


def test_a_paper_is_told_apart_by_its_bytes(house: ToyHouse) -> None:
    opened = house.act(start_case, WRITER, kind="toy")
    given = {"task_id": opened["task_id"], "field": "photo", "name": "a.png"}
    first = house.act(add_paper, WRITER, once="paper", content=picture(), **given)
    assert house.act(add_paper, WRITER, once="paper", content=picture(), **given) == first
    with pytest.raises(KeyReused):
        house.act(add_paper, WRITER, once="paper", content=pdf(), **given)
    assert value(house, select(func.count()).select_from(document)) == 1


def test_a_refused_form_may_be_corrected_and_sent_under_the_same_key(house: ToyHouse) -> None:
    task_id = written(house)
    with pytest.raises(InvalidAnswers):
        read(house, task_id, "", once="post")
    assert value(house, select(func.count()).select_from(idempotency).where(idempotency.c.key == "post")) == 0
    assert read(house, task_id, once="post")["ended"] == "done"


def test_what_was_forbidden_may_be_tried_again_under_the_same_key_and_is_recorded_each_time(house: ToyHouse) -> None:
    task_id = written(house)
    before = value(house, select(func.count()).select_from(history))
    for _ in range(2):
        with pytest.raises(Forbidden):
            read(house, task_id, actor=WRITER, once="post")
    assert value(house, select(func.count()).select_from(history)) == before + 2


def note(uow: UnitOfWork, *, thing: Any) -> dict[str, Any]:
    """A command that takes anything."""
    return {"noted": True}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"a", b"b"),
        (date(2026, 1, 1), date(2026, 1, 2)),
        (Decimal("1.0"), Decimal("1.1")),
        ({"a": [1, None]}, {"a": [1, True]}),
        (Permission.READ_CASE, Permission.PRINT_CASE),
        ("1", 1),
        ("b'a'", b"a"),
    ],
    ids=str,
)
def test_parameters_of_every_kind_are_told_apart(house: ToyHouse, one: Any, other: Any) -> None:
    house.act(note, WRITER, once="k", thing=one)
    house.act(note, WRITER, once="k", thing=one)
    with pytest.raises(KeyReused):
        house.act(note, WRITER, once="k", thing=other)


def test_a_parameter_that_cannot_be_told_apart_is_a_mistake_of_the_programmer(house: ToyHouse) -> None:
    with pytest.raises(TypeError):
        house.act(note, WRITER, thing=object())


def test_overtaken_twice_is_a_clear_answer_and_changes_nothing(house: ToyHouse) -> None:
    attempts = []

    def unlucky(uow: UnitOfWork) -> dict[str, Any]:
        """A command that others always overtake."""
        attempts.append(uow)
        raise Busy(by="test")

    with pytest.raises(Busy, match="请稍候再试"):
        house.act(unlucky, WRITER)
    assert len(attempts) == 2


def test_overtaken_once_is_tried_again_from_the_start(house: ToyHouse) -> None:
    attempts = []

    def late(uow: UnitOfWork) -> dict[str, Any]:
        """A command that is overtaken once."""
        attempts.append(uow)
        if len(attempts) == 1:
            raise Busy(by="test")
        return {"attempts": len(attempts)}

    assert house.act(late, WRITER) == {"attempts": 2}
    assert attempts[0] is not attempts[1]


@pytest.mark.parametrize("task_id", [2**63, -(2**70), 10**30])
def test_an_id_that_no_row_can_have_is_of_nothing(house: ToyHouse, task_id: int) -> None:
    with pytest.raises(NotFound):
        house.act(complete_task, WRITER, task_id=task_id, answers={}, seen_version=1)
    with pytest.raises(NotFound), house.runtime.reading() as connection:
        task_page(house.runtime, connection, WRITER, task_id)


def test_a_search_for_what_cannot_be_stored_finds_nothing(house: ToyHouse) -> None:
    with contextlib.suppress(NotFound), house.runtime.reading() as connection:
        assert inbox.started(connection, WRITER, number="\x00").rows == ()


def test_completing_needs_no_key_of_another_person(house: ToyHouse) -> None:
    first, second = written(house), written(house)
    read(house, first, once="same")
    opened = house.act(start_case, WRITER, once="same", kind="toy")
    house.act(complete_task, WRITER, task_id=opened["task_id"], answers={"text": "甲"}, seen_version=1)
    with pytest.raises(KeyReused):
        read(house, second, once="same")
