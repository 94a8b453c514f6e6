"""What reaches a log: ids, codes and places in the program, never what somebody typed (domain B6).

Our own messages name ids only. What nobody of us has written is bent to that: an exception is told by its class and the way it
went through the program, without its words, which often quote the value that was wrong; a message of a library loses everything
that is not ASCII and every longer row of digits. Whoever looks for a fault finds the place, and the case by its id.
"""

from __future__ import annotations

import copy
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, TextIO

_OURS: Final = "halfsky"
_LINE: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_DIGITS: Final = re.compile(r"\d[\d -]{4,}[\dXx]")
#: libraries that bring a handler of their own unless they find one
_WITH_HANDLERS: Final = ("dbos",)
#: how many causes of causes are told
_DEEPEST: Final = 10


class IdsOnly(logging.Formatter):
    """Formats records so that nothing of a person can stand in them."""

    def __init__(self) -> None:
        super().__init__(_LINE)

    def format(self, record: logging.LogRecord) -> str:
        """One record; those of libraries without what they quote."""
        told = copy.copy(record)
        told.exc_text = told.stack_info = None
        if record.name.partition(".")[0] != _OURS:
            told.msg, told.args = hidden(_said(record)), None
        return super().format(told)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """The way of an exception and of those it came from, each by its class."""
        return "\n".join(_told(ei[1])) if ei[1] is not None else ""


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a library whose message does not fit its arguments
        return str(record.msg)


def hidden(text: str) -> str:
    """A text of a library without names, numbers and addresses."""
    return _DIGITS.sub("#", _FOREIGN.sub("…", text))


def _told(error: BaseException) -> Iterator[str]:
    found: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and len(found) < _DEEPEST:
        found.append(each)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    for number, one in enumerate(reversed(found)):
        if number:
            yield "which led to:"
        yield "Traceback (most recent call last):"
        for frame in traceback.extract_tb(one.__traceback__):
            yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        yield _class_of(one)


def _class_of(error: BaseException) -> str:
    """Its class, and what a database calls it."""
    original = getattr(error, "orig", error)
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}" + (f" ({code})" if code else "")


def begin(stream: TextIO | None = None) -> logging.Handler:
    """Let every log of this process go through `IdsOnly`, to `stream` (standard error)."""
    root = logging.getLogger()
    for before in [each for each in root.handlers if isinstance(each.formatter, IdsOnly)]:
        root.removeHandler(before)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(IdsOnly())
    root.addHandler(handler)
    for name in _WITH_HANDLERS:
        library = logging.getLogger(name)
        library.handlers, library.propagate = [logging.NullHandler()], True
    return handler


def catch_rest() -> None:
    """The same for what no logger is asked about: warnings, and what nobody has caught; for a process that is ours alone."""
    logging.raiseExceptions = False  # a record that cannot be written would be printed with its arguments
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    told = (kind, error if error is not None else kind(), trace)
    logging.getLogger(_OURS).critical("uncaught", exc_info=told)
