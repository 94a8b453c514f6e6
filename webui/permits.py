"""The permit of the gate for a sheet that is handed to the person of a case."""

from __future__ import annotations

from engine.commands.contact import ask_contact
from engine.outgoing import Permit, redeem
from webui.runtime import act, house, me, now, reading


def permit_for(case_id: int, sheet: str, key: str) -> Permit:
    """Ask the gate to hand a sheet to her; Forbidden with its reason. The same request gets the same permit."""
    told = act(ask_contact, key=f"{key}-p-{sheet}"[:64], case_id=case_id, channel="IN_PERSON", sheet=sheet)
    with reading() as connection:
        return redeem(connection, house().vault, me(), told.content["permit"], now())
