"""Nothing of a conference names the person it is about (processes.md §8: case by number, no name)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from engine.commands.filed import newest_forms
from engine.messages import N_
from engine.model import case_file
from workflows.federation_rules import FederationRules
from workflows.processes.joint_conference import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.process_type import Answers, CaseView, Problems

#: form → what is typed freely there and read by other bodies; a dot leads into a list
_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "convene": ("agenda", "place"),
    "reports": ("reports.gist",),
    "minutes": ("discussion", "decisions.action", "decisions.safety"),
    "report_back": ("summary",),
}
#: forms of the case it was opened from that say who she is
_WHO: Final = ("register", "referred")
_TELLING: Final = ("name", "idcard", "phone")
_SAID: Final = N_("写了能认出当事人的内容（姓名、身份证号码或者电话）：只写编号")


def problems(view: CaseView, form: str, values: Answers) -> Problems:
    """Every text in which she is named, told to who may read the first case; nobody else learns from it who she is."""
    texts = list(_texts(form, values))
    if not texts:
        return {}
    telling = _telling(view)
    found = [path for path, text in texts if any(word in "".join(text.split()) for word in telling)]
    return {path: [wording.ruled(_SAID, "P8")] for path in found}


def _telling(view: CaseView) -> set[str]:
    words: set[str] = set()
    hers = FederationRules(view.vault).visible_cases(view.actor)
    for each in view.linked("conference"):
        readable = select(case_file.c.id).where(case_file.c.id == each.case_id, hers)
        if each.later or view.connection.execute(readable).first() is None:
            continue
        forms = newest_forms(view.connection, each.case_id)
        told = [view.vault.open_json(forms[key].answers_sealed) for key in _WHO if key in forms]
        words |= {str(answers.get(name) or "").replace(" ", "") for answers in told for name in _TELLING}
    return {word for word in words if len(word) > 1}


def _texts(form: str, values: Answers) -> Iterator[tuple[str, str]]:
    for named in _READ.get(form, ()):
        outer, _, inner = named.partition(".")
        if not inner:
            yield outer, str(values.get(outer) or "")
            continue
        rows: list[Mapping[str, Any]] = values.get(outer) or []
        yield from ((f"{outer}.{row['slot']}.{inner}", str(row.get(inner) or "")) for row in rows)
