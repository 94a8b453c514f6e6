"""The table of the record of grants: who was let into cases beside their teams, and by whom (`workflows.grant_log`)."""

from __future__ import annotations

from engine.columns import journal_table

#: `content` is JSON: ids, and keyed hashes of the rows that were written
grant_log = journal_table("grant_log", 24)
