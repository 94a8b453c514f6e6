"""Several web processes at one address: all of them answer, one that ends is replaced, and none outlives its parent."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
import urllib.request
import weakref
from contextlib import contextmanager

import psutil
import pytest

from benchmarks.house import free_port
from webui import serving as serving_module
from webui import settings
from workflows import schema

_PATIENCE = 30


def until(holds):
    """What `holds` gives as soon as it gives something."""
    for _ in range(_PATIENCE * 20):
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def serving(url, folder, *more):
    """`halfsky serve` on a database that is set up, and its port."""
    port = free_port()
    place = {
        "HALFSKY_DATA": str(folder), "HALFSKY_DATABASE_URL": url, "HALFSKY_PORT": str(port), "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    schema.upgrade(url)
    settings.from_environment(place).make_keys()
    command = [sys.executable, "-m", "webui.cli", "serve", *more]
    with subprocess.Popen(command, env=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield psutil.Process(server.pid), port, server
        finally:
            for each in [*psutil.Process(server.pid).children(), server] if server.poll() is None else []:
                each.kill()


def test_two_processes_answer_one_is_replaced_and_both_end_with_their_parent(databases, tmp_path):
    url = databases.create()
    try:
        with serving(url, tmp_path / "data", "--processes", "2") as (parent, port, server):
            if url.startswith("sqlite"):
                _, said = server.communicate(timeout=_PATIENCE)
                assert (server.returncode, "SQLite" in said) == (1, True)
                return
            until(lambda: answers(port))
            first, second = until(lambda: len(parent.children()) == 2 and parent.children())
            first.kill()
            replaced = until(lambda: {second, *parent.children()} - {first, second})
            assert all(until(lambda: answers(port)) for _ in range(5))
            os.kill(parent.pid, signal.SIGTERM)
            assert server.wait(timeout=_PATIENCE) == 0
            assert not any(each.is_running() for each in (second, *replaced))
    finally:
        databases.drop(url)


def test_no_process_outlives_a_parent_that_was_killed(databases, tmp_path):
    url = databases.create()
    if url.startswith("sqlite"):
        databases.drop(url)
        pytest.skip("one process on SQLite")
    try:
        with serving(url, tmp_path / "data", "--processes", "2") as (parent, port, server):
            until(lambda: answers(port))
            children = parent.children()
            server.kill()
            until(lambda: not any(each.is_running() and each.status() != "zombie" for each in children))
    finally:
        databases.drop(url)


def test_rings_made_after_the_beginning_are_still_found():
    kept = gc.get_threshold()

    class Ring:
        pass

    try:
        serving_module.settle_memory()
        assert gc.get_freeze_count() > 0
        assert gc.isenabled()
        ring = Ring()
        ring.itself = ring
        gone = weakref.ref(ring)
        del ring
        made = [[n] for n in range(2 * gc.get_threshold()[0])]
        assert gone() is None
        assert made
    finally:
        gc.unfreeze()
        gc.set_threshold(*kept)
