"""Verbs at random on one case, and what must hold after each of them."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

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
from tests.engine.verbs.guiding import OTHERS, VERBS, Attempt, cells, choose, kind_of
from tests.engine.verbs.office import CLERKS, HEAD
from tests.engine.verbs.whole import Whole

if TYPE_CHECKING:
    from engine.access import Actor
    from tests.engine.verbs.office import OfficeHouse
    from tests.engine.verbs.whole import Seen

LONGEST = 60
#: the whole chain is verified so often, besides at the end
_ALL_AT = 20
_BY_A_DEPUTY = frozenset(("claim", "release", "submit", "opinion", "draft", "return"))


class Walk:
    """One case; `done` counts the verbs that went through, by the kind of node they were applied to."""

    def __init__(self, house: OfficeHouse, number: int) -> None:
        self.house, self.rnd = house, Random(f"{house.name} {number}")
        self.done: Counter[tuple[str, str]] = Counter()
        self.refused: Counter[str] = Counter()
        self.story: list[str] = []
        self.drafts: dict[tuple[str, int], str] = {}
        aims = cells(house.name)
        self.after = aims[number % len(aims)]
        self.last = "terminate" if number % 2 else "withdraw"
        house.process.clerks = set(CLERKS)
        self.case_id = house.start(CLERKS[self.rnd.randint(1, 6)])
        self.whole = Whole(house, self.case_id)
        self.seen = self._checked()

    def go(self, longest: int = LONGEST) -> None:
        """Walk; a case that is still open is mostly ended at last, by either verb."""
        for step in range(longest):
            if self.seen.case.state != "open":
                break
            self.step()
            if step % _ALL_AT == _ALL_AT - 1:
                self._all()
        if self.seen.case.state == "open" and self.rnd.random() < 0.8:
            self.attempt(Attempt(self.last, self.rnd.choice(self.seen.live), HEAD.id))
        self._all()
        self.house.process.clerks = set(CLERKS)

    def step(self) -> None:
        """Mostly what should go through; sometimes anything by anybody."""
        chosen = None
        if self.rnd.random() < 0.8:
            chosen = choose(self.rnd, self.house.name, self.seen, self.after, self.done)
        self.attempt(chosen or self._anything())

    def _anything(self) -> Attempt:
        verb = self.rnd.choice([each for each in VERBS if each not in ("terminate", "withdraw", "timer")])
        rows = [r for r in self.seen.rows if verb == "recall" or r.state != "closed"]
        row = self.rnd.choice(rows)
        likely = [i for i in (row.assignee_id, row.owner_id, row.closed_by) if i in CLERKS]
        by = self.rnd.choice(likely) if likely and self.rnd.random() < 0.6 else self.rnd.randint(1, 6)
        if row.element in ("d", "c") and self.seen.first and self.rnd.random() < 0.4:
            by = self.rnd.choice(sorted(self.seen.first))  # who may not: four eyes
            verb = self.rnd.choice(("claim", "submit", "submit", "draft"))
        return Attempt(verb, row, by)

    def attempt(self, chosen: Attempt) -> None:
        """Act, count, and check; what is refused must have changed nothing."""
        verb, row = chosen.verb, chosen.row
        actor = self._actor(chosen)
        place = f" for {actor.stand_ins[0].absent.id}" if actor.stand_ins else ""
        self.story.append(f"{verb} {row.id}:{row.element}/{row.seat} by {actor.id}{place}")
        before = self.seen
        try:
            ended = self._act(chosen, actor)
        except EngineError as refusal:
            self.refused[verb] += 1
            self.story[-1] += f" -> {refusal}"
            self.seen = self._checked()
            if verb not in ("leave", "come") and self.seen.stored() != before.stored():
                raise AssertionError("\n".join([*self.story[-25:], "a refusal changed something"])) from refusal
            return
        if ended is not False:
            self.done[verb, kind_of(self.house.name, row.element)] += 1
        self._follow(verb, row, actor)
        self._heard(verb, row)
        self.seen = self._checked()
        if verb not in OTHERS and self.rnd.random() < 0.03:
            self._again()

    def _actor(self, chosen: Attempt) -> Actor:
        if chosen.verb in _BY_A_DEPUTY and self.house.deputies and self.rnd.random() < 0.08:
            return self.house.deputies[chosen.by if chosen.by in CLERKS else 1]
        return CLERKS.get(chosen.by, CLERKS[1])

    def _again(self) -> None:
        """The same request once more, as after a lost answer: it has been done, and is not done twice."""
        self.story.append("the same again")
        before = self.seen
        assert self.house.again().replayed
        self.seen = self._checked()
        assert (self.seen.stored(), self.seen.kinds) == (before.stored(), ()), "done twice"

    def _act(self, chosen: Attempt, actor: Actor) -> Any:
        verb, row, rnd = chosen.verb, chosen.row, self.rnd
        text, day = rnd.choice(("甲", "乙", "丙")), self.house.clock.now().date()
        if verb in ("before", "after"):
            some = [i for i in CLERKS if i != actor.id]
            asked = rnd.sample(some, rnd.randint(1, 2))
            return self._on(add_signers, actor, row, people=asked, place=verb, reason=text, in_order=rnd.random() < 0.5)
        more: dict[str, tuple[Any, dict[str, Any]]] = {
            "claim": (claim_task, {}),
            "release": (release_task, {}),
            "transfer": (transfer_task, {"to": self._other(row), "reason": text}),
            "delegate": (delegate_task, {"to": self._other(row), "note": text}),
            "hand_back": (hand_back_task, {"note": text}),
            "return": (
                return_task,
                {"target": self._target(row.element), "reason": text, "whole": rnd.random() < 0.7},
            ),
            "recall": (recall_task, {"reason": text}),
            "suspend": (suspend_task, {"reason": text, "until": day.replace(year=2030)}),
            "resume": (resume_task, {}),
        }
        if verb in more:
            command, parameters = more[verb]
            return self._on(command, actor, row, **parameters)
        return self._timer(chosen) if verb == "timer" else getattr(self, f"_{verb}")(row, actor)

    def _on(self, command: Any, actor: Actor, row: Any, **parameters: Any) -> Any:
        """A verb on the task as the page showed it, which now and then was another."""
        seen = row.version
        if self.rnd.random() < 0.02:
            seen += self.rnd.choice((-1, 1))
        answer = self.house.act(command, actor, task_id=row.id, seen_version=seen, **parameters)
        assert seen == row.version, "a stale page was acted upon"
        return answer

    def _target(self, element: str) -> str:
        elements = [e for e in ("a", "b", "c", "b2", "m", "qa", "qm", "d") if self._drawn(e)]
        return self.rnd.choice([e for e in elements if e != element and self.rnd.random() < 0.9] or elements)

    def _drawn(self, element: str) -> bool:
        return element in self.house.runtime.definitions.get(self.seen.process.definition_id).elements

    def _submit(self, row: Any, actor: Actor) -> Any:
        return self.house.complete(row, actor, stop=self.rnd.random() < 0.02)

    def _opinion(self, row: Any, actor: Actor) -> Any:
        return self.house.opine(row, actor, self.rnd.random() < 0.7)

    def _draft(self, row: Any, actor: Actor) -> Any:
        text = f"稿{self.rnd.randint(0, 999)}"
        self.house.type(row, actor, text)
        self.drafts[row.form, actor.id] = text

    def _remove(self, row: Any, actor: Actor) -> Any:
        asked = [r.id for r in self.seen.live if r.seat_of == row.id]
        return self._on(remove_signer, actor, row, seat_id=self.rnd.choice(asked or [row.id]), reason="不用了")

    def _timer(self, chosen: Attempt) -> Any:
        self.house.clock.at = max(self.house.clock.at, chosen.timer.due_at)
        return self.house.act(fire_timer, SYSTEM, timer_id=chosen.timer.id)["fired"]

    def _leave(self, _row: Any, actor: Actor) -> Any:
        """Somebody's term ends; what she had is handed over."""
        if len(self.house.process.clerks) > 4:
            self.house.process.clerks.discard(actor.id)
        return self._restaff()

    def _come(self, _row: Any, _actor: Actor) -> Any:
        self.house.process.clerks = set(CLERKS)
        return self._restaff()

    def _restaff(self) -> Any:
        for row in self.seen.live:
            if row.state == "open" and self.house.task(row.id).state == "open":
                self.house.act(hand_over, SYSTEM, task_id=row.id)

    def _assign(self, row: Any, _actor: Actor) -> Any:
        """The head gives an open step to somebody."""
        return self.house.act(assign_task, HEAD, task_id=row.id, account_id=self._other(row))

    def _other(self, row: Any) -> int:
        """Mostly a colleague who has nothing to do with the step yet, sometimes anybody."""
        if self.rnd.random() < 0.2:
            return self.rnd.randint(1, 7)
        part = [r for r in self.seen.rows if r.token == row.token]
        taken = {i for r in part for i in (r.assignee_id, r.owner_id, r.closed_by)}
        return self.rnd.choice([i for i in CLERKS if i not in taken] or [1])

    def _terminate(self, _row: Any, _actor: Actor) -> Any:
        return self.house.act(terminate_case, HEAD, case_id=self.case_id, reason="不办了")

    def _withdraw(self, _row: Any, _actor: Actor) -> Any:
        return self.house.act(withdraw_case, HEAD, case_id=self.case_id, reason="不办了")

    def _follow(self, verb: str, row: Any, actor: Actor) -> None:
        """What the act means for the drafts: a submission ends those of its form, a handing over gives one along."""
        if verb == "submit":
            now = {r.id for r in self.house.rows(self.case_id, "open", "waiting")}
            others = [r for r in self.seen.live if r.form == row.form and r.id != row.id and r.id in now]
            for key in [k for k in self.drafts if k[0] == row.form and (k[1] == actor.id or not others)]:
                del self.drafts[key]
        if verb in ("transfer", "delegate"):
            self._given(row.form, actor.id, self.house.last_parameters["to"], over=False)
        if verb == "hand_back":
            lent = bool((row.carried or {}).get("lent"))
            self._given(row.form, row.assignee_id, row.owner_id, over=lent)

    def _heard(self, verb: str, row: Any) -> None:
        """Whoever submits has heard everybody she had to hear; the last signer submits, she has no opinion to give."""
        beside = [r for r in self.seen.live if r.token == row.token and r.id != row.id]
        others = [r for r in beside if r.seat == "signer"]
        if verb in ("submit", "opinion") and row.seat not in ("before", "after"):
            first = [r for r in beside if r.seat == "before" and r.seat_of == row.id]
            assert not first, "\n".join([*self.story[-25:], "not everybody was heard who was to be heard first"])
        if verb == "submit" and row.seat == "signer" and self.house.name != "several_any":
            assert not others, "\n".join([*self.story[-25:], "submitted before the others have signed"])
        if verb == "opinion" and row.seat == "signer":
            assert others, "\n".join([*self.story[-25:], "the last one signed an opinion instead of submitting"])

    def _given(self, form: str, giver: int, taker: int, *, over: bool) -> None:
        text = self.drafts.get((form, giver))
        if text is not None and (over or (form, taker) not in self.drafts):
            self.drafts[form, taker] = text

    def _checked(self) -> Seen:
        try:
            seen = self.whole.look()
            assert seen.drafts == self.drafts, "a draft was lost or appeared"
        except AssertionError as broken:
            raise AssertionError("\n".join([*self.story[-25:], str(broken)])) from broken
        return seen

    def _all(self) -> None:
        try:
            self.whole.look_at_all()
        except AssertionError as broken:
            raise AssertionError("\n".join([*self.story[-25:], str(broken)])) from broken
