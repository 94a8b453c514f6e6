"""Clause ids of fields ("S001-53") as people know them."""

from __future__ import annotations

from typing import Protocol, cast

from flask_babel import gettext

from engine.messages import Message
from webui.runtime import house


class Sourced(Protocol):
    """A process type that knows where its rules come from."""

    def source(self, clause: str) -> Message:
        """A clause id with the title of its document."""


def words(clause: str) -> str:
    """The clause with its source, as the first process type that knows it names it; the bare id when none does."""
    for process in house().catalogue.values():
        if hasattr(process, "source"):
            return cast("Sourced", process).source(clause).render(gettext)
    return clause
