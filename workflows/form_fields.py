"""Kinds of fields a form may have: how typed text becomes a value, and what is wrong with it when it does not.

Every kind is a marshmallow field whose messages are translatable :class:`Message` objects. What a page or a printed
sheet must know stands in `metadata` (see `form.FieldInfo`). Money, rates, numbers and dates: `form_measures`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, missing

from engine.messages import N_, Message
from workflows import people

#: a field is asked only when another field of the same form (or slot) has one of these values
When = tuple[str, tuple[Any, ...]]
Choices = Sequence[tuple[str, str]]

NOT_READABLE = Message(N_("填写的内容格式不对，请重新填写"))
_YES = frozenset(("true", "yes", "on", "1", "y"))
_NO = frozenset(("false", "no", "off", "0", "n"))


def refuse(template: str, **params: Any) -> ValidationError:
    """A problem of one field."""
    return ValidationError([Message(template, params)])


class FormField(fields.Field[Any]):
    """What all kinds share. `label` is a Chinese msgid; `clause` the rule the field comes from ("S001-52").

    With `when` the field is asked, and required if `required`, only under that condition; otherwise its value is dropped.
    """

    widget: ClassVar[str] = "text"
    missing_text: ClassVar[str] = N_("请填写“{label}”")
    #: whether what stands in it can tell who somebody is, where she lives, or her story: then a redacted print leaves it out.
    #: Whatever is typed freely can; a kind whose values come from a list or are mere measures says that it cannot.
    personal: ClassVar[bool] = True

    def __init__(
        self,
        label: str,
        *,
        required: bool = True,
        hint: str = "",
        clause: str = "",
        unit: str = "",
        when: When | None = None,
        sensitive: bool = False,
        personal: bool | None = None,
        load_default: Any = missing,
        dump_only: bool = False,
        **extra: Any,
    ) -> None:
        absent = [Message(self.missing_text, {"label": Message(label)})]
        metadata = {
            "label": label,
            "widget": self.widget,
            "help": hint,
            "clause": clause,
            "unit": unit,
            "when": when,
            "needed": required,
            "absent": absent,
            "sensitive": sensitive,
            "personal": self.personal if personal is None else personal,
            **extra,
        }
        super().__init__(
            required=required and when is None,
            load_default=load_default,
            dump_only=dump_only,
            error_messages={"required": absent, "null": absent},
            metadata=metadata,
        )

    def read(self, typed: str) -> Any:
        """The value of a trimmed, non-empty text; ValidationError with a message for the person."""
        return typed

    def restore(self, stored: Any) -> Any:
        """The value of what `dump` stored, without asking again whether it is valid."""
        return stored

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return self.read(as_text(value))


def as_text(value: Any) -> str:
    """What was typed, as text: JSON text and whole numbers; anything else, and invisible control characters, are refused."""
    if isinstance(value, date | Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    if not isinstance(value, str):
        raise ValidationError([NOT_READABLE])
    text = value.replace("\r\n", "\n").strip()
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise refuse(N_("含有不可见的控制字符，请重新输入"))
    return text


class Text(FormField):
    """One line of text (`longest` characters at most)."""

    longest: ClassVar[int] = 200

    def __init__(self, label: str, *, shortest: int = 0, longest: int | None = None, **more: Any) -> None:
        self.shortest = shortest
        self.limit = longest or self.longest
        super().__init__(label, shortest=shortest, longest=self.limit, **more)

    def read(self, typed: str) -> str:
        """The text itself; its length counts what can be seen, blanks left out, so that spaces do not fill a minimum."""
        seen = len("".join(typed.split()))
        if seen < self.shortest:
            raise refuse(N_("至少写 {least} 个字，现有 {seen} 个字"), least=self.shortest, seen=seen)
        if len(typed) > self.limit:
            raise refuse(N_("最多写 {most} 个字，现有 {seen} 个字"), most=self.limit, seen=len(typed))
        if self.widget == "text" and "\n" in typed:
            return " ".join(typed.split())
        return typed


class LongText(Text):
    """Several lines of text."""

    widget: ClassVar[str] = "textarea"
    longest: ClassVar[int] = 2000


class PersonName(FormField):
    """A person's name ("·" and rare characters included)."""

    def read(self, typed: str) -> str:
        """The name with single blanks and one kind of middle dot."""
        return _checked(typed, people.name_problem(typed), people.normalise_name)


