"""A record without the person in it: for readers who must see what was done, not to whom (domain D1, CASE_AUDITOR over C3).

Which fields tell about a person is data of the forms (`book.Wording.personal`), and what no form knows is left out: nothing is
looked for in texts. Of the history only what has a known, bare form is kept: ids, codes, names of steps and posts. In a village
one case identifies her (D2): so the place goes too, and the number that holds it, and the names of those who serve there; people
who acted are told apart by numbers (decision 39).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.dossier.record import CaseRecord, Entry, FormVersion, Signed, withheld

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
        "relation",
    )
)
#: lists of things with their own bare keys
_LISTS: Final = {
    "forms": ("id", "digest"),
    "signatures": ("id", "digest"),
    "papers": ("id", "digest"),
    "opened": ("element", "post", "acting_for", "task"),
    "told": ("post",),
    "hits": ("rule", "clause"),
}


#: numbers that name a place or somebody who serves there
_PLACES: Final = frozenset(("unit", "unit_id", "old", "new", "account", "signer", "by"))
_NUMBER = re.compile(r"BM-(\d{1,18})")


def number_shown(case_id: int) -> str:
    """The number under which a confidential case is told of to those who may not know where it belongs: "BM-17"."""
    return f"BM-{case_id}"


def number_meant(number: str) -> int | None:
    """The case id in such a number; None for any other."""
    found = _NUMBER.fullmatch(number.strip().upper())
    return int(found[1]) if found else None


def redacted(record: CaseRecord, personal: Personal) -> CaseRecord:
    """The record with MARK for every value that tells about a person or her place.

    Papers lose bytes and names, digests their plainness, units all but the highest; the number is `number_shown`, and staff are
    “工作人员 1”, “工作人员 2” … in the order in which they come, in the attached record too.
    """
    masked, alias = record.masked(), number_shown(record.case_id)
    staff = _Staff(record)
    return replace(
        masked,
        number=alias,
        units=(*record.units[:1], *([MARK] if record.units[1:] else [])),
        unit_id=0,
        forms=tuple(
            _form(shown, plain, personal, staff) for shown, plain in zip(masked.forms, record.forms, strict=True)
        ),
        signatures=tuple(_signature(each, staff) for each in masked.signatures),
        papers=tuple(
            replace(
                paper, name=MARK, load=withheld, by_id=staff.number(paper.by_id), by=staff.name(paper.by_id, paper.by)
            )
            for paper in masked.papers
        ),
        entries=tuple(_entry(entry, record.number, alias, personal, staff) for entry in record.entries),
        names=replace(masked.names, units={}),
        is_redacted=True,
    )


class _Staff:
    """The people who acted, by numbers from 1; the house itself (id 0) keeps its name."""

    def __init__(self, record: CaseRecord) -> None:
        ids = (entry.actor_id for entry in record.entries)
        self._numbers = {each: place for place, each in enumerate(dict.fromkeys(i for i in ids if i), 1)}

    def number(self, account_id: int) -> int:
        """Hers; a new one for somebody the history does not name."""
        return self._numbers.setdefault(account_id, len(self._numbers) + 1) if account_id else 0

    def name(self, account_id: int, name: str) -> str:
        """What stands in the place of her name."""
        return f"工作人员 {self.number(account_id)}" if account_id else name


def _signature(signed: Signed, staff: _Staff) -> Signed:
    return replace(
        signed,
        signer_id=staff.number(signed.signer_id),
        signer=staff.name(signed.signer_id, signed.signer),
        unit_id=0,
        unit=MARK,
        on_behalf_of=None if signed.on_behalf_of is None else MARK,
    )


def _form(shown: FormVersion, plain: FormVersion, personal: Personal, staff: _Staff) -> FormVersion:
    answers = {name: _value(value, plain.key, name, personal) for name, value in plain.answers.items()}
    by_id, by = staff.number(plain.by_id), staff.name(plain.by_id, plain.by)
    return replace(shown, answers=answers, by_id=by_id, by=by)


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


def _entry(entry: Entry, number: str, alias: str, personal: Personal, staff: _Staff) -> Entry:
    known = ((name, value) for name, value in entry.content.items() if name not in _PLACES)
    content: dict[str, Any] = {name: alias if value == number else value for name, value in known}
    kept: dict[str, Any] = {name: content[name] for name in _BARE & content.keys() if _is_bare(content[name])}
    kept.update({name: value for name, value in content.items() if isinstance(value, bool | int)})
    for name, keys in _LISTS.items():
        if isinstance(content.get(name), list):
            kept[name] = [{key: item[key] for key in keys if _is_bare(item.get(key))} for item in content[name]]
    if isinstance(content.get("on_behalf_of"), Mapping):
        kept["on_behalf_of"] = {"name": MARK}
    if isinstance(content.get("changes"), list):
        form = str(content.get("form", ""))
        kept["changes"] = [_change(each, form, personal) for each in content["changes"]]
    hidden = {name: MARK for name, value in content.items() if name not in kept and isinstance(value, str) and value}
    actor_id, actor = staff.number(entry.actor_id), staff.name(entry.actor_id, entry.actor)
    return replace(entry, content={**hidden, **kept}, actor_id=actor_id, actor=actor)


def _change(change: Mapping[str, Any], form: str, personal: Personal) -> dict[str, Any]:
    path = str(change.get("path", ""))
    return {"path": path, **{side: _value(change.get(side), form, path, personal) for side in ("old", "new")}}


def _is_bare(value: Any) -> bool:
    """A number, or a code or name of the drawing, which is never long; the elements of a list alike."""
    if isinstance(value, list):
        return all(isinstance(item, str | int) for item in value)
    return isinstance(value, str | int)
