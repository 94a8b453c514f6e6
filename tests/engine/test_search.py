"""Search finds what a plain search would find, in cases the asker may read; and nothing in the database can be read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select, update

from engine import search_index
from engine.access import SYSTEM
from engine.commands.indexing import index_all, index_case
from engine.errors import Forbidden
from engine.model import case_file
from engine.model_search import search_pair, search_text
from engine.queries.search import Sought, find
from tests.engine.toy import READER
from workflows.federation_rules import FederationRules

if TYPE_CHECKING:
    from tests.engine.toy import ToyHouse

CASES = 6


def stock(house: ToyHouse, texts: list[dict[str, str]]) -> None:
    """Cases 1 to CASES, found by these texts."""
    with house.runtime.database.writing() as connection:
        if connection.execute(select(case_file.c.id).limit(1)).first() is None:
            plain = {"kind": "toy", "confidentiality": "C2", "unit_id": 1, "path": ".1.", "created_by": 1}
            for i in range(CASES):
                row = {**plain, "number": f"T1-2026-WJ-{i:04d}", "created_at": house.clock.now(), "subject": "苏*"}
                connection.execute(insert(case_file), row)
        for i, found in enumerate(texts):
            search_index.store(connection, house.runtime.vault, i + 1, found)
        connection.commit()


def found(house: ToyHouse, words: str, **more: str) -> list[int]:
    with house.runtime.reading() as connection:
        page = find(house.runtime, connection, READER, Sought(words=words, **more))  # type: ignore[arg-type]
        return sorted(row.id for row in page.rows)


FEW = st.text(alphabet="家暴力养鸡·Aａb 1", max_size=9)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"name": FEW, "words": FEW}), min_size=CASES, max_size=CASES), FEW)
def test_what_is_found_is_what_a_plain_search_finds(house: ToyHouse, texts: list[dict[str, str]], sought: str) -> None:
    stock(house, texts)
    word = search_index.normalised(sought)
    if len(word) < search_index.SHORTEST:
        return
    plain = [i + 1 for i, t in enumerate(texts) if any(word in search_index.normalised(v) for v in t.values())]
    assert found(house, sought) == plain


def test_a_word_of_two_characters_is_found_and_its_reverse_is_not(house: ToyHouse) -> None:
    stock(house, [{"name": "苏小禾", "words": "遭受家暴后创业，养鸡二百只"}, {"name": "苏禾小", "words": "暴家"}])
    for sought, ids in (("家暴", [1]), ("暴家", [2]), ("小禾", [1]), ("苏小禾", [1]), ("养鸡二百", [1]), ("鸡养", [])):
        assert found(house, sought) == ids, sought
    assert found(house, "苏小禾 养鸡") == [], "a word does not reach from the name into the purpose"
    assert found(house, "苏") == list(range(1, CASES + 1)), "one character is looked for as a surname"
    assert found(house, "  ") == []


def test_pairs_that_are_there_but_not_adjacent_are_told_apart(house: ToyHouse) -> None:
    stock(
        house, [{"name": "", "words": "甲乙丙乙丁"}, {"name": "甲乙", "words": "乙丁"}, {"name": "", "words": "甲乙丁"}]
    )
    assert found(house, "甲乙丁") == [3]


def test_only_what_she_may_read_is_found_and_closed_cases_on_their_own(house: ToyHouse) -> None:
    stock(house, [{"name": "", "words": "养鸡"}, {"name": "", "words": "养鸡"}])
    with house.runtime.database.writing() as connection:
        connection.execute(update(case_file).where(case_file.c.id == 2).values(state="closed", confidentiality="C3"))
        connection.commit()
    assert found(house, "养鸡", state="closed") == [2]
    house.runtime.rules = FederationRules()
    assert found(house, "养鸡") == []


def test_nothing_in_the_tables_can_be_read_and_fields_and_houses_do_not_meet(house: ToyHouse) -> None:
    stock(house, [{"name": "苏小禾", "words": "苏小禾养鸡"}])
    with house.runtime.reading() as connection:
        sealed = connection.execute(select(search_text.c.text_sealed)).scalar_one()
        assert "苏".encode() not in sealed
        assert len(connection.execute(select(search_pair)).all()) == 2 + 4
    vault = house.runtime.vault
    assert not search_index.pairs(vault, "name", "苏小禾") & search_index.pairs(vault, "words", "苏小禾")


def test_a_corrected_name_is_found_and_the_old_one_no_more(house: ToyHouse) -> None:
    stock(house, [{"name": "苏小禾"}])
    stock(house, [{"name": "苏晓禾"}])
    assert (found(house, "苏小"), found(house, "苏晓")) == ([], [1])
    stock(house, [{}])
    assert found(house, "苏晓") == []


def test_a_long_list_is_paged_without_gap_or_repeat(house: ToyHouse) -> None:
    stock(house, [{"words": "养鸡"}] * CASES)
    with house.runtime.database.writing() as connection:
        plain = {"kind": "toy", "confidentiality": "C2", "unit_id": 1, "path": ".1.", "created_by": 1, "state": "open"}
        for i in range(60):
            row = {**plain, "number": f"T1-2026-WJ-1{i:03d}", "created_at": house.clock.now()}
            new = connection.execute(insert(case_file).returning(case_file.c.id), row).scalar_one()
            search_index.store(connection, house.runtime.vault, new, {"words": "养鸡" if i % 2 else "养羊"})
        connection.commit()
    seen, after = [], None
    with house.runtime.reading() as connection:
        for _ in range(3):
            page = find(house.runtime, connection, READER, Sought(words="养鸡"), after=after)
            seen += [row.id for row in page.rows]
            after = page.next
            if after is None:
                break
        more = find(house.runtime, connection, READER, Sought(number="T1-2026"))
    assert len(seen) == len(set(seen)) == CASES + 30
    assert len(more.rows) == 50
    assert more.next is not None


def test_indexing_is_the_systems_own_work_and_can_be_repeated(house: ToyHouse) -> None:
    stock(house, [])
    assert index_all(house.runtime) == (CASES, 0)
    with pytest.raises(Forbidden):
        house.act(index_case, READER, case_id=1)
    assert not house.act(index_case, SYSTEM, case_id=1)["changed"]


def test_no_search_for_words_walks_a_table(house: ToyHouse) -> None:
    if not house.runtime.database.is_sqlite:
        return
    lines: list[str] = []

    def explain(_connection, cursor, statement, parameters, *_):  # type: ignore[no-untyped-def]
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            lines.extend(row[-1] for row in cursor.fetchall())

    event.listen(house.runtime.database.engine, "before_cursor_execute", explain)
    found(house, "养鸡二百只")
    assert any("search_pair" in line for line in lines)
    assert [line for line in lines if line.startswith(("SCAN search_pair", "SCAN case_file", "SCAN search_text"))] == []
