"""An anchor a day, linked to the one before; one that is kept outside holds the database to what it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine import audit, jobs
from engine.access import SYSTEM
from engine.anchoring import anchor_daily, make_anchor
from engine.anchors import Anchor
from engine.chains import entry_bytes
from engine.columns import SEALED
from engine.errors import Forbidden, InvalidAnswers
from engine.fields import canonical
from engine.model import case_file, history
from engine.model_audit import anchor
from tests.engine.anchored import of_case
from tests.engine.toy import WRITER, ToyHouse

if TYPE_CHECKING:
    from tests.engine.anchored import Told


def test_an_anchor_kept_outside_agrees_and_what_came_after_it_is_counted(told: Told) -> None:
    kept = Anchor.read(told.kept.text())
    assert kept == told.kept
    with told.house.runtime.reading() as connection:
        outcome = audit.verify(connection, told.house.runtime.vault, kept=kept)
        newest = audit.verify(connection, told.house.runtime.vault)
        later = [row.case_id for row in connection.execute(select(history.c.case_id).where(history.c.case_id > 2))]
    assert outcome.genuine
    assert (outcome.anchor, outcome.unanchored) == (2, len(later))
    assert (newest.anchor, newest.unanchored) == (3, later.count(4))


def test_a_file_that_was_altered_or_lost_a_line_is_refused() -> None:
    lines = Anchor(2, "2026-06-16T01:00:00.000000+00:00", 9, 4, "a" * 64, "b" * 64).text().splitlines()
    for name in ("seq", "at", "leaves", "cases", "root", "previous", "value", "form"):
        (place,) = [n for n, line in enumerate(lines) if line.startswith(f"{name}:")]
        altered = lines[place][:-1] + ("1" if lines[place][-1] != "1" else "2")
        for changed in ([altered], []):
            with pytest.raises(InvalidAnswers):
                Anchor.read("\n".join([*lines[:place], *changed, *lines[place + 1 :]]))
    assert Anchor.read("\r\n".join(lines)).seq == 2


def test_a_day_has_one_anchor_by_itself_and_each_is_linked_to_the_one_before(told: Told) -> None:
    runtime = told.house.runtime

    def anchors() -> list[Any]:
        with runtime.reading() as connection:
            return list(connection.execute(select(anchor).order_by(anchor.c.seq)))

    assert "anchor_daily" in [each.name for each in jobs.SCHEDULES]
    anchor_daily(runtime)
    assert len(anchors()) == 3
    told.house.clock.at += timedelta(days=1)
    for _ in range(2):
        anchor_daily(runtime)
    made = anchors()
    assert [row.seq for row in made] == [1, 2, 3, 4]
    assert [row.previous for row in made] == ["", *(row.hash for row in made[:-1])]


def test_whoever_may_not_verify_makes_no_anchor(house: ToyHouse) -> None:
    house.runtime.rules.permits = lambda *_: False  # type: ignore[method-assign]
    with pytest.raises(Forbidden):
        make_anchor(house.runtime, WRITER)
    assert make_anchor(house.runtime, SYSTEM).seq == 1


def test_an_entry_is_hashed_over_its_canonical_form_whatever_stands_in_it(told: Told) -> None:
    with told.house.runtime.reading() as connection:
        row: dict[str, Any] = dict(connection.execute(select(history).where(of_case(2))).mappings().one())
    names = ("case_id", "seq", "kind", "actor_id", "post", "task_id", "element", "content_digest", "previous")
    for name, value in [
        ("post", '"'),
        ("element", "\\\n\u2028半"),
        ("task_id", None),
        ("actor_id", "1"),
        ("task_id", "null"),
    ]:
        changed = {**row, name: value}
        at = changed["at"].astimezone(told.house.clock.now().tzinfo)
        bound = [*(changed[n] for n in names), row["at"].isoformat(timespec="microseconds")]
        assert entry_bytes({**changed, "at": at}) == canonical(bound)


def test_every_column_of_a_log_is_closed_off_by_anchors() -> None:
    for table in case_file.metadata.sorted_tables:
        if SEALED in table.info:
            assert set(table.info[SEALED]) == {column.name for column in table.columns}, table.name
