"""Remember that a case left the house on paper: what was printed, masked or not, and under which check code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Permission
from engine.commands.loading import subject_of
from engine.events import Event, Kind
from engine.queries.case_page import readable_case
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Sequence


def record_print(
    uow: UnitOfWork,
    *,
    case_id: int,
    what: str,
    digest: str,
    masked: bool = False,
    file: str = "",
    pages: Sequence[str] = (),
) -> dict[str, Any]:
    """Write the print into the history before the paper is handed out; returns ``{"case_id"}``.

    `what` is "dossier" or a sheet code ("L-01"); `digest` the check code printed on it; `file` the SHA-256 of the PDF as it was
    handed out and `pages` a short digest of each page, by which a page changed behind an honest record is found out and named.
    Raises NotFound for whoever may not read the case, Forbidden without PRINT_CASE.
    """
    readable_case(uow.runtime, uow.connection, uow.actor, case_id)
    uow.about = case_id
    uow.require(Permission.PRINT_CASE, subject_of(uow.connection, uow.case(case_id)))
    content = {"what": what, "digest": digest, "masked": masked, "file": file, "pages": list(pages)}
    uow.record(Event(Kind.PAPER_PRINTED, case_id, content=content))
    return {"case_id": case_id}
