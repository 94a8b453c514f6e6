"""A paper on its way to the browser: piece by piece, each of them proved genuine before it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

from engine import documents
from engine.documents import Paper
from engine.runtime import Runtime
from webui.runtime import house


def sent(paper: Paper) -> Response:
    """The bytes of a paper under its own name; a fault in the first piece is told, one in a later piece breaks the answer off."""
    pieces = _pieces(house(), paper)
    first = next(pieces, b"")
    answer = Response(_after(first, pieces), mimetype=paper.media_type)
    answer.content_length = paper.size
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(paper.name, safe='')}"
    return answer


def _pieces(runtime: Runtime, paper: Paper) -> Iterator[bytes]:
    with runtime.reading() as connection:
        yield from documents.content(connection, runtime.vault, paper)


def _after(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others
