"""A form of a process type: a marshmallow schema, read for pages and for printed sheets from the same field metadata.

Two views of one schema: :meth:`SchemaForm.load` and :meth:`SchemaForm.dump` are what the engine calls; :func:`describe`
gives the web renderer and the print sheets the sections, in order, with everything they must show.

Answers are JSON: nested objects; a list of people is a list of objects, each with a stable "slot" from 1. A field's
path joins names and slots with dots: "amount", "guarantors.1.idcard". Files are not part of the answers; their fields
exist only in :func:`describe`, and `ProcessType.examine` holds them against the uploaded papers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidAnswers
from engine.messages import N_, Message
from workflows import people
from workflows.form_fields import Paper, When
from workflows.form_schema import FormSchema, Slots, attempt, holds, restore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import Answers, Problems


@dataclass(eq=False)
class SchemaForm:
    """The engine's `Form`, over a schema. `key`, `title`, `sheets` and `signed` as in `engine.process_type.Form`."""

    key: str
    title: str
    schema: FormSchema
    sheets: tuple[str, ...] = ()
    signed: bool = False
    #: typed while somebody speaks: the caret stands in its first field as soon as it opens
    spoken: bool = False

    def attempt(self, answers: Mapping[str, Any]) -> tuple[Answers, Problems]:
        """What can be read so far and what is wrong with the rest, without raising (live checks, drafts)."""
        return attempt(self.schema, answers)

    def load(self, answers: Mapping[str, Any]) -> Answers:
        """Values by name; InvalidAnswers with every problem at once."""
        values, problems = attempt(self.schema, answers)
        if problems:
            raise InvalidAnswers(problems)
        return values

    def restore(self, stored: Mapping[str, Any]) -> Answers:
        """The values of data that `dump` made, without asking again whether they are valid."""
        return restore(self.schema, stored)

    def dump(self, values: Answers) -> dict[str, Any]:
        """JSON data with every field of the form, in its canonical text."""
        return dict(self.schema.dump(values))


@dataclass(frozen=True)
class FieldInfo:
    """What a page or a printed sheet must know of one field. Labels, helps and titles are Chinese msgids."""

    path: str
    name: str
    label: str
    widget: str
    required: bool
    help: str = ""
    unit: str = ""
    clause: str = ""
    sensitive: bool = False
    #: left out of a redacted print (`form_fields.FormField.personal`)
    personal: bool = True
    #: (code, label); empty when the list comes from `options`
    choices: tuple[tuple[str, str], ...] = ()
    #: name of a list the process type offers at run time (`LoanProcess.options`)
    options: str = ""
    #: asked only when the named field of the same form (or slot) has one of these values
    when: When | None = None
    #: smallest and largest number of a whole number, shortest and longest of a text
    least: int | None = None
    most: int | None = None
    #: a list: the fields of one slot (paths with "{slot}"), the slot numbers, the name of one item
    fields: tuple[FieldInfo, ...] = ()
    slots: tuple[int, ...] = ()
    item: str = ""

    @property
    def is_file(self) -> bool:
        """True when it is filled by uploading, not by typing."""
        return self.widget == "file"

    def at(self, slot: int) -> FieldInfo:
        """This field of a list, in one slot."""
        return replace(self, path=self.path.format(slot=slot))


@dataclass(frozen=True)
class Section:
    """One question group: a card on the page, a block on the sheet."""

    title: str
    fields: tuple[FieldInfo, ...]
    sheet: str = ""
    help: str = ""


def describe(form: SchemaForm) -> tuple[Section, ...]:
    """The sections of a form in order."""
    return _sections(form.schema, "")


@cache
def field_infos(form: SchemaForm) -> Mapping[str, FieldInfo]:
    """Every field by path, those of list slots included ("guarantors.1.idcard"). Forms never change: read once."""
    found: dict[str, FieldInfo] = {}
    for section in describe(form):
        for each in section.fields:
            found[each.path] = each
            for slot in each.slots:
                found.update((inner.path.format(slot=slot), inner.at(slot)) for inner in each.fields)
    return MappingProxyType(found)


def label_at(form: SchemaForm, path: str) -> Message:
    """How a person calls a path ("担保人 1 · 身份证号码"), for error summaries and field comparisons."""
    infos = field_infos(form)
    info = infos.get(path)
    if info is None:
        return Message(form.title)
    head, _, rest = path.partition(".")
    if not rest:
        return Message(info.label)
    item = {"item": Message(infos[head].item), "slot": rest.split(".")[0], "label": Message(info.label)}
    return Message(N_("{item} {slot} · {label}"), item)


def _sections(schema: FormSchema, prefix: str) -> tuple[Section, ...]:
    return tuple(
        Section(g.title, tuple(_info(schema, name, prefix) for name in g.names), g.sheet, g.help) for g in schema.groups
    )


def _info(schema: FormSchema, name: str, prefix: str) -> FieldInfo:
    known = schema.fields[name]
    about = known.metadata
    inner: tuple[FieldInfo, ...] = ()
    if isinstance(known, Slots):
        inner = tuple(f for s in _sections(known.schema, f"{prefix}{name}.{{slot}}.") for f in s.fields)
    return FieldInfo(
        path=f"{prefix}{name}",
        name=name,
        label=about["label"],
        widget=about["widget"],
        required=bool(about["needed"]) or bool(about.get("must")),
        help=about["help"],
        unit=about["unit"],
        clause=about["clause"],
        sensitive=about["sensitive"],
        personal=about["personal"],
        choices=about.get("choices", ()),
        options=about.get("options", ""),
        when=about["when"],
        least=about.get("least", about.get("shortest")),
        most=about.get("most", about.get("longest")),
        fields=inner,
        slots=about.get("slots", ()),
        item=about.get("item", ""),
    )


def papers_missing(form: SchemaForm, values: Answers, papers: Mapping[str, Any]) -> Problems:
    """A problem for every required file field that has no paper, list slots included; `papers` by path."""
    problems: Problems = {}
    infos = field_infos(form)
    for path, info in infos.items():
        if info.widget != "file" or not info.required or papers.get(path):
            continue
        head, _, rest = path.partition(".")
        around = values
        if rest:
            slot = int(rest.split(".")[0])
            around = next((item for item in values.get(head) or () if item["slot"] == slot), {})
            if not around:
                continue
        if info.when is None or holds(info.when, around):
            problems[path] = [Message(Paper.missing_text, {"label": label_at(form, path)})]
    return problems


def shown(info: FieldInfo, value: Any, *, full: bool = False) -> str | Message:
    """A stored JSON value as people read it: labels for codes, 80,000.00 for money, masked personal numbers unless `full`."""
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return Message(N_("是") if value else N_("否"))
    if info.choices:
        return Message(dict(info.choices).get(str(value), str(value)))
    if info.widget == "money":
        return f"{Decimal(str(value)):,.2f}"
    if info.sensitive and not full:
        return people.mask_idcard(str(value)) if info.widget == "idcard" else people.mask_phone(str(value))
    return str(value)
