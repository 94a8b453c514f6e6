"""What must hold of one case after every verb, read at one moment; and what that moment showed, for the next verb."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine import audit
from engine.fields import digest
from engine.flow import stepping
from engine.model import case_file, history, instance, task, timer
from engine.model_absence import absence_act
from engine.model_filed import draft, form_version
from engine.queries import opening
from tests.engine.verbs.replaying import Stand, apply, replay

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.engine.verbs.office import OfficeHouse

_CASE = bindparam("b_case")
_FILE = select(case_file).where(case_file.c.id == _CASE)
_ROWS = select(task).where(task.c.case_id == _CASE).order_by(task.c.id)
_PROCESS = select(instance).where(instance.c.case_id == _CASE)
_DRAFTS = select(draft).where(draft.c.case_id == _CASE)
_ARMED = select(timer).where(timer.c.case_id == _CASE, timer.c.state.in_(("armed", "paused"))).order_by(timer.c.id)
_NEW = select(history).where(history.c.case_id == _CASE, history.c.seq > bindparam("b_seq")).order_by(history.c.seq)
_FORMS = select(form_version).where(form_version.c.case_id == _CASE).order_by(form_version.c.id)
_ACTS = select(absence_act).where(absence_act.c.case_id == _CASE, absence_act.c.kind == "task.completed")


@dataclass(frozen=True)
class Seen:
    """The rows of a case at one moment. `drafts`: (form, account) → what she has typed."""

    case: Any
    rows: list[Any]
    process: Any
    timers: list[Any]
    drafts: dict[tuple[str, int], str]
    #: who signed the first step, and in whose place: they may not do the last
    first: frozenset[int]
    kinds: tuple[str, ...] = field(compare=False, default=())

    @property
    def live(self) -> list[Any]:
        return [row for row in self.rows if row.state != "closed"]

    def stored(self) -> tuple[Any, ...]:
        """Everything that a refused verb leaves alone."""
        return self.rows, self.process, self.timers, self.drafts


class Whole:
    """Follows one case: reads it after each verb, checks it, and hands out what it has read."""

    def __init__(self, house: OfficeHouse, case_id: int) -> None:
        self.house, self.case_id = house, case_id
        self.seq, self.hash = 0, ""
        self.told: dict[int, Stand] = {}

    def look(self) -> Seen:
        """Read the case and check everything but the drafts, which only the walk knows about."""
        with self.house.runtime.reading() as connection:
            seen = self._read(connection)
            parsed = self.house.runtime.definitions.get(seen.process.definition_id)
            peeked = stepping.peek(parsed, seen.process.state)
            _check_tokens(seen, peeked)
            _check_seats(seen, parsed)
            _check_timers(seen, peeked)
            self._check_hands(seen, connection)
            kinds = self._check_new_entries(connection, seen)
        self._check_told(seen)
        return Seen(seen.case, seen.rows, seen.process, seen.timers, seen.drafts, seen.first, kinds)

    def look_at_all(self) -> None:
        """The whole chain with everything the case holds, and the whole history replayed."""
        with self.house.runtime.reading() as connection:
            found = audit.verify(connection, self.house.runtime.vault, self.case_id)
            entries = opening.entries(connection, self.house.runtime.vault, self.case_id)
        assert found.genuine, found.faults
        assert replay(entries) == self.told, "the whole history tells otherwise"

    def _read(self, connection: Connection) -> Seen:
        key = {"b_case": self.case_id}
        case = connection.execute(_FILE, key).one()
        rows = list(connection.execute(_ROWS, key).all())
        process = connection.execute(_PROCESS, key).one()
        vault = self.house.runtime.vault
        typed = {(d.form, d.by_id): vault.open_json(d.answers_sealed)["text"] for d in connection.execute(_DRAFTS, key)}
        return Seen(case, rows, process, list(connection.execute(_ARMED, key).all()), typed, self._first(connection))

    def _first(self, connection: Connection) -> frozenset[int]:
        by: frozenset[int] = frozenset()
        for form, people in self._signed(connection):
            by = people if form == "f_a" else by
        return by

    def _signed(self, connection: Connection) -> list[tuple[str, frozenset[int]]]:
        key = {"b_case": self.case_id}
        acts = {(act.task_id, act.at): act.for_id for act in connection.execute(_ACTS, key)}
        return [
            (v.form, frozenset({v.by_id, acts.get((v.task_id, v.at), v.by_id)}))
            for v in connection.execute(_FORMS, key)
        ]

    def _check_hands(self, seen: Seen, connection: Connection) -> None:
        """Nobody in two seats of a step; nobody submitted a step she may not do after another one."""
        for token in {r.token for r in seen.live}:
            seats = [r for r in seen.rows if r.token == token]
            signed = [r.closed_by for r in seats if r.close_reason == "signed"]
            sitting = [i for r in seats if r.state != "closed" for i in (r.assignee_id, r.owner_id) if i]
            assert len(signed + sitting) == len(set(signed + sitting)), "one person in two seats"
        first: frozenset[int] = frozenset()
        barred = ("f_d", "f_c") if self.house.name == "line" else ("f_d",)
        for form, people in self._signed(connection):
            first = people if form == "f_a" else first
            assert form not in barred or not people & first, "four eyes"

    def _check_new_entries(self, connection: Connection, seen: Seen) -> tuple[str, ...]:
        """What was added goes on from the chain as it was, and the head of the case says so; returns the kinds."""
        vault, kinds = self.house.runtime.vault, []
        for row in connection.execute(_NEW, {"b_case": self.case_id, "b_seq": self.seq}).mappings():
            assert (row["seq"], row["previous"]) == (self.seq + 1, self.hash), "a broken chain"
            assert audit.entry_hash(dict(row)) == row["hash"]
            assert hmac.compare_digest(audit.entry_mac(vault, row["hash"]), row["mac"])
            content = vault.open_json(row["content_sealed"])
            assert digest(content) == row["content_digest"]
            self.seq, self.hash = row["seq"], row["hash"]
            apply(self.told, row["kind"], content, row["task_id"], row["actor_id"])
            kinds.append(row["kind"])
        head = (seen.case.last_seq, seen.case.last_hash, seen.case.last_mac)
        assert head == (self.seq, self.hash, audit.head_mac(vault, self.case_id, self.seq, self.hash)), "the head"
        return tuple(kinds)

    def _check_told(self, seen: Seen) -> None:
        told = {i: (s.element, s.state, s.assignee, s.owner, s.suspended) for i, s in self.told.items()}
        assert told == {
            r.id: (r.element, r.state, r.assignee_id, r.owner_id, r.suspended_at is not None) for r in seen.live
        }, "the history tells otherwise"
        ended = seen.case.state == "closed"
        assert ended == (seen.process.status == "ended"), "the case and its process"
        assert not (ended and (seen.live or seen.timers)), "something goes on after the end"


def _check_tokens(seen: Seen, peeked: Any) -> None:
    live = {r.token for r in seen.live}
    assert live == {t.id for t in peeked.tasks}, f"live tokens {peeked.tasks} and rows {live}"
    for token in live:
        seats = [r for r in seen.live if r.token == token]
        assert any(r.state == "open" for r in seats), f"nobody can act on token {token}"
        assert len({(r.suspended_at, r.suspended_until) for r in seats}) == 1, "one seat waits without the others"


def _check_seats(seen: Seen, parsed: Any) -> None:
    for row in seen.live:
        own = [r for r in seen.rows if r.token == row.token]
        signing = parsed.elements[row.element].signing
        if not signing and not row.seat:
            assert [r.id for r in own if not r.seat and r.state != "closed"] == [row.id]
        if row.seat in ("before", "after"):
            asker = next(r for r in seen.rows if r.id == row.seat_of)
            assert asker.state != "closed" or asker.close_reason == "signed", "asked by nobody any more"
            assert row.assignee_id, "a person was asked"
            if row.state == "open" and (row.carried or {}).get("in_order"):
                beside = [r for r in own if (r.seat, r.seat_of) == (row.seat, row.seat_of) and r.state != "closed"]
                earlier = [r for r in beside if r.seat_order < row.seat_order and (r.carried or {}).get("in_order")]
                assert not earlier, "asked in order, and out of turn"
        if signing == "sequence" and row.seat == "signer" and row.state == "open":
            first = [r for r in own if r.seat == "signer" and r.state != "closed"]
            assert first[0].id == row.id or first[0].carried, "out of turn"


def _check_timers(seen: Seen, peeked: Any) -> None:
    broken = sorted(t.token for t in seen.timers if t.level == "broken")
    assert broken == sorted(t.id for t in peeked.timers), "timers of the drawing and armed rows"
    standing = {t.element for t in peeked.tasks}
    assert {t.attached_to for t in seen.timers if t.level != "broken"} <= standing, "an orphan warning"
    for clock in (t for t in seen.timers if t.level == "broken"):
        shown = {r.due_at for r in seen.live if r.element == clock.attached_to}
        assert shown == {None if clock.state == "paused" else clock.due_at}, "a due date that is not the clock's"
    waits = {r.element for r in seen.live if r.suspended_at is not None}
    assert {t.attached_to for t in seen.timers if t.state == "paused"} <= waits, "a clock that stands still for nobody"
