"""What looking at an installation finds: how much it matters, what was seen, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.messages import Message


class Grade(StrEnum):
    """How much a finding matters."""

    FINE = "fine"  #: nothing to do
    ADVICE = "advice"  #: Halfsky works; something is worth doing
    WEAK = "weak"  #: everything works; who means harm has it easier than need be
    LACKING = "lacking"  #: part of Halfsky does not work until this is done


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was seen and, unless it is fine, what to do."""

    grade: Grade
    seen: Message
    remedy: Message | None = None
