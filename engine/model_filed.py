"""The tables of what is filed in a case: forms and their versions, drafts, signatures, papers. See `engine.model`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

from engine.columns import Id, Instant, metadata

form_version = Table(
    "form_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("task_id", Id, ForeignKey("task.id"), nullable=False),
    Column("by_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("answers_sealed", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("case_id", "form", "number"),
)

draft = Table(
    "draft",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True),
    Column("form", String(40), primary_key=True),
    Column("by_id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("answers_sealed", LargeBinary, nullable=False),
)

signature = Table(
    "signature",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("task_id", Id, ForeignKey("task.id"), nullable=False),
    Column("form_version_id", Id, ForeignKey("form_version.id"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("signer_id", Id, nullable=False),
    Column("signer_name", String(60), nullable=False),
    Column("post", String(24), nullable=False),
    Column("acting_for", String(24)),
    Column("unit_id", Id, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("method", String(16), nullable=False),
    #: SHA-256 over the form signed and every form and paper that lay before the signer
    Column("digest", String(64), nullable=False),
)

blob = Table(
    "blob",
    metadata,
    Column("id", Id, primary_key=True),
    #: keyed hash of the content: the same file is stored once, and the name tells nothing
    Column("content_hash", String(64), nullable=False, unique=True),
    #: the whole file, as it was sealed before each had a key of its own; NULL since
    Column("sealed", LargeBinary),
    #: the file's own key, sealed, and how many pieces it has
    Column("key_sealed", LargeBinary),
    Column("pieces", Integer, nullable=False, default=0, server_default="0"),
)

#: a piece of a file under the file's own key (`engine.blobs`), numbered from 0
blob_piece = Table(
    "blob_piece",
    metadata,
    Column("blob_id", Id, ForeignKey("blob.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("form", String(40), nullable=False),
    Column("field", String(60), nullable=False),
    Column("blob_id", Id, ForeignKey("blob.id"), nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("by_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("removed_at", Instant),
    Column("removed_by", Id),
)
