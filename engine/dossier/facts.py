"""How values are written on paper: amounts in figures and in capitals (大写), Chinese dates, masked numbers.

Values arrive as the JSON data of a form: money as "80000.00", dates as ISO text, enums as codes. Nothing here looks anything up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import cn2an

from engine.clock import SHANGHAI

_ID_18 = re.compile(r"(?<![0-9])(\d{6})(\d{8})(\d{3}[\dXx])(?![0-9])")
_ID_15 = re.compile(r"(?<![0-9])(\d{6})(\d{6})(\d{3})(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9]\d)(\d{4})(\d{4})(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])(0\d{2,3}-?)(\d{3,4})(\d{4})(?![0-9])")
_ACCOUNT = re.compile(r"(?<![0-9])(\d{4})(\d{8,11})(\d{4})(?![0-9])")
_ISO_DAY = re.compile(r"^(\d{4})-(\d{2}|\*\*)-(\d{2}|\*\*)$")


def amount(value: Any) -> str:
    """Money in figures with thousands separated: "80000.00" → "80,000.00"; "" for nothing."""
    money = _decimal(value)
    return "" if money is None else f"{money:,.2f}"


def capitals(value: Any) -> str:
    """Money as it is written on a bill (人民币大写): "80000.00" → "捌万元整"; "" for nothing."""
    money = _decimal(value)
    if money is None:
        return ""
    return str(cn2an.an2cn(f"{money:.2f}", "rmb"))


def _decimal(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def day(value: Any) -> str:
    """A civil date in Chinese: "2026-06-15" → "2026年6月15日"; a masked one keeps its stars; "" for nothing."""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    found = _ISO_DAY.match(str(value or ""))
    if not found:
        return str(value or "")
    return f"{found[1]}年{found[2].lstrip('0')}月{found[3].lstrip('0')}日"


def moment(value: datetime | None) -> str:
    """An instant in Shanghai time, to the minute: "2026年6月15日 09:30"."""
    return "" if value is None else f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}"


def iso(value: datetime) -> str:
    """The Shanghai date of an instant in a narrow column: "2026-06-15"."""
    return value.astimezone(SHANGHAI).date().isoformat()


def stamp(value: datetime) -> str:
    """An instant in a narrow column: "2026-06-15 09:30:05"."""
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def masked(text: str) -> str:
    """The text with identity, telephone and account numbers shortened to what a reader below C2 may see.

    Identity numbers keep area and last four ("110101********1234"), telephones the first three and last four.
    """
    text = _ID_18.sub(lambda m: f"{m[1]}********{m[3]}", text)
    text = _ID_15.sub(lambda m: f"{m[1]}******{m[3]}", text)
    text = _MOBILE.sub(r"\1****\3", text)
    text = _LANDLINE.sub(lambda m: m[1] + "*" * len(m[2]) + m[3], text)
    return _ACCOUNT.sub(lambda m: m[1] + "*" * len(m[2]) + m[3], text)


def masked_values(value: Any, *, births: frozenset[str] = frozenset()) -> Any:
    """JSON data with every text masked. A birth date beside the identity number that contains it keeps its year only."""
    if isinstance(value, Mapping):
        births = births | {_birth(text) for text in value.values() if isinstance(text, str) and _ID_18.fullmatch(text)}
        return {name: masked_values(item, births=births) for name, item in value.items()}
    if isinstance(value, list):
        return [masked_values(item, births=births) for item in value]
    if not isinstance(value, str):
        return value
    return f"{value[:4]}-**-**" if value in births else masked(value)


def _birth(number: str) -> str:
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


def masked_name(name: str) -> str:
    """Only the first character of a name: "王小梅" → "王**"."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def short(digest: str) -> str:
    """The first 16 hex digits in groups of four, for the foot of a sheet: "3F2A 90B1 …"."""
    return " ".join(digest[i : i + 4] for i in range(0, min(16, len(digest)), 4)).upper()


def size(count: int) -> str:
    """A file size: "86 KB", "1.4 MB"."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} KB"
