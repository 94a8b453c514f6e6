"""Who registers an item is asked about earlier ones of the same person; not about one that she is kept from (D3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.commands.teams import exclude

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse


@pytest.mark.parametrize("kept", ["nobody", "her", "her village", "another"])
def test_an_earlier_item_is_shown_to_nobody_who_is_kept_from_it(house: PetitionHouse, kept: str) -> None:
    first = house.accepted()
    who = {
        "her": {"account_id": house.actor("v1chair").id},
        "her village": {"unit_id": house.unit("V1")},
        "another": {"account_id": house.actor("v2chair").id},
    }
    if kept in who:
        house.act(exclude, "rightshead", case_id=first, reason="对方亲属", **who[kept])
    again = house.registered("v1chair", at="V1", channel="POST")
    assert (house.where(again) == "T_Match") is (kept in ("nobody", "another"))
