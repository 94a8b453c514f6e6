"""Forms in general: typed text becomes values, every problem is told at once, and pages and sheets read the same metadata."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidAnswers
from engine.fields import canonical
from workflows.form import SchemaForm, describe, field_infos, label_at, papers_missing, shown
from workflows.form_fields import Choice, IdCard, LongText, Paper, PersonName, Phone, Text, Tick, UnitRef, YesNo
from workflows.form_measures import Day, Money, Rate, Whole
from workflows.form_schema import FormSchema, Group, Slots


class Member(FormSchema):
    name = PersonName("姓名")
    kind = Choice("类别", (("A", "甲"), ("B", "乙")))
    detail = Text("说明", when=("kind", ("B",)))
    proof = Paper("证明", when=("kind", ("B",)))

    groups: ClassVar = (Group("成员", ("name", "kind", "detail", "proof")),)


class Sample(FormSchema):
    name = PersonName("姓名")
    number = IdCard("身份证号码", required=False)
    phone = Phone("电话", required=False)
    born = Day("生日", required=False)
    amount = Money("金额", required=False)
    rate = Rate("利率", required=False)
    count = Whole("人数", required=False, least=1, most=9)
    story = LongText("经过", required=False, shortest=5)
    married = YesNo("已婚", required=False)
    spouse = Text("配偶", when=("married", (True,)))
    place = UnitRef("村", options="villages", required=False)
    members = Slots("成员", Member, most=3, item="成员", required=False)
    agrees = Tick("同意", must="须同意")
    photo = Paper("照片")

    groups: ClassVar = (
        Group("甲", ("name", "number", "phone", "born", "married", "spouse"), "S-01"),
        Group("乙", ("amount", "rate", "count", "story", "place", "members", "agrees", "photo")),
    )


FORM = SchemaForm("sample", "样表", Sample(), ("S-01",))
LEAST = {"name": "苏小禾", "agrees": True}


def read(**answers: Any) -> dict[str, Any]:
    return FORM.load({**LEAST, **answers})


def told(path: str, **answers: Any) -> str:
    """What is said about one field."""
    problems = FORM.attempt({**LEAST, **answers})[1]
    return "；".join(str(m) for m in problems.get(path, ()))


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("name", " 阿依古丽‧买买提 ", "阿依古丽·买买提"),
        ("name", "𠮷野𡈽子", "𠮷野𡈽子"),
        ("number", "11010519491231002x", "11010519491231002X"),
        ("number", "110105491231002", "11010519491231002X"),
        ("phone", "010-12345678", "01012345678"),
        ("born", "2026-06-15", date(2026, 6, 15)),
        ("born", "2026年6月5日", date(2026, 6, 5)),
        ("born", "２０２６/６/５", date(2026, 6, 5)),
        ("amount", "80000", Decimal("80000.00")),
        ("amount", "80,000.5", Decimal("80000.50")),
        ("amount", 80000, Decimal("80000.00")),
        ("rate", "4.35", Decimal("4.3500")),
        ("rate", "0", Decimal("0.0000")),
        ("count", "９", 9),
        ("married", "false", False),
        ("place", "12", 12),
        ("spouse", "", None),
    ],
)
def test_typed_text_becomes_a_value(name: str, typed: Any, value: Any) -> None:
    assert read(**{name: typed})[name] == value


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("name", "张三1", "姓名只能由文字组成"),
        ("number", "110105194912310021", "校验码不符"),
        ("phone", "1380000", "填写的是 1380000，有 7 位；手机号码应为 11 位"),
        ("born", "2026-02-30", "填写的是 2026-02-30，请按“年-月-日”填写存在的日期"),
        ("born", "15.6.26", "存在的日期"),
        ("amount", "80000.001", "填写的是 80000.001，金额最多 2 位小数（精确到分），不会四舍五入"),
        ("amount", 80000.5, "格式不对"),
        ("amount", "-1", "填写的是 -1，金额不能为负数"),
        ("rate", "4.35001", "填写的是 4.35001，利率最多 4 位小数，不会四舍五入"),
        ("rate", "100", "应小于 100"),
        ("count", "10", "填写的是 10，应在 1 到 9 之间"),
        ("count", "-3", "填写的是 -3，不得小于 1"),
        ("count", "2.5", "填写的是 2.5，请填写整数"),
        ("count", "²", "整数"),
        ("count", "1e3", "整数"),
        ("story", "一 二 三", "至少写 5 个字，现有 3 个字"),
        ("story", "字" * 2001, "最多写 2000 个字"),
        ("married", "maybe", "格式不对"),
        ("place", "V1", "所列单位"),
        ("name", {"a": 1}, "格式不对"),
        ("name", "张\x00三", "控制字符"),
        ("name", "张\ud800", "控制字符"),
        ("members", "三人", "格式不对"),
        ("members", [{"slot": 4, "name": "甲"}], "内容过多"),
        ("members", [{"name": "甲"}], "内容过多"),
        ("members", [{"slot": 1, "name": "甲"}, {"slot": 1, "name": "乙"}], "内容过多"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(name: str, typed: Any, said: str) -> None:
    assert said in told(name, **{name: typed})


def test_messages_about_personal_numbers_show_them_to_who_typed_and_the_refusal_itself_does_not() -> None:
    """The messages go back to the page; the error, which a log may hold, counts them only."""
    for name, typed in (("number", "110105194912310021"), ("phone", "13800000")):
        assert typed in told(name, **{name: typed})
        with pytest.raises(InvalidAnswers) as refused:
            read(**{name: typed})
        assert typed not in f"{refused.value!s}{refused.value!r}{refused.value.args}"


def test_every_problem_is_told_at_once_in_the_order_of_the_form() -> None:
    wrong = {"count": "x", "amount": "1.234", "name": "", "members": [{"slot": 2, "kind": "B"}], "foreign": 1}
    with pytest.raises(InvalidAnswers) as refused:
        FORM.load(wrong)
    found = list(refused.value.problems)
    assert found == ["name", "amount", "count", "members.2.name", "members.2.detail", "agrees", "foreign"]


def test_an_unknown_field_is_refused() -> None:
    assert "没有这一项" in told("foreign", foreign="x")


def test_a_file_never_travels_in_the_answers() -> None:
    assert "没有这一项" in told("photo", photo="scan.png")


def test_a_field_whose_condition_does_not_hold_is_neither_asked_nor_kept() -> None:
    assert read(married=False, spouse="王强")["spouse"] is None
    assert told("spouse", married=False, spouse={"not": "text"}) == ""
    assert told("spouse", married=True) == "请填写“配偶”"
    assert read(married="on", spouse="王强")["spouse"] == "王强"


def test_slots_keep_their_numbers_and_empty_ones_do_not_count() -> None:
    values = read(
        members=[
            {"slot": 3, "name": "甲", "kind": "A"},
            {"slot": 1, "name": " "},
            {"slot": "2", "name": "乙", "kind": "A"},
        ]
    )
    assert [(m["slot"], m["name"]) for m in values["members"]] == [(2, "乙"), (3, "甲")]
    assert read()["members"] == []


def test_a_box_that_must_be_ticked_says_why() -> None:
    assert FORM.attempt({"name": "苏小禾"})[1]["agrees"][0].render() == "须同意"


def test_stored_data_are_canonical_and_load_again_to_the_same_values() -> None:
    values = read(
        amount="80000",
        rate="4.35",
        born="2026/6/15",
        number="110105491231002",
        members=[{"slot": 2, "name": "甲", "kind": "A"}],
    )
    stored = FORM.dump(values)
    assert (stored["amount"], stored["rate"], stored["born"]) == ("80000.00", "4.3500", "2026-06-15")
    assert set(stored) == {
        "name",
        "number",
        "phone",
        "born",
        "amount",
        "rate",
        "count",
        "story",
        "married",
        "spouse",
        "place",
        "members",
        "agrees",
    }
    assert FORM.load(stored) == values
    assert FORM.restore(stored) == values
    assert FORM.restore({}) == {name: [] if name == "members" else None for name in stored}
    assert canonical(FORM.dump(FORM.load(stored))) == canonical(stored)


@pytest.mark.filterwarnings("ignore:extend=lambda:hypothesis.errors.HypothesisDeprecationWarning")
@given(
    st.dictionaries(
        st.sampled_from(sorted(Sample().fields)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
            max_leaves=8,
        ),
    )
)
def test_no_answer_whatever_breaks_a_form(answers: dict[str, Any]) -> None:
    values, problems = FORM.attempt(answers)
    assert problems or FORM.load(FORM.dump(values)) == values
    assert all(found and all(str(m) for m in found) for found in problems.values())


def test_sections_carry_what_a_page_and_a_sheet_must_know() -> None:
    first, second = describe(FORM)
    assert (first.title, first.sheet) == ("甲", "S-01")
    assert [f.path for f in first.fields] == ["name", "number", "phone", "born", "married", "spouse"]
    members = second.fields[5]
    assert (members.widget, members.slots, members.item) == ("list", (1, 2, 3), "成员")
    assert [f.path for f in members.fields] == [f"members.{{slot}}.{n}" for n in ("name", "kind", "detail", "proof")]
    assert members.fields[1].choices == (("A", "甲"), ("B", "乙"))
    assert members.fields[2].when == ("kind", ("B",))
    assert members.fields[3].at(2).path == "members.2.proof"
    assert members.fields[3].is_file
    infos = field_infos(FORM)
    assert infos["number"].sensitive
    assert infos["place"].options == "villages"
    assert (infos["count"].least, infos["count"].most) == (1, 9)
    assert infos["agrees"].required
    assert not infos["amount"].required


def test_a_path_has_a_name_people_understand() -> None:
    assert str(label_at(FORM, "amount")) == "金额"
    assert str(label_at(FORM, "members.2.name")) == "成员 2 · 姓名"
    assert str(label_at(FORM, "nowhere")) == "样表"


def test_a_required_paper_is_missed_only_where_it_is_asked() -> None:
    values = read(
        members=[{"slot": 1, "name": "甲", "kind": "A"}, {"slot": 2, "name": "乙", "kind": "B", "detail": "x"}]
    )
    found = papers_missing(FORM, values, {})
    assert {path: str(m[0]) for path, m in found.items()} == {
        "photo": "请上传“照片”",
        "members.2.proof": "请上传“成员 2 · 证明”",
    }
    assert papers_missing(FORM, values, {"photo": [1], "members.2.proof": [2]}) == {}


@pytest.mark.parametrize(
    ("path", "value", "full", "text"),
    [
        ("amount", "80000.00", False, "80,000.00"),
        ("number", "11010519491231002X", False, "110105********002X"),
        ("number", "11010519491231002X", True, "11010519491231002X"),
        ("phone", "13800001234", False, "*******1234"),
        ("married", True, False, "是"),
        ("married", None, False, ""),
        ("members.1.kind", "B", False, "乙"),
        ("born", "2026-06-15", False, "2026-06-15"),
    ],
)
def test_stored_values_are_shown_as_people_read_them(path: str, value: Any, full: bool, text: str) -> None:
    assert str(shown(field_infos(FORM)[path], value, full=full)) == text
