"""Every file of the hostile corpus is refused quickly, in little memory, with its sentence, reaching no file and no host."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from engine.flow.expression import ExpressionFailed, compile_expression
from engine.flow.gate import check, check_tables
from engine.flow.soundness import examine
from tests.engine.flow.hostile.corpus import BEHAVIOUR, BOMBS, XML

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 0.2
PEAK = 24 * 1024 * 1024  # bytes that Python may hold at once: a file is at most 2 MiB
SECRET = "TOP-SECRET-42"
ALL = {**XML, **BEHAVIOUR}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.02)
        yield server


@pytest.fixture
def prepared(request: pytest.FixtureRequest, listener: socket.socket, tmp_path: Path) -> bytes:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    return ALL[request.param][0].replace(b"{address}", address.encode()).replace(b"{secret}", str(secret).encode())


def calls_nobody(listener: socket.socket) -> bool:
    try:
        connection, _ = listener.accept()
    except TimeoutError:
        return True
    connection.close()
    return False


@pytest.mark.parametrize(("prepared", "name"), [(name, name) for name in ALL], indirect=["prepared"])
def test_it_is_refused_with_its_sentence_and_reaches_nothing(
    prepared: bytes, name: str, listener: socket.socket
) -> None:
    refusals = [str(refusal) for refusal in check(prepared)]
    assert any(ALL[name][1] in refusal for refusal in refusals), refusals[:3]
    assert not any(SECRET in refusal for refusal in refusals)
    assert all(len(refusal) < 1000 for refusal in refusals)
    assert calls_nobody(listener)


@pytest.mark.parametrize("name", ALL)
def test_it_is_refused_quickly(name: str) -> None:
    assert min(_seconds(ALL[name][0]) for _ in range(3)) < SECONDS


def _seconds(data: bytes) -> float:
    began = time.process_time()
    check(data)
    return time.process_time() - began


@pytest.mark.parametrize("name", ALL)
def test_it_is_refused_in_little_memory(name: str) -> None:
    data = ALL[name][0]
    tracemalloc.start()
    try:
        check(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < PEAK


def test_the_whole_corpus_fits_a_process_of_300_megabytes_the_parser_included() -> None:
    program = (
        "from pathlib import Path; from tests.engine.flow.hostile.corpus import BEHAVIOUR, XML; from engine.flow.gate import check, check_tables\n"
        "for data, _ in [*XML.values(), *BEHAVIOUR.values()]: assert check(data); assert check_tables(data)\n"
        # the high-water mark of this process alone: ru_maxrss starts with what its parent used
        "print(next(line.split()[1] for line in Path('/proc/self/status').read_text().splitlines() if line.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 300 * 1024


@pytest.mark.parametrize("name", XML)
def test_the_other_readers_refuse_it_as_well(name: str) -> None:
    assert check_tables(XML[name][0])
    report = examine(XML[name][0])
    assert not report.can_always_end
    assert report.errors


@pytest.mark.parametrize("source", BOMBS)
def test_a_value_without_bounds_is_never_built(source: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ExpressionFailed):
            compile_expression(source).evaluate({"x": 10**60, "y": "9" * 4_000})
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()
