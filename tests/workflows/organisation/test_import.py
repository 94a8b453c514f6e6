"""Import from Excel: dry run, every error by row and column, hostile files, and nothing half taken in."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow, RefusedUpload
from engine.unit_of_work import unit_of_work
from tests.workflows.organisation.test_appointing import IDCARD
from workflows import model, organisation, workbook
from workflows.appointing import decide_appointment
from workflows.model_organisation import appointment
from workflows.organisation_import import SHEETS, Rehearsed, rehearse, rejected, take_in, template, upload_workbook

BY = "sysadmin"
UNIT = ("V4", "T2", "村妇联", "云溪乡梨花村妇联")
PERSON = ("v4chair", "江映雪", IDCARD, "V4", "村妇联主席", "2026-07-01", "")


def book(units=(UNIT,), people=(PERSON,), heads=SHEETS):
    made = Workbook()
    made.remove(made.active)
    for name, rows in zip(heads, (units, people), strict=True):
        sheet = made.create_sheet(name)
        for row in (heads[name], *rows):
            sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def uploaded(house, content):
    return house.act(upload_workbook, BY, content=content)["import_id"]


def outcome(house, number):
    with pytest.raises(Rehearsed) as found, unit_of_work(house.runtime, house.actor(BY)) as work:
        rehearse(work, import_id=number)
    return found.value.outcome


def counts(house):
    with house.runtime.reading() as connection:
        return [
            connection.execute(select(func.count()).select_from(t)).scalar()
            for t in (model.unit, model.account, appointment)
        ]


def test_what_is_right_is_rehearsed_and_then_taken_in_once(house):
    before = counts(house)
    number = uploaded(house, book())
    seen = outcome(house, number)
    assert (seen.units, seen.people, seen.proposed, seen.wrong) == (1, 1, 1, [])
    assert counts(house) == before, "a dry run leaves nothing"
    answer = house.act(take_in, BY, import_id=number)
    assert (answer["units"], answer["people"], answer["proposed"], answer["rejected"]) == (1, 1, 1, 0)
    assert [b + 1 for b in before] == counts(house)
    with pytest.raises(NotNow):
        house.act(take_in, BY, import_id=number)
    proposed = house.row(select(appointment.c.id)).id
    house.act(decide_appointment, "secadmin", appointment_id=proposed, approve=True)
    with house.runtime.reading() as connection:
        village = organisation.unit_by_code(connection, "V4")
        assert connection.execute(select(model.post_holding).where(model.post_holding.c.unit_id == village.id)).one()


def test_one_wrong_row_stops_all_unless_the_good_ones_are_chosen(house):
    before = counts(house)
    bad = ("V5", "T9", "村", "=1+1")
    twice = ("v4chair", "江映雪", "110101198402148687", "V4", "主席", "soon", "")
    number = uploaded(house, book(units=(UNIT, bad), people=(PERSON, twice)))
    seen = outcome(house, number)
    found = {(each.sheet, each.row, each.column) for each in seen.wrong}
    assert ("机构", 3, "名称") in found
    assert {("人员", 3, c) for c in ("登录名", "身份证号码", "岗位", "任期首日")} <= found
    with pytest.raises(InvalidAnswers):
        house.act(take_in, BY, import_id=number)
    assert counts(house) == before
    assert house.act(take_in, BY, import_id=number, good_rows_only=True)["rejected"] == 2
    assert [b + 1 for b in before] == counts(house)


@pytest.mark.parametrize(
    ("unit", "column", "told"),
    [
        (("V5", "T9", "村妇联", "名"), "上级代码", "T9"),
        (("V5", "T2", "村", "名"), "类别", "可填"),
        (("V5", "C1", "村妇联", "名"), "类别", "不能设"),
        (("T1", "T2", "村妇联", "名"), "机构代码", "已被使用"),
        (("V5", "T2", "村妇联", ""), "名称", "名称"),
        (("V5", "T2", "村妇联", "=HYPERLINK(1)"), "名称", "公式"),
        (("V5", "T2", "村妇联", "长" * 201), "名称", "最多 200 字"),
    ],
)
def test_each_wrong_cell_is_told_with_what_was_seen_and_what_is_allowed(small_house, unit, column, told):
    seen = outcome(small_house, uploaded(small_house, book(units=(unit,), people=())))
    [wrong] = seen.wrong
    assert (wrong.sheet, wrong.row, wrong.column) == ("机构", 2, column)
    assert told in str(wrong.why)


def test_the_rejected_rows_come_back_with_their_reasons_and_no_formula(small_house):
    number = uploaded(small_house, book(units=(("@SUM(1)", "T2", "村妇联", "=1+1"),), people=()))
    seen = outcome(small_house, number)
    lines = workbook.read(book(units=(("@SUM(1)", "T2", "村妇联", "=1+1"),), people=()), SHEETS)
    back = load_workbook(io.BytesIO(rejected(lines, seen)))
    row = back["机构"][2]
    assert "f" not in [cell.data_type for cell in row]
    assert row[0].value == "@SUM(1)"
    assert "公式" in row[-1].value


def test_the_template_is_what_the_import_reads(small_house):
    titles = {
        name: [cell.value for cell in sheet[1]]
        for name, sheet in zip(SHEETS, load_workbook(io.BytesIO(template())), strict=False)
    }
    assert titles == {name: list(columns) for name, columns in SHEETS.items()}
    with pytest.raises(RefusedUpload, match="没有可导入的行"):
        uploaded(small_house, template())


def packed(parts, compress=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def infected(content, part, change):
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return packed({n: change(source.read(n)) if n == part else source.read(n) for n in source.namelist()})


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "不是完好"),
        (b"PK\x03\x04 nothing", "不是完好"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "加密"),
        (bytes(workbook.MAX_BYTES + 1), "超过 2 MB"),
        (packed({"xl/worksheets/sheet1.xml": bytes(workbook.MAX_UNPACKED + 1)}), "解开后超过"),
        (packed({f"{n}.xml": b"" for n in range(workbook.MAX_PARTS + 1)}), "部件过多"),
        (packed({"xl/vbaProject.bin": b""}), "宏"),
        (packed({"a.xml": b""}), "不是完好"),
        (infected(book(), "xl/workbook.xml", lambda c: LAUGHS + c.split(b"?>", 1)[-1]), "XML 声明"),
        (infected(book(), "xl/worksheets/sheet1.xml", lambda c: c[: len(c) // 2]), "不是完好"),
        (book(heads={"机构": ("代码",), "人员": ("姓名",)}, units=(("1",),), people=()), "缺少列"),
        (book(units=(), people=()), "没有可导入的行"),
        (book(units=[("V", "T", "k", "n")] * (workbook.MAX_ROWS + 1), people=()), "超过 2000 行"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_before_it_costs_anything(content, told):
    with pytest.raises(RefusedUpload, match=told):
        workbook.read(content, SHEETS)


def test_a_file_is_for_who_uploaded_it_and_only_the_system_administrator_uploads(small_house):
    for login in ("secadmin", "countychair", "v1chair"):
        with pytest.raises(Forbidden):
            small_house.act(upload_workbook, login, content=book())
    with pytest.raises(NotFound):
        small_house.act(take_in, BY, import_id=999)
