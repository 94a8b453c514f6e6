"""What one completion costs in the engine: our flow and the plain library, the same paths, interleaved in one run.

    python -m benchmarks.engine [--seconds 20] [--repeat 0]

Ours: light routing facts, one shared parsed drawing, pruned rows. The plain library: specs in every saved state, the whole
form in task data, because that is how it is used. The last line is one JSON object; figures are milliseconds a completion.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, Self

from benchmarks import drawings
from benchmarks.stock import StockCases
from benchmarks.timing import Parts, middle, ms
from engine.flow import codec, stepping
from engine.flow.definition import parse

_NOW = datetime(2026, 6, 15, 1, tzinfo=UTC)
ROUNDS = 1000
#: the plain library hangs before its hundredth return round; a few show the slope
STOCK_ROUNDS = 30

#: a form as people fill it in: thirteen answers, mostly Chinese, 0.9 KB of JSON
FORM: dict[str, Any] = {
    "name": "苏小禾", "sex": "F", "birthDate": "1990-05-04", "marital": "MARRIED", "unemployed": True,
    "project": "BREEDING", "projectName": "林下养鸡", "projectPlace": "青禾镇杏花村东坡地",
    "amount": "50000.00", "termMonths": 24,
    "purpose": "购买鸡苗一千只和饲料，搭建鸡舍两间，年内出栏两批，由合作社统一收购" * 3,
    "repaymentSource": "出售成鸡和鸡蛋的收入，家中务工收入作补充" * 2,
    "remarks": "家中四口人，无不良嗜好，邻里关系好，本人有三年养殖经验" * 2,
}  # fmt: skip


class Quiet:
    """The world of one step: every clock runs for three days, decisions answer from a table."""

    now = _NOW

    def __init__(self, answers: dict[str, dict[str, Any]]) -> None:
        self.answers = answers

    def decide(self, decision: str, facts: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """From the table."""
        return self.answers.get(decision, {})

    perform = decide

    def due(self, sla: str, element: str) -> datetime:  # noqa: ARG002
        """Three days from now."""
        return _NOW + timedelta(days=3)


class OurCases:
    """Cases of one drawing in our flow."""

    def __init__(self, key: str, drawing: bytes, answers: dict[str, dict[str, Any]]) -> None:
        self.definition = parse(key, drawing)
        self.world = Quiet(answers)

    def begin(self) -> stepping.Step:
        """A new case."""
        return stepping.start(self.definition, {}, self.world)

    def complete(self, step: stepping.Step, element: str, facts: dict[str, Any]) -> stepping.Step:
        """One completion, as a command calls it: bytes in, bytes out."""
        task = next(t for t in step.tasks if t.element == element)
        return stepping.complete(self.definition, step.state, task.id, facts, self.world)


class Stopwatch:
    """Sums the time spent in reading and in writing states, by standing around the two functions of the codec and pruning."""

    def __init__(self) -> None:
        self.load = self.save = 0.0

    def __enter__(self) -> Self:
        self._kept = (codec.decode, codec.build, codec.encode, stepping.prune)
        decode, build, encode, prune = self._kept
        codec.decode, codec.build = self._around("load", decode), self._around("load", build)
        codec.encode, stepping.prune = self._around("save", encode), self._around("save", prune)
        return self

    def __exit__(self, *_: object) -> None:
        codec.decode, codec.build, codec.encode, stepping.prune = self._kept

    def _around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            began = perf_counter()
            answer = function(*arguments)
            setattr(self, part, getattr(self, part) + perf_counter() - began)
            return answer

        return timed


@dataclass
class Job:
    """One path through one drawing, measured on both sides."""

    name: str
    ours: OurCases
    stock: StockCases
    path: tuple[tuple[str, dict[str, Any]], ...]
    our_means: list[float] = field(default_factory=list)
    stock_means: list[float] = field(default_factory=list)
    our_parts: list[Parts] = field(default_factory=list)
    stock_parts: list[Parts] = field(default_factory=list)
    bytes_ours: int = 0
    bytes_stock: int = 0

    def once(self) -> None:
        """Both sides once, one after the other."""
        self._ours()
        self._ours_in_parts()
        self._stock()

    def _ours(self) -> None:
        step, spent = self.ours.begin(), 0.0
        for element, facts in self.path:
            began = perf_counter()
            step = self.ours.complete(step, element, facts)
            spent += perf_counter() - began
            self.bytes_ours = max(self.bytes_ours, len(step.state))
        if step.ended is None:
            raise SystemExit(f"{self.name}: the path does not end")
        self.our_means.append(spent / len(self.path))

    def _ours_in_parts(self) -> None:
        step, count = self.ours.begin(), len(self.path)
        with Stopwatch() as watch:
            began = perf_counter()
            for element, facts in self.path:
                step = self.ours.complete(step, element, facts)
            spent = perf_counter() - began
        run = spent - watch.load - watch.save
        self.our_parts.append(Parts(watch.load / count, run / count, watch.save / count))

    def _stock(self) -> None:
        state = self.stock.begin()
        found: list[Parts] = []
        for element, facts in self.path:
            state, parts = self.stock.complete(state, element, {**facts, element: FORM})
            found.append(parts)
            self.bytes_stock = max(self.bytes_stock, len(state))
        count = len(found)
        mean = Parts(*(sum(getattr(p, n) for p in found) / count for n in ("load", "run", "save")))
        self.stock_parts.append(mean)
        self.stock_means.append(mean.total)


def rounds(job: Job, count: int) -> list[float]:
    """Seconds of each completion while the township sends the loan back `count` times."""
    step = job.ours.complete(job.ours.begin(), "T_Apply", {})
    spent: list[float] = []
    for _ in range(count):
        for element, facts in drawings.RETURN_ROUND:
            began = perf_counter()
            step = job.ours.complete(step, element, facts)
            spent.append(perf_counter() - began)
    return spent


def stock_rounds(job: Job, count: int) -> list[float]:
    """The same in the plain library."""
    state, _ = job.stock.complete(job.stock.begin(), "T_Apply", {"T_Apply": FORM})
    spent: list[float] = []
    for _ in range(count):
        for element, facts in drawings.RETURN_ROUND:
            state, parts = job.stock.complete(state, element, {**facts, element: FORM})
            spent.append(parts.total)
    return spent


def _told(name: str, parts: list[Parts], means: list[float], size: int) -> str:
    load, run, save = (ms(middle([getattr(p, n) for p in parts])) for n in ("load", "run", "save"))
    low, high = ms(min(means)), ms(max(means))
    return f"  {name:<16}{load:7.3f} {run:7.3f} {save:7.3f}   {ms(middle(means)):7.3f}  [{low:.3f}–{high:.3f}]  {size:>7,} B"


def _jobs() -> list[Job]:
    parallel = drawings.parallel()
    branches = [(f"{b}_{t}", {}) for t in ("take", "report") for b in drawings.AGENCIES]
    path = (("intake", {}), *branches, ("conclude", drawings.PARALLEL_FACTS["conclude"]))
    known = (
        ("loan", drawings.loan(), drawings.LOAN_ANSWERS, drawings.LOAN_PATH),
        ("parallel", parallel, drawings.PARALLEL_ANSWERS, path),
    )
    return [
        Job(f"{key} ({drawings.node_count(drawing)} nodes)", OurCases(key, drawing, answers),
            StockCases(key, drawing, answers), way)
        for key, drawing, answers, way in known
    ]  # fmt: skip


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=20.0, help="how long the interleaved part runs")
    asked.add_argument("--repeat", type=int, default=0, help="so many repetitions instead of --seconds")
    chosen = asked.parse_args()
    jobs = _jobs()
    for job in jobs:
        job.once()
        job.our_means.clear(), job.stock_means.clear(), job.our_parts.clear(), job.stock_parts.clear()
    end, done = perf_counter() + chosen.seconds, 0
    while done < chosen.repeat if chosen.repeat else perf_counter() < end:
        for job in jobs:
            job.once()
        done += 1
    print(f"{done} repetitions, interleaved; milliseconds a completion, median of path means [least–most]")
    print("                     load     run    save     total                     largest state")
    for job in jobs:
        print(job.name)
        print(_told("Halfsky", job.our_parts, job.our_means, job.bytes_ours))
        print(_told("plain library", job.stock_parts, job.stock_means, job.bytes_stock))
        print(f"  {middle(job.stock_means) / middle(job.our_means):.1f} times less")
    spent = rounds(jobs[0], ROUNDS)
    slope = stock_rounds(jobs[0], STOCK_ROUNDS)
    tenth = len(spent) // 10
    print(f"{ROUNDS} return rounds: first tenth {ms(middle(spent[:tenth]))}, last tenth {ms(middle(spent[-tenth:]))}")
    print(
        f"plain library, {STOCK_ROUNDS} rounds: first three {ms(middle(slope[:6]))}, last three {ms(middle(slope[-6:]))}"
    )
    figures = {
        "loan_ms": ms(middle(jobs[0].our_means)),
        "parallel_ms": ms(middle(jobs[1].our_means)),
        "stock_loan_ms": ms(middle(jobs[0].stock_means)),
        "stock_parallel_ms": ms(middle(jobs[1].stock_means)),
        "rounds_1000_ms": ms(middle(spent[-tenth:])),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
