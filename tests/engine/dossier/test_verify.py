"""A provable dossier (anchors.md §3 item 1): genuine, altered with what differs, or unknown; on both databases."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject
from sqlalchemy import insert, select, update

from engine.commands import tasks
from engine.commands.printing import record_print
from engine.dossier import proof
from engine.dossier.comparing import compare
from engine.dossier.verify import Status, verify_dossier
from engine.errors import Forbidden, NotFound
from engine.fields import canonical
from engine.model import case_file, history, task
from engine.model_filed import document, form_version, signature
from tests.engine.dossier.book import BOOK, IDCARD, carrying, printed, read_case, record_of, slip
from tests.engine.toy import READER, ToyRules, person

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.toy import ToyHouse


def attached(pdf: bytes) -> dict[str, Any]:
    """The record inside a PDF."""
    return dict(json.loads(PdfReader(io.BytesIO(pdf)).attachments[proof.ATTACHMENT][0]))


def with_record(pdf: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A PDF with the record of another, changed."""
    stated = attached(pdf)
    change(stated)
    return carrying(canonical(stated))


def said(house: ToyHouse, pdf: bytes) -> tuple[Status, list[str]]:
    """The verdict and its differences in Chinese."""
    verdict = verify_dossier(house.runtime, pdf, label=lambda _kind: BOOK.wording.label)
    return verdict.status, [str(difference) for difference in verdict.differences]


@pytest.mark.parametrize("reveal", [True, False])
def test_a_dossier_as_it_was_handed_out_is_genuine_even_after_the_case_moved_on(house: ToyHouse, reveal: bool) -> None:
    case_id = read_case(house)
    pdf = printed(house, case_id, reveal=reveal)
    with house.runtime.reading() as connection:
        job = connection.execute(select(task).filter_by(case_id=case_id, state="open")).one()
    house.act(
        tasks.complete_task,
        READER,
        task_id=job.id,
        answers={"opinion": "OK"},
        seen_version=job.version,
        signature=house.proof(READER),
    )
    printed(house, case_id)

    verdict = verify_dossier(house.runtime, pdf)

    assert (verdict.status, verdict.differences) == (Status.GENUINE, ())
    assert verdict.number == record_of(house, case_id).number
    assert verdict.digest == proof.check_code(PdfReader(io.BytesIO(pdf)).attachments[proof.ATTACHMENT][0])


def test_the_record_of_a_masked_dossier_lets_nobody_try_out_the_hidden_digits(house: ToyHouse) -> None:
    case_id = read_case(house)
    plain = attached(slip(house, case_id))
    masked = attached(slip(house, case_id, reveal=False))

    assert IDCARD in json.dumps(plain)
    assert IDCARD not in json.dumps(masked)
    assert plain["forms"][0]["digest"] not in json.dumps(masked)
    assert masked["masked"] is True


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda r: r["forms"][0]["answers"].update(text="扩建猪舍"), "表单《填写》第1版：“文字”与在库不符"),
        (lambda r: r["forms"][0].update(at="2020-01-01T00:00:00.000000+00:00"), "表单《填写》第1版：时间与在库不符"),
        (lambda r: r["forms"].clear(), "表单《填写》第1版：卷宗中缺失"),
        (lambda r: r["forms"].append({**r["forms"][0], "id": 99, "number": 2}), "表单《填写》第2版：在库没有"),
        (lambda r: r["papers"][0].update(sha256="0" * 64), "材料 1：文件校验码与在库不符"),
        (lambda r: r["papers"].clear(), "材料 1：卷宗中缺失"),
        (lambda r: r["history"].pop(1), "办理记录第 2 条：卷宗中缺失"),
        (lambda r: r["history"][1].update(actor=5), "办理记录第 2 条：办理人与在库不符"),
        (lambda r: r["history"].append(r["history"][0]), "办理记录：卷宗中有重复"),
        (lambda r: r["head"].update(hash="0" * 64), "案卷首部：记录链头与在库不符"),
        (lambda r: r.update(unit=2), "案卷首部：单位与在库不符"),
    ],
)
def test_a_changed_record_is_altered_and_the_change_is_named(house: ToyHouse, change: Any, named: str) -> None:
    status, differences = said(house, with_record(slip(house, read_case(house)), change))

    assert status is Status.ALTERED
    assert named in differences
    assert "打印登记中没有此校验码" in differences


def test_a_changed_signature_is_named() -> None:
    stored = {"kind": "k", "unit": 1, "opened_at": "t", "head": {}, "forms": [], "papers": [], "history": []}
    signed = {"id": 1, "form": "read", "signer": 2, "post": "READER"}
    found = compare(
        {**stored, "signatures": [{**signed, "post": "HEAD"}]},
        {**stored, "signatures": [signed]},
        titles={"read": "审核"},
        label=lambda _form, path: path,
    )
    assert [str(each) for each in found] == ["签字 1（审核）：岗位与在库不符"]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (update(form_version).values(digest="0" * 64), "表单《填写》第1版：校验码与在库不符"),
        (update(form_version).values(by_id=77), "表单《填写》第1版：填表人与在库不符"),
        (update(document).values(field="other"), "材料 1：所属栏目与在库不符"),
        (update(history).where(history.c.seq == 2).values(actor_id=77), "在库记录：第 2 条记录已被改动"),
        (update(case_file).values(unit_id=2), "案卷首部：单位与在库不符"),
    ],
)
def test_a_tampered_database_does_not_make_a_genuine_dossier_silent(
    house: ToyHouse, statement: Any, named: str
) -> None:
    pdf = slip(house, read_case(house))
    with house.runtime.database.writing() as connection:
        connection.execute(statement)
        connection.commit()

    status, differences = said(house, pdf)

    assert status is Status.ALTERED
    assert named in differences


