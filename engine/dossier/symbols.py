"""QR codes as drawings: what is on the paper can be found again by its number and its check code, and by nothing else."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def qr(text: str, *, large: bool = False) -> Markup:
    """A QR code (SVG). The text is a number and a digest in capitals: no address of any machine, no name of a person."""
    code = segno.make(text.upper(), error="m", micro=False)
    drawn = io.BytesIO()
    code.save(
        drawn, kind="svg", xmldecl=False, svgns=True, scale=4, border=2, omitsize=True, svgclass=None, lineclass=None
    )
    kind = "qr large" if large else "qr"
    label = "二维码：" + text.upper()
    return Markup('<span class="{}" role="img" aria-label="{}">{}</span>').format(
        kind,
        label,
        Markup(drawn.getvalue().decode()),  # noqa: S704 - drawn by segno from digits and letters
    )
