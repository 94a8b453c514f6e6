"""A form of a process type as a page shows it, and typed text on its way back: one renderer for every process.

HTML names are field paths ("amount", "guarantors.1.idcard"); :func:`nest` turns what was typed into the nested answers of
`workflows/form.py`, :func:`flatten` turns stored answers back into what stands in the boxes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.messages import N_, Message
from engine.process_type import Problems
from workflows.form import FieldInfo, SchemaForm, Section, describe, field_infos, label_at

Options = Callable[[str], Sequence[tuple[str, str]]]

#: codes shown side by side; longer lists become a drop-down
_RADIOS = 5
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_HALF = frozenset(("date", "int", "rate", "money", "phone", "idcard", "unit"))
#: a text this short shares its line with another
_SHORT_TEXT = 60


@dataclass(frozen=True)
class PaperView:
    """One uploaded paper beside its field; `size` in bytes."""

    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class FieldView:
    """One field as it stands on the page: what was typed, what is wrong with it, what hangs on it."""

    info: FieldInfo
    value: str = ""
    errors: tuple[Message, ...] = ()
    papers: tuple[PaperView, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    slots: tuple[SlotView, ...] = ()
    when: WhenView | None = None

    @property
    def path(self) -> str:
        """The field's path, which is its HTML name."""
        return self.info.path

    @property
    def id(self) -> str:
        """The HTML id; error summaries link to it."""
        return field_id(self.info.path)

    @property
    def control(self) -> str:
        """Which template block draws it."""
        if self.info.widget in ("enum", "unit"):
            return "radios" if len(self.choices) <= _RADIOS and self.info.widget == "enum" else "select"
        return {"yesno": "radios", "bool": "tick"}.get(self.info.widget, self.info.widget)

    @property
    def width(self) -> str:
        """What is short takes "half" a line, everything else all of it ("")."""
        if self.control in ("radios", "tick", "textarea", "file", "list"):
            return ""
        short_text = self.info.widget == "text" and (self.info.most or 999) <= _SHORT_TEXT
        return "half" if self.info.widget in _HALF or self.control == "select" or short_text else ""

    @property
    def date_type(self) -> str:
        """A date picker would silently drop text it cannot read; such text is kept in a plain box."""
        return "date" if not self.value or _ISO.fullmatch(self.value) else "text"


@dataclass(frozen=True)
class SlotView:
    """One place of a list (担保人 2): shown open when something was typed into it or is wrong with it."""

    number: int
    item: str
    fields: tuple[FieldView, ...]
    is_open: bool


@dataclass(frozen=True)
class WhenView:
    """The condition under which a field is asked: the other field's path and label, and the answers that call for it."""

    path: str
    label: str
    values: tuple[str, ...]
    answers: tuple[str, ...]
    holds: bool


@dataclass(frozen=True)
class SectionView:
    """One question group."""

    number: int
    section: Section
    fields: tuple[FieldView, ...]

    @property
    def id(self) -> str:
        """The HTML id of the group."""
        return f"section-{self.number}"

    @property
    def clauses(self) -> tuple[str, ...]:
        """The rules its fields come from, each once."""
        inner = [f.info for top in self.fields for slot in top.slots for f in slot.fields]
        return tuple(dict.fromkeys(i.clause for i in [*(f.info for f in self.fields), *inner] if i.clause))


@dataclass(frozen=True)
class Typed:
    """Everything that fills a form: typed text, problems, papers and lists by path or name."""

    text: Mapping[str, str] = field(default_factory=dict)
    problems: Problems = field(default_factory=dict)
    papers: Mapping[str, Sequence[PaperView]] = field(default_factory=dict)
    options: Options = lambda _: ()


def field_id(path: str) -> str:
    """The HTML id of the field at `path`."""
    return "f-" + path.replace(".", "-")


def view(form: SchemaForm, typed: Typed) -> tuple[SectionView, ...]:
    """The form's sections, filled."""
    sections = describe(form)
    known = tuple(info for section in sections for info in section.fields)
    return tuple(
        SectionView(number, section, tuple(_field(info, typed, known) for info in section.fields))
        for number, section in enumerate(sections, 1)
    )


