"""What is written about a person: ID number, telephone, name, money. How it is read, what is wrong, how it is shown.

The rules are those of processes.md §0.2. Every ``*_problem`` function answers None or one message that says what was
typed and what is allowed. Such a message is for the person who typed and for nobody else: it never reaches a log or the history.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from stdnum.cn import ric

from engine.messages import N_, Message

#: Full-width forms (ＡＢＣ１２３，．) to ASCII; nothing else is folded, so "²" or "①" never becomes a digit.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

#: GB/T 2260 province codes. The four digits behind them are not held against a list: numbers issued under a code that
#: was abolished long ago are still carried, and a genuine number must never be refused; the checksum sees slips.
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71")
#: residence permits of people from Hong Kong, Macau and Taiwan carry exactly these six digits
_RESIDENCE_PERMITS = frozenset(("810000", "820000", "830000"))

_DOTS = str.maketrans(dict.fromkeys("•‧・･∙⋅․．", "·"))
_COMPOUND_SURNAME = re.compile(
    "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|长孙|宇文|夏侯|南宫|西门|"
    "独孤|端木|轩辕|百里|呼延|闻人|申屠|太史|澹台|公冶|宗政|濮阳|淳于|单于|太叔|仲孙|"
    "钟离|鲜于|闾丘|司空|亓官|司寇|子车|颛孙|赫连|万俟|拓跋|第五|左丘|东郭|纳兰"
)

_MONEY = re.compile(r"(?P<whole>\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(?P<cents>\d*))?", re.ASCII)
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}", re.ASCII)


def normalise_idcard(text: str) -> str:
    """An ID number as it is compared and hashed: 18 characters, upper-case X, a 15-digit number converted (19xx).

    Blanks and full-width digits are forgiven. Text that is no ID number comes back cleaned but otherwise unchanged; ask
    :func:`idcard_problem` first.
    """
    number = "".join(text.translate(_NARROW).split()).upper()
    if len(number) == 15 and _is_digits(number):
        number = f"{number[:6]}19{number[6:]}"
        number += ric.calc_check_digit(number + "0")
    return number


def idcard_problem(text: str, today: date | None = None) -> Message | None:
    """Why `text` is no ID number (GB 11643), or None. With `today`, a birth date after it is refused as well."""
    number = normalise_idcard(text)
    seen = shortened(text)
    if len(number) != 18:
        count = {"seen": seen, "count": len(number)}
        return Message(N_("填写的是 {seen}，有 {count} 位；身份证号码应为 18 位，旧证 15 位（依据 GB 11643）"), count)
    if not _is_digits(number[:17]) or not (_is_digits(number[17]) or number[17] == "X"):
        text = N_("填写的是 {seen}；身份证号码只能由数字组成，仅第 18 位可以是 X（依据 GB 11643）")
        return Message(text, {"seen": seen})
    if not _PROVINCES.match(number) and number[:6] not in _RESIDENCE_PERMITS:
        text = N_("身份证号码 {seen} 的前 6 位 {part} 不是有效的行政区划代码（依据 GB/T 2260）")
        return Message(text, {"seen": seen, "part": number[:6]})
    born = _birth_date(number)
    if born is None or (today is not None and born > today):
        text = N_("身份证号码 {seen} 的第 7 至 14 位 {part} 不是有效的出生日期（依据 GB 11643）")
        return Message(text, {"seen": seen, "part": number[6:14]})
    if number[17] != ric.calc_check_digit(number):
        text = N_("身份证号码 {seen} 的校验码不符（最后一位应由前 17 位算出，依据 GB 11643），请对照证件逐位核对")
        return Message(text, {"seen": seen})
    return None


def shortened(typed: str, longest: int = 40) -> str:
    """What was typed, as a message shows it: one line, cut when it is longer than any number can be."""
    line = " ".join(typed.split())
    return line if len(line) <= longest else f"{line[:longest]}…"


def birth_date_of(idcard: str) -> date:
    """The birth date in a valid ID number; ValueError when it is none."""
    born = _birth_date(normalise_idcard(idcard))
    if born is None:
        raise ValueError("no birth date")
    return born


def sex_of(idcard: str) -> str:
    """By the 17th digit of a valid ID number: even is "F", odd is "M" (processes.md §0.2)."""
    return "M" if int(normalise_idcard(idcard)[16]) % 2 else "F"


def mask_idcard(idcard: str) -> str:
    """The form shown without the right to more: region part and last four ("110101********1234")."""
    number = normalise_idcard(idcard)
    return f"{number[:6]}********{number[-4:]}" if len(number) == 18 else "*" * 18


def normalise_name(text: str) -> str:
    """A name as it is stored: trimmed, single blanks, one kind of middle dot. Rare characters stay as they are."""
    return re.sub(r"\s*·\s*", "·", " ".join(text.translate(_DOTS).split()))


def name_problem(text: str) -> Message | None:
    """Why `text` is no person's name, or None. Letters of any script, "·" between parts, at most 50 characters."""
    name = normalise_name(text)
    if not name:
        return Message(N_("姓名不能为空"))
    if len(name) > 50:
        return Message(N_("姓名不能超过 50 个字，填写的有 {seen} 个字"), {"seen": len(name)})
    if not all(char in "· " or unicodedata.category(char)[0] in "LM" for char in name):
        return Message(N_("姓名只能由文字组成，少数民族姓名各部分之间用“·”分隔"))
    if name[0] == "·" or name[-1] == "·" or "··" in name:
        return Message(N_("姓名中的“·”只能出现在两部分之间"))
    return None


