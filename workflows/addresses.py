"""When two addresses are one home: what people write in ten ways is brought to one form before it is hashed (D3.2).

Only an address that names a house counts. A village, or a group of thirty households in it, is no home: everybody who lives
there would be taken for one household.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_COUNTED: Final = "组|队|社|号|栋|幢|座|单元|室|户|楼|弄|巷|排|层|院"
_NUMERAL = re.compile(rf"([零〇一二两三四五六七八九十百]+)(?=村民小组|小组|{_COUNTED})")
_NOISE = re.compile(r"[^\w-]+|_+")
#: province, prefecture, county, township: the same home is written with and without them
_ABOVE: Final = (
    re.compile(r"^.{1,8}?(?:省|自治区|特别行政区)"),
    re.compile(r"^.{1,10}?(?:市|自治州|地区|盟)"),
    re.compile(r"^.{1,8}?(?:县|(?<!小)(?<!社)区|旗|市)"),
    re.compile(r"^.{1,8}?(?:街道办事处|街道|镇|乡)"),
)
_VILLAGE = re.compile(r"^(.{1,10}?)(?:村民委员会|村委会|居民委员会|居委会|行政村|社区|村)")
#: an estate or a street that says by itself where it is
_NAMED = re.compile(r"\D{2,}\d")
#: a number that names a house and not a group of them
_HOUSE = re.compile(r"\d+(?!\d|组|队|社)")


def address_key(text: str, village: str = "") -> str | None:
    """An address as it is compared: "柳湾|3组27"; None when it names no house.

    `village` is the name of the village it lies in when the text does not say so itself.
    """
    rest = _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()
    for above in _ABOVE:
        rest = above.sub("", rest, count=1)
    named = _VILLAGE.match(rest)
    rest = rest[named.end() :] if named else rest
    rest = _NUMERAL.sub(lambda found: str(_number(found[1])), rest)
    rest = rest.replace("村民小组", "组").replace("小组", "组").replace("第", "")
    rest = re.sub(r"号楼|[栋幢座层]|单元", "-", rest)
    rest = re.sub(r"(?<=\d)[号室户](?!\w*组)", "-", rest)
    rest = re.sub(r"-+", "-", rest).strip("-")
    place = named[1] if named else "" if _NAMED.match(rest) else village_stem(village)
    known = place or _NAMED.match(rest)
    return f"{place}|{rest}" if known and _HOUSE.search(rest) else None


def village_stem(name: str) -> str:
    """A village as addresses call it: "柳湾村妇联" is "柳湾"."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", name)).removesuffix("妇联")
    found = _VILLAGE.match(plain)
    return found[1] if found else plain


def _number(text: str) -> int:
    """A Chinese numeral below a thousand."""
    total = digit = 0
    if not any(unit in text for unit in "十百"):
        return int("".join(str(_DIGITS[char]) for char in text))
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
