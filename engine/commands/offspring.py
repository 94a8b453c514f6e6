"""What was opened from a case and still runs: its exclusions and its class count there too (D3.1, D2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from engine.model import case_file
from engine.model_links import REPEAT, case_link

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OPENED: Final = (
    select(case_link.c.case_id)
    .join(case_file, case_file.c.id == case_link.c.case_id)
    .where(case_link.c.other_id == bindparam("b_case"), case_link.c.relation != REPEAT, case_file.c.state == "open")
    .order_by(case_link.c.case_id)
)


def opened_from(connection: Connection, case_id: int) -> list[int]:
    """The ids of the open cases that were opened from a case, the earliest first."""
    return list(connection.execute(_OPENED, {"b_case": case_id}).scalars())
