"""Looks into hostile files in a process of its own, so that none can take the house's memory, time or writer with it.

Run as a script it is that process: it answers one request after the other on its standard input. A file that needs more
processor time or memory than `CPU_SECONDS` and `MEMORY` ends the process, not the server; the next file starts another.
It imports nothing of ours and opens no file but the one it was handed.
"""

from __future__ import annotations

import atexit
import io
import json
import logging
import resource
import selectors
import signal
import struct
import subprocess
import sys
import threading
import warnings
from typing import IO, Any

from PIL import Image, ImageFile
from pypdf import PdfReader

CPU_SECONDS = 2.0
#: seconds by the clock on the wall: a loaded machine may be slow, but not for ever
WALL_SECONDS = 20.0
MEMORY = 1024 * 1024 * 1024
MAX_PIXELS = 60_000_000
#: kind of file and its length in bytes
_REQUEST = struct.Struct(">cQ")
PDF, IMAGE = b"p", b"i"

#: what was found: {"pages": n}, {"pixels": [width, height]} over the limit, {"locked": true}, {"damaged": true}, {"heavy": true}
Finding = dict[str, Any]


def look_into(kind: bytes, content: bytes) -> Finding:
    """What there is to say of a PDF or an image; anything a reader stumbles over is damage."""
    try:
        return _pdf(content) if kind == PDF else _image(content)
    except MemoryError:
        return {"heavy": True}
    except Exception:  # noqa: BLE001 - the readers raise whatever a hostile file makes them raise
        return {"damaged": True}


def _pdf(content: bytes) -> Finding:
    reader = PdfReader(io.BytesIO(content))
    return {"locked": True} if reader.is_encrypted else {"pages": len(reader.pages)}


def _image(content: bytes) -> Finding:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # the printer's library turns this on for its whole process
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                return {"pixels": [width, height]}
            picture.draft(None, (width // 8, height // 8))  # a JPEG is read whole, but decoded small
            picture.load()
    return {"pages": 1}


def answer(asked: IO[bytes], told: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    while head := asked.read(_REQUEST.size):
        kind, size = _REQUEST.unpack(head)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        finding = look_into(kind, asked.read(size))
        signal.setitimer(signal.ITIMER_PROF, 0)
        told.write(json.dumps(finding).encode() + b"\n")
        told.flush()


class Inspector:
    """The other side: hands files over one at a time, and starts a process when there is none. Safe for threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def inspect(self, kind: bytes, content: bytes) -> Finding:
        """What `look_into` says, or that the file was too heavy to say anything."""
        with self._turn:
            process = self._running()
            try:
                line = self._ask(process, kind, content)
            except OSError:
                line = b""
            if not line:
                self._stop()
                return {"heavy": True}
            finding: Finding = json.loads(line)
            return finding

    def close(self) -> None:
        """End the process, if one runs."""
        with self._turn:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(  # noqa: S603 - our own file
                [sys.executable, "-I", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    @staticmethod
    def _ask(process: subprocess.Popen[bytes], kind: bytes, content: bytes) -> bytes:
        given, told = process.stdin, process.stdout
        if given is None or told is None:
            return b""
        given.write(_REQUEST.pack(kind, len(content)) + content)
        given.flush()
        with selectors.DefaultSelector() as waiting:
            waiting.register(told, selectors.EVENT_READ)
            return told.readline() if waiting.select(WALL_SECONDS) else b""

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        log.debug("the process was gone before it had read everything")
            self._process.wait()
            self._process = None


log = logging.getLogger("halfsky")
inspector = Inspector()
atexit.register(inspector.close)

if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer(sys.stdin.buffer, sys.stdout.buffer)
