"""Lay a case out on pages: which pieces a dossier has, in which order, and the HTML of each.

Nothing here draws: `render.py` turns the HTML into a PDF. The contents take their page numbers from the pages themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from engine.dossier import facts, proof, story
from engine.dossier.book import Book, Part, Sheet
from engine.dossier.leaves import Leaves, open_paper
from engine.dossier.record import CaseRecord, FormVersion, Paper, Signed
from engine.dossier.symbols import qr

HERE = Path(__file__).parent
#: who may know of a case, by its class (domain.md D2)
REACH = {"C0": "公开", "C1": "内部", "C2": "限经办人员", "C3": "限专办人员", "C4": "封存"}


@dataclass(frozen=True)
class Printing:
    """Who printed, and when: the only part of a page that differs from print to print."""

    by: str
    at: datetime

    def __str__(self) -> str:
        return f"打印：{facts.stamp(self.at)}　{self.by}"


@dataclass(frozen=True)
class Piece:
    """One piece of a dossier, one line of its contents (卷内目录). `responsible` and `dated` may be empty."""

    anchor: str
    title: str
    html: Markup
    code: str = ""
    responsible: str = ""
    dated: str = ""
    remark: str = ""
    leaves: Leaves | None = None


@dataclass(frozen=True)
class Layout:
    """A composed document: its HTML, its title, and what its pages need: images by name, PDF pages by frame."""

    html: str
    title: str
    images: Mapping[str, bytes] = field(default_factory=dict)
    frames: Sequence[Leaves] = ()


@lru_cache(maxsize=8)
def environment(folder: Path) -> Environment:
    """The templates of a process type on top of those of this package; a value that is missing prints as nothing."""
    loader = ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(HERE)])
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
        return () if self.record is None else self.book.wording.clauses(self.record)

    def papers(self, form: str, path: str) -> list[Paper]:
        """The papers attached to a field."""
        held = () if self.record is None else self.record.papers
        return [paper for paper in held if (paper.form, paper.field) == (form, path)]

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the units from the county down."""
        return () if self.record is None else self.record.units


def sheet_pages(
    book: Book, record: CaseRecord | None, sheet: Sheet, anchor: str = ""
) -> list[tuple[str, Mapping[str, Any], Markup]]:
    """(anchor, repeated item, HTML) of each page set of a sheet: one, or one for each item of its list."""
    view = SheetView(book, record)
    version = view.form(sheet.form)
    items: Sequence[Mapping[str, Any]] = [{}]
    if sheet.repeat is not None and version is not None:
        items = version.answers.get(sheet.repeat) or []
    template = environment(book.folder).get_template(sheet.template)
    pages = []
    for index, item in enumerate(items):
        place = f"{sheet.code}-{item.get('slot', index + 1)}" if sheet.repeat else anchor or sheet.code
        html = template.render(
            case=view, record=record, sheet=sheet, item=item, anchor=place, form=version, signed=view.signed(sheet.form),
            a=view.answers(sheet.form), words=book.wording.texts, qr=_sheet_code(record, version), sections=book.wording.sections(sheet.form),
        )  # fmt: skip
        pages.append((place, item, Markup(html)))  # noqa: S704 - the template has escaped everything typed
    return pages


def _sheet_code(record: CaseRecord | None, version: FormVersion | None) -> Markup | None:
    if record is None or version is None:
        return None
    return qr(f"{record.number} {version.digest[:16]}")


def single(book: Book, record: CaseRecord | None, sheet: Sheet, printing: Printing) -> Layout:
    """One sheet by itself; blank when there is no record."""
    pages = sheet_pages(book, record, sheet)
    code = record.newest(sheet.form) if record is not None else None
    pieces = [Piece(anchor, sheet.title, html) for anchor, _, html in pages]
    return _layout(book, record, sheet.title, pieces, printing, code.digest if code else "", [])


def dossier(book: Book, record: CaseRecord, printing: Printing) -> Layout:
    """The whole file of a case, cover first."""
    code = proof.check_code(proof.attachment(record))
    env = environment(book.folder)
    inner = list(_pieces(book, record))
    names = {"book": book, "record": record, "code": code, "printing": printing, "today": printing.at}
    name = _applicant(book, record)
    span = story.span(record)
    front = env.get_template("cover.html").render(
        **names, pieces=inner, applicant=name, span=span, reach=REACH.get(record.confidentiality, ""), qr=qr(f"{record.number} {code}", large=True)
    )
    contents = env.get_template("contents.html").render(**names, pieces=inner)
    pieces = [Piece("cover", "封面", Markup(front)), Piece("contents", "卷内目录", Markup(contents)), *inner]  # noqa: S704
    leaves = [piece.leaves for piece in inner if piece.leaves is not None]
    return _layout(book, record, f"{book.title}卷宗 {record.number}", pieces, printing, code, leaves)


def _applicant(book: Book, record: CaseRecord) -> str:
    version = record.newest(book.applicant[0])
    name = str(version.answers.get(book.applicant[1]) or "") if version else ""
    return facts.masked_name(name) if record.is_masked else name


