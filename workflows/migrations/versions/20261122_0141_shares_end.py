"""A unit sees a case that was handed to it no longer than what that rests on lasts.

What was handed over before ends with the consent it was handed over by, until another is given; where none is written down, no
end is known. Code before this revision reads the table as it did, but knows no end: stop it first.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

import sqlalchemy as sa
from alembic import op

revision = "20261122_0141"
down_revision = "20261122_0158"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SHANGHAI = timezone(timedelta(hours=8))


def upgrade() -> None:
    op.add_column("case_share", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_share", sa.Column("disclosure_id", ID, nullable=True))
    _fill(op.get_bind())


def downgrade() -> None:
    # the code before knows no end: whoever sees the case no more must not see it again
    op.execute(sa.text("DELETE FROM case_share WHERE until IS NOT NULL AND until <= CURRENT_TIMESTAMP"))
    with op.batch_alter_table("case_share") as batch:
        batch.drop_column("disclosure_id")
        batch.drop_column("until")


def _fill(connection: sa.Connection) -> None:
    stamp = sa.DateTime(timezone=True)
    share = sa.table("case_share", sa.column("case_id"), sa.column("unit_id"), sa.column("until", stamp),
                     sa.column("disclosure_id"))  # fmt: skip
    given = sa.table("disclosure", *map(sa.column, ("id", "case_id", "recipient", "purpose", "consent_id", "basis")))
    consent = sa.table("consent", sa.column("id"), sa.column("expires_on", sa.Date()))
    for row in connection.execute(sa.select(share.c.case_id, share.c.unit_id)).all():
        chosen = (
            sa.select(given.c.id, given.c.basis, consent.c.expires_on)
            .outerjoin(consent, consent.c.id == given.c.consent_id)
            .where(
                given.c.case_id == row.case_id,
                given.c.recipient == f"unit:{row.unit_id}",
                given.c.purpose.in_(("LOAN", "MEDIATION")),
            )
            .order_by(given.c.id)
        )
        rested = connection.execute(chosen).first()
        if rested is not None:
            here = (share.c.case_id == row.case_id) & (share.c.unit_id == row.unit_id)
            until = _end(rested.expires_on)
            connection.execute(sa.update(share).where(here).values(until=until, disclosure_id=rested.id))


def _end(last: date | None) -> datetime | None:
    return None if last is None else datetime.combine(last + timedelta(days=1), time(0), SHANGHAI).astimezone(UTC)
