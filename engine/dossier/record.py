"""Everything a dossier is printed from, frozen: one case as it stood at one entry of its history.

The record names people and units as the reader knows them; what is digested (`proof.py`) holds only what the tables hold, so
that a person's new name does not make an old print a forgery.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.dossier.facts import masked, masked_values

if TYPE_CHECKING:
    from engine.need_to_know import Part


@dataclass(frozen=True)
class FormVersion:
    """One submitted version of a form. `answers` is its JSON data; `digest` the SHA-256 stored with it.

    `masked_digest` is the same digest under the installation's key: on a masked print the plain one would let a stranger try
    out the hidden digits of an identity number until it fits.
    """

    id: int
    key: str
    title: str
    number: int
    at: datetime
    by_id: int
    by: str
    answers: Mapping[str, Any]
    digest: str
    masked_digest: str


@dataclass(frozen=True)
class Signed:
    """A personal sign-off (S001-48): who, as what, when, over which digest."""

    id: int
    form: str
    form_version_id: int
    signer_id: int
    signer: str
    post_code: str
    post: str
    acting_for_code: str | None
    acting_for: str | None
    unit_id: int
    unit: str
    at: datetime
    method: str
    digest: str
    masked_digest: str
    #: name of the absent person in whose place she signed (委托代理)
    on_behalf_of: str | None = None
    #: why she acted in place of another post (代办), as a code of `Wording.acting`
    acting_reason: str | None = None


@dataclass(frozen=True)
class Paper:
    """A paper attached to a field of a form; `load` opens its bytes when they are needed."""

    id: int
    form: str
    field: str
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    by_id: int
    by: str
    load: Callable[[], bytes] = dataclasses.field(compare=False, repr=False)


@dataclass(frozen=True)
class Entry:
    """One entry of the history. `element` is an id of the drawing, `post_code` the post in which the actor acted."""

    seq: int
    at: datetime
    kind: str
    actor_id: int
    actor: str
    post_code: str | None
    element: str | None
    content: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class Names:
    """Chinese names for the ids and codes a record holds: units by id, posts by code, steps by element id, periods by key."""

    units: Mapping[int, str] = dataclasses.field(default_factory=dict)
    posts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    steps: Mapping[str, str] = dataclasses.field(default_factory=dict)
    periods: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Drawn:
    """One process of the case as a picture: its title, where it stands in words, and the drawing as SVG."""

    title: str
    state: str
    svg: str


@dataclass(frozen=True)
class CaseRecord:
    """One case, ready to print. Sequences are in the order of their ids; `entries` in the order of their seq."""

    case_id: int
    number: str
    kind: str
    title: str
    confidentiality: str
    #: names of the unit and its ancestors, the highest first
    units: tuple[str, ...]
    unit_id: int
    applied_on: date | None
    opened_at: datetime
    ended_at: datetime | None
    outcome: str | None
    #: name of the outcome or of the step the case is at
    state: str
    policy: str
    forms: Sequence[FormVersion]
    signatures: Sequence[Signed]
    papers: Sequence[Paper]
    entries: Sequence[Entry]
    names: Names
    #: the drawing of each process of the case, in the order they were started
    drawings: Sequence[Drawn]
    is_masked: bool = False
    #: nothing of it tells who somebody is, where she lives, or her story (`redaction`); then it is masked as well
    is_redacted: bool = False
    #: keys of the forms whose tasks are open
    waiting: frozenset[str] = frozenset()
    #: the sheets that may be printed from it, and never the whole; None for everything
    sheets: Collection[str] | None = None

    def as_of(self, version: FormVersion) -> CaseRecord:
        """The forms as they were when a version was submitted, which is then the newest of its key."""
        return replace(self, forms=tuple(each for each in self.forms if each.id <= version.id))

    def within(self, part: Part) -> CaseRecord:
        """What a reader of a part may print from: its fields and papers, no history; digests are keyed (see `FormVersion`)."""
        return replace(
            self,
            forms=tuple(
                replace(version, answers=part.of(version.key, version.answers), digest=version.masked_digest)
                for version in self.forms
                if version.key in part.fields
            ),
            signatures=tuple(
                replace(each, digest=each.masked_digest) for each in self.signatures if each.form in part.fields
            ),
            papers=tuple(paper for paper in self.papers if part.shows(paper.form, paper.field)),
            entries=(),
            drawings=(),
            sheets=part.sheets,
        )

    def without(self, key: str) -> CaseRecord:
        """As if a form had never been submitted: for a letter that is about to be delivered."""
        return replace(self, forms=tuple(each for each in self.forms if each.key != key))

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the last history entry printed."""
        return (self.entries[-1].seq, self.entries[-1].hash) if self.entries else (0, "")

    def newest(self, key: str) -> FormVersion | None:
        """The version of a form that counts."""
        versions = [version for version in self.forms if version.key == key]
        return max(versions, key=lambda version: version.number) if versions else None

    def signed(self, key: str) -> Signed | None:
        """The signature on the newest version of a form."""
        version = self.newest(key)
        for signature in reversed(self.signatures):
            if version is not None and signature.form_version_id == version.id:
                return signature
        return None

    def masked(self) -> CaseRecord:
        """The same record for a reader who may not see identity numbers; papers lose their bytes, digests their plainness."""
        if self.is_masked:
            return self
        return replace(
            self,
            forms=tuple(
                replace(version, answers=masked_values(version.answers), digest=version.masked_digest)
                for version in self.forms
            ),
            signatures=tuple(replace(signature, digest=signature.masked_digest) for signature in self.signatures),
            papers=tuple(replace(paper, name=masked(paper.name), load=withheld) for paper in self.papers),
            entries=tuple(replace(entry, content=_masked_content(entry, self.forms)) for entry in self.entries),
            is_masked=True,
        )


def withheld() -> bytes:
    """The bytes of a paper on a masked print: none."""
    return b""


def _masked_content(entry: Entry, forms: Sequence[FormVersion]) -> Mapping[str, Any]:
    """A history entry without hidden digits: a changed birth date is masked like the one in the form."""
    content: Mapping[str, Any] = masked_values(entry.content)
    births = {old for version in forms for old in _hidden_dates(version.answers)}
    changes = content.get("changes")
    if not isinstance(changes, list):
        return content
    hidden = [
        {**change, **{side: _year_only(change.get(side), births) for side in ("old", "new")}} for change in changes
    ]
    return {**content, "changes": hidden}


def _year_only(value: Any, births: set[str]) -> Any:
    return f"{value[:4]}-**-**" if isinstance(value, str) and value in births else value


def _hidden_dates(answers: Any) -> set[str]:
    """The plain dates that masking turned into a year."""
    shown = masked_values(answers)

    def walk(plain: Any, hidden: Any) -> set[str]:
        if isinstance(plain, Mapping):
            return {found for name in plain for found in walk(plain[name], hidden[name])}
        if isinstance(plain, list):
            return {found for a, b in zip(plain, hidden, strict=True) for found in walk(a, b)}
        return {plain} if isinstance(hidden, str) and hidden.endswith("-**-**") else set()

    return walk(answers, shown)
