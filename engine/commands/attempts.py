"""Remember that somebody asked for a page of a case and was told that there is none, or that it is not for her (O05, O08).

Written in the same way, with as much work, whether or not there is such a case: neither an answer nor its time tells.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select

from engine.model import read_log
from engine.queries.team import LEADS_TO
from engine.unit_of_work import UnitOfWork

_CASES = {
    name: select(key if of_case is None else of_case).where(key == bindparam("b_id"))
    for name, (key, of_case) in LEADS_TO.items()
}
#: what an address may be about
SUBJECTS = tuple(_CASES)
_ADD = insert(read_log)


def log_attempt(uow: UnitOfWork, *, subject: str, number: int, page: str) -> dict[str, Any]:
    """One line of the read log: `subject` is one of SUBJECTS, `number` its id, `page` the name of the address; case 0 is none."""
    known = uow.connection.execute(_CASES[subject], {"b_id": number}).scalar()
    row = {"at": uow.now, "actor_id": uow.actor.id, "case_id": known or 0, "what": f"refused:{page}"[:40]}
    uow.connection.execute(_ADD, row)
    return {}
