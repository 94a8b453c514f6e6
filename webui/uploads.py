"""Requests with files: what comes in never fills the memory, and a file over the limit is dropped while it arrives.

Everything else of such a request is kept: the person is told which file is too large, and her text is still there.
"""

from __future__ import annotations

import io
import tempfile
from typing import IO, TYPE_CHECKING, Any

from flask import Request

from engine import documents
from engine.errors import RefusedUpload

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

#: a whole request; the server keeps it on disk while it arrives
MAX_REQUEST = 150 * 1024 * 1024
#: a dossier brought back to be verified holds every paper of its case; the page it is brought to
MAX_DOSSIER = 100 * 1024 * 1024
VERIFICATION = "/verify"
#: typed text of one request, all fields together
MAX_TYPED = 2 * 1024 * 1024
_IN_MEMORY = 512 * 1024


class TooLarge(RefusedUpload):
    """A file over the limit. `size` of it arrived; nothing of it was kept."""


class BoundedFile(tempfile.SpooledTemporaryFile[bytes]):
    """Keeps a file up to the limit, on disk when it grows, and only counts what comes beyond."""

    def __init__(self, limit: int = documents.MAX_BYTES) -> None:
        super().__init__(max_size=_IN_MEMORY)
        self.arrived = 0
        self.limit = limit

    def write(self, chunk: Any) -> int:
        """Take a piece of the file in."""
        self.arrived += len(chunk)
        if self.arrived <= self.limit:
            return super().write(chunk)
        if self.tell():
            self.seek(0)
            self.truncate()
        return len(chunk)


class HouseRequest(Request):
    """A request whose files are bounded one by one."""

    max_content_length = MAX_REQUEST
    max_form_memory_size = MAX_TYPED
    max_form_parts = 2000

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - the signature is Werkzeug's
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return BoundedFile(MAX_DOSSIER if self.path == VERIFICATION else documents.MAX_BYTES)


def content_of(file: FileStorage) -> bytes:
    """The bytes of an uploaded file; TooLarge when it went over the limit while it arrived."""
    stream = file.stream
    arrived = getattr(stream, "arrived", 0)
    limit = getattr(stream, "limit", documents.MAX_BYTES)
    if arrived > limit:
        raise TooLarge(why=documents.too_large(arrived, limit))
    stream.seek(0, io.SEEK_SET)
    return stream.read()
