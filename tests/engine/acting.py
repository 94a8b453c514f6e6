"""Short ways to act in the toy house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.commands.cases import start_case
from engine.commands.tasks import complete_task
from tests.engine.toy import READER, WRITER

if TYPE_CHECKING:
    from tests.engine.toy import ToyHouse


def written(house: ToyHouse) -> int:
    """A case that waits for its reader; returns the id of the reader's task."""
    opened = house.act(start_case, WRITER, kind="toy")
    done = house.act(complete_task, WRITER, task_id=opened["task_id"], answers={"text": "甲乙"}, seen_version=1)
    return int(done["opened"][0])


def read(house: ToyHouse, task_id: int, opinion: str = "OK", actor: Any = READER, **more: Any) -> Any:
    more = {"seen_version": 1, "signature": house.proof(actor), **more}
    return house.act(complete_task, actor, task_id=task_id, answers={"opinion": opinion}, **more)


def value(house: ToyHouse, statement: Any) -> Any:
    with house.runtime.reading() as connection:
        return connection.execute(statement).scalar()
