"""One fair writer on SQLite, and durable settings on every connection."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from sqlalchemy import text

from engine.database import Database, FairLock


def test_the_lock_is_granted_in_the_order_of_asking() -> None:
    lock, order, started = FairLock(), [], []
    lock.acquire()

    def wait(number: int) -> None:
        started.append(number)
        with lock:
            order.append(number)

    threads = []
    for number in range(20):
        thread = threading.Thread(target=wait, args=(number,))
        thread.start()
        threads.append(thread)
        while len(lock._waiting) <= number:
            time.sleep(0.0005)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_the_lock_can_be_taken_again_after_it_was_free() -> None:
    lock = FairLock()
    for _ in range(3):
        with lock:
            pass


def test_sqlite_is_durable_checks_references_and_lets_readers_read(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.writing() as writer:
        pragmas = {
            p: writer.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("journal_mode", "synchronous", "foreign_keys")
        }
        writer.execute(text("CREATE TABLE t (n INTEGER)"))
        writer.commit()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with database.writing() as writer:
        writer.execute(text("INSERT INTO t VALUES (1)"))
        with database.reading() as reader:
            assert reader.execute(text("SELECT count(*) FROM t")).scalar() == 0
    with database.reading() as reader:
        assert reader.execute(text("SELECT count(*) FROM t")).scalar() == 0, "what was not committed is gone"
    database.dispose()


def test_writers_of_one_process_do_not_starve_each_other(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as writer:
        writer.execute(text("CREATE TABLE t (n INTEGER)"))
        writer.commit()

    def write() -> None:
        for _ in range(20):
            with database.writing() as connection:
                connection.execute(text("INSERT INTO t VALUES (1)"))
                connection.commit()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as reader:
        assert reader.execute(text("SELECT count(*) FROM t")).scalar() == 120
    database.dispose()
