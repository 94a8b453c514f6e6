"""What is sealed opens only with the installation's key; equal values meet under a keyed hash."""

from __future__ import annotations

import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest
from cryptography.fernet import Fernet

from engine.fields import Unreadable, Vault, canonical, digest


def test_what_was_sealed_comes_back_and_does_not_show_itself() -> None:
    vault = Vault([Fernet.generate_key()])
    sealed = vault.seal_json({"name": "半边天", "amount": "80000.00"})
    assert "半边天".encode() not in sealed
    assert vault.open_json(sealed) == {"name": "半边天", "amount": "80000.00"}


@pytest.mark.parametrize("spoil", [lambda s: s[:-2] + b"xx", lambda _s: b"", lambda _s: b"plain"])
def test_altered_bytes_are_refused(spoil) -> None:
    vault = Vault([Fernet.generate_key()])
    with pytest.raises(Unreadable):
        vault.open(spoil(vault.seal(b"x")))


def test_a_new_key_on_top_keeps_old_content_readable_and_old_hashes_valid() -> None:
    old = Fernet.generate_key()
    before, after = Vault([old]), Vault([Fernet.generate_key(), old])
    assert after.open(before.seal(b"x")) == b"x"
    assert after.lookup("idcard", "1") == before.lookup("idcard", "1")


def test_another_installation_neither_opens_nor_recognises() -> None:
    here, there = Vault([Fernet.generate_key()]), Vault([Fernet.generate_key()])
    with pytest.raises(Unreadable):
        there.open(here.seal(b"x"))
    assert here.lookup("idcard", "1") != there.lookup("idcard", "1")


def test_hashes_of_different_kinds_never_meet() -> None:
    vault = Vault([Fernet.generate_key()])
    assert vault.lookup("idcard", "1") != vault.lookup("phone", "1")


def test_the_key_file_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "key"
    first = Vault.from_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault.from_file(path).open(first.seal(b"x")) == b"x"


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": "乙"}) == '{"a":"乙","b":1}'.encode()
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": "2"})


def test_processes_that_start_at_once_share_one_key_file(tmp_path: Path) -> None:
    place, together, vaults = tmp_path / "keys", Barrier(6, timeout=60), []

    def start() -> None:
        together.wait()
        vaults.append(Vault.from_file(place))

    threads = [Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed = vaults[0].seal(b"x")
    assert [vault.open(sealed) for vault in vaults] == [b"x"] * 6
    assert [file.name for file in tmp_path.iterdir()] == ["keys"]


def test_what_is_vouched_for_depends_on_every_value_and_on_the_key() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    vault = Vault([old])
    assert vault.vouch("head", 1, 2) == Vault([new, old]).vouch("head", 1, 2), "rotation keeps it"
    assert len({vault.vouch("head", 1, 2), vault.vouch("head", 12), vault.vouch("entry", 1, 2)}) == 3
    assert Vault([new]).vouch("head", 1, 2) != vault.vouch("head", 1, 2)
