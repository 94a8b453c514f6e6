"""Who read what. Reading changes no case and makes no history, but it is remembered (等保: every user, every access)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from engine.model import read_log
from engine.unit_of_work import UnitOfWork

_ADD = insert(read_log)


def log_read(uow: UnitOfWork, *, case_id: int, what: str) -> dict[str, Any]:
    """Remember that the actor opened `what` ("case", "paper 7", "dossier") of a case."""
    uow.connection.execute(_ADD, {"at": uow.now, "actor_id": uow.actor.id, "case_id": case_id, "what": what[:40]})
    return {}
