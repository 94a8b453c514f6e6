"""Notices carry codes and ids; here they become sentences."""

from __future__ import annotations

from engine.messages import N_
from engine.queries.notices import NoticeRow
from webui.language import gettext

KINDS = {
    "period.broken": N_("此件有环节超过期限，请督促办理"),
}


def words(row: NoticeRow) -> str:
    """What a notice says, without any personal data beyond what its line shows anyway."""
    return gettext(KINDS.get(row.kind, N_("此件有新的情况，请查看")))
