"""Clause ids of fields ("S001-53") as people know them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.messages import Message
from webui.language import gettext
from webui.runtime import house


def listed(clauses: Iterable[str]) -> str:
    """Clauses in one line, those of one document together: “S001-48、S001-52 《…》；…”."""
    by_title: dict[str, list[str]] = {}
    for clause in clauses:
        by_title.setdefault(_title(clause), []).append(clause)
    parts = [" ".join(filter(None, ("、".join(ids), title))) for title, ids in by_title.items()]
    return "；".join(parts)


def _title(clause: str) -> str:
    """The document a clause stands in, as the first process type that knows it names it; "" when none does."""
    for process in house().catalogue.values():
        title = process.source(clause).params.get("title")
        if isinstance(title, Message):
            return title.render(gettext)
    return ""
