"""The tab of a case on how she may be reached, what she agreed to, and what was given to others."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy import Connection

from engine.clock import civil_date
from engine.commands.contact import OUTCOMES
from engine.contact import CHANNEL_NAMES, SAFE_CHANNELS, Block, windows_text
from engine.disclosing import BODY_NAMES, GIVERS, KIND_NAMES, PURPOSE_NAMES, bases
from engine.messages import N_
from engine.queries import contact as queries
from engine.queries.case_page import CasePage
from webui import directory
from webui.collaboration import Typed
from webui.runtime import house, now

DONE = {
    "kept": N_("安全联系方式已登记，以前各版仍保留。"),
    "permitted": N_("可以联系：请在半小时内按登记的方式联系，然后登记结果。"),
    "outcome": N_("联系结果已登记。"),
    "agreed": N_("单独同意已登记。"),
    "withdrawn": N_("同意已撤回，自此刻起不再据此提供信息。"),
    "given": N_("已登记向外提供信息。"),
    "logged": N_("已登记。"),
}


def part(connection: Connection, page: CasePage, typed: Typed | None = None) -> dict[str, Any]:
    """What the tab shows."""
    vault, case_id = house().vault, page.case.id
    laid = queries.blocks(connection, vault, case_id)
    asked = queries.contacts(connection, vault, case_id)
    agreed, given = queries.consents(connection, vault, case_id), queries.given(connection, vault, case_id)
    units = {_unit(row.recipient) for row in agreed} | {_unit(row.recipient) for row in given} - {0}
    shown_to = queries.shown(connection, case_id, now())
    units |= {row.unit_id for row in shown_to}
    writers = {row.by_id for row in laid} | {row.by_id for row in asked} | {row.by_id for row in given}
    typed = typed or Typed()
    block = laid[0].block if laid else Block()
    named = {f"unit:{i}": name for i, name in directory.unit_names(connection, units).items()}
    return {
        "block": block,
        "shown": {**_text(block), **typed.text},
        "laid": laid,
        "asked": asked,
        "agreed": agreed,
        "given": given,
        "recipients": {**BODY_NAMES, **named},
        "bodies": {**BODY_NAMES, **{code: named[code] for code in {row.recipient for row in agreed} & named.keys()}},
        "shown_to": shown_to,
        "purposes": PURPOSE_NAMES,
        "data_kinds": KIND_NAMES,
        "givers": GIVERS,
        "safe_channels": SAFE_CHANNELS,
        "channels": CHANNEL_NAMES,
        "outcomes": OUTCOMES,
        "bases": bases.of(connection),
        "named": directory.people(connection, writers),
        "on": civil_date(now()),
        "typed": typed,
        "done": DONE.get(request.args.get("done", "")),
    }


def _unit(recipient: str) -> int:
    return int(recipient.removeprefix("unit:")) if recipient.startswith("unit:") else 0


def _text(block: Block) -> dict[str, str]:
    """A block as its form shows it."""
    plain = {
        name: str(getattr(block, name)) for name in ("channel", "number", "cover_story", "code_word", "trusted_person")
    }
    ticked = {name: "1" for name in ("may_leave_message", "shared_with_abuser") if getattr(block, name)}
    return {
        **plain,
        **ticked,
        "windows": windows_text(block.windows),
        "unsafe_numbers": "\n".join(block.unsafe_numbers),
    }
