"""The mark of a page that needs no sign-in. Whatever is not marked is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "halfsky_public"


def public(view: View) -> View:
    """Let everybody open this view."""
    setattr(view, _MARK, True)
    return view


def is_public(view: object) -> bool:
    """Whether a view function carries the mark."""
    return getattr(view, _MARK, False) is True
