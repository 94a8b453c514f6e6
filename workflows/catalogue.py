"""Finds the process types: every folder of workflows/processes whose `process` module offers PROCESS.

Nothing is registered by hand: a new folder is a new kind of process.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from engine.process_type import ProcessType
from workflows import processes


class BadCatalogue(Exception):
    """A folder of workflows/processes does not offer what it should: a programming error, seen at start."""


@cache
def load() -> dict[str, ProcessType]:
    """Key → process type, by key. BadCatalogue names a folder without PROCESS or whose key is not the folder's name."""
    found: dict[str, ProcessType] = {}
    for folder in sorted(_folders()):
        process: ProcessType | None = getattr(_module(folder, "process"), "PROCESS", None)
        if process is None:
            raise BadCatalogue(f"workflows/processes/{folder}/process.py does not offer PROCESS")
        if process.key != folder:
            raise BadCatalogue(f"workflows/processes/{folder} offers the key {process.key!r}")
        found[folder] = process
    return found


def registers() -> tuple[ModuleType, ...]:
    """The `register` modules of the process types; importing one declares its tables."""
    found = (_module(folder, "register") for folder in sorted(_folders()))
    return tuple(module for module in found if module is not None)


def _folders() -> list[str]:
    return [found.name for found in pkgutil.iter_modules(processes.__path__) if found.ispkg]


def _module(folder: str, name: str) -> ModuleType | None:
    full = f"{processes.__name__}.{folder}.{name}"
    return import_module(full) if find_spec(full) is not None else None
