"""Copies and comments reach those who may read the case and nobody else; what is said stays as it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from engine import audit
from engine.commands.collaborating import add_comment, copy_case
from engine.commands.reading import log_read
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.events import Kind
from engine.model import history, notice
from engine.model_collaboration import case_copy, comment
from engine.queries import collaboration, notices
from tests.workflows.processes.loan import examples
from workflows import colleagues
from workflows.colleagues import Colleague
from workflows.organisation import end_post

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def person(house: LoanHouse, login: str) -> str:
    return f"person:{house.actor(login).id}"


def told(house: LoanHouse, login: str) -> list[str]:
    with house.runtime.reading() as connection:
        return [n.kind for n in notices.notices(connection, house.runtime.rules, house.actor(login))]


def reviewed(house: LoanHouse) -> int:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    return case_id


def test_a_copy_reaches_a_person_and_a_post_and_comes_back_with_a_receipt(either_house: LoanHouse) -> None:
    house = either_house
    case_id = reviewed(house)
    to = [person(house, "loanhead"), f"post:TOWN_CHAIR:{house.unit('T1')}", person(house, "loanhead")]
    sent = house.act(copy_case, "v1chair", case_id=case_id, to=to, note=" 请 知悉 ")
    assert len(sent["copies"]) == 2, "each receiver once"
    assert told(house, "loanhead") == told(house, "t1chair") == told(house, "t1vice") == ["case.copied"]
    assert told(house, "t2chair") == []
    house.act(log_read, "v1chair", case_id=case_id, what="overview")
    house.act(log_read, "t1vice", case_id=case_id, what="overview")
    house.act(log_read, "t1chair", case_id=case_id, what="overview")
    with house.runtime.reading() as connection:
        rows = collaboration.sent(connection, house.runtime.rules, house.actor("v1chair"))
        assert {(r.post, r.read_by) for r in rows} == {("", None), ("TOWN_CHAIR", house.actor("t1vice").id)}
        assert len(collaboration.received(connection, house.runtime.rules, house.actor("loanhead"))) == 1
        assert "请" not in str(connection.execute(select(case_copy.c.note_sealed)).scalars().all())


@pytest.mark.parametrize(
    "to",
    [
        ["person:{t2chair}"],
        ["person:9999"],
        ["post:TOWN_CHAIR:{T2}"],
        ["post:MAYOR:1"],
        ["nobody"],
        [],
        ["person:{credit}"],
    ],
)
def test_nobody_learns_of_a_case_by_a_copy(house: LoanHouse, to: list[str]) -> None:
    case_id = reviewed(house)
    known = {"t2chair": house.actor("t2chair").id, "credit": house.actor("credit").id, "T2": house.unit("T2")}
    with pytest.raises(InvalidAnswers) as refused:
        house.act(copy_case, "v1chair", case_id=case_id, to=[each.format(**known) for each in (*to, *to[:0])])
    assert list(refused.value.problems) == ["to"]
    mixed = [person(house, "t1chair"), *(each.format(**known) for each in to)]
    if to:
        with pytest.raises(InvalidAnswers):
            house.act(copy_case, "v1chair", case_id=case_id, to=mixed)
    assert house.row(select(func.count()).select_from(notice))[0] == 0


def test_who_may_not_read_a_case_or_not_copy_it_gets_nowhere(house: LoanHouse) -> None:
    case_id = house.to_credit()
    with pytest.raises(NotFound):
        house.act(copy_case, "t2chair", case_id=case_id, to=[person(house, "t1chair")])
    with pytest.raises(Forbidden):
        house.act(copy_case, "credit", case_id=case_id, to=[person(house, "credit2")])
    with pytest.raises(Forbidden):
        house.act(add_comment, "credit", case_id=case_id, text="查过了")


def test_a_personal_notice_is_gone_when_she_may_no_longer_read_the_case(house: LoanHouse) -> None:
    case_id = reviewed(house)
    house.act(copy_case, "v1chair", case_id=case_id, to=[person(house, "t1vice")])
    assert told(house, "t1vice") == ["case.copied"]
    with house.runtime.database.writing() as connection:
        end_post(connection, 5, house.clock.now().date().replace(day=1))
        connection.commit()
    assert told(house, "t1vice") == []


def test_a_comment_is_sealed_unchangeable_and_known_to_the_history(either_house: LoanHouse) -> None:
    house = either_house
    case_id = reviewed(house)
    vice = house.actor("t1vice").id
    house.act(
        add_comment, "t1chair", case_id=case_id, text="请核对 收入\r\n证明", mentions=[vice, house.actor("t1chair").id]
    )
    assert told(house, "t1vice") == ["comment.mentioned"]
    assert told(house, "t1chair") == []
    with house.runtime.reading() as connection:
        (said,) = collaboration.comments(connection, house.runtime.vault, case_id)
        assert (said.text, said.mentions, said.in_file) == ("请核对 收入\n证明", (vice,), False)
        sealed = connection.execute(select(history.c.content_sealed).where(history.c.kind == str(Kind.COMMENT_ADDED)))
        content = house.runtime.vault.open_json(sealed.scalar_one())
        assert "text" not in content
        assert audit.verify(connection, house.runtime.vault).faults == ()
    with house.runtime.database.writing() as connection:
        connection.execute(update(comment).values(text_sealed=house.runtime.vault.seal("没说过".encode())))
        connection.commit()
    with house.runtime.reading() as connection:
        assert ["留言" in str(f.why) for f in audit.verify(connection, house.runtime.vault).faults] == [True]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "字" * 2001}, "text"),
        ({"mentions": [6]}, "mentions"),
        ({"mentions": [9999]}, "mentions"),
    ],
)
def test_an_empty_or_endless_comment_and_a_mention_of_who_may_not_read_are_refused(
    house: LoanHouse, changes: dict[str, Any], field: str
) -> None:
    case_id = reviewed(house)
    with pytest.raises(InvalidAnswers) as refused:
        house.act(add_comment, "t1chair", case_id=case_id, **{"text": "好", **changes})
    assert list(refused.value.problems) == [field]


AMONG = [
    Colleague(1, "林秋月", "A", 1),
    Colleague(2, "林秋", "A", 1),
    Colleague(3, "何燕", "A", 1),
    Colleague(4, "何燕", "B", 1),
]


@pytest.mark.parametrize(
    ("text", "ticked", "found", "unclear"),
    [
        ("@林秋月请看", (), {1}, 0),
        ("＠林秋 请看", (), {2}, 0),
        ("写信到 a@b.cn 即可", (), set(), 0),
        ("@何燕", (), set(), 1),
        ("@何燕", (4,), {4}, 0),
        ("@张三 看看", (), set(), 1),
        ("没有提及", (3,), {3}, 0),
    ],
)
def test_a_mention_is_the_longest_name_of_a_reader(
    text: str, ticked: tuple[int, ...], found: set[int], unclear: int
) -> None:
    meant, open_ones = colleagues.mentioned(text, AMONG, ticked)
    assert (meant, len(open_ones)) == (found, unclear)
