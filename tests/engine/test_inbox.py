"""The lists: what a person sees, in which order, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.tasks import claim_task
from engine.queries.inbox import tasks
from tests.engine.acting import written
from tests.engine.toy import READER, READER_2, person

if TYPE_CHECKING:
    from tests.engine.toy import ToyHouse


def test_the_inbox_shows_mine_and_what_my_posts_may_claim(house: ToyHouse) -> None:
    first, second = written(house), written(house)
    house.act(claim_task, READER_2, task_id=first, seen_version=1)
    now = house.clock.now()
    with house.runtime.reading() as connection:
        assert [r.id for r in tasks(connection, READER, "todo", now=now).rows] == [second]
        assert [r.id for r in tasks(connection, READER_2, "todo", now=now).rows] == [first, second]
        assert [r.id for r in tasks(connection, READER_2, "claimable", now=now).rows] == [second]
        assert not tasks(connection, person(5), "todo", now=now).rows


def test_pages_of_the_inbox_follow_each_other_without_gap_or_repeat(house: ToyHouse) -> None:
    made = [written(house) for _ in range(7)]
    now, seen, after = house.clock.now(), [], None
    with house.runtime.reading() as connection:
        while True:
            page = tasks(connection, READER, "todo", now=now, after=after, limit=3)
            seen += [row.id for row in page.rows]
            after = page.next
            if after is None:
                break
    assert seen == made
