"""Field names, values and groups of a set of forms as printed sheets and pages read them aloud."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.dossier import facts
from engine.dossier.book import Wording
from workflows.chains import ACTING_REASONS
from workflows.form import FieldInfo, describe, field_infos, label_at, shown
from workflows.screening import passed_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workflows.form import SchemaForm


class FormWords:
    """The words of a process type's forms; each method is one of `engine.dossier.book.Wording`'s."""

    def __init__(self, forms: Mapping[str, SchemaForm]) -> None:
        self._forms = forms

    @cached_property
    def _known(self) -> Mapping[str, Mapping[str, FieldInfo]]:
        return {key: field_infos(form) for key, form in self._forms.items()}

    def infos(self, form: str) -> Mapping[str, FieldInfo]:
        """Path → field of a form; empty for an unknown form."""
        return self._known.get(form, {})

    def _slotted(self, form: str, path: str) -> str:
        """The path of a field as the form knows it: history counts list items from 0, slots count from 1."""
        if path in self.infos(form):
            return path
        head, _, rest = path.partition(".")
        index, _, name = rest.partition(".")
        return f"{head}.{int(index) + 1}.{name}" if index.isdigit() and name else path

    def label(self, form: str, path: str) -> str:
        """The Chinese name of a field; the path itself when the form does not know it."""
        known = self._slotted(form, path)
        return str(label_at(self._forms[form], known)) if known in self.infos(form) else path

    def word(self, form: str, path: str, value: Any) -> str:
        """A stored value as it is read aloud; masking has been done by then."""
        info = self.infos(form).get(self._slotted(form, path))
        if isinstance(value, list):
            return "；".join(self._item(form, path, item) for item in value)
        if info is None or value is None:
            return "" if value is None else str(value)
        if info.widget == "date":
            return facts.day(value)
        if info.widget == "money":
            return f"￥{facts.amount(value)} 元"
        return f"{shown(info, value, full=True)}{info.unit if info.unit and value != '' else ''}"

    def _item(self, form: str, path: str, item: Any) -> str:
        if not isinstance(item, dict):
            return str(item)
        told = (self.word(form, f"{path}.1.{name}", value) for name, value in item.items() if value is not None)
        return "、".join(told)

    def choices(self, form: str, path: str) -> Sequence[tuple[str, str]]:
        """The codes of a field with their names."""
        info = self.infos(form).get(path)
        return info.choices if info else ()

    def clause(self, form: str, path: str) -> str:
        """The clause id a field's rule comes from ("S001-48"); the foot of the sheet says what the ids mean."""
        info = self.infos(form).get(path)
        return info.clause if info else ""

    def personal(self, form: str, path: str) -> bool:
        """Whether a redacted print leaves a field out; so it does with one no form knows, and with one chosen among units."""
        info = self.infos(form).get(self._slotted(form, path))
        return info is None or info.personal or bool(info.options)

    def sections(self, form: str) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
        """The groups of a form: title, and (path, label) of every field that is typed."""
        if form not in self._forms:
            return ()
        groups = describe(self._forms[form])
        found = [(str(each.title), [(f.path, str(f.label)) for f in each.fields if not f.is_file]) for each in groups]
        return [(title, fields) for title, fields in found if fields]

    def wording(self, **more: Any) -> Wording:
        """The whole of it: these words, and why somebody acts in a post's place or was passed over, with what a kind adds."""
        told: dict[str, Any] = {
            "label": self.label,
            "word": self.word,
            "choices": self.choices,
            "clause": self.clause,
            "sections": self.sections,
            "personal": self.personal,
            "acting": ACTING_REASONS,
            "barred": passed_over,
        }
        return Wording(**(told | more))
