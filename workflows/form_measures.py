"""Kinds of fields that measure: money, rates, whole numbers, dates. Decimals and civil dates inside, canonical text in JSON."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import ValidationError

from engine.messages import N_
from workflows import people
from workflows.form_fields import FormField, refuse

#: full-width digits and signs to ASCII; "²" or "①" never becomes a digit
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_RATE = re.compile(r"(\d{1,2})(?:\.(\d+))?", re.ASCII)
#: a sign and up to nine digits
_WHOLE = re.compile(r"([-−]?)(\d{1,9})", re.ASCII)


class Money(FormField):
    """Yuan, exactly two places, as a Decimal; JSON text "80000.00". Never rounded, never a float."""

    widget: ClassVar[str] = "money"
    personal: ClassVar[bool] = False

    def __init__(self, label: str, *, positive: bool = False, **more: Any) -> None:
        self.positive = positive
        super().__init__(label, unit=N_("元"), **more)

    def read(self, typed: str) -> Decimal:
        """The amount."""
        try:
            amount = people.parse_money(typed)
        except people.NotMoney as wrong:
            raise ValidationError([wrong.message]) from wrong
        if self.positive and not amount:
            raise refuse(N_("填写的是 {seen}，金额应大于 0"), seen=people.shortened(typed))
        return amount

    def restore(self, stored: Any) -> Decimal | None:
        """The amount."""
        return None if stored is None else Decimal(stored)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else people.money_text(value)


class Rate(FormField):
    """Per cent a year with up to four places, below 100; JSON text "4.3500"."""

    widget: ClassVar[str] = "rate"
    personal: ClassVar[bool] = False

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, unit=N_("％（年）"), **more)

    def read(self, typed: str) -> Decimal:
        """The rate as a Decimal with four places, never rounded."""
        plain = typed.translate(_NARROW).removesuffix("%").strip()
        found = _RATE.fullmatch(plain)
        if found is None:
            raise refuse(N_("填写的是 {seen}；利率以年百分比填写，如 4.35，应小于 100"), seen=people.shortened(typed))
        if len(found[2] or "") > 4:
            raise refuse(N_("填写的是 {seen}，利率最多 4 位小数，不会四舍五入"), seen=people.shortened(typed))
        return Decimal(f"{found[1]}.{found[2] or '':0<4}")

    def restore(self, stored: Any) -> Decimal | None:
        """The rate."""
        return None if stored is None else Decimal(stored)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else f"{value:.4f}"


class Whole(FormField):
    """A whole number within limits."""

    widget: ClassVar[str] = "int"
    personal: ClassVar[bool] = False

    def __init__(self, label: str, *, least: int = 0, most: int = 9999, **more: Any) -> None:
        self.least, self.most = least, most
        super().__init__(label, least=least, most=most, **more)

    def read(self, typed: str) -> int:
        """The number."""
        found = _WHOLE.fullmatch(typed.translate(_NARROW))
        if found is None:
            raise refuse(N_("填写的是 {seen}，请填写整数"), seen=people.shortened(typed))
        if found[1]:
            raise refuse(N_("填写的是 {seen}，不得小于 {least}"), seen=people.shortened(typed), least=self.least)
        number = int(found[2])
        if not self.least <= number <= self.most:
            raise refuse(
                N_("填写的是 {seen}，应在 {least} 到 {most} 之间"), seen=number, least=self.least, most=self.most
            )
        return number


class Day(FormField):
    """A civil date; 2026-06-15, 2026/6/15 and 2026年6月15日 are read, ISO is stored."""

    widget: ClassVar[str] = "date"
    personal: ClassVar[bool] = False

    def read(self, typed: str) -> date:
        """The date."""
        found = _DATE.fullmatch(typed.translate(_NARROW))
        try:
            day = date(*map(int, found.groups())) if found else None
        except ValueError:
            day = None
        if day is None or day.year < 1900:
            seen = people.shortened(typed)
            raise refuse(N_("填写的是 {seen}，请按“年-月-日”填写存在的日期，如 2026-06-15"), seen=seen)
        return day

    def restore(self, stored: Any) -> date | None:
        """The date."""
        return None if stored is None else date.fromisoformat(stored)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else value.isoformat()
