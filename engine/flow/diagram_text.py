"""Words inside a picture: measured, broken into balanced lines, and escaped.

No font is opened: a full-width character is one em, a narrow one 0.56 em. That is exact for Chinese, and close enough
for the rest that no line leaves its box.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

FONT = "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
INK = "#1f2933"
LINE_HEIGHT = 1.24  # em
_NARROW = 0.56  # em
_CAPITAL_TOP = 0.86  # em from the top of a line to the baseline, for Chinese
_NEVER_FIRST = frozenset("，。、；：？！）》」』”’…,.;:?!)%")
_NEVER_LAST = frozenset("（《「『“‘(")
_UPRIGHT = str.maketrans("（）《》「」：—…，。、；", "︵︶︽︾﹁﹂︓︱︙︐︒︑︔")


def number(value: float) -> str:
    """A length in px, to a tenth, without needless zeros."""
    return f"{value:.1f}".removesuffix(".0")


def tag(name: str, content: str = "", /, **attributes: object) -> str:
    """One SVG element. Underscores become hyphens, floats lengths; None leaves an attribute out; the rest is escaped."""
    parts = [name]
    for key, value in attributes.items():
        if value is not None:
            text = number(value) if isinstance(value, float) else str(value)
            parts.append(f"{key.rstrip('_').replace('_', '-')}={quoteattr(text)}")
    head = " ".join(parts)
    return f"<{head}>{content}</{name}>" if content else f"<{head}/>"


@lru_cache(maxsize=4096)
def _em(sign: str) -> float:
    if unicodedata.combining(sign):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(sign) in "WFA" else _NARROW


def width_of(text: str, size: float) -> float:
    """How wide `text` is in px at `size` px."""
    return sum(_em(sign) for sign in text) * size


def wrap(text: str, width: float, size: float) -> list[str]:
    """Break `text` into as few lines of at most `width` px as possible, all about equally long."""
    words = " ".join(text.split())
    if not words:
        return []
    limit = max(width / size, 1.0)
    fewest = len(_greedy(words, limit))
    # Shorter than its longest word no line can be; a word is cut only where even a full line cannot hold it.
    low, high = min(limit, max(width_of(piece, 1) for piece in _pieces(words))), limit
    while high - low > 0.1:
        middle = (low + high) / 2
        low, high = (low, middle) if len(_greedy(words, middle)) <= fewest else (middle, high)
    return _greedy(words, high)


def _greedy(words: str, limit: float) -> list[str]:
    """Fill lines up to `limit` em; latin words stay whole where they can, punctuation never begins a line."""
    lines: list[str] = []
    line, used = "", 0.0
    for piece in _pieces(words):
        room = width_of(piece, 1)
        if line.strip() and used + room > limit and piece not in _NEVER_FIRST:
            keep = line[-1:] if line[-1] in _NEVER_LAST and len(line) > 1 else ""
            lines.append(line.removesuffix(keep).strip())
            line, used = keep, width_of(keep, 1)
        while room > limit:  # a latin word longer than a line
            lines.append(piece[: max(1, int(limit / _NARROW))])
            piece = piece[len(lines[-1]) :]  # noqa: PLW2901 - what is left of the word
            room = width_of(piece, 1)
        line += piece
        used += room
    return [*lines, line.strip()] if line.strip() else lines


def _pieces(words: str) -> list[str]:
    """`words` cut where a line may break: around every full-width character and after every space."""
    pieces: list[str] = []
    for sign in words:
        joins = pieces and sign != " " and _em(sign) < 1.0 and _em(pieces[-1][-1]) < 1.0 and pieces[-1] != " "
        if joins:
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def fit(text: str, width: float, height: float, sizes: tuple[int, ...]) -> tuple[list[str], int]:
    """Lines and size: the largest of `sizes` at which `text` fits; at the smallest, what does not fit ends in "…"."""
    for size in sizes:
        lines = wrap(text, width, size)
        if len(lines) * size * LINE_HEIGHT <= height + 1:
            return lines, size
    size = sizes[-1]
    room = max(1, int(height / (size * LINE_HEIGHT)))
    lines = wrap(text, width, size)[:room]
    lines[-1] = lines[-1][:-1] + "…"
    return lines, size


def written(lines: list[str], x: float, top: float, size: int, *, anchor: str = "middle", bold: bool = False) -> str:
    """`lines` below each other, the first one's top at `top`; `x` is their middle or, with anchor="start", their left."""
    return "".join(
        tag(
            "text",
            escape(line),
            x=float(x),
            y=float(top + size * (_CAPITAL_TOP + i * LINE_HEIGHT)),
            font_size=size,
            font_weight="bold" if bold else None,
            text_anchor=anchor,
            fill=INK,
        )
        for i, line in enumerate(lines)
    )


def upright(text: str, cx: float, cy: float, height: float, *, bold: bool = False) -> str:
    """`text` as Chinese is written on a wall: characters below each other, columns from right to left, around (cx, cy).

    A text with latin letters is turned by a quarter instead.
    """
    if any(_em(sign) < 1.0 for sign in text if not sign.isspace()):
        lines, size = fit(text, height, 28, (14, 13, 12, 11))
        block = written(lines, cx, cy - len(lines) * size * LINE_HEIGHT / 2, size, bold=bold)
        return tag("g", block, transform=f"rotate(-90 {number(cx)} {number(cy)})") if block else ""
    columns, size = _columns(text, height)
    step, pitch = size * 1.08, size * 1.12
    right = cx + pitch * (len(columns) - 1) / 2
    return "".join(
        written([sign], right - pitch * i, cy - len(column) * step / 2 + step * j, size, bold=bold)
        for i, column in enumerate(columns)
        for j, sign in enumerate(column.translate(_UPRIGHT))
        if not sign.isspace()
    )


def _columns(text: str, height: float) -> tuple[list[str], int]:
    """One column if it fits at a good size; else two, broken before a bracket where there is one."""
    words = "".join(text.split())
    one = int(height / (1.08 * max(len(words), 1)))
    if one >= 13:
        return [words], min(one, 16)
    main, bracket, rest = words.partition("（")
    columns = [main, bracket + rest] if main and bracket else wrap(words, height / 1.08, 13)[:2]
    longest = max((len(column) for column in columns), default=1)
    return columns, max(8, min(12, int(height / (1.08 * longest))))
