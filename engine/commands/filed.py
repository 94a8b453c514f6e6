"""What lies in a case's file: the newest version of each form, the signatures, the papers. One question each for a whole command.

A connection asks the same thing once (`engine.remembering`), so whoever needs some of it asks here for all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from engine.events import Kind
from engine.model_absence import absence_act
from engine.model_filed import document, form_version, signature
from engine.remembering import remembered

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_FORMS = select(
    form_version.c.form, form_version.c.id, form_version.c.number, form_version.c.digest, form_version.c.answers_sealed
).where(
    form_version.c.id.in_(
        select(func.max(form_version.c.id))
        .where(form_version.c.case_id == bindparam("b_case"))
        .group_by(form_version.c.form)
    )
)
_SIGNATURES = (
    select(
        signature.c.form,
        signature.c.form_version_id,
        signature.c.signer_id,
        signature.c.signed_at,
        absence_act.c.for_id,
    )
    .outerjoin(
        absence_act,
        (absence_act.c.task_id == signature.c.task_id)
        & absence_act.c.kind.in_((str(Kind.TASK_COMPLETED), str(Kind.OPINION_SIGNED))),
    )
    .where(signature.c.case_id == bindparam("b_case"))
    .order_by(signature.c.id)
)
_PAPERS = (
    select(document.c.form, document.c.field, document.c.id, document.c.sha256, document.c.at)
    .where(document.c.case_id == bindparam("b_case"), document.c.removed_at.is_(None))
    .order_by(document.c.id)
)


@remembered
def newest_forms(connection: Connection, case_id: int) -> Mapping[str, Row[Any]]:
    """Form key → its newest version: id, number, digest, answers_sealed."""
    rows: Iterable[Row[Any]] = connection.execute(_FORMS, {"b_case": case_id})
    return {row.form: row for row in rows}


@remembered
def signers(connection: Connection, case_id: int) -> Mapping[str, int]:
    """Form key → signer, counting only signatures on the newest version of a form."""
    newest = {row.id for row in newest_forms(connection, case_id).values()}
    return {row.form: row.signer_id for row in signatures(connection, case_id) if row.form_version_id in newest}


def signatures(connection: Connection, case_id: int) -> Iterable[Row[Any]]:
    """Every signature, the earliest first: form, form_version_id, signer_id, signed_at, for_id (signed in whose place)."""
    return connection.execute(_SIGNATURES, {"b_case": case_id})


@remembered
def papers_of(connection: Connection, case_id: int, form: str) -> Mapping[str, list[int]]:
    """Field path → ids of the papers attached to a form and not removed."""
    found: dict[str, list[int]] = {}
    for row in papers(connection, case_id):
        if row.form == form:
            found.setdefault(row.field, []).append(row.id)
    return found


def papers(connection: Connection, case_id: int) -> Iterable[Row[Any]]:
    """The papers that were not removed, the earliest first: form, field, id, sha256, at."""
    return connection.execute(_PAPERS, {"b_case": case_id})
