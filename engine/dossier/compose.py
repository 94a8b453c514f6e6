"""Lay a case out on pages: which pieces a dossier has, in which order, and the HTML of each.

Nothing here draws: `render.py` turns the HTML into a PDF. The contents take their page numbers from the pages themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from engine.dossier import facts, proof, story
from engine.dossier.book import Book, Part, Sheet
from engine.dossier.leaves import Leaves, open_paper
from engine.dossier.pages import filled, items_of, sheet_pages, shown_in, style
from engine.dossier.record import CaseRecord, FormVersion, Paper
from engine.dossier.redaction import MARK
from engine.dossier.symbols import qr, titled

#: who may know of a case, by its class (domain.md D2)
REACH = {"C0": "公开", "C1": "内部", "C2": "限经办人员", "C3": "限专办人员", "C4": "封存"}

#: the head of a blank form
_TO_FILL_IN = "编号 ____________"


@dataclass(frozen=True)
class Printing:
    """Who printed, and when: the only part of a page that differs from print to print."""

    by: str
    at: datetime
    #: the number of this one print; a print that has one bears it, its reader and the time across every page
    number: str = ""

    @property
    def watermark(self) -> str:
        """What stands across every page; "" for a print without a number."""
        return f"{self.by}　{facts.stamp(self.at)}　{self.number}" if self.number else ""

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


def single(book: Book, record: CaseRecord | None, sheet: Sheet, printing: Printing) -> Layout:
    """One sheet by itself; blank when there is no record."""
    record = None if record is None else shown_in(record, sheet)
    version = None if record is None else record.newest(sheet.form)
    pieces = [Piece(page.anchor, sheet.title, page.html) for page in sheet_pages(book, record, sheet)]
    return bound(book, record, sheet.title, pieces, printing, version.digest if version else "")


def table(
    book: Book,
    template: str,
    title: str,
    names: Mapping[str, Any],
    printing: Printing,
    number: str = "",
    code: str = "",
) -> Layout:
    """A page that is no sheet of a case: figures of many, or a list with a number and a check code of its own."""
    page = filled(book, template, anchor="page", **names)
    return bound(book, None, title, [Piece("page", title, page)], printing, code, f"编号 {number}" if number else "")


def dossier(book: Book, record: CaseRecord, printing: Printing) -> Layout:
    """The whole file of a case, cover first."""
    code = proof.check_code(proof.attachment(record))
    inner = list(_pieces(book, record))
    front = filled(
        book,
        "cover.html",
        book=book,
        record=record,
        code=code,
        printing=printing,
        pieces=inner,
        applicant=_applicant(book, record),
        span=story.span(record),
        reach=REACH.get(record.confidentiality, ""),
        retention=book.kept_for(record.confidentiality),
        mark=MARK,
        qr=qr(f"{record.number} {code}", large=True),
    )
    contents = filled(book, "contents.html", pieces=inner)
    pieces = [Piece("cover", "封面", front), Piece("contents", "卷内目录", contents), *inner]
    return bound(book, record, f"{book.title}卷宗 {record.number}", pieces, printing, code)


def bound(
    book: Book,
    record: CaseRecord | None,
    title: str,
    pieces: Sequence[Piece],
    printing: Printing,
    code: str,
    number: str = _TO_FILL_IN,
) -> Layout:
    """Pieces as one document, with the code printed at their foot; `number` stands at the head where there is no record."""
    head = number if record is None else f"编号 {record.number}"
    names = {"title": title, "pieces": pieces, "printing": printing, "code": code, "style": style(), "number": head}
    html = filled(book, "document.html", **names)
    leaves = [piece.leaves for piece in pieces if piece.leaves is not None]
    images = {f"paper-{each.paper.id}": each.image for each in leaves if each.image is not None}
    return Layout(html, title, images, [each for each in leaves if each.pdf is not None])


def _applicant(book: Book, record: CaseRecord) -> str:
    version = record.newest(book.applicant[0])
    name = str(version.answers.get(book.applicant[1]) or "") if version else ""
    return facts.masked_name(name) if record.is_masked and not record.is_redacted else name


def _pieces(book: Book, record: CaseRecord) -> Iterator[Piece]:
    """Everything after the contents, in dossier order (processes.md §1); a paper no part names comes after the last form."""
    left = {paper.id: paper for paper in record.papers}
    for part in book.order:
        if part.sheet is None:
            yield from _papers(book, record, _take(left, part.papers, None), part.title)
        else:
            yield from _sheet(book, record, part, book.sheets[part.sheet], left)
    yield from _plain_forms(book, record, left)
    yield from _papers(book, record, list(left.values()), "")
    yield from _annexes(book, record)


def _annexes(book: Book, record: CaseRecord) -> Iterator[Piece]:
    """What the house itself adds: the drawing, the history, the digests."""
    label = book.wording.label
    if record.is_masked and record.papers:
        html = filled(book, "withheld.html", record=record, label=label)
        yield Piece("withheld", "材料清单（脱敏打印，原件未附）", html)
    for number, drawn in enumerate(record.drawings):
        name = "办理流程图" if len(record.drawings) == 1 else f"办理流程图（{drawn.title}）"
        anchor = f"diagram-{number}" if number else "diagram"
        drawing = titled(drawn.svg, f"{name}，当前：{drawn.state}")
        page = filled(book, "diagram.html", record=record, drawing=drawing, anchor=anchor, name=name, state=drawn.state)
        yield Piece(anchor, name, page)
    rows = story.rows(book, record)
    yield Piece("history", "办理记录", filled(book, "history.html", record=record, rows=rows))
    yield Piece("digests", "校验清单", filled(book, "digests.html", record=record, label=label))


def _sheet(book: Book, record: CaseRecord, part: Part, sheet: Sheet, left: dict[int, Paper]) -> Iterator[Piece]:
    """A sheet that the case has, each of its page sets followed by its papers; or one such sheet for every version."""
    version = record.newest(sheet.form)
    if version is None:
        return
    if sheet.every:
        for each in (v for v in record.forms if v.key == sheet.form):
            yield from _once(book, record.as_of(each), sheet, f"{sheet.code}-v{each.number}", f"第{each.number}次")
        yield from _papers(book, record, _take(left, part.papers, None), part.title)
        return
    remark = f"第{version.number}版" if version.number > 1 else ""
    for piece, slot in zip(_once(book, record, sheet, "", remark), _slots(sheet, version), strict=True):
        yield piece
        yield from _papers(book, record, _take(left, part.papers, slot), part.title)


def _slots(sheet: Sheet, version: FormVersion) -> list[int | None]:
    return [item.get("slot") for item in items_of(sheet, version)]


def _once(book: Book, record: CaseRecord, sheet: Sheet, anchor: str, remark: str) -> Iterator[Piece]:
    """The page sets of a sheet as the record has it."""
    version = record.newest(sheet.form)
    if version is None:
        return
    signature = record.signed(sheet.form)
    responsible = signature.signer if signature else version.by
    for page in sheet_pages(book, record, sheet, anchor):
        title = f"{sheet.title}（{page.item['name']}）" if page.item.get("name") else sheet.title
        yield Piece(page.anchor, title, page.html, sheet.code, responsible, facts.iso(version.at), remark)


def _plain_forms(book: Book, record: CaseRecord, left: dict[int, Paper]) -> Iterator[Piece]:
    """Forms without a sheet of their own (a disbursement, a lapse), printed as they are described; then their papers.

    The newest version of each, or every one of a ledger (`Book.ledgers`).
    """
    plain = [version for version in record.forms if not book.shows(version.key, version.answers)]
    newest = {version.key: version for version in plain}
    for key, latest in newest.items():
        sheet = Sheet("表", latest.title, "form.html", key)
        shown = [v for v in plain if v.key == key] if key in book.ledgers else [latest]
        for version in shown:
            anchor = f"form-{key}" if len(shown) == 1 else f"form-{key}-{version.number}"
            for page in sheet_pages(book, record.as_of(version), sheet, anchor=anchor):
                yield Piece(page.anchor, version.title, page.html, "表", version.by, facts.iso(version.at))
        mine = [(key, paper.field) for paper in left.values() if paper.form == key]
        yield from _papers(book, record, _take(left, mine, None), "")


def _take(left: dict[int, Paper], wanted: Sequence[tuple[str, str]], slot: int | None) -> list[Paper]:
    """Remove the papers of some fields from those still to be placed."""
    exact = [(form, path.replace("{slot}", str(slot))) for form, path in wanted]
    found = [paper for place in exact for paper in left.values() if (paper.form, paper.field) == place]
    return [left.pop(paper.id) for paper in found if paper.id in left]


def _papers(book: Book, record: CaseRecord, papers: Sequence[Paper], title: str) -> Iterator[Piece]:
    """The papers on pages of their own; on a masked print they are only listed (`_annexes`)."""
    for paper in papers if not record.is_masked else ():
        leaves = open_paper(paper)
        name = title or book.wording.label(paper.form, paper.field)
        html = filled(book, "paper.html", paper=paper, leaves=leaves, name=name)
        yield Piece(f"paper-{paper.id}", name, html, "材料", paper.by, facts.iso(paper.at), paper.name, leaves)