def _pieces(book: Book, record: CaseRecord) -> Iterator[Piece]:
    """Everything after the contents, in dossier order (processes.md §1); a paper no part names comes after the last part."""
    left = {paper.id: paper for paper in record.papers}
    for part in book.order:
        if part.sheet is None:
            yield from _papers(book, record, _take(left, part.papers, None), part.title)
        elif record.newest(book.sheets[part.sheet].form) is not None:
            yield from _sheet_pieces(book, record, part, left)
    yield from _plain_forms(book, record, left)
    yield from _papers(book, record, list(left.values()), "")
    env = environment(book.folder)
    if record.is_masked and record.papers:
        html = env.get_template("withheld.html").render(book=book, record=record, title_of=book.wording.label)
        yield Piece("withheld", "材料清单（脱敏打印，原件未附）", Markup(html))  # noqa: S704
    if record.diagram:
        # the drawing is ours (engine.flow.diagram) and escapes the names in it
        html = env.get_template("diagram.html").render(record=record, drawing=Markup(record.diagram))  # noqa: S704
        yield Piece("diagram", "办理流程图", Markup(html))  # noqa: S704
    rows = story.rows(book, record)
    html = env.get_template("history.html").render(record=record, rows=rows)
    yield Piece("history", "办理记录", Markup(html))  # noqa: S704
    html = env.get_template("digests.html").render(record=record, label=book.wording.label)
    yield Piece("digests", "校验清单", Markup(html))  # noqa: S704


def _sheet_pieces(book: Book, record: CaseRecord, part: Part, left: dict[int, Paper]) -> Iterator[Piece]:
    assert part.sheet is not None  # noqa: S101 - asked by the caller
    sheet = book.sheets[part.sheet]
    version = record.newest(sheet.form)
    assert version is not None  # noqa: S101 - asked by the caller
    signature = record.signed(sheet.form)
    responsible = signature.signer if signature else version.by
    for anchor, item, html in sheet_pages(book, record, sheet):
        title = f"{sheet.title}（{item['name']}）" if item.get("name") else sheet.title
        remark = f"第{version.number}版" if version.number > 1 else ""
        yield Piece(anchor, title, html, sheet.code, responsible, facts.iso(version.at), remark)
        yield from _papers(book, record, _take(left, part.papers, item.get("slot")), part.title)


def _plain_forms(book: Book, record: CaseRecord, left: dict[int, Paper]) -> Iterator[Piece]:
    """Forms without a sheet of their own (a disbursement, a lapse), printed as they are described; then their papers."""
    for key in dict.fromkeys(version.key for version in record.forms if version.key not in book.printed()):
        version = record.newest(key)
        assert version is not None  # noqa: S101 - its key came from the record
        sheet = Sheet("表", version.title, "form.html", key)
        for _, _, html in sheet_pages(book, record, sheet, anchor=f"form-{key}"):
            yield Piece(f"form-{key}", version.title, html, "表", version.by, facts.iso(version.at))
        mine = [paper for paper in left.values() if paper.form == key]
        yield from _papers(book, record, _take(left, [(key, paper.field) for paper in mine], None), "")


def _take(left: dict[int, Paper], wanted: Sequence[tuple[str, str]], slot: int | None) -> list[Paper]:
    """Remove the papers of some fields from those still to be placed."""
    found = []
    for form, path in wanted:
        exact = path.replace("{slot}", str(slot))
        mine = [paper for paper in left.values() if (paper.form, paper.field) == (form, exact)]
        found += mine
        for paper in mine:
            del left[paper.id]
    return found


def _papers(book: Book, record: CaseRecord, papers: Sequence[Paper], title: str) -> Iterator[Piece]:
    if record.is_masked:
        return
    template = environment(book.folder).get_template("paper.html")
    for paper in papers:
        leaves = open_paper(paper)
        name = title or book.wording.label(paper.form, paper.field)
        html = Markup(template.render(paper=paper, leaves=leaves, name=name, label=book.wording.label(paper.form, paper.field)))  # noqa: S704
        yield Piece(f"paper-{paper.id}", name, html, "材料", paper.by, facts.iso(paper.at), paper.name, leaves)


def _layout(
    book: Book, record: CaseRecord | None, title: str, pieces: Sequence[Piece], printing: Printing, code: str,
    leaves: Sequence[Leaves],
) -> Layout:  # fmt: skip
    html = (
        environment(book.folder)
        .get_template("document.html")
        .render(
            title=title,
            record=record,
            pieces=pieces,
            printing=printing,
            code=code,
            style=Markup(_style()),  # noqa: S704
        )
    )
    images = {f"paper-{each.paper.id}": each.image for each in leaves if each.image is not None}
    return Layout(html, title, images, [each for each in leaves if each.pdf is not None])


@lru_cache(maxsize=1)
def _style() -> str:
    return (HERE / "page.css").read_text("utf-8")
