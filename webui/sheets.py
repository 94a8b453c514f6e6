"""Stored forms for reading: groups of labelled values, two versions side by side, and the lists behind the codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from engine.commands.context import CaseContext
from engine.messages import Message
from engine.unit_of_work import UnitOfWork
from webui import forms
from webui.language import gettext
from webui.runtime import house, me
from workflows.form import FieldInfo, SchemaForm, field_infos, label_at, shown


@dataclass(frozen=True)
class Difference:
    """One line of two versions side by side."""

    label: str
    typed: str
    stored: str

    @property
    def differs(self) -> bool:
        """Whether the two sides say different things."""
        return self.typed.strip() != self.stored.strip()


def options_of(connection: Connection, case: Row[Any]) -> forms.Options:
    """The run-time lists for one case, each asked for once."""
    process = house().catalogue[case.kind]
    view = CaseContext(UnitOfWork(house(), connection, me()), case, process)
    known: dict[str, Sequence[tuple[str, str]]] = {}

    def listed(name: str) -> Sequence[tuple[str, str]]:
        if name not in known:
            known[name] = process.options(view, name)
        return known[name]

    return listed


def sheet_rows(
    form: SchemaForm, answers: Mapping[str, Any], listed: forms.Options, *, full: bool = True
) -> list[tuple[str, list[tuple[str, str]]]]:
    """A stored form for reading: (group title, [(label, value)]); empty answers are left out."""
    text = forms.flatten(answers)
    found = []
    for group in forms.view(form, forms.Typed(text, options=listed)):
        rows: list[tuple[str, str]] = []
        for each in group.fields:
            if each.slots:
                for slot in each.slots:
                    name = f"{gettext(slot.item)} {slot.number}"
                    rows += [
                        (f"{name} · {gettext(f.info.label)}", value_words(f, full=full)) for f in slot.fields if f.value
                    ]
            elif each.value:
                rows.append((gettext(each.info.label), value_words(each, full=full)))
        if rows:
            found.append((gettext(group.section.title), rows))
    return found


def value_words(f: forms.FieldView, *, full: bool = True) -> str:
    """One stored value as people read it."""
    return _words(f.info, f.value, f.choices, full=full)


def _words(info: FieldInfo, text: str, choices: Sequence[tuple[str, str]], *, full: bool = True) -> str:
    if not text:
        return ""
    listed = {str(code): label for code, label in choices}
    if text in listed:
        return gettext(listed[text])
    if info.widget in ("bool", "yesno") and text in ("true", "false"):
        return gettext("是") if text == "true" else gettext("否")
    try:
        told = shown(info, text, full=full)
    except ArithmeticError:
        return text
    words = told.render(gettext) if isinstance(told, Message) else told
    unit = gettext(info.unit) if info.unit else ""
    return f"{words} {unit}".rstrip()


def versus(
    form: SchemaForm, typed: Mapping[str, str], stored: Mapping[str, Any], listed: forms.Options
) -> list[Difference]:
    """What she typed beside what is stored, field by field; fields empty on both sides are left out."""
    there = forms.flatten(stored)
    rows = []
    for path, info in field_infos(form).items():
        if info.is_file or info.slots or not (typed.get(path) or there.get(path)):
            continue
        choices = tuple(listed(info.options)) if info.options else info.choices
        label = label_at(form, path).render(gettext)
        if {typed.get(path, ""), there.get(path, "")} == {"", "false"} and info.widget == "bool":
            continue  # a box left unticked is sent as nothing and stored as "no": the same answer
        mine, theirs = (_words(info, side.get(path, ""), choices) for side in (typed, there))
        rows.append(Difference(label, mine, theirs))
    return rows
