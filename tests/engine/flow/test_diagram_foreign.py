"""Drawings from other editors: no label bounds, upright pools, latin names, conditions on a flow out of a task."""

from __future__ import annotations

import pytest
from lxml import etree

from engine.flow.diagram import draw
from tests.engine.flow import picture

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> dict[str, tuple[float, float]]:
    """Each line of words with its place."""
    found = etree.fromstring(svg.encode()).iter(f"{SVG}text")
    return {t.text or "": (float(t.get("x", "")), float(t.get("y", ""))) for t in found}


def pool(name: str, *, horizontal: str) -> bytes:
    head = f'{picture.HEAD}<bpmn:collaboration id="c"><bpmn:participant id="P" name="{name}"/></bpmn:collaboration>'
    box = picture.shape("P", (0, 0, 400, 300), f' isHorizontal="{horizontal}"')
    return picture.document('<bpmn:task id="T"/>', box + picture.shape("T", (150, 100, 112, 76)), head=head)


def test_a_name_without_label_bounds_stands_above_the_middle_of_the_longest_piece() -> None:
    svg = draw(picture.flow((50, 25), (256, 25), (256, 200), name="推荐"), legend=False)
    x, y = texts(svg)["推荐"]
    assert x == 153
    assert y < 25


def test_a_name_without_label_bounds_stands_below_an_event_and_above_a_gateway() -> None:
    found = texts(draw(picture.everything(), legend=False))
    assert found["begin名称"][1] > 366
    gateways = [y for words, (_, y) in found.items() if words.endswith("way名称")]
    assert gateways
    assert 180 < min(gateways) <= max(gateways) < 230


def test_an_association_is_dotted_and_has_no_arrow_head() -> None:
    svg = etree.fromstring(draw(picture.everything()).encode())
    (tie,) = [g for g in svg.iter(f"{SVG}g") if g.get("data-element") == "tie"]
    (line,) = tie.iter(f"{SVG}path")
    assert line.get("stroke-dasharray") == "2 4"


def test_an_upright_pool_carries_its_name_across_the_top() -> None:
    x, y = texts(draw(pool("乡镇妇联", horizontal="false"), legend=False))["乡镇妇联"]
    assert x == 200
    assert 0 < y < 30


def test_a_latin_pool_name_is_turned_by_a_quarter_instead_of_stacked() -> None:
    svg = draw(pool("Township", horizontal="true"), legend=False)
    assert "Township" in texts(svg)
    assert 'transform="rotate(-90 15 150)"' in svg


def test_a_pool_without_a_name_is_an_empty_frame() -> None:
    assert texts(draw(pool("", horizontal="true"), legend=False)) == {}


@pytest.mark.parametrize(
    ("condition", "signs"), [("", 2), ("<bpmn:conditionExpression>a</bpmn:conditionExpression>", 3)]
)
def test_a_condition_on_a_flow_out_of_a_task_shows_as_a_small_diamond(condition: str, signs: int) -> None:
    elements = (
        '<bpmn:task id="A"/><bpmn:task id="Z"/>'
        f'<bpmn:sequenceFlow id="F" sourceRef="A" targetRef="Z">{condition}</bpmn:sequenceFlow>'
    )
    shapes = picture.shape("A", (0, 0, 112, 76)) + picture.shape("Z", (300, 0, 112, 76))
    svg = etree.fromstring(draw(picture.document(elements, shapes + picture.edge("F", (112, 38), (300, 38)))).encode())
    (flow,) = [g for g in svg.iter(f"{SVG}g") if g.get("data-element") == "F"]
    assert len(list(flow.iter(f"{SVG}path"))) == signs


def test_a_sign_written_with_a_combining_mark_takes_no_extra_room() -> None:
    assert draw(picture.task("e\u0301" * 12), legend=False).count("<text") == draw(
        picture.task("e" * 12), legend=False
    ).count("<text")
