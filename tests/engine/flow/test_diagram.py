"""The picture on paper: every shape, the state told by shape and not by colour alone, and nothing that could run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from engine.errors import RefusedDefinition
from engine.flow.diagram import draw
from engine.flow.diagram_text import fit, width_of, wrap
from tests.engine.flow import picture

LOAN = (Path(__file__).parents[3] / "bpmn" / "loan.bpmn").read_bytes()
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def drawn(svg: str, element: str) -> etree._Element:
    (found,) = [g for g in parsed(svg).iter(f"{SVG}g") if g.get("data-element") == element]
    return found


def words(element: etree._Element) -> list[str]:
    return [t.text or "" for t in element.iter(f"{SVG}text")]


def paths(element: etree._Element) -> list[str]:
    return [p.get("d", "") for p in element.iter(f"{SVG}path")]


def strokes(element: etree._Element) -> int:
    return len([e for e in element.iter() if e.tag in {f"{SVG}{t}" for t in ("path", "circle", "rect")}])


# Every shape


def test_every_shape_and_edge_of_a_file_is_drawn_once() -> None:
    svg = parsed(draw(picture.everything(), legend=False))
    found = [g.get("data-element") for g in svg.iter(f"{SVG}g") if g.get("data-element")]
    assert sorted(found) == sorted([*(s[0] for s in picture.SHAPES), "tie"])


@pytest.mark.parametrize("kinds", [picture.TASKS, picture.GATEWAYS], ids=["tasks", "gateways"])
def test_every_kind_of_task_and_gateway_carries_its_own_sign(kinds: tuple[str, ...]) -> None:
    svg = draw(picture.everything(), legend=False)
    # A gateway's own diamond is the one path that depends on where it stands.
    signs = [tuple(p for p in paths(drawn(svg, kind)) if not re.match(r"M\d+ 230L", p)) for kind in kinds]
    assert len(set(signs)) == len(kinds)
    assert all(signs[1:])


@pytest.mark.parametrize(
    ("element", "dashed"), [("soft", True), ("hard", False), ("wait", False)], ids=["non-interrupting", "int.", "catch"]
)
def test_a_clock_that_interrupts_nothing_is_dashed(element: str, dashed: bool) -> None:
    circles = list(drawn(draw(picture.everything()), element).iter(f"{SVG}circle"))
    assert len(circles) == 2
    assert all(bool(c.get("stroke-dasharray")) == dashed for c in circles)


def test_a_terminating_end_has_a_filled_heart_and_a_plain_end_has_none() -> None:
    svg = draw(picture.everything())
    assert len(list(drawn(svg, "all").iter(f"{SVG}circle"))) == 2
    assert len(list(drawn(svg, "finish").iter(f"{SVG}circle"))) == 1


def test_the_words_of_an_annotation_are_shown() -> None:
    assert " ".join(words(drawn(draw(picture.everything()), "note"))) == "说明：见 S001-48"


def test_an_open_sub_process_lies_behind_the_lines_and_a_closed_one_before_them() -> None:
    order = [g.get("data-element") for g in parsed(draw(picture.everything())).iter(f"{SVG}g")]
    assert order.index("open") < order.index("tie") < order.index("closed")


# Lines


def test_corners_are_rounded_and_the_line_ends_in_an_arrow_head() -> None:
    line, head = paths(drawn(draw(picture.flow((50, 25), (256, 25), (256, 200))), "F"))
    assert line == "M50 25L248 25Q256 25 256 33L256 193"
    assert head == "M0 0L9 -4L9 4z"


def test_the_flow_for_all_other_cases_carries_a_slash() -> None:
    way = ((50.0, 25.0), (256.0, 25.0), (256.0, 200.0))
    assert len(paths(drawn(draw(picture.flow(*way, default=True)), "F"))) == 3
    assert len(paths(drawn(draw(picture.flow(*way)), "F"))) == 2


def test_a_repeated_way_point_does_no_harm() -> None:
    twice = picture.flow((50, 25), (50, 25), (256, 25), (256, 25), (256, 200))
    assert draw(twice) == draw(picture.flow((50, 25), (256, 25), (256, 200)))


def test_a_line_without_way_points_is_left_out() -> None:
    svg = parsed(draw(picture.flow((50, 25)), legend=False))
    assert [g.get("data-element") for g in svg.iter(f"{SVG}g") if g.get("data-element")] == ["G", "T"]


def test_label_bounds_of_the_file_are_honoured() -> None:
    svg = draw(picture.flow((50, 25), (200, 25), name="推荐", bounds=picture.label(300, 400, 40, 17)), legend=False)
    (text,) = [t for t in parsed(svg).iter(f"{SVG}text") if t.text == "推荐"]
    assert float(text.get("x", "")) == 320
    assert 400 < float(text.get("y", "")) < 417


# Words


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><image href="x"/>', "a & b", "]]>", "'quoted'", "&lt;b&gt;"]
)
def test_a_name_is_words_and_nothing_else(name: str) -> None:
    svg = draw(picture.task(name, width=600), title=name)
    root = parsed(svg)
    assert name in words(drawn(svg, "T"))
    assert root.get("aria-label") == name
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {"svg", "g", "title", "text", "path", "circle", "rect"}


def test_the_picture_holds_no_ids_styles_links_or_scripts_so_it_may_stand_twice_in_a_strict_page() -> None:
    names = {
        n for e in parsed(draw(LOAN, done=["T_Apply"], current=["T_Credit"], title="流程")).iter() for n in e.attrib
    }
    assert not [n for n in names if n in {"id", "class", "style", "href"} or n.startswith("on")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("村级把关并签字", ["村级把关", "并签字"]),
        ("补正申请材料", ["补正申请材料"]),
        ("村级意见是否同意？", ["村级意见", "是否同意？"]),
        ("确认不予推荐（告知）", ["确认不予推", "荐（告知）"]),
        ("", []),
        ("   ", []),
    ],
)
def test_a_name_breaks_into_lines_of_about_equal_length(text: str, lines: list[str]) -> None:
    assert wrap(text, 102, 16) == lines


@pytest.mark.parametrize("text", ["县妇联审核，同意。", "是否同意（减额）？", "一二三四五六，七八"])
@pytest.mark.parametrize("width", range(32, 160, 16))
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text: str, width: int) -> None:
    lines = wrap(text, width, 16)
    assert "".join(lines) == text
    assert not [line for line in lines if line[0] in "，。）？" or line[-1] == "（"]


def test_a_latin_word_stays_whole_where_it_can_and_is_cut_where_it_must() -> None:
    assert wrap("Village review form", 90, 16) == ["Village", "review", "form"]
    assert wrap("businessRule 名称", 120, 16) == ["businessRule", "名称"]
    cut = wrap("x" * 40, 100, 16)
    assert "".join(cut) == "x" * 40
    assert max(width_of(line, 16) for line in cut) <= 100


@pytest.mark.parametrize("length", [1, 6, 12, 20, 40, 200])
def test_a_name_of_any_length_stays_inside_its_box(length: int) -> None:
    lines, size = fit("妇" * length, 102, 52, (16, 15, 14, 13, 12, 11, 10))
    assert max(width_of(line, size) for line in lines) <= 102
    assert len(lines) * size * 1.24 <= 53
    assert ("…" in lines[-1]) == ("".join(lines) != "妇" * length)


def test_a_lane_name_is_written_upright_in_its_strip() -> None:
    svg = draw(LOAN, legend=False)
    assert words(drawn(svg, "VILLAGE_CHAIR")) == list("村妇联主席")
    assert words(drawn(svg, "APPLICANT")) == list("申请人︵由村妇联主席代录︶")
    columns = {t.get("x") for t in drawn(svg, "APPLICANT").iter(f"{SVG}text")}
    assert len(columns) == 2


# State


def test_done_and_current_differ_by_shape_and_not_by_colour_alone() -> None:
    plain, done, current = (
        drawn(draw(LOAN, **state), "T_Credit") for state in ({}, {"done": ["T_Credit"]}, {"current": ["T_Credit"]})
    )
    assert [e.get("data-state") for e in (plain, done, current)] == [None, "done", "current"]
    assert strokes(done) == strokes(plain) + 2  # the ring of the badge and its tick
    assert strokes(current) == strokes(plain) + 3  # the second outline, the disc and its arrow
    assert paths(done)[-1] != paths(current)[-1]


@pytest.mark.parametrize("element", ["applicationReceived", "GW_Credit", "BT_T_Credit", "A_CheckOnce"])
@pytest.mark.parametrize("state", ["done", "current"])
def test_every_kind_of_element_can_be_done_or_current(element: str, state: str) -> None:
    marked = drawn(draw(LOAN, **{state: [element]}), element)
    assert marked.get("data-state") == state
    assert strokes(marked) > strokes(drawn(draw(LOAN), element))


def test_what_is_done_and_open_again_is_shown_as_open() -> None:
    both = draw(LOAN, done=["T_TownReview"], current=["T_TownReview"])
    assert drawn(both, "T_TownReview").get("data-state") == "current"


@pytest.mark.parametrize("state", ["done", "current"])
def test_an_end_that_was_reached_is_done_because_nobody_works_on_it(state: str) -> None:
    svg = draw(LOAN, **{state: ["disbursed"]})
    assert drawn(svg, "disbursed").get("data-state") == "done"
    assert "正在办理" not in words(parsed(svg))


def test_an_element_that_the_drawing_does_not_have_changes_nothing() -> None:
    assert draw(LOAN, done=["T_Unknown"], legend=False) == draw(LOAN, legend=False)


# Legend and title


def test_the_legend_explains_only_the_signs_that_occur() -> None:
    plain = words(parsed(draw(picture.task("办理"))))
    assert [w for w in plain if w != "办理"] == ["由人办理"]
    marked = words(parsed(draw(LOAN, done=["T_Apply"], current=["T_Credit"])))
    for sign in ("已办结", "正在办理", "系统自动办理", "到期提醒督办，照常办理", "其余情况", "本件结束"):
        assert sign in marked
    assert "已办结" not in words(parsed(draw(LOAN)))
    assert "由人办理" not in words(parsed(draw(LOAN, legend=False)))


def test_the_legend_speaks_the_language_of_the_reader() -> None:
    assert "BY A PERSON" in words(
        parsed(draw(picture.task("办理"), translate=lambda t: {"由人办理": "BY A PERSON"}[t]))
    )


def test_the_title_stands_above_and_is_told_to_a_screen_reader() -> None:
    root = parsed(draw(picture.task("办理"), title="办理流程", legend=False))
    assert (root.get("role"), root.get("aria-label")) == ("img", "办理流程")
    assert root.findtext(f"{SVG}title") == "办理流程"
    top = float(root.get("viewBox", "").split()[1])
    (y,) = [float(t.get("y", "")) for t in root.iter(f"{SVG}text") if t.text == "办理流程"]
    assert top < y - 14
    assert y < 100


@pytest.mark.parametrize("title", ["", "妇女小额担保财政贴息贷款"])
@pytest.mark.parametrize("bpmn", [LOAN, picture.everything()], ids=["loan", "every shape"])
def test_the_frame_holds_everything_that_is_drawn(bpmn: bytes, title: str) -> None:
    root = parsed(draw(bpmn, title=title, current=["T_Credit", "call"]))
    left, top, width, height = (float(v) for v in root.get("viewBox", "").split())
    assert (float(root.get("width", "")), float(root.get("height", ""))) == (width, height)
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        size = float(text.get("font-size", ""))
        half = width_of(text.text or "", size) / (2 if text.get("text-anchor") == "middle" else 1)
        assert left <= x - (half if text.get("text-anchor") == "middle" else 0), text.text
        assert x + half <= left + width, text.text
        assert top <= y - size * 0.8, text.text
        assert y <= top + height, text.text


# What is refused


@pytest.mark.parametrize(
    ("bpmn", "reason"),
    [
        (b"", "文件是空的"),
        (b"<svg", "不是格式正确的 XML"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "不允许文档类型声明"),
        (picture.document('<bpmn:task id="T"/>', ""), "没有图形信息"),
        (picture.document('<bpmn:task id="T"/>', picture.shape("U", (0, 0, 1, 1))), "没有图形信息"),
        (picture.document('<bpmn:task id="T"/>', picture.shape("T", (float("nan"), 0, 1, 1))), "坐标不正确"),
        (picture.document('<bpmn:task id="T"/>', picture.shape("T", (0, float("inf"), 1, 1))), "坐标不正确"),
        (picture.document('<bpmn:task id="T"/>', picture.shape("T", (0, 0, 1e9, 1))), "坐标不正确"),
        (picture.document('<bpmn:task id="T"/>', picture.shape("T", ("x", 0, 1, 1))), "坐标不正确"),
        (
            picture.document('<bpmn:task id="T"/>', '<bpmndi:BPMNShape id="T_di" bpmnElement="T"/>'),
            "坐标不正确",
        ),
    ],
    ids=["empty", "broken", "entity", "no shape", "foreign shape", "nan", "inf", "huge", "text", "no bounds"],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(bpmn: bytes, reason: str) -> None:
    with pytest.raises(RefusedDefinition, match=reason):
        draw(bpmn)
