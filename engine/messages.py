"""Words for people, kept apart from the language they will be read in.

A :class:`Message` carries a Chinese template and its parameters. The outermost layer (page, command line) translates the
template with gettext and fills it in; everything below only passes messages along. ``N_`` marks a template for extraction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Translate = Callable[[str], str]


def N_(template: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark `template` for the message catalogue and return it unchanged."""
    return template


@dataclass(frozen=True)
class Message:
    """A Chinese template (``str.format`` fields) with its parameters; parameters may be messages themselves."""

    template: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def render(self, translate: Translate = str) -> str:
        """The text in the language of `translate` (Chinese when none is given)."""
        filled = {k: v.render(translate) if isinstance(v, Message) else v for k, v in self.params.items()}
        return translate(self.template).format(**filled) if filled else translate(self.template)

    def __str__(self) -> str:
        return self.render()


def message(template: str, **params: Any) -> Message:
    """Shorthand: ``message(N_("缺少 {field}"), field=...)``."""
    return Message(template, params)
