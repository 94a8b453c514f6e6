"""L-08 for reading: township rows and the county's total, percentages computed, the list behind each number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from engine.access import Actor
from engine.dossier import render
from engine.dossier.book import Book
from engine.errors import InvalidAnswers
from engine.messages import N_, Message
from workflows import organisation
from workflows.chart import Unit
from workflows.countable import Behind, listed, uncounted
from workflows.loan_statistics import CODES, NOTHING, REFUSED, Figure, Figures, Month, counted
from workflows.posts import UnitKind
from workflows.processes.loan.wording import REFUSAL_CODES
from workflows.small_cells import KEPT_BACK, marks

if TYPE_CHECKING:
    from engine.runtime import Runtime

#: what a refusal code that is an end of its own is called
_ENDS: Final = {"WITHDRAWN": N_("申请人撤回"), "LAPSED": N_("逾期终止"), "REFUSED": N_("不予推荐")}
#: posts that may open what a figure counts, and the post that sees figures alone (D1)
_OPENING: Final = ("TOWN_CHAIR", "LOAN_WORKER", "LOAN_HEAD", "COUNTY_CHAIR")
_WHOSE: Final = (*_OPENING, "STAT_CLERK")


@dataclass(frozen=True)
class Line:
    """One unit's figures by code; a township's hold those of the villages below it."""

    unit: Unit
    figures: Mapping[str, Figure]
    #: code → what is printed in place of a figure that is kept back
    kept_back: Mapping[str, str] = field(default_factory=dict)

    def mark(self, code: str) -> str:
        """What is printed in place of a figure; "" for the figure itself."""
        return self.kept_back.get(code, "")

    def of(self, code: str) -> Figure:
        """A figure; nought when there is none."""
        return self.figures.get(code, NOTHING)

    @property
    def overdue_rate(self) -> str:
        """Overdue of what is owed, by amount."""
        if self.mark("OVERDUE") or self.mark("OUTSTANDING"):
            return KEPT_BACK
        return percent(self.of("OVERDUE").cents, self.of("OUTSTANDING").cents)

    @property
    def paid_rate(self) -> str:
        """Loans paid out of applications."""
        if self.mark("DISBURSED") or self.mark("APPLIED"):
            return KEPT_BACK
        return percent(self.of("DISBURSED").number, self.of("APPLIED").number)


@dataclass(frozen=True)
class Report:
    """The month of one county: its townships in order, itself for what hangs on no township, and the total of them all."""

    month: Month
    lines: Sequence[Line]
    total: Line

    @property
    def keeps_back(self) -> bool:
        """Whether a figure is kept back."""
        return any(mark for line in (*self.lines, self.total) for mark in line.kept_back.values())

    @property
    def refusals(self) -> list[str]:
        """The refusal codes of the month, in order."""
        return sorted(code for code in self.total.figures if code.startswith(REFUSED))


def percent(part: int, whole: int) -> str:
    """As people write it ("50.04%"), half up; "—" of nothing. Never typed, always computed."""
    if not whole:
        return "—"
    return f"{(Decimal(part) * 100 / Decimal(whole)).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


def code_name(code: str) -> Message:
    """What a code is called on paper."""
    if code.startswith(REFUSED):
        known = {**REFUSAL_CODES, **_ENDS}.get(code.removeprefix(REFUSED), code.removeprefix(REFUSED))
        return Message(N_("未通过：{reason}"), {"reason": Message(known)})
    return Message(CODES[code])


def month_of(text: str) -> Month:
    """A month as typed; InvalidAnswers with what was seen and what is allowed."""
    try:
        return Month.named(text)
    except ValueError:
        problem = Message(N_("月份写作“2026-07”，见到“{seen}”"), {"seen": text[:20]})
        raise InvalidAnswers({"month": [problem]}) from None


def report(connection: Connection, county: Unit, month: Month, figures: Figures) -> Report:
    """Townships and county from figures by unit; each unit counts in exactly one line, so the lines add up to the total."""
    towns = organisation.below(connection, county.id, UnitKind.TOWN, closed=True)
    inside: dict[int, dict[str, Figure]] = {unit.id: defaultdict(Figure) for unit in (*towns, county)}
    everything: dict[str, Figure] = defaultdict(Figure)
    for (unit_id, code), figure in figures.items():
        path = organisation.unit(connection, unit_id).path
        town = next((each.id for each in towns if path.startswith(each.path)), county.id)
        inside[town][code] += figure
        everything[code] += figure
    lines = [Line(unit, dict(inside[unit.id])) for unit in towns]
    if inside[county.id]:
        lines.append(Line(county, dict(inside[county.id])))
    return Report(month, lines, Line(county, dict(everything)))


def scope_of(actor: Actor, *, opening: bool = False) -> list[str]:
    """The paths of the units whose figures somebody may see; `opening`: and the cases behind them."""
    return [post.path for post in actor.posts if post.code in (_OPENING if opening else _WHOSE)]


def figures_alone(actor: Actor) -> bool:
    """Whether somebody sees figures of units whose cases no post of hers opens."""
    opening = tuple(scope_of(actor, opening=True))
    return not all(path.startswith(opening) for path in scope_of(actor))


def without_small_cells(made: Report) -> Report:
    """The same report for whoever sees figures alone: no cell from which a single case could be learnt."""
    kept_back: list[dict[str, str]] = [{} for _ in made.lines]
    totals: dict[str, str] = {}
    for code in {*CODES, *made.total.figures}:
        told, totals[code] = marks([line.of(code).number for line in made.lines])
        for kept, mark in zip(kept_back, told, strict=True):
            kept[code] = mark
    lines = [replace(line, kept_back=kept) for line, kept in zip(made.lines, kept_back, strict=True)]
    return replace(made, lines=lines, total=replace(made.total, kept_back=totals))


def behind(
    runtime: Runtime, connection: Connection, actor: Actor, county: Unit, month: Month, path: str, code: str
) -> Behind:
    """The list that a number opens. Permission is part of the statement: a case she may not read is not in it."""
    paths = {unit.id: unit.path for unit in (county, *organisation.below(connection, county.id))}
    left_out = uncounted(connection, runtime.rules, actor)
    ids = _ids(counted(connection, county.id, month, left_out), paths, path, code)
    return listed(runtime.rules, connection, actor, ids)


def _ids(found: Iterable[Any], paths: Mapping[int, str], path: str, code: str) -> list[int]:
    mine = (each for each in found if each.code == code and paths.get(each.unit_id, "").startswith(path))
    return sorted({each.case_id for each in mine})


_BOOK = Book(
    kind="loan",
    title="妇女小额担保财政贴息贷款",
    folder=Path(__file__).parent / "processes" / "loan_after" / "letters",
    sheets={},
    order=(),
    retention="",
    applicant=("", ""),
)


def render_report(made: Report, *, version: int, codes: Sequence[str], printed_by: str, printed_at: datetime) -> bytes:
    """L-08 as a PDF page; `version` is the fixed one it shows, 0 for figures as they are now."""
    names = {"report": made, "version": version, "codes": codes, "code_name": lambda code: str(code_name(code))}
    return render.render_table(
        _BOOK, "L-08.html", f"贷款统计报表 {made.month}", names, printed_by=printed_by, printed_at=printed_at
    )
