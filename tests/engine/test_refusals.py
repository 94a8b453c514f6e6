"""What the engine refuses at the edges of its verbs: unknown kinds, steps too late, rules of the case, too many papers."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update

from engine.commands import papers
from engine.commands.cases import start_case, withdraw_case
from engine.commands.papers import add_paper
from engine.commands.reading import log_read
from engine.commands.versions import publish_definition
from engine.errors import Forbidden, InvalidAnswers, NotFound, RefusedUpload
from engine.messages import Message
from engine.model import definition, read_log
from engine.model_filed import blob_piece, form_version
from engine.model_versions import in_force
from tests.engine.acting import read, value, written
from tests.engine.test_audit import faults, tamper
from tests.engine.test_documents import picture
from tests.engine.toy import ADMIN, TOY, WRITER, ToyHouse


def test_a_kind_nobody_knows_and_one_without_a_drawing_cannot_be_opened(house: ToyHouse) -> None:
    with pytest.raises(NotFound, match="nothing"):
        house.act(start_case, WRITER, kind="nothing")
    tamper(house, delete(in_force))
    tamper(house, delete(definition))
    with pytest.raises(NotFound, match="流程图"):
        house.act(start_case, WRITER, kind="toy")
    house.act(publish_definition, ADMIN, kind="toy", bpmn=TOY)


def test_a_withdrawal_needs_a_reason_and_a_step_that_still_allows_it(
    house: ToyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = house.act(start_case, WRITER, kind="toy")["case_id"]
    with pytest.raises(InvalidAnswers):
        house.act(withdraw_case, WRITER, case_id=case_id, reason=" ")
    monkeypatch.setattr(house.process, "withdrawal", lambda _element: None)
    with pytest.raises(Forbidden, match="不能撤回"):
        house.act(withdraw_case, WRITER, case_id=case_id, reason="不办了")


def test_rules_that_need_the_case_refuse_a_form_with_every_problem(
    house: ToyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = written(house)
    monkeypatch.setattr(house.process, "examine", lambda *_: {"opinion": [Message("不可")]})
    with pytest.raises(InvalidAnswers) as refused:
        read(house, task_id)
    assert list(refused.value.problems) == ["opinion"]


def test_a_case_holds_so_many_papers_and_no_more(house: ToyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "MAX_PER_CASE", 1)
    given = {"task_id": house.act(start_case, WRITER, kind="toy")["task_id"], "field": "photo", "name": "a"}
    house.act(add_paper, WRITER, content=picture(), **given)
    with pytest.raises(RefusedUpload, match="上限"):
        house.act(add_paper, WRITER, content=picture(), **given)


def test_reading_is_remembered_and_makes_no_history(house: ToyHouse) -> None:
    case_id = house.act(start_case, WRITER, kind="toy")["case_id"]
    house.act(log_read, WRITER, case_id=case_id, what="paper " + "7" * 60)
    assert len(value(house, select(read_log.c.what))) == 40
    assert faults(house) == []


@pytest.mark.parametrize(
    "ruin",
    [
        update(form_version).values(answers_sealed=b"x"),
        update(blob_piece).values(sealed=b"x"),
        update(definition).values(bpmn=b"<x/>"),
    ],
    ids=["form", "paper", "drawing"],
)
def test_what_no_longer_opens_is_a_fault_and_not_a_crash(house: ToyHouse, ruin: object) -> None:
    given = {"field": "photo", "name": "a", "content": picture()}
    opened = house.act(start_case, WRITER, kind="toy")
    house.act(add_paper, WRITER, task_id=opened["task_id"], **given)
    written(house)
    tamper(house, ruin)
    assert faults(house)
