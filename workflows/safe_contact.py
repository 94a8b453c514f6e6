"""May a letter, a call or a message go to a woman? The one place that says so (domain.md D4). Nothing is sent by itself.

The default is no contact. A matter of an ordinary class may be spoken of with her; as soon as anything about her in this
installation is confidential (C3, C4), or it is not known who she is, nothing in writing and no call goes out. The answer never
says which of the two it was: whoever reads it must not learn from a loan that there is another matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from engine.messages import N_, Message
from engine.model import case_file

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: classes whose cases stand in the way of every written word to the person
GUARDED: Final = ("C3", "C4")

_GUARDED = (
    select(case_file.c.id)
    .where(case_file.c.subject_hash == bindparam("b_hash"), case_file.c.confidentiality.in_(GUARDED))
    .limit(1)
)


@dataclass(frozen=True)
class Contact:
    """Whether something may go to her; when not, `why` is what the person at work reads."""

    allowed: bool
    why: Message | None = None


_NONE = Contact(False, Message(N_("按安全联系规定，本件不送书面通知、不打电话；见到本人时当面说明即可")))


def contact_with(connection: Connection, subject_hash: str | None) -> Contact:
    """Whether a letter or a call may go to the person with this keyed hash; no for one who is not known (None)."""
    if not subject_hash or connection.execute(_GUARDED, {"b_hash": subject_hash}).first() is not None:
        return _NONE
    return Contact(True)
