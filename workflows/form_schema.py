"""The schema of a form: its question groups, its rules between fields, and how answers are read with every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError

from engine.messages import N_, Message
from workflows.form_fields import NOT_READABLE, FormField, When

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_UNKNOWN = Message(N_("本表没有这一项，请刷新页面后重新填写"))
_TOO_MANY = Message(N_("内容过多或格式不对，请刷新页面后重新填写"))
_PLAIN = {"unknown": _UNKNOWN, "type": NOT_READABLE}


@dataclass(frozen=True)
class Group:
    """One question group of a form: its title, and the names of its fields in order."""

    title: str
    names: tuple[str, ...]
    sheet: str = ""
    help: str = ""


class FormSchema(Schema):
    """Base of all form schemas. `groups` orders the fields; :meth:`rules` holds rules that need more than one field."""

    groups: ClassVar[tuple[Group, ...]] = ()
    error_messages = {"unknown": "unknown", "type": "type"}  # noqa: RUF012 - marshmallow declares it on the instance

    class Meta:
        """Nothing is taken silently."""

        unknown = RAISE

    def rules(self, values: Answers) -> Problems:  # noqa: ARG002
        """Problems between fields. A field that is itself wrong or missing is absent (None): ask before comparing."""
        return {}


class Slots(FormField):
    """A list of people or things with stable slot numbers 1..`most`; a slot in which nothing was typed does not count."""

    widget: ClassVar[str] = "list"

    def __init__(self, label: str, schema: type[FormSchema], *, most: int, item: str, **more: Any) -> None:
        self.schema = schema()
        self.most = most
        super().__init__(label, item=item, slots=tuple(range(1, most + 1)), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Answers]:  # noqa: ARG002
        if not isinstance(value, list | tuple) or not all(isinstance(item, Mapping) for item in value):
            raise ValidationError([NOT_READABLE])
        loaded, problems, slots = [], {}, set()
        for item in value:
            slot = self._slot(item.get("slot"))
            if slot in slots:
                raise ValidationError([_TOO_MANY])
            slots.add(slot)
            typed = _clean({k: v for k, v in item.items() if k != "slot"})
            if any(v is not False for v in typed.values()):
                values, wrong = attempt(self.schema, typed)
                loaded.append({"slot": slot, **values})
                if wrong:
                    problems[str(slot)] = wrong
        loaded.sort(key=lambda item: item["slot"])
        if problems:
            raise ValidationError(problems, valid_data=loaded)
        if not loaded and self.metadata["needed"]:
            raise ValidationError(self.metadata["absent"])
        return loaded

    def restore(self, stored: Any) -> list[Answers]:
        """The items with their slots."""
        return [{**restore(self.schema, item), "slot": item["slot"]} for item in stored or ()]

    def _slot(self, typed: Any) -> int:
        text = str(typed)
        if not (text.isascii() and text.isdigit() and len(text) == 1 and 1 <= int(text) <= self.most):
            raise ValidationError([_TOO_MANY])
        return int(text)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return [{"slot": item["slot"], **dict(self.schema.dump(item))} for item in value or ()]


def attempt(schema: FormSchema, answers: Mapping[str, Any]) -> tuple[Answers, Problems]:
    """What can be read of `answers`, and every problem at once by path. Absent fields are None (lists: empty).

    A field whose `when` does not hold is dropped: what is signed and printed holds only what was asked.
    """
    problems: Problems = {}
    try:
        values = dict(schema.load(_clean(answers)))
    except ValidationError as error:
        values = dict(error.valid_data) if isinstance(error.valid_data, Mapping) else {}
        _flatten(error.messages, "", problems)
    for name, each in schema.load_fields.items():
        values.setdefault(name, [] if isinstance(each, Slots) else None)
    for name, each in schema.load_fields.items():
        when: When | None = each.metadata["when"]
        if when is None:
            continue
        if not holds(when, values):
            values[name] = [] if isinstance(each, Slots) else None
            for path in [p for p in problems if p == name or p.startswith(f"{name}.")]:
                del problems[path]
        elif each.metadata["needed"] and values[name] in (None, []) and name not in problems:
            problems[name] = list(each.metadata["absent"])
    for path, found in schema.rules(values).items():
        problems.setdefault(path, []).extend(found)
    order = list(schema.load_fields)
    place = {path: order.index(path.split(".")[0]) for path in problems if path.split(".")[0] in order}
    return values, {path: problems[path] for path in sorted(problems, key=lambda p: place.get(p, len(order)))}


def restore(schema: FormSchema, stored: Mapping[str, Any]) -> Answers:
    """The values of stored JSON data; what a form of an earlier day did not have is None (lists: empty)."""
    known = schema.load_fields.items()
    return {name: each.restore(stored.get(name)) for name, each in known if isinstance(each, FormField)}


def holds(when: When, values: Mapping[str, Any]) -> bool:
    """Whether the condition of a field is met by the other values of its group."""
    return values.get(when[0]) in when[1]


def _clean(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Without the fields that were left empty."""
    return {str(k): v for k, v in answers.items() if v is not None and not (isinstance(v, str) and not v.strip())}


def _flatten(found: Any, path: str, problems: Problems) -> None:
    if isinstance(found, Mapping):
        for key, inner in found.items():
            _flatten(inner, f"{path}.{key}" if path else str(key), problems)
        return
    for each in found:
        told = _PLAIN.get(each, NOT_READABLE) if isinstance(each, str) else each
        problems.setdefault(path, []).append(told)
