"""The history chain finds what was edited, removed or inserted behind the engine's back, and names the entry."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete, insert, select, update

from engine import audit
from engine.commands.cases import start_case
from engine.commands.papers import add_paper
from engine.commands.tasks import complete_task
from engine.model import case_file, history
from engine.model_filed import blob, document, form_version, signature
from tests.engine.toy import READER, WRITER, ToyHouse


@pytest.fixture
def told(house: ToyHouse) -> ToyHouse:
    """Two finished cases with a signature and a paper."""
    for _ in range(2):
        opened = house.act(start_case, WRITER, kind="toy")
        picture = BytesIO()
        Image.new("RGB", (8, 8), "white").save(picture, "PNG")
        house.act(
            add_paper, WRITER, task_id=opened["task_id"], field="photo", name="照片.png", content=picture.getvalue()
        )
        done = house.act(complete_task, WRITER, task_id=opened["task_id"], answers={"text": "甲"}, seen_version=1)
        house.act(
            complete_task,
            READER,
            task_id=done["opened"][0],
            answers={"opinion": "OK"},
            seen_version=1,
            signature=house.proof(READER),
        )
    return house


def faults(house: ToyHouse) -> list[tuple[int, int | None]]:
    with house.runtime.reading() as connection:
        return [(f.case_id, f.seq) for f in audit.verify(connection, house.runtime.vault).faults]


def tamper(house: ToyHouse, *statements: Any) -> None:
    with house.runtime.database.engine.connect() as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_an_untouched_history_is_genuine(told: ToyHouse) -> None:
    assert faults(told) == []


ENTRY = (history.c.case_id == 1) & (history.c.seq == 3)


@pytest.mark.parametrize(
    "change",
    [
        update(history).where(ENTRY).values(actor_id=99),
        update(history).where(ENTRY).values(kind="case.ended"),
        update(history).where(ENTRY).values(at=datetime(2026, 6, 14, tzinfo=UTC)),
        update(history).where(ENTRY).values(post="SEAL_KEEPER"),
        update(history).where(ENTRY).values(content_digest="0" * 64),
        update(history).where(ENTRY).values(hash="0" * 64),
        update(history).where(ENTRY).values(content_sealed=b"x"),
    ],
    ids=["actor", "kind", "time", "post", "digest", "hash", "content"],
)
def test_an_edited_entry_is_named(told: ToyHouse, change: Any) -> None:
    tamper(told, change)
    assert (1, 3) in faults(told)


def test_content_taken_from_another_entry_is_seen(told: ToyHouse) -> None:
    other = select(history.c.content_sealed).where(history.c.case_id == 2, history.c.seq == 3).scalar_subquery()
    tamper(told, update(history).where(ENTRY).values(content_sealed=other))
    assert (1, 3) in faults(told)


@pytest.mark.parametrize("seq", [1, 2, 4])
def test_a_removed_entry_is_named(told: ToyHouse, seq: int) -> None:
    tamper(told, delete(history).where(history.c.case_id == 1, history.c.seq == seq))
    assert (1, seq) in faults(told)


def test_a_cut_tail_is_seen_because_the_case_holds_the_head(told: ToyHouse) -> None:
    with told.runtime.reading() as connection:
        last = connection.execute(select(case_file.c.last_seq).where(case_file.c.id == 1)).scalar_one()
    tamper(told, delete(history).where(history.c.case_id == 1, history.c.seq == last))
    assert (1, last) in faults(told)


def test_an_inserted_entry_is_seen(told: ToyHouse) -> None:
    with told.runtime.reading() as connection:
        row = dict(connection.execute(select(history).where(ENTRY)).mappings().one())
        last = connection.execute(select(case_file.c.last_seq).where(case_file.c.id == 1)).scalar_one()
    row.pop("id")
    tamper(told, insert(history).values(**{**row, "seq": last + 1}))
    assert (1, last + 1) in faults(told)


def test_a_form_changed_in_its_table_is_seen(told: ToyHouse) -> None:
    other = told.runtime.vault.seal_json({"opinion": "RETURN"})
    tamper(
        told,
        update(form_version)
        .where(form_version.c.case_id == 1, form_version.c.form == "read")
        .values(answers_sealed=other),
    )
    assert {case_id for case_id, _ in faults(told)} == {1}


def test_a_signature_given_to_another_person_is_seen(told: ToyHouse) -> None:
    tamper(told, update(signature).where(signature.c.case_id == 1).values(signer_id=WRITER.id))
    assert {case_id for case_id, _ in faults(told)} == {1}


def test_a_paper_exchanged_in_the_store_is_seen_in_every_case_that_holds_it(told: ToyHouse) -> None:
    whole = {"sealed": told.runtime.vault.seal(b"other"), "key_sealed": None}
    tamper(told, update(blob).values(**whole))
    assert {case_id for case_id, _ in faults(told)} == {1, 2}


def test_a_paper_that_vanished_is_seen(told: ToyHouse) -> None:
    tamper(told, delete(document).where(document.c.case_id == 2))
    assert {case_id for case_id, _ in faults(told)} == {2}


def test_one_case_can_be_verified_alone(told: ToyHouse) -> None:
    tamper(told, update(history).where(history.c.case_id == 2, history.c.seq == 1).values(actor_id=99))
    with told.runtime.reading() as connection:
        assert audit.verify(connection, told.runtime.vault, 1).genuine
        assert not audit.verify(connection, told.runtime.vault, 2).genuine
