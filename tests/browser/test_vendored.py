"""The vendored files work in the browser they were chosen for, without any other host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.test_vendored import VENDOR

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from playwright.sync_api import Page

DRAWING = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" targetNamespace="urn:halfsky:test">
  <bpmn:process id="p"><bpmn:userTask id="T_Review" name="村级推荐"/></bpmn:process>
  <bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p">
    <bpmndi:BPMNShape bpmnElement="T_Review"><dc:Bounds x="100" y="80" width="100" height="80"/></bpmndi:BPMNShape>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""


def only(pattern: str) -> str:
    """The address of the one vendored file that matches."""
    (found,) = VENDOR.glob(pattern)
    return f"/static/vendor/{found.relative_to(VENDOR).as_posix()}"


@pytest.fixture
def address(serve: Callable[[WSGIApplication], str]) -> str:
    """A page with all of them, under the strictest content policy."""
    app = Flask(__name__, static_folder=str(VENDOR.parent), static_url_path="/static")
    html = f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>试验</title><link rel="icon" href="data:,">
        <link rel="stylesheet" href="{only("tabler-*/tabler.min.css")}">
        <link rel="stylesheet" href="{only("bpmn-js-*/diagram-js.css")}">
        <link rel="stylesheet" href="{only("bpmn-js-*/bpmn-js.css")}">
        <meta name="htmx-config" content='{{"includeIndicatorStyles":false,"allowEval":false}}'>
        <script defer src="{only("htmx-*/htmx.min.js")}"></script>
        <script defer src="{only("bpmn-js-*/*.production.min.js")}"></script></head>
        <body><main><h1>试验</h1><button class="btn btn-primary" hx-get="/part" hx-target="#part">
        <svg class="icon" aria-hidden="true"><use href="{only("icons-*/sprite.svg")}#inbox"></use></svg>收件箱</button>
        <div id="part"></div><div id="canvas"></div></main></body></html>"""

    @app.get("/")
    def show() -> tuple[str, dict[str, str]]:
        return html, {"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self'"}

    @app.get("/part")
    def part() -> str:
        return "已更新"

    return serve(app)


def test_a_button_with_an_icon_loads_a_part_of_the_page_under_a_strict_content_policy(page: Page, address: str) -> None:
    page.goto(address)
    icon = page.locator("svg.icon")
    assert icon.evaluate("e => e.firstElementChild.getBBox().width") > 10, "the symbol of the sprite is drawn"
    button = page.get_by_role("button", name="收件箱")
    assert button.evaluate("e => getComputedStyle(e).borderRadius") != "0px", (
        "the stylesheet holds the classes of a button"
    )
    button.click()
    page.get_by_text("已更新").wait_for()


def test_a_drawing_shows_its_chinese_labels_and_the_watermark_stays_visible(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#canvas").evaluate("e => { e.style.height = '400px' }")
    page.evaluate("xml => new BpmnJS({container: '#canvas'}).importXML(xml)", DRAWING)
    assert page.get_by_text("村级推荐").first.is_visible()
    assert page.locator(".bjs-powered-by").is_visible(), "the licence of bpmn-js asks for it"
    assert len(page.locator("#canvas").screenshot()) > 5_000, "something is drawn"
