"""The pages of one sheet: its template filled with the newest forms of a case, or left blank to be written on by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from engine.dossier import facts, story
from engine.dossier.book import Book, Sheet
from engine.dossier.record import CaseRecord, FormVersion, Paper, Signed
from engine.dossier.redaction import MARK
from engine.dossier.symbols import qr

HERE = Path(__file__).parent


@lru_cache(maxsize=8)
def environment(*folders: Path) -> Environment:
    """The templates of a process type on top of those of this package; a value that is missing prints as nothing."""
    loader = ChoiceLoader([*map(FileSystemLoader, folders), FileSystemLoader(HERE)])
    # every template is ours and everything a person typed is escaped; a field an old form version lacks stays blank
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )
    made.filters.update(
        amount=facts.amount, capitals=facts.capitals, day=facts.day, moment=facts.moment, stamp=facts.stamp,
        short=facts.short, filesize=facts.size,
    )  # fmt: skip
    return made


def _written(value: Any) -> Any:
    return "" if value is None else value


@dataclass(frozen=True)
class SheetView:
    """What a sheet template sees as `case`: the newest forms, their signatures, and the words of the process type."""

    book: Book
    record: CaseRecord | None

    def form(self, key: str) -> FormVersion | None:
        """The version of a form that counts, None on a blank sheet."""
        return None if self.record is None else self.record.newest(key)

    def answers(self, key: str) -> Mapping[str, Any]:
        """Its answers; empty on a blank sheet."""
        version = self.form(key)
        return {} if version is None else version.answers

    def signed(self, key: str) -> Signed | None:
        """The signature on it."""
        return None if self.record is None else self.record.signed(key)

    def word(self, form: str, path: str, value: Any) -> str:
        """How a value is read aloud."""
        return story.spoken(self.book, self.record, form, path, value)

    def acting(self, code: str) -> str:
        """Why somebody acts in place of another post."""
        return self.book.wording.why(code)

    def choices(self, form: str, path: str) -> Sequence[tuple[str, str]]:
        """The codes a field may have, with their names."""
        return self.book.wording.choices(form, path)

    def label(self, form: str, path: str) -> str:
        """The Chinese name of a field."""
        return self.book.wording.label(form, path)

    def clause(self, form: str, path: str) -> str:
        """The rule a field comes from."""
        return self.book.wording.clause(form, path)

    def clauses(self) -> Sequence[str]:
        """The sources of the last refusal."""
        if self.record is None or self.record.is_redacted:
            return ()
        return self.book.wording.clauses(self.record)

    def refusals(self) -> Sequence[str]:
        """The reasons of the last refusal as they were recorded."""
        if self.record is None or self.record.is_redacted:
            return () if self.record is None else (MARK,)
        return self.book.wording.refusals(self.record)

    def papers(self, form: str, path: str) -> list[Paper]:
        """The papers attached to a field."""
        held = () if self.record is None else self.record.papers
        return [paper for paper in held if (paper.form, paper.field) == (form, path)]

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the units from the county down."""
        return () if self.record is None else self.record.units


@dataclass(frozen=True)
class SheetPage:
    """One page set of a sheet: where links find it, the list item it is about ({} when there is none), its HTML."""

    anchor: str
    item: Mapping[str, Any]
    html: Markup


def sheet_pages(book: Book, record: CaseRecord | None, sheet: Sheet, anchor: str = "") -> list[SheetPage]:
    """One page set, or one for each item of the list a sheet repeats over (none when the list is empty)."""
    view = SheetView(book, record)
    version = view.form(sheet.form)
    names = {
        "case": view,
        "record": record,
        "sheet": sheet,
        "form": version,
        "signed": view.signed(sheet.form),
        "a": view.answers(sheet.form),
        "words": book.wording.texts,
        "figures": {} if record is None else book.wording.figures(record),
        "sections": book.wording.sections(sheet.form),
        "qr": qr(f"{record.number} {version.digest[:16]}") if record and version else None,
    }
    pages: list[SheetPage] = []
    for item in items_of(sheet, version):
        place = f"{sheet.code}-{item.get('slot', len(pages) + 1)}" if sheet.repeat else anchor or sheet.code
        pages.append(SheetPage(place, item, filled(book, sheet.template, **names, item=item, anchor=place)))
    return pages


def shown_in(record: CaseRecord, sheet: Sheet) -> CaseRecord:
    """The record a single sheet is printed from: a letter whose task is open is a new one, not the last one delivered."""
    return record.without(sheet.form) if sheet.ahead and sheet.form in record.waiting else record


def items_of(sheet: Sheet, version: FormVersion | None) -> Sequence[Mapping[str, Any]]:
    """What a sheet is printed for, one after the other."""
    if version is not None and not sheet.tells(version.answers):
        return []
    if sheet.repeat is None or version is None:
        return [{}]
    return version.answers.get(sheet.repeat) or []


def filled(book: Book, template: str, /, **names: Any) -> Markup:
    """A template with its values, all of them escaped by it."""
    return Markup(environment(book.folder, *book.more).get_template(template).render(names))  # noqa: S704


@lru_cache(maxsize=1)
def style() -> Markup:
    """The stylesheet of all paper."""
    return Markup((HERE / "page.css").read_text("utf-8"))  # noqa: S704 - our own file
