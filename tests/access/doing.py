"""Every command there is, found by what it looks like, and one try at it as somebody, of which nothing is left behind."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any

import engine
import workflows
from engine.errors import EngineError, Forbidden, NotFound
from engine.unit_of_work import unit_of_work
from tests.access.knocking import IN, MISSING, REFUSED
from workflows.organisation_import import Rehearsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.access import Actor
    from engine.runtime import Command, Runtime


def commands() -> dict[str, Command]:
    """Name → function, of all that take a unit of work, everything else by name, and answer with a dict."""
    found: dict[str, Command] = {}
    for package in (engine, workflows):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name:
                continue
            for name, function in vars(importlib.import_module(module.name)).items():
                if _is_command(module.name, name, function):
                    assert name not in found, f"two commands are called {name}"
                    found[name] = function
    return found


def _is_command(module: str, name: str, function: Any) -> bool:
    if not inspect.isfunction(function) or function.__module__ != module or name.startswith("_"):
        return False
    signature = inspect.signature(function)
    first, *others = signature.parameters.values() or [None]
    return (
        first is not None
        and str(first.annotation).endswith("UnitOfWork")
        and str(signature.return_annotation).startswith("dict[str, Any]")
        and all(each.kind in (each.KEYWORD_ONLY, each.VAR_KEYWORD) for each in others)
    )


def parameters_of(command: Command) -> dict[str, inspect.Parameter]:
    """What a command takes besides the unit of work."""
    return dict(list(inspect.signature(command).parameters.items())[1:])


class _Undone(Exception):
    """Thrown so that what was done is rolled back."""


def _undo() -> None:
    raise _Undone


def attempt(
    runtime: Runtime, command: Command, actor: Actor, given: Mapping[str, Any]
) -> tuple[str, EngineError | None]:
    """What trying means for whoever tried, and the refusal when it did not succeed; everything is rolled back."""
    try:
        with unit_of_work(runtime, actor) as work:
            command(work, **given)
            work.seal()
            _undo()
    except (_Undone, Rehearsed):
        return IN, None
    except Forbidden as refused:
        return REFUSED, refused
    except NotFound as missing:
        return MISSING, missing
    except EngineError as later:
        return IN, later
