"""Process types are found, not registered."""

from __future__ import annotations

import sys

import pytest

from engine import model
from workflows import catalogue, processes, schema

PROCESS = "class Process:\n    key = {key!r}\n\nPROCESS = Process()\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of process types of its own, with one kind in it."""
    monkeypatch.setattr(processes, "__path__", [str(tmp_path)])
    catalogue.load.cache_clear()

    def add(name, code, module="process"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / f"{module}.py").write_text(code)

    yield add
    catalogue.load.cache_clear()
    for name in [n for n in sys.modules if n.startswith(f"{processes.__name__}.toy")]:
        del sys.modules[name]


def test_a_folder_with_a_process_is_a_process_type(folder):
    folder("toy_b", PROCESS.format(key="toy_b"))
    folder("toy_a", PROCESS.format(key="toy_a"))
    assert [(key, process.key) for key, process in catalogue.load().items()] == [("toy_a", "toy_a"), ("toy_b", "toy_b")]


@pytest.mark.parametrize(
    ("module", "code", "said"),
    [
        ("process", "PROCES = None\n", "does not offer PROCESS"),
        ("register", "", "does not offer PROCESS"),
        ("process", PROCESS.format(key="other"), "offers the key 'other'"),
    ],
)
def test_a_folder_that_offers_something_else_is_named(folder, module, code, said):
    folder("toy_c", code, module)
    with pytest.raises(catalogue.BadCatalogue, match=said):
        catalogue.load()


def test_registers_are_found_without_their_process(folder):
    folder("toy_d", "table = 'd'\n", "register")
    folder("toy_e", PROCESS.format(key="toy_e"))
    assert [register.table for register in catalogue.registers()] == ["d"]


def test_the_houses_own_process_types_are_called_by_their_folder():
    assert all(process.key == key for key, process in catalogue.load().items())
    assert "loan" in catalogue.load()


def test_every_register_is_part_of_the_tables():
    names = schema.metadata().tables.keys()
    assert {model.case_file.name, "account", "policy", "loan_register"} <= names
