"""Let cases that were there before the search be found by it; the same again after a change of what cases are found by."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import search_index
from engine.access import SYSTEM
from engine.commands.context import CaseContext
from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.model import case_file
from engine.process_traits import Findable

if TYPE_CHECKING:
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

log = logging.getLogger("halfsky")
_AT_ONCE = 500


def index_case(uow: UnitOfWork, *, case_id: int) -> dict[str, Any]:
    """Let one case be found by what its newest forms say; ``{"changed"}``. Forbidden for persons, NotFound.

    It writes nothing of the case itself, and makes no history.
    """
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("检索由系统自动更新")))
    case = uow.case(case_id)
    process = uow.runtime.catalogue[case.kind]
    if not isinstance(process, Findable):
        return {"changed": False}
    texts = process.searchable(CaseContext(uow, case, process))
    return {"changed": search_index.store(uow.connection, uow.runtime.vault, case_id, texts)}


def index_all(runtime: Runtime) -> tuple[int, int]:
    """Every case, one command each: (cases looked at, cases changed). It can be stopped and run again at any time."""
    seen = changed = after = 0
    while True:
        with runtime.reading() as connection:
            wanted = select(case_file.c.id).where(case_file.c.id > after).order_by(case_file.c.id).limit(_AT_ONCE)
            ids = connection.execute(wanted).scalars().all()
        if not ids:
            return seen, changed
        for case_id in ids:
            done = runtime.execute(index_case, actor=SYSTEM, key=secrets.token_hex(16), case_id=case_id)
            changed += bool(done.content["changed"])
        seen, after = seen + len(ids), ids[-1]
        log.info("search: seen=%s changed=%s", seen, changed)
