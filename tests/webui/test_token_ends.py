"""What ends the tokens of an account besides their own end."""

from __future__ import annotations

import pytest

from tests.webui.test_own_account import asks, token_of
from workflows import staff


@pytest.mark.parametrize("act", ["closed and opened again", "given a start password"])
def test_a_token_does_not_outlive_the_closing_of_the_account_or_a_password_somebody_else_gave(site, house, visit, act):
    """Whoever made it may be the reason for closing: it does not come back to life with the account."""
    _, token = token_of(visit("v1chair"), "inbox.read")
    hers = {"account_id": house.actor("v1chair").id}
    if act == "given a start password":
        house.act(staff.note_start_password, "sysadmin", **hers)
    else:
        for active in (False, True):
            house.act(staff.set_account_state, "sysadmin", active=active, **hers)
    assert asks(site, "inbox", token).status_code == 401
