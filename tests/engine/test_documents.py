"""Papers are judged by their content: kind, size, damage, password; the store keeps one sealed copy."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter
from sqlalchemy import func, select

from engine import documents
from engine.commands.cases import start_case
from engine.commands.papers import add_paper, remove_paper
from engine.commands.tasks import complete_task
from engine.errors import Forbidden, NotFound, RefusedUpload, TaskNotReady
from engine.model_filed import blob, blob_piece, document
from tests.engine.toy import READER, WRITER, ToyHouse


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 20), mode: str = "RGB") -> bytes:
    made = BytesIO()
    Image.new(mode, size, "white").save(made, kind)
    return made.getvalue()


def pdf(pages: int = 1, password: str | None = None) -> bytes:
    writer, made = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password)
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type", "pages"),
    [(picture("PNG"), "image/png", 1), (picture("JPEG"), "image/jpeg", 1), (pdf(3), "application/pdf", 3)],
    ids=["png", "jpeg", "pdf"],
)
def test_pdf_jpeg_and_png_come_in(content: bytes, media_type: str, pages: int) -> None:
    assert documents.inspect(content) == documents.Inspected(media_type, pages)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"MZ\x90\x00" + b"\0" * 200, "内容是程序文件，只接受 PDF、JPEG、PNG"),
        (b"<html><script>alert(1)</script>", "内容是网页，"),
        (picture("GIF"), "内容是GIF 图片，"),
        (b"PK\x03\x04" + b"\0" * 60, "内容是压缩包，"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 60, "内容是视频，"),
        ("姓名，电话".encode(), "内容是纯文本，"),
        (b"\xff\x00\xfe\x01", "内容是无法识别的文件，"),
        (b"wOFF\0\x01\0\0" + b"\0" * 60, "其他类型的文件（application/font-woff）"),
        (b"%PDF-1.7\nbroken", "损坏"),
        (picture()[:60], "损坏"),
        (pdf(password="x"), "密码"),
        (pdf(201), "201 页"),
        (b"%PDF-1.7" + b"0" * (10 * 1024 * 1024), "上限 10 MB"),
        (picture(size=(9000, 9000), mode="1"), "9000×9000"),
    ],
    ids=[
        "empty",
        "renamed exe",
        "html",
        "gif",
        "zip",
        "video",
        "text",
        "noise",
        "font",
        "broken pdf",
        "cut png",
        "locked pdf",
        "long pdf",
        "over 10 MB",
        "huge",
    ],
)
def test_anything_else_is_refused_with_what_was_seen(content: bytes, said: str) -> None:
    with pytest.raises(RefusedUpload, match=said):
        documents.inspect(content)


def attach(house: ToyHouse, actor: Any = WRITER, **more: Any) -> Any:
    opened = house.act(start_case, WRITER, kind="toy")
    given = {
        "task_id": opened["task_id"],
        "field": "guarantors.1.proof",
        "name": "C:\\a\\证.png",
        "content": picture(),
        **more,
    }
    return opened, house.act(add_paper, actor, **given)


def test_a_paper_opens_again_with_its_own_name_and_nothing_of_it_stands_in_the_open(house: ToyHouse) -> None:
    _, added = attach(house)
    with house.runtime.reading() as connection:
        paper = documents.find(connection, house.runtime.vault, added["paper_id"])
        content = b"".join(documents.content(connection, house.runtime.vault, paper))
        stored = connection.execute(select(blob_piece.c.sealed)).scalar_one()
    assert (paper.name, content, paper.field) == ("证.png", picture(), "guarantors.1.proof")
    assert picture() not in bytes(stored)


def test_the_same_bytes_are_kept_once(house: ToyHouse) -> None:
    attach(house)
    attach(house)
    with house.runtime.reading() as connection:
        assert connection.execute(select(func.count()).select_from(blob)).scalar() == 1
        assert connection.execute(select(func.count()).select_from(document)).scalar() == 2


@pytest.mark.parametrize("field", ["", "../etc", "a.b.c", "guarantors.1.proof;", "x" * 70, "guarantors.100.proof"])
def test_a_field_path_that_no_form_could_have_is_refused(house: ToyHouse, field: str) -> None:
    with pytest.raises(RefusedUpload):
        attach(house, field=field)


def test_only_who_works_on_the_task_attaches_and_removes(house: ToyHouse) -> None:
    with pytest.raises(Forbidden):
        attach(house, READER)
    opened, added = attach(house)
    named = {"task_id": opened["task_id"], "paper_id": added["paper_id"]}
    with pytest.raises(Forbidden):
        house.act(remove_paper, READER, **named)
    house.act(remove_paper, WRITER, **named)
    with house.runtime.reading() as connection, pytest.raises(NotFound):
        documents.find(connection, house.runtime.vault, added["paper_id"])
    with pytest.raises(NotFound):
        house.act(remove_paper, WRITER, **named)


def test_a_paper_of_a_submitted_form_stays(house: ToyHouse) -> None:
    opened, added = attach(house)
    house.act(complete_task, WRITER, task_id=opened["task_id"], answers={"text": "甲"}, seen_version=1)
    with pytest.raises(TaskNotReady):
        house.act(remove_paper, WRITER, task_id=opened["task_id"], paper_id=added["paper_id"])
