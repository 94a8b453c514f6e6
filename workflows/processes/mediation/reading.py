"""A text of an agreement as the patterns of forbidden clauses read it: no way of writing it hides a clause."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

#: signs that end or part a sentence; the patterns stop at them
_PARTING: Final = "，,。；;！!？?"
_PARTS: Final = re.compile(f"[{_PARTING}]+")
#: traditional signs of the words in the patterns, and the simplified ones they stand for
_SIMPLIFIED: Final = str.maketrans(
    "報離訴訟請護誡書訪婦聯舉銷機關審復複議責傷棄絕決許準會應願讓該無諒賠償補罰毆罵動給淨戶筆勾緊線電話這條樣對說當時從與後頭絕",
    "报离诉讼请护诫书访妇联举销机关审复复议责伤弃绝决许准会应愿让该无谅赔偿补罚殴骂动给净户笔勾紧线电话这条样对说当时从与后头绝",
)


def clause_texts(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(path, text) of everything in an agreement that is typed freely; an item is read in one, as it is printed."""
    found = [(name, values.get(name) or "") for name in ("facts", "otherTerms")]
    for item in values.get("items") or ():
        what, way = item.get("what") or "", item.get("itemWay") or ""
        found += [(f"items.{item['slot']}.what", what + way if way else what)]
        found += [(f"items.{item['slot']}.itemWay", way)]
    return [(path, text) for path, text in found if text]


def readings(text: str) -> Iterator[str]:
    """The text with narrow signs and no blanks; then also without any mark inside, and with signs that stand alone joined."""
    plain = normal(text)
    yield plain
    bare = "".join(sign for sign in plain if sign in _PARTING or unicodedata.category(sign)[0] in "LN")
    if bare != plain:
        yield bare
    joined = _joined(bare)
    if joined != bare:
        yield joined


def normal(text: str) -> str:
    """Narrow, simplified signs; no blanks, no line ends, nothing invisible and nothing that is laid over a sign."""
    narrow = unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED)
    return "".join(sign for sign in narrow if not sign.isspace() and unicodedata.category(sign)[0] not in "CM")


def _joined(text: str) -> str:
    """Whatever is parted sign by sign, in one: nobody writes a sentence of a single sign."""
    made = ""
    last = ""
    for piece in filter(None, _PARTS.split(text)):
        lone = len(piece) == 1 or len(last) == 1
        made += piece if lone or not made else f"，{piece}"
        last = piece
    return made