def one_field(form: SchemaForm, path: str, typed: Typed) -> FieldView | None:
    """A single field by path, for a partial answer; None when the form has no such field."""
    info = field_infos(form).get(path)
    return None if info is None else _field(info, typed, ())


def _field(info: FieldInfo, typed: Typed, siblings: Sequence[FieldInfo]) -> FieldView:
    choices = _choices(info, typed)
    if info.widget == "yesno":
        choices = (("true", N_("是")), ("false", N_("否")))
    return FieldView(
        info=info,
        value=typed.text.get(info.path, ""),
        errors=tuple(typed.problems.get(info.path, ())),
        papers=tuple(typed.papers.get(info.path, ())),
        choices=choices,
        slots=tuple(_slot(info, slot, typed) for slot in info.slots),
        when=_when(info, typed, siblings),
    )


def _choices(info: FieldInfo, typed: Typed) -> tuple[tuple[str, str], ...]:
    """The codes of a field with their labels; those of a list that is known only at run time as well."""
    return tuple(typed.options(info.options)) if info.options else tuple(info.choices)


def _slot(info: FieldInfo, slot: int, typed: Typed) -> SlotView:
    inner = [f.at(slot) for f in info.fields]
    fields = tuple(_field(f, typed, inner) for f in inner)
    used = any(f.value or f.errors or f.papers for f in fields)
    return SlotView(slot, info.item, fields, used or slot == 1)


def _when(info: FieldInfo, typed: Typed, siblings: Sequence[FieldInfo]) -> WhenView | None:
    if info.when is None:
        return None
    name, wanted = info.when
    prefix = info.path.rpartition(".")[0]
    path = f"{prefix}.{name}" if prefix else name
    other = next((s for s in siblings if s.name == name), None)
    values = tuple(as_typed(w) for w in wanted)
    labels = {"true": N_("是"), "false": N_("否"), **dict(_choices(other, typed) if other else ())}
    answers = tuple(labels.get(v, v) for v in values)
    unticked = "false" if other is not None and other.widget == "bool" else ""
    return WhenView(path, other.label if other else name, values, answers, (typed.text.get(path) or unticked) in values)


def as_typed(value: Any) -> str:
    """A JSON leaf as it stands in a box."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def flatten(answers: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested answers → text by path; items of a list go by their slot."""
    found: dict[str, str] = {}
    for name, value in answers.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found.update(flatten(value, f"{path}."))
        elif isinstance(value, list | tuple):
            for item in value:
                if isinstance(item, Mapping) and "slot" in item:
                    rest = {k: v for k, v in item.items() if k != "slot"}
                    found.update(flatten(rest, f"{path}.{item['slot']}."))
        else:
            found[path] = as_typed(value)
    return found


def nest(form: SchemaForm, posted: Mapping[str, str]) -> dict[str, Any]:
    """Posted text by path → nested answers. Names the form does not know are left out, as are files and empty boxes."""
    answers: dict[str, Any] = {}
    for path, info in field_infos(form).items():
        text = posted.get(path, "")
        if info.is_file or info.slots or not text.strip():
            continue
        head, _, rest = path.partition(".")
        if not rest:
            answers[head] = text
            continue
        slot, _, name = rest.partition(".")
        items = answers.setdefault(head, [])
        item = next((i for i in items if i["slot"] == int(slot)), None)
        if item is None:
            item = {"slot": int(slot)}
            items.append(item)
        item[name] = text
    return answers


@dataclass(frozen=True)
class Mistake:
    """One line of the error summary: where it is, how a person calls the field, what is wrong."""

    path: str
    label: Message
    text: Message

    @property
    def id(self) -> str:
        """The HTML id of the field."""
        return field_id(self.path)


def mistakes(form: SchemaForm, problems: Problems) -> tuple[Mistake, ...]:
    """The error summary, in the order of the page."""
    order = {path: n for n, path in enumerate(field_infos(form))}
    ranked = sorted(problems.items(), key=lambda p: order.get(p[0], -1))
    return tuple(Mistake(path, label_at(form, path), told) for path, found in ranked for told in found)
