"""A record without the person in it: for readers who must see what was done, not to whom (domain D1, CASE_AUDITOR over C3).

Which fields tell about a person is data of the forms (`book.Wording.personal`), and what no form knows is left out: nothing is
looked for in texts. Of the history only what has a known, bare form is kept: ids, codes, names of steps, posts and staff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.dossier.record import CaseRecord, Entry, FormVersion, withheld

#: what stands in the place of everything left out
MARK: Final = "■■（保密）"

#: whether a field (form key, path) tells about a person
Personal = Callable[[str, str], bool]

#: content of a history entry that is an id, a code or a day by what it is, whatever the kind
_BARE: Final = frozenset(
    (
        "form",
        "number",
        "form_version",
        "target",
        "ended",
        "unit",
        "due_at",
        "old_due_at",
        "new_due_at",
        "table",
        "policy_version",
        "operation",
        "what",
        "digest",
        "command",
        "refusal",
        "until",
        "field",
        "paper",
        "passed",
    )
)
#: lists of things with their own bare keys
_LISTS: Final = {
    "forms": ("id", "digest"),
    "signatures": ("id", "digest"),
    "papers": ("id", "digest"),
    "opened": ("element", "post", "acting_for", "unit", "task"),
    "told": ("post", "unit"),
    "hits": ("rule", "clause"),
}


def redacted(record: CaseRecord, personal: Personal) -> CaseRecord:
    """The record with MARK for every value that tells about a person; papers lose bytes and names, digests their plainness."""
    masked = record.masked()
    return replace(
        masked,
        forms=tuple(_form(shown, plain, personal) for shown, plain in zip(masked.forms, record.forms, strict=True)),
        papers=tuple(replace(paper, name=MARK, load=withheld) for paper in masked.papers),
        entries=tuple(_entry(entry, personal) for entry in record.entries),
        is_redacted=True,
    )


def _form(shown: FormVersion, plain: FormVersion, personal: Personal) -> FormVersion:
    answers = {name: _value(value, plain.key, name, personal) for name, value in plain.answers.items()}
    return replace(shown, answers=answers)


def _value(value: Any, form: str, path: str, personal: Personal) -> Any:
    """What may be shown of one value; lists hold items with slots, whose fields are asked for one by one."""
    if isinstance(value, Mapping):
        return {
            name: item if name == "slot" and isinstance(item, int) else _value(item, form, f"{path}.{name}", personal)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_value(item, form, f"{path}.{_slot(item, i)}", personal) for i, item in enumerate(value, 1)]
    if value is None or value == "" or not personal(form, path):
        return value
    return MARK


def _slot(item: Any, place: int) -> Any:
    slot = item.get("slot") if isinstance(item, Mapping) else None
    return slot if isinstance(slot, int) else place


def _entry(entry: Entry, personal: Personal) -> Entry:
    content = dict(entry.content)
    kept: dict[str, Any] = {name: content[name] for name in _BARE & content.keys() if _is_bare(content[name])}
    kept.update({name: value for name, value in content.items() if isinstance(value, bool | int)})
    for name, keys in _LISTS.items():
        if isinstance(content.get(name), list):
            kept[name] = [{key: item[key] for key in keys if _is_bare(item.get(key))} for item in content[name]]
    if isinstance(content.get("on_behalf_of"), Mapping):
        kept["on_behalf_of"] = {"name": content["on_behalf_of"].get("name", "")}
    if isinstance(content.get("changes"), list):
        form = str(content.get("form", ""))
        kept["changes"] = [_change(each, form, personal) for each in content["changes"]]
    hidden = {name: MARK for name, value in content.items() if name not in kept and isinstance(value, str) and value}
    return replace(entry, content={**hidden, **kept})


def _change(change: Mapping[str, Any], form: str, personal: Personal) -> dict[str, Any]:
    path = str(change.get("path", ""))
    return {"path": path, **{side: _value(change.get(side), form, path, personal) for side in ("old", "new")}}


def _is_bare(value: Any) -> bool:
    """A number, or a code or name of the drawing, which is never long; the elements of a list alike."""
    if isinstance(value, list):
        return all(isinstance(item, str | int) for item in value)
    return isinstance(value, str | int)
