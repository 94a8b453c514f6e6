"""Wrong passwords by the thousand: what is locked, who still gets in, and whether time tells a known login from an unknown one.

``python -m benchmarks.sign_in [postgresql]`` in a database of its own; real Argon2. Prints milliseconds: median and the
95th of a hundred, known and unknown logins in turn, at the three turns an attempt can take.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import pyotp
from cryptography.fernet import Fernet

from engine import sealed_logs
from engine.access import SYSTEM
from engine.clock import SystemClock
from engine.database import Database
from engine.fields import Vault
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from tests.databases import PostgresDatabases
from tests.postgres import Server, new_run
from workflows import accounts, organisation, passwords, schema, second_factor, sign_in_history
from workflows.chart import UnitKind
from workflows.federation_rules import FederationRules
from workflows.model_sign_in import sign_in_record
from workflows.whereabouts import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

ATTEMPTS, ADDRESSES, EACH = 1000, 50, 150
PASSWORD = "七只喜鹊落在老槐树的北边枝头"


def main() -> None:
    """Run everything once."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = f"sqlite:///{Path(folder) / 'b.sqlite'}"
        if sys.argv[1:] == ["postgresql"]:
            server = Server(new_run())
            stack.callback(server.stop)
            url = PostgresDatabases(server.ensure_started()).create()
        schema.upgrade(url)
        vault = Vault([Fernet.generate_key()])
        runtime = Runtime(Database(url), vault, FederationRules(vault), {}, SystemClock())
        secret = _people(runtime)
        print(f"{runtime.database.engine.dialect.name}: {EACH} each, milliseconds, median / 95 of 100")
        _compare("first wrong password", lambda kind, n: _tried(runtime, f"{kind}{n}", address=f"{kind}{n // 20}"))
        _attack(runtime)
        for turn, code in (("while it must wait", ""), ("while it must wait, with a code", "000000")):
            logins = {"known": "victim", "unknown": "nobody"}
            _compare(
                turn,
                lambda kind, n, c=code, w=logins: _tried(runtime, w[kind], code=c, address=f"{kind}-{c}-{n // 20}"),
            )
        print("password alone:", _tried(runtime, "victim", PASSWORD)[1])
        _crowd(runtime)
        code = secret.at(runtime.clock.now())
        print("password and code:", _tried(runtime, "victim", PASSWORD, code=code, address="home")[1])
        runtime.database.dispose()


def _people(runtime: Runtime) -> pyotp.TOTP:
    hashed = passwords.hash_password(PASSWORD)
    with unit_of_work(runtime, SYSTEM) as work:
        connection = work.connection
        county = organisation.add_unit(connection, parent_id=None, kind=UnitKind.COUNTY, name="C", code="C1")
        for login in ("victim", *(f"known{n}" for n in range(EACH))):
            account = accounts.add_account(connection, login=login, name=login, password_hash=hashed)
            since = work.today.replace(day=1, month=1)
            organisation.appoint(connection, account_id=account, post="LOAN_WORKER", unit_id=county.id, since=since)
            if login == "victim":
                shown = second_factor.begin(connection, runtime.vault, account, login, work.now)
                secret = pyotp.TOTP(shown.secret.replace(" ", ""))
                # the code of the step before, so that the present one is still unused
                second_factor.confirm(
                    connection, runtime.vault, account, secret.at(work.now - timedelta(seconds=30)), work.now
                )
    return secret


def _attack(runtime: Runtime) -> None:
    """A thousand wrong passwords for a known and for an unknown login, from fifty addresses each."""
    for login in ("victim", "nobody"):
        began = time.perf_counter()
        said = Counter(
            _tried(runtime, login, address=f"{login}/{n % ADDRESSES}")[1].split("，")[0] for n in range(ATTEMPTS)
        )
        print(f"{login}: {ATTEMPTS} from {ADDRESSES} addresses in {time.perf_counter() - began:.1f} s: {dict(said)}")


def _crowd(runtime: Runtime) -> None:
    """What writing an attempt down takes among fifty who do nothing else, alone and while anchors close the history off."""
    for turn, closing in (("the first time", False), ("alone", False), ("while it is closed off all the time", True)):
        over, counts = threading.Event(), [0]
        closer = threading.Thread(target=_close_off, args=(runtime, over, counts))
        if closing:
            closer.start()
        with ThreadPoolExecutor(ADDRESSES) as crowd:
            taken = sorted(crowd.map(lambda n: _written(runtime, n), range(5 * ATTEMPTS)))
        over.set()
        if closing:
            closer.join(60)
        told = f"{median(taken):.1f} / {taken[len(taken) * 95 // 100]:.1f} / {taken[-1]:.1f}"
        print(f"an attempt written down among {ADDRESSES}, {turn} ({counts[0]} times): {told}")


def _close_off(runtime: Runtime, over: threading.Event, counts: list[int]) -> None:
    """As another process does it, with connections of its own."""
    url = runtime.database.engine.url.render_as_string(hide_password=False)
    runtime = Runtime(Database(url), runtime.vault, runtime.rules, {}, runtime.clock)
    while not over.wait(0.02):
        with unit_of_work(runtime, SYSTEM) as work:
            sealed_logs.fence(work, sign_in_record)
        counts[0] += 1
    runtime.database.dispose()


def _written(runtime: Runtime, number: int) -> float:
    began = time.perf_counter()
    with unit_of_work(runtime, SYSTEM) as work:
        origin = Origin("inside", "Windows · Firefox")
        known = number % 100 + 1
        sign_in_history.record(work.connection, known, work.now, result="refused", how="password", origin=origin)
    return (time.perf_counter() - began) * 1000


def _tried(
    runtime: Runtime, login: str, password: str = "wrong", *, code: str = "", address: str = "x"
) -> tuple[float, str]:
    began = time.perf_counter()
    try:
        said = accounts.sign_in(runtime, login, password, code=code, address=address).stage
    except accounts.SignInRefused as refused:
        said = refused.render()
    return (time.perf_counter() - began) * 1000, str(said)


def _compare(turn: str, attempt: Callable[[str, int], tuple[float, str]]) -> None:
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    said: dict[str, set[str]] = {"known": set(), "unknown": set()}
    attempt("known", 0), attempt("unknown", 0)
    for n in range(EACH):
        for kind in ("known", "unknown") if n % 2 else ("unknown", "known"):
            took, answer = attempt(kind, n)
            taken[kind].append(took)
            said[kind].add(answer)
    told = {kind: f"{median(each):.2f} / {quantiles(each, n=20)[-1]:.2f}" for kind, each in taken.items()}
    alike = "the same words" if said["known"] == said["unknown"] else f"DIFFERENT WORDS {said}"
    print(f"{turn}: known {told['known']}, unknown {told['unknown']}; {alike}")


if __name__ == "__main__":
    main()
