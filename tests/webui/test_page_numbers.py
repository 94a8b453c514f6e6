"""A form that was opened before a change of keys is taken after it, and by a process that has not seen the change itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.keys import announce_key
from engine.fields import Vault
from engine.keyring import KeyFile, new_key
from tests.webui.visitors import Visitor, open_site
from tests.workflows.processes.loan.house import KEY
from workflows import rekeying
from workflows.federation_rules import FederationRules

if TYPE_CHECKING:
    from pathlib import Path


def test_a_form_outlives_a_change_of_keys_in_every_process(house, tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys")
    (tmp_path / "keys").write_bytes(KEY + b"\n")
    house.runtime.vault = Vault(source=file)
    house.runtime.rules = FederationRules(house.runtime.vault)
    site, case_id = open_site(house), house.begin(papers=())
    task_id = house.open_task(case_id).id
    visitor = Visitor(site).sign_in("v1chair")
    before, secret = visitor.get(f"/tasks/{task_id}").fields(), site.config["SECRET_KEY"]
    made = new_key()
    file.save([made, *house.runtime.vault.keys])
    house.runtime.vault.reload()
    house.act(announce_key, "sysadmin", key_id=made.id)
    rekeying.change_over(house.runtime)
    other = open_site(house)  # a process that began after the change
    assert other.config["SECRET_KEY"] not in (secret, KEY.decode())
    for application in (site, other):
        again = Visitor(application)
        again.client._cookies = visitor.client._cookies
        assert again.get(f"/tasks/{task_id}").status == 200
        answer = again.post(f"/tasks/{task_id}/draft", {**before, "purpose": "先写一半"})
        assert answer.status in (200, 204, 303), answer.body[:300]
    assert site.config["SECRET_KEY"] == other.config["SECRET_KEY"] != secret
    strange = {**before, "csrf_token": "x" + before["csrf_token"][1:]}
    assert visitor.post(f"/tasks/{task_id}/draft", strange).status == 400
