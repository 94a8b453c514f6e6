"""The history in words: every kind of entry says what happened; an unknown kind is still printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.dossier import story
from engine.dossier.record import CaseRecord, Entry, FormVersion, Names, Paper, Signed
from engine.events import Kind
from engine.messages import Message
from tests.engine.dossier.book import BOOK, PRINTED

FORM = FormVersion(3, "write", "填写", 2, PRINTED, 1, "职员1", {"text": "短"}, "d" * 64, "m" * 64)
SIGNED = Signed(
    4, "write", 3, 1, "职员1", "WRITER", "填表人", None, None, 1, "玩具县", PRINTED, "password", "e" * 64, "m" * 64
)
PAPER = Paper(5, "write", "photo", "照片.jpg", "image/jpeg", 9, "f" * 64, PRINTED, 1, "职员1", bytes)
NAMES = Names(
    {1: "玩具县", 2: "信用社"},
    {"WRITER": "填表人", "READER": "审核人"},
    {"T_Write": "填写", "T_Read": "审核", "done": "办结了"},
    {"toy.read": "审核期限"},
)


def record(*entries: Entry) -> CaseRecord:
    """A case with these entries."""
    return CaseRecord(
        case_id=1, number="T1-2026-WJ-0001", kind="toy", title="玩具", confidentiality="C2", units=("玩具县",), unit_id=1,
        applied_on=None, opened_at=PRINTED, ended_at=None, outcome=None, state="审核", policy="", forms=(FORM,), signatures=(SIGNED,),
        papers=(PAPER,), entries=entries, names=NAMES, drawings=(),
    )  # fmt: skip


def entry(kind: str, **content: Any) -> Entry:
    """An entry of the writer at the first step."""
    return Entry(1, PRINTED, kind, 1, "职员1", "WRITER", "T_Write", content, "a" * 64)


@pytest.mark.parametrize(
    ("kind", "content", "lines"),
    [
        (Kind.CASE_STARTED, {"number": "T1-2026-WJ-0001"}, ("案卷号 T1-2026-WJ-0001",)),
        (Kind.CASE_ENDED, {"outcome": "done"}, ()),
        (Kind.CASE_WITHDRAWN, {"reason": "不办了", "ended": "done"}, ("理由：不办了", "办结：办结了")),
        (Kind.CASE_SHARED, {"unit": 2}, ("信用社",)),
        (Kind.CASE_SHARED, {"unit": 9}, ("9",)),
        (
            Kind.TASK_COMPLETED,
            {"form": "write", "number": 1, "changes": [{"path": "text", "old": None, "new": "短"}]},
            ("《填写》第1版，填写 1 项",),
        ),
        (
            Kind.TASK_COMPLETED,
            {"form": "write", "number": 2, "changes": [{"path": "text", "old": "", "new": "短\n短"}, {"path": "n", "old": 7, "new": []}]},
            ("《填写》第2版，更改 2 项", "文字：（空） → 短 短", "n：7 → []"),
        ),
        (
            Kind.TASK_COMPLETED,
            {"form": "other", "opened": [{"element": "T_Read", "post": "READER", "acting_for": None}]},
            ("《other》第1版，填写 0 项", "转至：审核（审核人）"),
        ),
        (
            Kind.TASK_COMPLETED,
            {"form": "other", "opened": [{"element": "T_X", "post": "READER", "acting_for": "WRITER", "reason": "CONFLICT"}]},
            ("《other》第1版，填写 0 项", "转至：T_X（审核人代填表人办理，回避）"),
        ),
        (Kind.FORM_SIGNED, {"form": "write", "form_version": 3, "signatures": [{"id": 4}]}, ("《填写》第2版", "签字校验码 EEEE EEEE EEEE EEEE")),
        (Kind.FORM_SIGNED, {"form": "gone", "form_version": 9}, ("《gone》",)),
        (Kind.TASK_RETURNED, {"target": "T_Write", "reason": "长" * 301}, ("退回至：填写", f"理由：{'长' * 300}……（共 301 字）")),
        (
            Kind.DECISION_MADE,
            {"table": "t", "hits": [{"rule": "r1", "clause": "S1", "annotations": {"message": "太多", "more": ""}}]},
            ("决策表 t，政策版本 —", "适用规则 r1（S1）太多"),
        ),
        (Kind.OPERATION_PERFORMED, {"operation": "toy.do"}, ("toy.do",)),
        (
            Kind.PERIOD_BROKEN,
            {"period": "toy.read", "due_at": "2026-06-20T16:00:00+00:00", "told": [{"post": "READER", "unit": 1}]},
            ("时限：审核期限", "应于 2026年6月21日 00:00 前办结", "已告知：审核人"),
        ),
        (Kind.TIMER_FIRED, {}, ()),
        (Kind.ORDER_ISSUED, {"number": "T-DB01", "text": "请说明\n原因"}, ("T-DB01：请说明 原因",)),
        (Kind.DOCUMENT_ADDED, {"form": "write", "field": "photo", "papers": [{"id": 5, "digest": "f" * 64}]}, ("photo　材料 5 照片.jpg", "SHA-256 FFFF FFFF FFFF FFFF")),
        (Kind.DOCUMENT_ADDED, {"form": "write", "field": "photo", "papers": [{"id": 6}]}, ("photo　材料 6 （已移除）", "SHA-256 ")),
        (Kind.DOCUMENT_REMOVED, {"form": "write", "field": "text", "paper": 6}, ("文字　材料 6",)),
        (Kind.PAPER_PRINTED, {"what": "dossier", "digest": "a" * 64, "masked": True}, ("卷宗（脱敏）　校验码 AAAA AAAA AAAA AAAA",)),
        (Kind.PAPER_PRINTED, {"what": "T-01", "digest": "a" * 64}, ("玩具申请表　校验码 AAAA AAAA AAAA AAAA",)),
        (Kind.ATTEMPT_REFUSED, {"command": "complete_task", "refusal": "Forbidden"}, ("complete_task：Forbidden",)),
        (Kind.REGISTER_CHANGED, {"register": "toys"}, ("登记：toys",)),
    ],
)  # fmt: skip
def test_an_entry_says_what_happened(kind: Kind, content: dict[str, Any], lines: tuple[str, ...]) -> None:
    def tell(told: str, what: Any) -> list[Message]:
        return [Message("登记：{register}", what)] if told == Kind.REGISTER_CHANGED else []

    book = replace(BOOK, wording=replace(BOOK.wording, tell=tell, acting={"CONFLICT": "回避"}))
    (row,) = story.rows(book, record(entry(kind, **content)))
    assert (row.lines, row.what, row.post, row.step) == (lines, story.WHAT[kind], "填表人", "填写")


def test_every_kind_of_entry_has_a_name() -> None:
    assert set(story.WHAT) == set(Kind)


def test_a_kind_from_a_later_release_is_printed_as_it_is_stored() -> None:
    (row,) = story.rows(BOOK, record(entry("something.new", reason="")))
    assert (row.what, row.lines) == ("something.new", ())


def test_a_unit_is_named_and_never_shown_as_a_number() -> None:
    book = replace(BOOK, wording=replace(BOOK.wording, units=frozenset({("write", "place")})))
    assert [story.spoken(book, record(), "write", "place", unit) for unit in (2, 0)] == ["信用社", ""]


def test_the_span_of_a_case_runs_to_its_end_or_to_its_last_entry() -> None:
    begun = record(entry(Kind.CASE_STARTED))
    assert story.span(begun) == "2026年6月16日 至 2026年6月16日（办理中）"
    assert story.span(replace(begun, ended_at=PRINTED)) == "2026年6月16日"


def test_masking_reaches_changes_of_a_birth_date_and_the_names_of_files() -> None:
    answers = {"idcard": "999901199005041228", "birthDate": "1990-05-04", "list": [{"a": 1}]}
    changes = [{"path": "birthDate", "old": "1990-05-04", "new": "1990-05-05"}, {"path": "n", "old": 1, "new": 2}]
    whole = replace(
        record(entry(Kind.TASK_COMPLETED, changes=changes), entry(Kind.CASE_STARTED, number="1")),
        forms=(replace(FORM, answers=answers),),
        papers=(replace(PAPER, name="999901199005041228.jpg"),),
    )
    masked = whole.masked()
    assert masked.masked() is masked
    assert masked.entries[0].content["changes"][0] == {"path": "birthDate", "old": "1990-**-**", "new": "1990-05-05"}
    assert masked.entries[0].content["changes"][1] == {"path": "n", "old": 1, "new": 2}
    assert masked.papers[0].name == "999901********1228.jpg"
    assert masked.papers[0].load() == b""
    assert (masked.forms[0].digest, masked.signatures[0].digest) == ("m" * 64, "m" * 64)
