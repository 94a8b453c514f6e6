"""V-12 in words: what a person agreed to and what was given to others, as the sheet prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.clock import SHANGHAI, civil_date
from engine.disclosing import BODY_NAMES, KIND_NAMES, PURPOSE_NAMES, bases
from engine.queries import contact as queries
from workflows.chart import chart

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.runtime import Runtime


def told(runtime: Runtime, connection: Connection, case_id: int, at: datetime) -> dict[str, Any]:
    """The values of V-12.html: `consents` and `given`, each in words, and `day`."""
    known = bases.of(connection)
    agreed = [
        {
            "recipient": recipient(connection, row.recipient),
            "purpose": PURPOSE_NAMES[row.purpose],
            "kinds": kinds(row.kinds),
            "state": _state(row, at),
        }
        for row in queries.consents(connection, runtime.vault, case_id)
    ]
    given = [
        {
            "at": f"{row.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            "recipient": recipient(connection, row.recipient),
            "purpose": PURPOSE_NAMES[row.purpose],
            "kinds": kinds(row.kinds),
            "basis": f"本人同意（同意书 {row.consent_id}）" if row.basis is None else known[row.basis].clause,
        }
        for row in queries.given(connection, runtime.vault, case_id)
    ]
    return {"consents": agreed, "given": given, "day": civil_date(at).isoformat()}


def recipient(connection: Connection, code: str) -> str:
    """Who received it: a unit by its name, an outside body by its kind."""
    if code.startswith("unit:"):
        unit = chart(connection).units.get(int(code.removeprefix("unit:")))
        return unit.name if unit is not None else code
    return BODY_NAMES.get(code, code)


def kinds(codes: Iterable[str]) -> str:
    """Kinds of data by name."""
    return "、".join(KIND_NAMES[code] for code in codes)


def _state(row: queries.Agreed, at: datetime) -> str:
    span = f"{row.given_on} 至 {row.expires_on}" if row.expires_on else f"自 {row.given_on} 起"
    if row.withdrawn_at is not None:
        return f"{span}；{row.withdrawn_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 撤回"
    lapsed = row.expires_on is not None and civil_date(at) > row.expires_on
    return f"{span}；{'已到期' if lapsed else '有效'}"
