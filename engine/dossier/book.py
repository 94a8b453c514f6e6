"""What a process type hands over for printing: its sheets, the order of its dossier, and its words.

A sheet is one Jinja2 template in the folder of the process type. The templates of this package give them the page, the head
with number and QR code, the signature boxes and the macros for ruled tables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from engine.access import CONFIDENTIAL
from engine.dossier.record import CaseRecord
from engine.messages import Message


@dataclass(frozen=True)
class Sheet:
    """One printed form. `form` is the form key whose number, digest and signature head it.

    `repeat` names a list in that form: one page is printed for each of its items. `also` are further forms it shows whole. `when`
    (field, codes) says of which answers there is such a paper at all: a letter of forwarding of what was forwarded; the form is
    printed as it is described otherwise.
    """

    code: str
    title: str
    template: str
    form: str
    repeat: str | None = None
    also: tuple[str, ...] = ()
    #: every version of the form is a paper of its own (visits, letters): the dossier prints them all
    every: bool = False
    #: a letter that is printed while its task is open, to be delivered; its form then records the delivery
    ahead: bool = False
    #: to whom it is handed: "her", "others" (guarantors), "body" (a letter from office to office); "" for what stays in the file
    addressed: str = ""
    when: tuple[str, Sequence[str]] | None = None

    def tells(self, answers: Mapping[str, Any]) -> bool:
        """Whether there is such a paper of a form with these answers."""
        return self.when is None or answers.get(self.when[0]) in self.when[1]


@dataclass(frozen=True)
class Part:
    """One piece of the dossier order: a sheet, papers, or a sheet whose every page is followed by its own papers.

    `papers` are (form key, field path); ``{slot}`` stands for the slot of a repeated item. `title` names the papers.
    """

    sheet: str | None = None
    title: str = ""
    papers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Wording:
    """The words of a process type, total over form keys and field paths; the defaults print what is stored.

    `label(form, path)` names a field; `word(form, path, value)` reads a value aloud; `choices(form, path)` are the codes a field
    may have, with their names; `clause(form, path)` is the rule it comes from; `sections(form)` are the titles and (path, label)
    pairs of a whole form. `tell(kind, content)` gives lines for a history entry only the process type understands, none when
    it cannot; `clauses(record)` are the sources of the last refusal and `refusals(record)` its reasons, as they were
    recorded and not as somebody worded them.
    """

    label: Callable[[str, str], str] = lambda _form, path: path
    word: Callable[[str, str, Any], str] = lambda _form, _path, value: "" if value is None else str(value)
    choices: Callable[[str, str], Sequence[tuple[str, str]]] = lambda _form, _path: ()
    clause: Callable[[str, str], str] = lambda _form, _path: ""
    sections: Callable[[str], Sequence[tuple[str, Sequence[tuple[str, str]]]]] = lambda _form: ()
    tell: Callable[[str, Mapping[str, Any]], Sequence[Message]] = lambda _kind, _content: ()
    clauses: Callable[[CaseRecord], Sequence[str]] = lambda _record: ()
    refusals: Callable[[CaseRecord], Sequence[str]] = lambda _record: ()
    #: whether a field can tell who somebody is, where she lives, or her story; without an answer it can (redacted prints)
    personal: Callable[[str, str], bool] = lambda _form, _path: True
    #: values computed from a record for its sheets, by name
    figures: Callable[[CaseRecord], Mapping[str, Any]] = lambda _record: {}
    #: why somebody acts in place of a post, by code
    acting: Mapping[str, str] = field(default_factory=dict)
    #: why a holder of the post was passed over, from what the history keeps of it; no name
    barred: Callable[[Mapping[str, Any]], Message | None] = lambda _told: None
    #: fields whose value is the id of a unit
    units: frozenset[tuple[str, str]] = frozenset()
    #: further texts for the sheets, by name
    texts: Mapping[str, str] = field(default_factory=dict)

    def why(self, reason: str) -> str:
        """A reason: the words of a code, or what somebody wrote."""
        return self.acting.get(reason, reason)

    def passed_over(self, content: Mapping[str, Any]) -> list[Message]:
        """Who was too close to the case to get what an entry opened or moved."""
        opened = [each for one in content.get("opened") or () for each in one.get("barred", ())]
        told = [self.barred(each) for each in (*content.get("barred", ()), *opened)]
        return [line for line in told if line is not None]


@dataclass(frozen=True)
class Book:
    """Everything printed for one kind of case. `applicant` is the form key and field that hold the name of the person."""

    kind: str
    title: str
    folder: Path
    sheets: Mapping[str, Sheet]
    order: Sequence[Part]
    retention: str
    applicant: tuple[str, str]
    wording: Wording = field(default_factory=Wording)
    #: forms without a sheet whose every version is a fact of its own (repayments), all of them printed
    ledgers: frozenset[str] = frozenset()
    #: further folders of templates
    more: tuple[Path, ...] = ()
    #: how long a confidential dossier is kept, where that is longer
    retention_confidential: str = ""

    def kept_for(self, confidentiality: str) -> str:
        """How long a dossier of a class is kept."""
        return (
            self.retention_confidential
            if confidentiality in CONFIDENTIAL and self.retention_confidential
            else self.retention
        )

    def shows(self, form: str, answers: Mapping[str, Any]) -> bool:
        """Whether a sheet tells of a form with these answers."""
        sheets = self.sheets.values()
        return any((sheet.form == form and sheet.tells(answers)) or form in sheet.also for sheet in sheets)


class Directory(Protocol):
    """Names for ids, kept by the organisation."""

    def units(self, connection: Connection) -> Mapping[int, str]:
        """Unit id → name."""

    def people(self, connection: Connection, ids: Collection[int]) -> Mapping[int, str]:
        """Account id → name of its owner."""

    def posts(self) -> Mapping[str, str]:
        """Post code → Chinese name."""

    def periods(self) -> Mapping[str, str]:
        """Key of a time limit → Chinese name."""

    def policy(self, connection: Connection, policy_id: int | None) -> str:
        """The label of the policy version a case keeps, "" when there is none."""
