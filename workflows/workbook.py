"""Work books as they come from outside: read with suspicion, and written so that nothing in them is ever computed.

A file is a zip of XML. Before it is parsed its size, its parts and what they unpack to are looked at; document types, entities,
macros and encryption are refused. Formulas are not computed: their cells are told as formulas.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any, Final

from engine.errors import RefusedUpload
from engine.messages import N_, Message

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_UNPACKED: Final = 20 * 1024 * 1024
MAX_PARTS: Final = 200
MAX_ROWS: Final = 2000
MAX_COLUMNS: Final = 30
LONGEST_CELL: Final = 200
#: what a cell that holds a formula reads as
FORMULA: Final = "\x00formula"
_CHUNK: Final = 64 * 1024
#: how the reader fails on what is no work book; whatever it is, it is the file's fault
_BROKEN: Final = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    OSError,
)


@dataclass(frozen=True)
class Line:
    """One row of a sheet as typed: its number there, and column title → text."""

    sheet: str
    row: int
    cells: Mapping[str, str]


def _library(part: str = "") -> Any:
    """The library, or a part of it: loaded when somebody brings or takes a work book, not by every process."""
    return import_module(f"openpyxl.{part}" if part else "openpyxl")


def read(content: bytes, sheets: Mapping[str, Sequence[str]]) -> list[Line]:
    """The rows of the named sheets (name → column titles that must be there). RefusedUpload with the reason.

    A sheet may be missing; empty rows are left out. Dates read as "2026-06-15", whole numbers without a point.
    """
    _look_into(content)
    try:
        book = _library().load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            found = [line for name in book.sheetnames if name in sheets for line in _lines(book[name], sheets[name])]
        finally:
            book.close()
    except RefusedUpload:
        raise
    except (*_BROKEN, _library("utils.exceptions").InvalidFileException) as broken:
        raise _refused(N_("文件不是完好的 Excel 工作簿（.xlsx）")) from broken
    if not found:
        names = "、".join(sheets)
        raise _refused(N_("工作簿中没有可导入的行；工作表须名为 {names}"), names=names)
    return found


def write(sheets: Mapping[str, Iterable[Sequence[str]]]) -> bytes:
    """A work book of text cells; the first row of each sheet stands out. A text that looks like a formula stays a text."""
    book = _library().Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows):
            sheet.append([_text_cell(sheet, value, bold=number == 0) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(sheet: Any, value: str, *, bold: bool) -> Any:
    cell = _library("cell").WriteOnlyCell(sheet, value="")
    cell.value = "".join(char for char in value if char.isprintable())
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.number_format = "@"
    if bold:
        cell.font = _library("styles").Font(bold=True)
    return cell


def _look_into(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise _refused(N_("文件超过 {most} MB"), most=MAX_BYTES // (1024 * 1024))
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _refused(N_("旧版或加密的 Excel 文件不能导入，请另存为不加密的 .xlsx"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _look_at_parts(packed)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as broken:
        raise _refused(N_("文件不是完好的 Excel 工作簿（.xlsx）")) from broken


def _look_at_parts(packed: zipfile.ZipFile) -> None:
    """Unpack every part, at most MAX_UNPACKED in all whatever the directory claims, and look for what must not be in it."""
    parts, total = packed.infolist(), 0
    if len(parts) > MAX_PARTS:
        raise _refused(N_("工作簿的部件过多，不像是填写的模板"))
    for part in parts:
        if part.filename.lower().endswith("vbaproject.bin"):
            raise _refused(N_("含有宏的文件不能导入，请另存为 .xlsx"))
        tail = b""
        with packed.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                if total > MAX_UNPACKED:
                    raise _refused(N_("文件解开后超过 {most} MB，不予读取"), most=MAX_UNPACKED // (1024 * 1024))
                seen = (tail + chunk).replace(b"\x00", b"").upper()
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                    raise _refused(N_("文件含有不允许的 XML 声明，不予读取"))
                tail = chunk[-24:]


def _lines(sheet: Any, titles: Sequence[str]) -> list[Line]:
    sheet.reset_dimensions()  # what the file claims about its size is nobody's promise
    heads: list[str] = []
    found: list[Line] = []
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
        texts = [_text(cell) for cell in row]
        if not heads:
            heads = texts
            if missing := [title for title in titles if title not in heads]:
                names = {"sheet": sheet.title, "columns": "、".join(missing)}
                raise _refused(N_("工作表“{sheet}”的第一行缺少列：{columns}"), **names)
            continue
        if number > MAX_ROWS + 1:
            raise _refused(N_("工作表“{sheet}”超过 {most} 行"), sheet=sheet.title, most=MAX_ROWS)
        cells = {head: text for head, text in zip(heads, texts, strict=False) if head in titles}
        if any(cells.values()):
            found.append(Line(sheet.title, number, {title: cells.get(title, "") for title in titles}))
    return found


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return FORMULA
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = " ".join(str(value).split())
    return FORMULA if text.startswith("=") else text


def _refused(template: str, **params: Any) -> RefusedUpload:
    return RefusedUpload(why=Message(template, params))