class IdCard(FormField):
    """An ID number, kept as 18 characters (processes.md §0.2)."""

    widget: ClassVar[str] = "idcard"

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, sensitive=True, **more)

    def read(self, typed: str) -> str:
        """18 characters; a number of 15 digits is converted."""
        return _checked(typed, people.idcard_problem(typed), people.normalise_idcard)


class Phone(FormField):
    """A telephone number, digits only."""

    widget: ClassVar[str] = "phone"

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, sensitive=True, **more)

    def read(self, typed: str) -> str:
        """Digits."""
        return _checked(typed, people.phone_problem(typed), people.normalise_phone)


def _checked(typed: str, problem: Message | None, normal: Callable[[str], str]) -> str:
    """The normal form; the message repeats what was typed (it is personal), for the person who typed it only."""
    if problem is not None:
        raise ValidationError([problem])
    return normal(typed)


class Choice(FormField):
    """One code out of a list; few are shown as radios, many as a select (the renderer decides)."""

    widget: ClassVar[str] = "enum"
    personal: ClassVar[bool] = False
    missing_text: ClassVar[str] = N_("请选择“{label}”")

    def __init__(self, label: str, choices: Choices, **more: Any) -> None:
        self.codes = frozenset(code for code, _ in choices)
        super().__init__(label, choices=tuple(choices), **more)

    def read(self, typed: str) -> str:
        """The code."""
        if typed not in self.codes:
            raise refuse(N_("请从所列选项中选择一项"))
        return typed


class YesNo(FormField):
    """A question that must be answered either way: two radios."""

    widget: ClassVar[str] = "yesno"
    personal: ClassVar[bool] = False
    missing_text: ClassVar[str] = N_("请选择“{label}”")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        return as_bool(value)


class Tick(FormField):
    """A box to tick; not ticked is False. With `must` it has to be ticked, and the message says why."""

    widget: ClassVar[str] = "bool"
    personal: ClassVar[bool] = False

    def __init__(self, label: str, *, must: str = "", **more: Any) -> None:
        self.must = must
        more.setdefault("load_default", False)
        super().__init__(label, required=False, must=bool(must), **more)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """A box that was not sent was not ticked."""
        ticked = super().deserialize(value, attr, data, **kwargs)
        if self.must and not ticked:
            raise refuse(self.must)
        return ticked

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        return as_bool(value)


def as_bool(value: Any) -> bool:
    """True or False from JSON or from a page."""
    if isinstance(value, bool):
        return value
    typed = as_text(value).lower()
    if typed not in _YES | _NO:
        raise ValidationError([NOT_READABLE])
    return typed in _YES


class UnitRef(FormField):
    """A unit of the organisation by id; 0 stands for “elsewhere”. `options` names the list the page offers."""

    widget: ClassVar[str] = "unit"
    missing_text: ClassVar[str] = N_("请选择“{label}”")

    def __init__(self, label: str, *, options: str, **more: Any) -> None:
        super().__init__(label, options=options, **more)

    def read(self, typed: str) -> int:
        """The id."""
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 15):
            raise refuse(N_("请从所列单位中选择一项"))
        return int(typed)


class Paper(FormField):
    """A file that is uploaded beside the form; it never travels in the answers (brief: papers are documents of the case)."""

    widget: ClassVar[str] = "file"
    missing_text: ClassVar[str] = N_("请上传“{label}”")

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, dump_only=True, **more)