def test_content_that_no_longer_opens_is_told_and_nothing_is_raised(house: ToyHouse) -> None:
    pdf = slip(house, read_case(house))
    with house.runtime.database.writing() as connection:
        connection.execute(update(form_version).values(answers_sealed=b"gone"))
        connection.commit()

    status, differences = said(house, pdf)

    assert status is Status.ALTERED
    assert "在库内容无法读取，不能比对" in differences


def test_a_page_changed_behind_an_honest_record_is_found_by_the_file_and_named(house: ToyHouse) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(printed(house, read_case(house))))
    painted = StreamObject()
    painted.set_data(b"1 g 0 0 300 300 re f")
    writer.pages[2][NameObject("/Contents")] = writer._add_object(painted)
    writer.remove_page(len(writer.pages) - 1)
    changed = io.BytesIO()
    writer.write(changed)

    status, differences = said(house, changed.getvalue())

    assert status is Status.ALTERED
    assert differences == [
        "机读记录与在库一致，但文件与打印时交出的不同，页面请以在库记录为准",
        "打印时共 6 页，现有 5 页",
        "第 3 页与打印时不同",
    ]


def test_a_file_saved_again_is_told_apart_from_the_one_handed_out_though_no_page_differs(house: ToyHouse) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(slip(house, read_case(house))))
    saved = io.BytesIO()
    writer.add_metadata({"/Producer": "another"})
    writer.write(saved)

    assert said(house, saved.getvalue()) == (
        Status.ALTERED,
        ["机读记录与在库一致，但文件与打印时交出的不同，页面请以在库记录为准"],
    )


def test_a_print_nobody_registered_is_not_genuine(house: ToyHouse) -> None:
    case_id = read_case(house)
    pdf = slip(house, case_id, digest="0" * 64)

    assert said(house, pdf) == (Status.ALTERED, ["打印登记中没有此校验码"])


@pytest.mark.parametrize("content", [b"", b"not a pdf", b"%PDF-1.7\n%%EOF"])
def test_a_file_without_a_record_is_unknown(house: ToyHouse, content: bytes) -> None:
    assert said(house, content)[0] is Status.UNKNOWN


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(number="T1-2026-WJ-9999"),
        lambda r: r.update(format="other/1"),
        lambda r: r.update(head=None),
        lambda r: r.update(forms=7),
        lambda r: [entry.update(hash="0" * 64) for entry in r["history"]],
    ],
)
def test_who_knows_nothing_of_the_history_learns_nothing_about_a_case(house: ToyHouse, change: Any) -> None:
    verdict = verify_dossier(house.runtime, with_record(slip(house, read_case(house)), change))

    assert verdict.status is Status.UNKNOWN
    assert len(verdict.differences) == 1


def test_every_print_stands_in_the_history_before_it_is_handed_out(house: ToyHouse) -> None:
    case_id = read_case(house)
    slip(house, case_id, reveal=False)
    last = record_of(house, case_id).entries[-1]

    assert (last.kind, last.actor_id) == ("paper.printed", READER.id)
    assert last.content["what"] == "dossier"
    assert last.content["masked"] is True
    assert len(last.content["digest"]) == len(last.content["file"]) == 64


class ClosedRules(ToyRules):
    """Nobody prints; strangers do not even read."""

    def permits(self, actor: Any, permission: Any, subject: Any) -> bool:
        if str(permission) == "case.read":
            return not actor.holds("STRANGER")
        return str(permission) != "case.print" and super().permits(actor, permission, subject)


def test_who_may_not_print_is_refused_and_who_may_not_read_is_told_there_is_nothing(house: ToyHouse) -> None:
    case_id = read_case(house)
    house.runtime.rules = ClosedRules()

    with pytest.raises(Forbidden):
        record_of(house, case_id)
    with pytest.raises(Forbidden):
        house.act(record_print, READER, case_id=case_id, what="dossier", digest="0" * 64)
    with pytest.raises(NotFound):
        house.act(record_print, person(50, "STRANGER"), case_id=case_id, what="dossier", digest="0" * 64)
    with pytest.raises(NotFound):
        house.act(record_print, READER, case_id=case_id + 1, what="dossier", digest="0" * 64)


def test_a_signature_is_part_of_what_is_proven(house: ToyHouse) -> None:
    case_id = read_case(house)
    with house.runtime.reading() as connection:
        job = connection.execute(select(task).filter_by(case_id=case_id, state="open")).one()
    house.act(
        tasks.complete_task,
        READER,
        task_id=job.id,
        answers={"opinion": "OK"},
        seen_version=job.version,
        signature=house.proof(READER),
    )
    pdf = slip(house, case_id)
    with house.runtime.database.writing() as connection:
        row = dict(connection.execute(select(signature)).mappings().one())
        connection.execute(update(signature).values(signer_name="别人"))
        connection.execute(insert(signature).values(**{**row, "id": row["id"] + 1}))
        connection.commit()

    status, differences = said(house, pdf)

    assert status is Status.ALTERED
    assert f"签字 {row['id']}（审核）：名称与在库不符" in differences
