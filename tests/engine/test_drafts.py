"""Whose half-typed forms go when a form is submitted, and whose stay."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import bindparam, insert, select

from engine.commands import drafts
from engine.commands.tasks import save_draft
from engine.model import task
from engine.model_filed import draft
from tests.engine.acting import written
from tests.engine.toy import READER, READER_2, ToyHouse

_DRAFTS_OF = select(draft.c.by_id).where(draft.c.case_id == bindparam("b_case"))


@pytest.mark.parametrize(
    ("state", "days", "left"), [("open", -1, 1), ("waiting", -1, 1), ("closed", -1, 0), ("open", 1, 0)]
)
def test_what_others_typed_stays_while_an_earlier_task_with_the_form_is_worked_on(
    house: ToyHouse, state: str, days: int, left: int
) -> None:
    task_id = written(house)
    for reader in (READER, READER_2):
        house.act(save_draft, reader, task_id=task_id, answers={"remarks": "半句"})
    with house.runtime.database.writing() as connection:
        row = dict(connection.execute(select(task).where(task.c.id == task_id)).mappings().one())
        del row["id"]
        other = {"state": state, "token": 0, "created_at": row["created_at"] + timedelta(days=days)}
        connection.execute(insert(task), {**row, **other})
        connection.execute(_DRAFTS_OF, {"b_case": row["case_id"]})
        job = SimpleNamespace(id=task_id, form=row["form"])
        view = SimpleNamespace(
            connection=connection,
            case=SimpleNamespace(id=row["case_id"]),
            job=job,
            now=house.runtime.clock.now(),
            actor=READER,
        )
        drafts.drop(cast("Any", view))
        kept = connection.execute(_DRAFTS_OF, {"b_case": row["case_id"]}).scalars().all()
    assert kept == [READER_2.id] * left
