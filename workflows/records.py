"""What verifying the log must know of in every process: the chained records, and the tables whose rows histories tell of."""

from __future__ import annotations

from typing import Final

from engine import audit_log, version_log
from engine.journal import Journal
from engine.model_contact import contact_permit, safe_contact
from engine.model_disclosure import consent, disclosure
from engine.model_teams import case_exclusion, case_member, class_change
from workflows import grant_log, organisation_log

RECORDS: Final = (audit_log.JOURNAL, grant_log.JOURNAL, organisation_log.JOURNAL, version_log.JOURNAL)
TOLD_OF: Final = (case_exclusion, case_member, class_change, consent, contact_permit, disclosure, safe_contact)


def known() -> tuple[Journal, ...]:
    """The records. Whoever makes a runtime asks, so that in no process anything is left out of a verification or an anchor."""
    return RECORDS
