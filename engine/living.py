"""Whether a pooled connection to PostgreSQL still lives: looked up in its socket, and asked of the server only in doubt.

To ask costs a round trip each time a connection is taken, several times a request. A server that ends, is killed or restarted
closes its sockets, and then there is something to read where nobody has asked anything. What may vanish without a word (a router
that forgets, a machine without power) is met by asking after a while of silence.
"""

from __future__ import annotations

import select
import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

#: seconds a connection may have lain idle before the server is asked
_SILENCE: Final = 30.0
_LEFT: Final = "halfsky_left"


def ask_in_doubt(engine: Engine) -> None:
    """Have every connection looked at when it is taken from the pool; all are made anew when one is found dead."""

    def leave(_connection: Any, record: Any) -> None:
        record.info[_LEFT] = time.monotonic()

    def take(connection: Any, record: Any, _proxy: object) -> None:
        left = record.info.get(_LEFT)
        if left is None or (time.monotonic() - left < _SILENCE and _is_quiet(connection)):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", leave)
    event.listen(engine, "checkout", take)


def _is_quiet(connection: Any) -> bool:
    if connection.closed:
        return False
    looked = select.poll()
    looked.register(connection.fileno(), select.POLLIN)
    return not looked.poll(0)
