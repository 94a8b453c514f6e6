"""Verbs at random on one case, and what must hold after each of them."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import audit
from engine.access import SYSTEM
from engine.commands.assigning import assign_task
from engine.commands.cases import terminate_case, withdraw_case
from engine.commands.co_signing import add_signers, remove_signer
from engine.commands.handing_over import hand_over
from engine.commands.recalling import recall_task
from engine.commands.returning import return_task
from engine.commands.suspending import resume_task, suspend_task
from engine.commands.tasks import claim_task, release_task
from engine.commands.timers import fire_timer
from engine.commands.transferring import delegate_task, hand_back_task, transfer_task
from engine.errors import EngineError
from engine.flow import stepping
from engine.model import instance, task, timer
from engine.model_filed import draft, form_version
from engine.queries import opening
from tests.engine.verbs.office import CLERKS, HEAD
from tests.engine.verbs.replaying import replay

if TYPE_CHECKING:
    from engine.access import Actor
    from tests.engine.verbs.office import OfficeHouse

LONGEST = 90
#: verb → how often it is tried
WEIGHTS = {
    "submit": 14, "opinion": 8, "draft": 6, "claim": 3, "release": 3, "transfer": 4, "delegate": 4, "hand_back": 5,
    "before": 4, "after": 4, "remove": 4, "return": 4, "recall": 6, "suspend": 3, "resume": 6, "timer": 3, "leave": 1,
    "come": 2, "assign": 3, "terminate": 0.2, "withdraw": 0.2,
}  # fmt: skip


class Walk:
    """One case; `done` counts the verbs that went through, by the kind of node they were applied to."""

    def __init__(self, house: OfficeHouse, seed: str) -> None:
        self.house, self.rnd = house, Random(seed)
        self.done: Counter[tuple[str, str]] = Counter()
        self.refused: Counter[str] = Counter()
        self.story: list[str] = []
        self.drafts: dict[tuple[str, int], str] = {}
        house.process.clerks = set(CLERKS)
        self.case_id = house.start(CLERKS[self.rnd.randint(1, 6)])
        if self.rnd.random() < 0.7:  # most of what is special comes after the first step
            self.house.complete(self.house.row(self.case_id, "a"), self.house_starter())
        self.check()

    def house_starter(self) -> Actor:
        """Who holds the first step."""
        return CLERKS[self.house.row(self.case_id, "a").assignee_id]

    # acting

    def go(self, longest: int = LONGEST) -> None:
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        for _ in range(longest):
            if self.house.case(self.case_id).state != "open":
                break
            verb = self.rnd.choices(names, weights)[0]
            self.step(verb)
        self.house.process.clerks = set(CLERKS)

    def step(self, verb: str) -> None:
        rows = self.house.rows(self.case_id, "open", "waiting", "closed")
        live = [row for row in rows if row.state != "closed"]
        fit = [row for row in (rows if verb == "recall" else live) if self._fits(verb, row, live)]
        if not fit and self.rnd.random() < 0.9:
            return
        row = self.rnd.choice(fit if fit and self.rnd.random() < 0.9 else live)
        actor = self._actor(row)
        kind = self._kind(row, live)
        self.story.append(f"{verb} {row.id}:{row.element}/{row.seat} by {actor.id}")
        try:
            ended = self._act(verb, row, actor)
        except EngineError as refusal:
            self.refused[verb] += 1
            self.story[-1] += f" -> {refusal}"
        else:
            if ended is not False:
                self.done[verb, kind] += 1
            self._follow(verb, row, actor)
        self.check()

    def _fits(self, verb: str, row: Any, live: list[Any]) -> bool:
        """Whether the verb has a chance on this row; one without is tried now and then all the same."""
        fits = {
            "submit": row.seat not in ("before", "after") and row.state == "open",
            "opinion": bool(row.seat) and row.state == "open",
            "hand_back": row.owner_id is not None,
            "resume": row.suspended_at is not None,
            "remove": any(r.seat_of == row.id for r in live),
            "return": row.element != "a" and row.state == "open",
            "recall": row.state == "waiting" or row.close_reason == "done",
            "claim": row.assignee_id == 0,
            "release": row.assignee_id != 0 and row.state == "open",
        }
        return fits.get(verb, row.state == "open")

    def _actor(self, row: Any) -> Actor:
        """Mostly somebody who may; sometimes anybody."""
        likely = [i for i in (row.assignee_id, row.owner_id, row.closed_by) if i in CLERKS]
        if likely and self.rnd.random() < 0.85:
            return CLERKS[self.rnd.choice(likely)]
        return CLERKS[self.rnd.randint(1, 6)]

    def _kind(self, row: Any, live: list[Any]) -> str:
        if row.seat == "signer":
            return {"voted": "all"}.get(self.house.name, self.house.name.removeprefix("several_"))
        if row.element in ("qa", "qb"):
            return "called"
        return (
            "branch"
            if len({r.token for r in live}) > 1 or (row.element in ("b", "b2", "c") and "branch" in self.house.name)
            else "single"
        )

    def _act(self, verb: str, row: Any, actor: Actor) -> Any:
        house, rnd = self.house, self.rnd
        person, text = rnd.randint(1, 7), rnd.choice(("甲", "乙", "丙"))
        more: dict[str, tuple[Any, dict[str, Any]]] = {
            "claim": (claim_task, {}),
            "release": (release_task, {}),
            "transfer": (transfer_task, {"to": person, "reason": text}),
            "delegate": (delegate_task, {"to": person, "note": text}),
            "hand_back": (hand_back_task, {"note": text}),
            "before": (
                add_signers,
                {"people": rnd.sample(range(1, 7), rnd.randint(1, 2)), "place": "before", "reason": text},
            ),
            "after": (
                add_signers,
                {"people": rnd.sample(range(1, 7), rnd.randint(1, 2)), "place": "after", "reason": text},
            ),
            "return": (
                return_task,
                {"target": rnd.choice(["a", "b", "m", "qa", "c"]), "reason": text, "whole": rnd.random() < 0.6},
            ),
            "recall": (recall_task, {"reason": text}),
            "suspend": (suspend_task, {"reason": text, "until": house.clock.now().date().replace(year=2030)}),
            "resume": (resume_task, {}),
        }
        if verb in more:
            command, parameters = more[verb]
            return house.verb(command, actor, row, **parameters)
        return getattr(self, f"_{verb}")(row, actor)

    def _submit(self, row: Any, actor: Actor) -> Any:
        return self.house.complete(row, actor, stop=self.rnd.random() < 0.02)

    def _opinion(self, row: Any, actor: Actor) -> Any:
        return self.house.opine(row, actor, self.rnd.random() < 0.7)

    def _draft(self, row: Any, actor: Actor) -> Any:
        text = f"稿{self.rnd.randint(0, 999)}"
        self.house.type(row, actor, text)
        self.drafts[row.form, actor.id] = text

    def _remove(self, row: Any, actor: Actor) -> Any:
        asked = [r.id for r in self.house.rows(self.case_id, "open", "waiting") if r.seat_of == row.id]
        return self.house.verb(remove_signer, actor, row, seat_id=self.rnd.choice(asked or [row.id]), reason="不用了")

    def _timer(self, _row: Any, _actor: Actor) -> Any:
        with self.house.runtime.reading() as connection:
            wanted = select(timer.c.id, timer.c.due_at).where(timer.c.case_id == self.case_id, timer.c.state == "armed")
            armed = connection.execute(wanted).all()
        if not armed:
            return False
        chosen = self.rnd.choice(armed)
        self.house.clock.at = max(self.house.clock.at, chosen.due_at)
        return self.house.act(fire_timer, SYSTEM, timer_id=chosen.id)["fired"]

    def _leave(self, _row: Any, actor: Actor) -> Any:
        """Somebody's term ends; what she had is handed over."""
        if len(self.house.process.clerks) > 4:
            self.house.process.clerks.discard(actor.id)
        return self._restaff()

    def _come(self, _row: Any, _actor: Actor) -> Any:
        self.house.process.clerks = set(CLERKS)
        return self._restaff()

    def _restaff(self) -> Any:
        for row in self.house.rows(self.case_id, "open"):
            if self.house.task(row.id).state == "open":
                self.house.act(hand_over, SYSTEM, task_id=row.id)

    def _assign(self, row: Any, _actor: Actor) -> Any:
        """The head gives an open step to somebody."""
        return self.house.act(assign_task, HEAD, task_id=row.id, account_id=self.rnd.randint(1, 7))

    def _terminate(self, _row: Any, _actor: Actor) -> Any:
        return self.house.act(terminate_case, HEAD, case_id=self.case_id, reason="不办了")

    def _withdraw(self, _row: Any, _actor: Actor) -> Any:
        return self.house.act(withdraw_case, HEAD, case_id=self.case_id, reason="不办了")

    def _follow(self, verb: str, row: Any, actor: Actor) -> None:
        """What the act says of the drafts: a submission ends them, a handing over adds one."""
        if verb == "submit":
            others = [
                r for r in self.house.rows(self.case_id, "open", "waiting") if r.form == row.form and r.id != row.id
            ]
            ended = [key for key in self.drafts if key[0] == row.form and (key[1] == actor.id or not others)]
            for key in ended:
                stayed = self._stored().get(key)
                if key[1] == actor.id or stayed is None:
                    del self.drafts[key]
        stored = self._stored()
        if verb in ("transfer", "delegate", "hand_back"):
            for key, text in stored.items():
                if key not in self.drafts or (verb == "hand_back" and key == (row.form, row.owner_id)):
                    self.drafts[key] = text

    # what must hold

    def check(self) -> None:
        try:
            self._check()
        except AssertionError as broken:
            raise AssertionError("\n".join([*self.story[-25:], str(broken)])) from broken

    def _check(self) -> None:
        with self.house.runtime.reading() as connection:
            rows = connection.execute(select(task).where(task.c.case_id == self.case_id)).all()
            process = connection.execute(select(instance).where(instance.c.case_id == self.case_id)).one()
            parsed = self.house.runtime.definitions.get(process.definition_id)
            peeked = stepping.peek(parsed, process.state)
            self._check_tokens(rows, peeked)
            self._check_seats(rows, parsed)
            self._check_timers(connection, peeked, rows)
            self._check_hands(rows, connection)
            assert audit.verify(connection, self.house.runtime.vault, self.case_id).genuine
            entries = opening.entries(connection, self.house.runtime.vault, self.case_id)
        told = {i: (s.element, s.state, s.assignee, s.owner, s.suspended) for i, s in replay(entries).items()}
        live = [r for r in rows if r.state != "closed"]
        assert told == {
            r.id: (r.element, r.state, r.assignee_id, r.owner_id, r.suspended_at is not None) for r in live
        }, "the history tells otherwise"
        assert self._stored() == self.drafts, "a draft was lost or appeared"

    def _stored(self) -> dict[tuple[str, int], str]:
        with self.house.runtime.reading() as connection:
            found = connection.execute(select(draft).where(draft.c.case_id == self.case_id)).all()
        return {(d.form, d.by_id): self.house.runtime.vault.open_json(d.answers_sealed)["text"] for d in found}

    def _check_tokens(self, rows: Any, peeked: Any) -> None:
        live = {r.token for r in rows if r.state != "closed"}
        assert live == {t.id for t in peeked.tasks}, f"live tokens {peeked.tasks} and rows {live}"
        for token in live:
            seats = [r for r in rows if r.token == token and r.state != "closed"]
            assert any(r.state == "open" for r in seats), f"nobody can act on token {token}"

    def _check_seats(self, rows: Any, parsed: Any) -> None:
        for row in (r for r in rows if r.state != "closed"):
            own = [r for r in rows if r.token == row.token]
            if not parsed.elements[row.element].signing and not row.seat:
                assert [r.id for r in own if not r.seat and r.state != "closed"] == [row.id]
            if row.seat in ("before", "after"):
                asker = next(r for r in rows if r.id == row.seat_of)
                assert asker.state != "closed" or asker.close_reason == "signed", "asked by nobody any more"
                assert row.assignee_id, "a person was asked"

    def _check_timers(self, connection: Any, peeked: Any, rows: Any) -> None:
        armed = connection.execute(
            select(timer).where(timer.c.case_id == self.case_id, timer.c.state.in_(("armed", "paused")))
        ).all()
        broken = sorted(t.token for t in armed if t.level == "broken")
        assert broken == sorted(t.id for t in peeked.timers), "timers of the drawing and armed rows"
        standing = {t.element for t in peeked.tasks}
        assert {t.attached_to for t in armed if t.level != "broken"} <= standing, "an orphan warning"
        waits = {r.element for r in rows if r.suspended_at is not None and r.state != "closed"}
        assert {t.attached_to for t in armed if t.state == "paused"} <= waits, "a clock that stands still for nobody"

    def _check_hands(self, rows: Any, connection: Any) -> None:
        """Nobody in two seats of a step; nobody submitted a step she may not do after another one."""
        for token in {r.token for r in rows if r.state != "closed"}:
            seats = [r for r in rows if r.token == token]
            signed = [r.closed_by for r in seats if r.close_reason == "signed"]
            sitting = [i for r in seats if r.state != "closed" for i in (r.assignee_id, r.owner_id) if i]
            assert len(signed + sitting) == len(set(signed + sitting)), "one person in two seats"
        by_form: dict[str, int] = {}
        wanted = select(form_version).where(form_version.c.case_id == self.case_id).order_by(form_version.c.id)
        for version in connection.execute(wanted):
            by_form[version.form] = version.by_id
            if version.form == "f_d":
                assert version.by_id != by_form.get("f_a"), "four eyes"
