"""Cases that were closed before their process type had a sequel: loans paid out before there was `loan_after`.

Run once after an upgrade, by `halfsky continue`; running it again changes nothing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from engine.access import SYSTEM
from engine.commands.cases import continue_case
from engine.errors import EngineError
from engine.model import definition, instance

if TYPE_CHECKING:
    from engine.runtime import Runtime

log = logging.getLogger("halfsky.jobs")

_LAST = select(func.max(instance.c.id)).group_by(instance.c.case_id)
_ENDED = (
    select(instance.c.case_id)
    .join(definition, definition.c.id == instance.c.definition_id)
    .where(
        instance.c.id.in_(_LAST),
        instance.c.status == "ended",
        definition.c.key == bindparam("b_key"),
        instance.c.outcome == bindparam("b_outcome"),
    )
    .order_by(instance.c.case_id)
)


def continue_all(runtime: Runtime) -> int:
    """Let every case whose last process came to an end with a sequel go on with it; returns how many did.

    One that fails is logged by id and does not hold up the rest.
    """
    waiting = [
        case_id
        for key, process in runtime.catalogue.items()
        for end in process.sequels
        for case_id in _ended(runtime, key, end)
    ]
    return sum(_continue(runtime, case_id) for case_id in waiting)


def _ended(runtime: Runtime, key: str, end: str) -> list[int]:
    with runtime.reading() as connection:
        return list(connection.execute(_ENDED, {"b_key": key, "b_outcome": end}).scalars())


def _continue(runtime: Runtime, case_id: int) -> bool:
    try:
        answer = runtime.execute(continue_case, actor=SYSTEM, key=f"continue-{case_id}", case_id=case_id)
    except EngineError:
        log.exception("case not continued: case=%s", case_id)
        return False
    return bool(answer.content["opened"])
