"""What is sealed opens only with the installation's key; equal values meet under a keyed hash."""

from __future__ import annotations

import pickle
import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest
from cryptography.fernet import Fernet

from engine.fields import KeysMissing, KeyState, KeyUse, Unreadable, Vault, canonical, digest
from engine.keyring import BadKeys, KeyFile, key_of, new_key, parsed


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


def turned(steps: int = 2) -> tuple[Vault, Vault]:
    """A vault with one key, and the same house after so many keys have counted one after the other."""
    keys = [new_key() for _ in range(steps)]
    before, after = Vault([keys[0].secret or b""]), Vault([key.secret or b"" for key in reversed(keys)])
    last = len(keys) - 1
    after.follow(tuple(KeyUse(k.id, n + 1, "current" if n == last else "old") for n, k in enumerate(keys)))
    return before, after


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_hash_is_brought_to_the_newest_key_without_knowing_what_it_is_of(steps: int) -> None:
    before, after = turned(steps)
    old, new = before.lookup("idcard", "1"), after.lookup("idcard", "1")
    assert (after.raised(old), after.raised(new)) == (new, new)
    assert after.lookups("idcard", "1")[0] == old
    assert len(new) <= 64
    assert (old == new) is (steps == 1)
    assert new != after.lookup("idcard", "2")


def test_the_old_key_alone_makes_no_new_hash_and_no_new_vouching() -> None:
    before, after = turned()
    assert after.vouches(before.vouch("head", 1), "head", 1), "what the old key vouched for stays vouched for"
    assert after.vouches(after.vouch("head", 1), "head", 1)
    assert not before.vouches(after.vouch("head", 1), "head", 1)
    bent = after.vouch("head", 1).rpartition(".")[0]
    for mac in ("", bent, f"{bent}.1", f"{bent}.3", f"{bent}.x", "王" * 64):
        assert not after.vouches(mac, "head", 1), mac


def test_what_is_sealed_names_its_key_and_a_key_at_rest_opens_nothing() -> None:
    before, after = turned()
    old, new = before.seal(b"x"), after.seal(b"x")
    assert (after.open(old), after.open(new)) == (b"x", b"x")
    assert (after.is_current(old), after.is_current(new)) == (False, True)
    rested = after.without(before.current)
    assert rested.open(new) == b"x"
    assert rested.lookup("idcard", "1") == after.lookup("idcard", "1"), "hashing goes on"
    with pytest.raises(Unreadable):
        rested.open(old)
    assert not rested.vouches(before.vouch("head", 1), "head", 1)


def test_what_was_sealed_before_keys_were_named_opens() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    assert Vault([new, old]).open(Fernet(old).encrypt(b"x")) == b"x"


def test_a_key_that_was_added_to_the_file_is_taken_up_without_a_restart(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys")
    running = Vault.from_file(tmp_path / "keys")
    file.save([new_key(), *running.keys])
    other = Vault.from_file(tmp_path / "keys")
    assert running.open(other.seal(b"x")) == b"x"
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


def test_without_a_key_that_counts_nothing_goes_on() -> None:
    mine, other = new_key(), new_key()
    vault = Vault([mine.secret or b""])
    for uses in (
        (KeyUse(other.id, 1, KeyState.CURRENT),),
        (KeyUse(mine.id, 1, KeyState.OLD), KeyUse(other.id, 2, KeyState.CURRENT)),
        (KeyUse(other.id, 1, KeyState.OLD), KeyUse(mine.id, 2, KeyState.CURRENT)),
    ):
        with pytest.raises(KeysMissing, match=other.id):
            vault.follow(uses)
    vault.follow((KeyUse(mine.id, 1, KeyState.CURRENT), KeyUse(other.id, 2, KeyState.ANNOUNCED)))
    assert vault.current == mine.id


def test_who_asks_in_an_older_transaction_does_not_turn_the_house_back() -> None:
    _, after = turned()
    uses = after.uses
    after.follow((uses[0]._replace(state="current"), uses[1]._replace(state="announced")))
    assert after.step == 2


@pytest.mark.parametrize("text", [b"", b"\n", b"no key", b"lookup:0123456789abcdef:AAAA", b"lookup:x"])
def test_a_key_file_without_a_key_or_with_a_line_that_is_none_is_refused_and_not_told(text: bytes) -> None:
    good = Fernet.generate_key()
    for content in (text, *([good + b"\n" + text] if text.strip() else [])):
        with pytest.raises(BadKeys) as refused:
            parsed(content, "keys")
        assert good.decode() not in str(refused.value)


def test_a_file_holds_keys_and_what_is_left_of_keys_at_rest() -> None:
    one, two = new_key(), new_key()
    found = parsed(b",".join(k.line for k in (one, two.at_rest())), "x")
    assert [(k.id, k.secret, k.lookup) for k in found] == [(one.id, one.secret, one.lookup), (two.id, None, two.lookup)]


def test_keys_show_neither_in_words_nor_in_traces() -> None:
    vault = Vault([key_of(Fernet.generate_key()).secret or b""])
    secrets = [form for key in vault.keys for form in (key.secret or b"", key.lookup, key.lookup.hex().encode())]
    shown = f"{vault!r} {vault.keys!r} {vars(vault)!r} {vault.source!r}".encode()
    assert not any(secret in shown or repr(secret).encode() in shown for secret in secrets)
    with pytest.raises(TypeError):
        pickle.dumps(vault)
