"""Static files: an address that changes with the content, compressed once, cached by the browser for a year.

``/assets/<digest>/<name>``: the digest is taken from the file's own bytes, so a page of today never runs a script of
yesterday, and a repeated visit transfers the page alone.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request

from webui.public import public

FOLDER = Path(__file__).resolve().parent / "static"
YEAR = "public, max-age=31536000, immutable"
_SQUEEZED = frozenset((".css", ".js", ".svg"))

bp = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file of the static folder, its bytes, and their gzip form where that helps."""

    name: str
    digest: str
    media_type: str
    plain: bytes
    squeezed: bytes | None


@lru_cache(maxsize=64)
def load(name: str, modified: float) -> Asset:  # noqa: ARG001 - a changed file is another entry
    """Read and compress a file of the static folder."""
    path = FOLDER / name
    plain = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    squeezed = gzip.compress(plain, 9, mtime=0) if path.suffix in _SQUEEZED else None
    return Asset(name, hashlib.sha256(plain).hexdigest()[:16], media_type, plain, squeezed)


def find(name: str) -> Asset | None:
    """The asset called `name` ("halfsky.css", "vendor/…/x.js"), or None; never a file outside the static folder."""
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER) or not path.is_file():
        return None
    return load(path.relative_to(FOLDER).as_posix(), path.stat().st_mtime)


def asset(name: str) -> str:
    """The address of a static file for use in a template."""
    found = find(name)
    if found is None:
        raise LookupError(name)
    return f"/assets/{found.digest}/{found.name}"


@bp.get("/assets/<digest>/<path:name>")
@public
def serve(digest: str, name: str) -> Response:
    """The file, if its content is still the one that was asked for."""
    found = find(name)
    if found is None or found.digest != digest:
        abort(404)
    squeeze = found.squeezed is not None and bool(request.accept_encodings["gzip"])
    answer = Response(found.squeezed if squeeze else found.plain, mimetype=found.media_type)
    if squeeze:
        answer.content_encoding = "gzip"
    answer.headers["Cache-Control"] = YEAR
    answer.vary.add("Accept-Encoding")
    answer.set_etag(found.digest + ("-gz" if squeeze else ""))
    answer.make_conditional(request)
    return answer


def init(app: Flask) -> None:
    """Serve the folder and hand `asset` to the templates."""
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = asset
