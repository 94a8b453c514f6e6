"""Pages leave the house compressed: a village line is slow, and a page of text shrinks to a fifth."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

#: below this many bytes compressing costs more than it saves
WORTH_IT = 1024
_TEXTS = ("text/html", "application/json", "application/xml", "image/svg+xml", "text/plain")


def squeeze(answer: Response) -> Response:
    """Compress a text answer when the browser accepts gzip."""
    if (
        answer.direct_passthrough
        or answer.is_streamed
        or answer.content_encoding
        or answer.mimetype not in _TEXTS
        or not request.accept_encodings["gzip"]
    ):
        return answer
    body = answer.get_data()
    if len(body) < WORTH_IT:
        return answer
    answer.set_data(gzip.compress(body, 5, mtime=0))
    answer.content_encoding = "gzip"
    answer.vary.add("Accept-Encoding")
    return answer


def init(app: Flask) -> None:
    """Compress every answer of the application."""
    app.after_request(squeeze)