def mask_name(name: str) -> str:
    """A name for lists: the surname and at most two stars ("王*", "欧阳**"), so that its length tells nothing."""
    name = normalise_name(name)
    letters = _letters(name)
    if not letters:
        return ""
    shown = 2 if len(letters) > 2 and _COMPOUND_SURNAME.match(name) else 1
    hidden = min(2, max(1, len(letters) - shown))
    return "".join(letters[:shown]) + "*" * hidden


def normalise_phone(text: str) -> str:
    """A telephone number as digits only; blanks, hyphens, brackets and a leading +86 are forgiven."""
    number = re.sub(r"[\s\-()]", "", text.translate(_NARROW))
    return number.removeprefix("+86")


def phone_problem(text: str) -> Message | None:
    """Why `text` is no telephone number, or None: 11 digits starting with 1, or area code and number (§0.2)."""
    number = normalise_phone(text)
    seen = shortened(text)
    if not _is_digits(number):
        return Message(N_("填写的是 {seen}；电话号码只能由数字组成，区号与号码之间可用“-”"), {"seen": seen})
    if number.startswith("1"):
        if len(number) != 11:
            return Message(
                N_("填写的是 {seen}，有 {count} 位；手机号码应为 11 位"), {"seen": seen, "count": len(number)}
            )
        return None
    if not _LANDLINE.fullmatch(number):
        text = N_("填写的是 {seen}；电话号码应为 1 开头的 11 位手机号码，或带区号的固定电话（如 010-12345678）")
        return Message(text, {"seen": seen})
    return None


def mask_phone(text: str) -> str:
    """The last four digits only."""
    number = normalise_phone(text)
    return "*" * max(0, len(number) - 4) + number[-4:] if len(number) > 4 else "*" * len(number)


class NotMoney(ValueError):
    """The text is no amount of money; `message` says why, for the person who typed it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.template)
        self.message = message


def parse_money(text: str) -> Decimal:
    """Yuan as a Decimal with exactly two places. NotMoney otherwise; never rounded, never a float (processes.md §0.2).

    Full-width digits, "¥", "元" and well-placed thousands separators are forgiven; a sign, an exponent, "万" and a
    third decimal are not.
    """
    typed = "".join(text.translate(_NARROW).split())
    typed = typed.removeprefix("¥").removeprefix("￥").removesuffix("元")
    if not typed:
        raise NotMoney(Message(N_("金额不能为空")))
    seen = {"seen": shortened(text)}
    if typed[0] in "-−":
        raise NotMoney(Message(N_("填写的是 {seen}，金额不能为负数"), seen))
    if typed[-1] in "万亿千":
        raise NotMoney(Message(N_("填写的是 {seen}，金额请以元为单位用数字填写，如 30000.00"), seen))
    found = _MONEY.fullmatch(typed)
    if found is None:
        raise NotMoney(Message(N_("填写的是 {seen}，金额只能填写数字，最多 12 位整数、2 位小数，如 30000.00"), seen))
    cents = found["cents"] or ""
    if len(cents) > 2:
        raise NotMoney(Message(N_("填写的是 {seen}，金额最多 2 位小数（精确到分），不会四舍五入"), seen))
    return Decimal(f"{found['whole'].replace(',', '')}.{cents:0<2}")


def money_problem(text: str) -> Message | None:
    """Why `text` is no amount of money, or None."""
    try:
        parse_money(text)
    except NotMoney as refused:
        return refused.message
    return None


def money_text(amount: Decimal) -> str:
    """The JSON form of money: "80000.00". ValueError when more than two places would be lost."""
    exact = amount.quantize(Decimal("0.01"))
    if exact != amount:
        raise ValueError("money has two places")
    return str(exact)


def _birth_date(number: str) -> date | None:
    part = number[6:14]
    if len(part) != 8 or not _is_digits(part):
        return None
    try:
        return date(int(part[:4]), int(part[4:6]), int(part[6:]))
    except ValueError:
        return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _letters(name: str) -> list[str]:
    """The characters of a name, each with the marks and variation selectors that belong to it."""
    letters: list[str] = []
    for char in name:
        if letters and unicodedata.category(char)[0] == "M":
            letters[-1] += char
        elif char not in "· ":
            letters.append(char)
    return letters
