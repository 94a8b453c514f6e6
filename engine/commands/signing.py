"""Sign-off is personal: the signer's own re-authentication, bound to the digest of what lay before her (S001-48)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from engine.commands import filed
from engine.errors import SignatureRequired
from engine.events import Event, Kind
from engine.fields import digest
from engine.holdings import signature_digest
from engine.model_filed import signature

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.commands.context import CaseContext

#: how long a re-authentication may be old when the command runs
FRESH = timedelta(seconds=120)

_ADD = insert(signature)


@dataclass(frozen=True)
class Reauthentication:
    """Proof that the person at the keyboard has just shown again that she is the account's owner."""

    account_id: int
    at: datetime
    method: str = "password"


def sign(view: CaseContext, proof: Reauthentication | None, *, form: str, form_version_id: int) -> None:
    """Store the actor's signature on a form version just written. SignatureRequired without a fresh proof of her own."""
    work = view.work
    fresh = _fresh(view, proof)
    row: dict[str, Any] = {
        "case_id": view.case.id,
        "task_id": view.job.id,
        "form_version_id": form_version_id,
        "form": form,
        "signer_id": work.actor.id,
        "signer_name": work.actor.name,
        "post": view.job.post,
        "acting_for": view.job.acting_for,
        "unit_id": view.job.unit_id,
        "signed_at": work.now,
        "method": fresh.method,
        "digest": _before_the_signer(view),
    }
    signature_id = work.add(view.case.id, _ADD, row)
    named = [{"id": signature_id, "digest": signature_digest(row)}]
    content = {"form": form, "form_version": form_version_id, "digest": row["digest"], "signatures": named}
    work.record(Event(Kind.FORM_SIGNED, view.case.id, view.job.id, view.job.element, content))


def sworn(view: CaseContext, proof: Reauthentication | None) -> dict[str, str]:
    """What a signed opinion carries: how the signer showed who she is, and the digest of what lay before her.

    SignatureRequired without a fresh proof of her own.
    """
    return {"method": _fresh(view, proof).method, "digest": _before_the_signer(view)}


def confirmed(proof: Reauthentication | None, actor: Actor, now: datetime) -> Reauthentication:
    """A proof that is the actor's own and fresh, for every act that takes one; SignatureRequired otherwise."""
    age = now - proof.at if proof else None
    if proof is None or age is None or proof.account_id != actor.id or not timedelta(0) <= age <= FRESH:
        raise SignatureRequired
    return proof


def _fresh(view: CaseContext, proof: Reauthentication | None) -> Reauthentication:
    return confirmed(proof, view.work.actor, view.work.now)


def _before_the_signer(view: CaseContext) -> str:
    """SHA-256 over the newest version of every form and over every paper of the case."""
    forms = {row.form: row.digest for row in filed.newest_forms(view.connection, view.case.id).values()}
    papers = {str(row.id): row.sha256 for row in filed.papers(view.connection, view.case.id)}
    return digest({"case": view.case.number, "forms": forms, "papers": papers})
