"""The town nine days later, with everything under way that a command can be about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.access import SYSTEM
from engine.commands.signing import Reauthentication
from tests.access.given import GIVEN, WORDS, Named
from tests.access.making import Making
from tests.access.offices import audits, emergencies, handovers, others, receptions, staff
from tests.access.unled import without_anybody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.access import Actor
    from tests.access.conftest import Town

LATER = timedelta(days=9)


@dataclass(frozen=True)
class Desk:
    """People by label; what a command can be given by name of the parameter, for each situation ("-": about no case)."""

    town: Town
    people: Mapping[str, Actor]
    known: Mapping[str, Mapping[str, Any]]

    def given(self, command: str, wanted: Mapping[str, Any], situation: str, actor: Actor) -> dict[str, Any]:
        """Parameters for somebody's attempt: those that are required, and those of the others that stand in GIVEN."""
        special = GIVEN.get(command, {})
        proof = Reauthentication(actor.id, self.town.house.clock.now())
        known = {**WORDS, "proof": proof, "signature": proof, **self.known["-"], **self.known[situation]}
        required = [
            name for name, each in wanted.items() if each.default is each.empty and each.kind is not each.VAR_KEYWORD
        ]
        chosen = {name: special.get(name, Named(name)) for name in dict.fromkeys([*required, *special])}
        return {name: known[value.name] if isinstance(value, Named) else value for name, value in chosen.items()}


def set_up(town: Town) -> Desk:
    """Made by people in their own names wherever it is people who make it."""
    town.house.clock.at += LATER
    made = Making(town)
    made.house()
    made.cases()
    made.supervision()
    for set_out in (audits, emergencies, without_anybody, staff, handovers, receptions, others):
        set_out(made)
    people = {label: town.house.actor(each.login) for label, each in town.people.items()}
    return Desk(town, {**people, "glass": town.house.actor("t1vice"), "system": SYSTEM}, made.known)
