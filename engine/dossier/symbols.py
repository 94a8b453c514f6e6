"""Drawings on paper: QR codes, and titles for them, which a screen reader says."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def qr(text: str, *, large: bool = False) -> Markup:
    """A QR code (SVG). The text is a number and a digest in capitals: no address of any machine, no name of a person."""
    code = segno.make(text.upper(), error="m", micro=False)
    drawn = io.BytesIO()
    title = f"二维码：{text.upper()}"
    code.save(drawn, kind="svg", xmldecl=False, border=2, omitsize=True, svgclass=None, lineclass=None, title=title)
    svg = Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by segno, which escapes the title
    return Markup('<span class="{}">{}</span>').format("qr large" if large else "qr", svg)


def titled(drawing: str, title: str) -> Markup:
    """A drawing (one SVG element) with a title. It comes from `engine.flow.diagram`, which escapes the names in it."""
    head, _, body = drawing.partition(">")
    return Markup("{}><title>{}</title>{}").format(Markup(head), title, Markup(body))  # noqa: S704 - see above
