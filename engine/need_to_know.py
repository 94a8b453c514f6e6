"""What somebody sees of a case who works on a part of it alone (need to know, domain.md D2).

A process type says so of its own cases (`process_traits.Parted`). Whatever is read for a person — the page of a task or a case, a
paper, a print — goes through here; what is left out is as if it had never been typed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.process_traits import Parted

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from engine.access import Actor
    from engine.runtime import Runtime


@dataclass(frozen=True)
class Part:
    """A part of a case. `fields`: form → its fields that are shown; of other forms nothing is, nor of the history.

    `sheets`: what she may print; never the whole dossier.
    """

    fields: Mapping[str, Collection[str]]
    sheets: Collection[str] = ()

    def shows(self, form: str, path: str) -> bool:
        """Whether a field is shown ("items.1.amount" as its list, "items")."""
        return path.partition(".")[0] in self.fields.get(form, ())

    def of(self, form: str, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers that are shown."""
        return {name: value for name, value in answers.items() if self.shows(form, name)}


def part_of(runtime: Runtime, connection: Connection, actor: Actor, case: Row[Any]) -> Part | None:
    """The part of a case that somebody sees who may read it; None for all of it."""
    process = runtime.catalogue.get(case.kind)
    return process.part(connection, actor, case) if isinstance(process, Parted) else None
