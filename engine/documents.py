"""Papers of a case: what may come in is told by the content, not by the name; what is kept is sealed and named by its hash."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import filetype
from sqlalchemy import bindparam, select

from engine import blobs
from engine.errors import NotFound, RefusedUpload
from engine.fields import Unreadable
from engine.inspection import IMAGE, PDF, Finding, inspector
from engine.messages import N_, Message
from engine.model_filed import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from engine.fields import Vault

MAX_BYTES = 10 * 1024 * 1024
MAX_PAGES = 200
ACCEPTED = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}

_FIND = select(document).where(document.c.id == bindparam("b_id"))


@dataclass(frozen=True)
class Inspected:
    """What the content itself says: media type, and pages of a PDF (1 for an image)."""

    media_type: str
    pages: int


@dataclass(frozen=True)
class Paper:
    """A paper as its row tells of it; `blob_id` is what `engine.blobs` gives its bytes for."""

    id: int
    case_id: int
    form: str
    field: str
    name: str
    media_type: str
    sha256: str
    size: int
    blob_id: int


_REMEMBERED = 64
_known: OrderedDict[str, Inspected] = OrderedDict()
_guard = threading.Lock()


def inspect(content: bytes) -> Inspected:
    """Look into a file. RefusedUpload with what was seen and what is allowed: too large, empty, wrong kind, damaged, locked.

    The last few answers are remembered, so that whoever takes a file in can ask before opening a transaction: the command's
    own question then costs nothing while others wait to write.
    """
    if not content:
        raise RefusedUpload(why=Message(N_("文件是空的")))
    if len(content) > MAX_BYTES:
        raise RefusedUpload(why=too_large(len(content)))
    name = hashlib.sha256(content).hexdigest()
    with _guard:
        known = _known.get(name)
    if known is None:
        known = _look(content)
        with _guard:
            _known[name] = known
            while len(_known) > _REMEMBERED:
                _known.popitem(last=False)
    return known


def _look(content: bytes) -> Inspected:
    kind = filetype.guess(content)
    seen = kind.mime if kind else ""
    if seen not in ACCEPTED:
        told = {"seen": _named(content, seen), "allowed": "、".join(ACCEPTED.values())}
        raise RefusedUpload(why=Message(N_("内容是{seen}，只接受 {allowed}（按内容判断，与文件名无关）"), told))
    is_pdf = seen == "application/pdf"
    found = inspector.inspect(PDF if is_pdf else IMAGE, content)
    pages = found.get("pages")
    if pages is None or not 1 <= pages <= MAX_PAGES:
        raise RefusedUpload(why=_why_not(found, is_pdf))
    return Inspected(seen, pages)


#: media type, or its beginning → what people call it; the first that fits
_KINDS = (
    ("application/x-msdownload", N_("程序文件")),
    ("application/x-executable", N_("程序文件")),
    ("application/x-mach-binary", N_("程序文件")),
    ("application/vnd.microsoft.portable-executable", N_("程序文件")),
    ("application/msword", N_("Word 文档")),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml", N_("Word 文档")),
    ("application/vnd.ms-excel", N_("Excel 表格")),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml", N_("Excel 表格")),
    ("application/vnd.ms-powerpoint", N_("PowerPoint 演示文稿")),
    ("application/vnd.openxmlformats-officedocument.presentationml", N_("PowerPoint 演示文稿")),
    ("application/zip", N_("压缩包")),
    ("application/gzip", N_("压缩包")),
    ("application/x-rar", N_("压缩包")),
    ("application/x-7z", N_("压缩包")),
    ("application/x-tar", N_("压缩包")),
    ("image/gif", N_("GIF 图片")),
    ("image/heic", N_("HEIC 图片（苹果手机照片）")),
    ("image/", N_("其他格式的图片")),
    ("video/", N_("视频")),
    ("audio/", N_("音频")),
)
_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|script)", re.IGNORECASE)


def _named(content: bytes, media_type: str) -> Message:
    """What the content is, in words; a media type nobody has words for stands in brackets."""
    for start, name in _KINDS:
        if media_type.startswith(start):
            return Message(name)
    if media_type:
        return Message(N_("其他类型的文件（{type}）"), {"type": media_type})
    if _PAGE.match(content):
        return Message(N_("网页"))
    try:
        is_text = "\0" not in content.decode()
    except UnicodeDecodeError:
        is_text = False
    return Message(N_("纯文本") if is_text else N_("无法识别的文件"))


def _why_not(found: Finding, is_pdf: bool) -> Message:
    if "heavy" in found:
        return Message(N_("文件过于复杂，无法检查；请重新扫描或另存后再上传"))
    if "locked" in found:
        return Message(N_("PDF 文件有密码，请去除密码后再上传"))
    if "pixels" in found:
        return Message(N_("图片尺寸 {seen} 过大，请缩小后再上传"), {"seen": "×".join(map(str, found["pixels"]))})
    if "pages" in found:
        return Message(N_("PDF 有 {seen} 页，允许 1–{limit} 页"), {"seen": found["pages"], "limit": MAX_PAGES})
    return Message(N_("PDF 文件已损坏，无法打开") if is_pdf else N_("图片文件已损坏，无法打开"))


def too_large(size: int, limit: int = MAX_BYTES) -> Message:
    """The sentence about a file over the limit; both in bytes."""
    mb = 1024 * 1024
    return Message(N_("文件有 {seen} MB，上限 {limit} MB"), {"seen": f"{size / mb:.1f}", "limit": limit // mb})


def find(connection: Connection, vault: Vault, document_id: int) -> Paper:
    """A paper; NotFound when there is none or it was removed. The caller asks for permission."""
    row = connection.execute(_FIND, {"b_id": document_id}).one_or_none()
    if row is None or row.removed_at is not None:
        raise NotFound(what=Message(N_("材料 {id}"), {"id": document_id}))
    name = vault.open(row.name_sealed).decode()
    told = (row.form, row.field, name, row.media_type, row.sha256, row.size, row.blob_id)
    return Paper(row.id, row.case_id, *told)


def content(connection: Connection, vault: Vault, paper: Paper) -> Iterator[bytes]:
    """The bytes of a paper, piece by piece; Unreadable, also at the end when they are not those that were filed."""
    made = hashlib.sha256()
    for piece in blobs.plain(connection, vault, paper.blob_id):
        made.update(piece)
        yield piece
    if made.hexdigest() != paper.sha256:
        raise Unreadable
