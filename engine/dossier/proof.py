"""The machine-readable record inside a dossier, and its digest: what a print claims, in a form that can be compared.

The record holds only what the tables hold. Its SHA-256 over the canonical JSON is the dossier's check code (卷宗校验码); the
attached file is exactly those bytes, so anybody can take the digest again with any tool.
"""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import Any

from pypdf import PdfReader

from engine.dossier.record import CaseRecord, Entry, FormVersion, Paper, Signed
from engine.fields import canonical

FORMAT = "halfsky-dossier/1"
ATTACHMENT = "halfsky-record.json"


def statement(record: CaseRecord) -> dict[str, Any]:
    """The record as JSON data. A masked or redacted record states such answers and keyed digests."""
    seq, last = record.head
    redacted = {"redacted": True} if record.is_redacted else {}
    return {
        **redacted,
        "format": FORMAT,
        "number": record.number,
        "kind": record.kind,
        "masked": record.is_masked,
        "unit": record.unit_id,
        "opened_at": instant(record.opened_at),
        "forms": [_form(version) for version in record.forms],
        "signatures": [_signature(signature) for signature in record.signatures],
        "papers": [_paper(paper) for paper in record.papers],
        "history": [_entry(entry) for entry in record.entries],
        "head": {"seq": seq, "hash": last},
    }


def _form(version: FormVersion) -> dict[str, Any]:
    return {
        "id": version.id,
        "form": version.key,
        "number": version.number,
        "at": instant(version.at),
        "by": version.by_id,
        "digest": version.digest,
        "answers": version.answers,
    }


def _signature(signature: Signed) -> dict[str, Any]:
    return {
        "id": signature.id,
        "form": signature.form,
        "form_version": signature.form_version_id,
        "signer": signature.signer_id,
        "name": signature.signer,
        "post": signature.post_code,
        "acting_for": signature.acting_for_code,
        "unit": signature.unit_id,
        "at": instant(signature.at),
        "method": signature.method,
        "digest": signature.digest,
    }


def _paper(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.id,
        "form": paper.form,
        "field": paper.field,
        "name": paper.name,
        "media_type": paper.media_type,
        "size": paper.size,
        "sha256": paper.sha256,
        "at": instant(paper.at),
        "by": paper.by_id,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": instant(entry.at),
        "kind": entry.kind,
        "actor": entry.actor_id,
        "post": entry.post_code,
        "element": entry.element,
        "hash": entry.hash,
    }


def attachment(record: CaseRecord) -> bytes:
    """The attached file."""
    return canonical(statement(record))


def check_code(attached: bytes) -> str:
    """SHA-256 of the attached file, 64 hex digits."""
    return hashlib.sha256(attached).hexdigest()


def page_codes(pdf: bytes) -> list[str]:
    """A short digest (16 hex digits) of what each page draws, by which a changed page can be named."""
    drawn = [page.get_contents() for page in PdfReader(io.BytesIO(pdf)).pages]
    return [hashlib.sha256(each.get_data() if each is not None else b"").hexdigest()[:16] for each in drawn]


def instant(at: datetime) -> str:
    """An instant in the record: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
