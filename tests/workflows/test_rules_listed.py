"""Lists show exactly what pages permit: random cases, teams and exclusions, asked in Python and in SQL."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from engine.access import Permission
from engine.guard import UNGUARDED, Guard, Membership, Role, Share
from engine.model import case_file, case_share
from engine.model_teams import case_exclusion, case_member
from tests.workflows.conftest import APPLICATION_DATE
from tests.workflows.test_rules import PATHS, case, holding, rules, vault
from workflows.posts import POST_KIND

units = st.sampled_from(sorted(PATHS))
actors = st.lists(st.tuples(st.sampled_from(sorted(POST_KIND)), units), max_size=4).map(lambda posts: holding(*posts))
#: of a membership, or of what another unit sees: none, over, not over yet
ends = st.sampled_from([None, None, APPLICATION_DATE, APPLICATION_DATE + timedelta(hours=1)])
#: the actors of the test are account 7; a membership may be another's, over, or for some papers only
memberships = st.builds(
    Membership,
    st.sampled_from([7, 7, 8]),
    st.sampled_from([str(role) for role in Role]),
    ends,
    st.sampled_from([None, None, frozenset({4})]),
)
excluded = st.sampled_from(["account:7", "account:8", *(f"unit:{unit_id}" for unit_id in PATHS)])
guards = st.one_of(
    st.just(UNGUARDED),
    st.builds(
        Guard,
        st.lists(memberships, max_size=3).map(tuple),
        st.frozensets(excluded.map(lambda named: vault.lookup("exclusion", named)), max_size=1),
    ),
)
cases = st.lists(
    st.builds(
        case,
        units,
        st.sampled_from(["loan", "petition"]),
        st.sampled_from(["C0", "C1", "C2", "C3", "C4"]),
        st.dictionaries(units, ends, max_size=3).map(
            lambda given: [Share(unit_id, end) for unit_id, end in given.items()]
        ),
        guard=guards,
    ),
    min_size=1,
    max_size=12,
)


def write_guard(connection, case_id, guard):
    for each in guard.members:
        member = {"case_id": case_id, "account_id": each.account_id, "role": each.role, "until": each.until}
        named = None if each.documents is None else sorted(each.documents)
        rest = {"since": APPLICATION_DATE, "added_by": 1, "reason_sealed": b"", "documents": named}
        connection.execute(insert(case_member), {**member, **rest})
    for token in guard.excluded:
        row = {"case_id": case_id, "token": token, "who_sealed": b"", "at": APPLICATION_DATE, "by_id": 1}
        connection.execute(insert(case_exclusion), row)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actors=st.lists(actors, min_size=1, max_size=5), cases=cases)
def test_a_list_shows_exactly_the_cases_whose_pages_are_permitted(connection, actors, cases):
    with connection.begin_nested() as forgotten:
        for number, row in enumerate(cases, start=1):
            stored = {"id": number, "number": str(number), "created_at": APPLICATION_DATE, "created_by": 1}
            columns = {name: getattr(row, name) for name in ("unit_id", "path", "kind", "confidentiality")}
            connection.execute(insert(case_file), {**stored, **columns, "guarded": row.guard != UNGUARDED})
            write_guard(connection, number, row.guard)
            for share in row.shared_with:
                known = {"case_id": number, "unit_id": share.unit_id, "until": share.until}
                connection.execute(insert(case_share), {**known, "since": APPLICATION_DATE})
        for actor in actors:
            listed = set(connection.execute(select(case_file.c.id).where(rules.visible_cases(actor))).scalars())
            assert listed == {
                n for n, row in enumerate(cases, start=1) if rules.permits(actor, Permission.READ_CASE, row)
            }
            below = set(connection.execute(select(case_file.c.id).where(rules.supervised_cases(actor))).scalars())
            assert below == {
                n for n, row in enumerate(cases, start=1) if rules.permits(actor, Permission.SEE_ESCALATION, row)
            }
        forgotten.rollback()
