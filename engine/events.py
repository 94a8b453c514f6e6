"""What happened, as frozen records, and the signal that announces it once it is safely stored.

Every event becomes one entry of its case's history in the same transaction (`audit.py`), and is sent through `committed`
afterwards. A listener that fails is logged and the rest still run; whatever must not be lost is written before the commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from blinker import Signal

committed = Signal("Sent after the commit, once for each event. Sender: the Event's kind; keyword `event`: the Event.")


class Kind(StrEnum):
    """The kinds of history entries; the value is stored and never renamed."""

    CASE_STARTED = "case.started"
    CASE_ENDED = "case.ended"
    PROCESS_STARTED = "process.started"
    PROCESS_ENDED = "process.ended"
    CASE_MOVED = "case.moved"
    CASE_WITHDRAWN = "case.withdrawn"
    CASE_SHARED = "case.shared"
    CASE_LINKED = "case.linked"
    TASK_COMPLETED = "task.completed"
    TASK_CLAIMED = "task.claimed"
    TASK_RELEASED = "task.released"
    TASK_RETURNED = "task.returned"
    TASK_MOVED = "task.moved"
    TASK_TRANSFERRED = "task.transferred"
    TASK_DELEGATED = "task.delegated"
    TASK_HANDED_BACK = "task.handed_back"
    TASK_RECALLED = "task.recalled"
    TASK_SUSPENDED = "task.suspended"
    TASK_RESUMED = "task.resumed"
    WAIT_PASSED = "task.wait_passed"
    SIGNERS_ADDED = "signers.added"
    SIGNER_REMOVED = "signer.removed"
    OPINION_SIGNED = "opinion.signed"
    CASE_TERMINATED = "case.terminated"
    FORM_SIGNED = "form.signed"
    DECISION_MADE = "decision.made"
    OPERATION_PERFORMED = "operation.performed"
    PERIOD_WARNED = "period.warned"
    PERIOD_BROKEN = "period.broken"
    PERIOD_PAUSED = "period.paused"
    PERIOD_RESUMED = "period.resumed"
    PERIOD_MOVED = "period.moved"
    EXTENSION_ASKED = "extension.asked"
    EXTENSION_GRANTED = "extension.granted"
    EXTENSION_REFUSED = "extension.refused"
    TIMER_FIRED = "timer.fired"
    ESCALATION_RAISED = "escalation.raised"
    ESCALATION_CLIMBED = "escalation.climbed"
    ESCALATION_ACKNOWLEDGED = "escalation.acknowledged"
    ESCALATION_CLOSED = "escalation.closed"
    TASK_TAKEN_OVER = "task.taken_over"
    TASK_REASSIGNED = "task.reassigned"
    ORDER_ISSUED = "order.issued"
    ORDER_REPLIED = "order.replied"
    DOCUMENT_ADDED = "document.added"
    DOCUMENT_REMOVED = "document.removed"
    ATTEMPT_REFUSED = "attempt.refused"
    PAPER_PRINTED = "paper.printed"
    CASE_MIGRATED = "case.migrated"
    MIGRATION_UNDONE = "case.migration_undone"
    REGISTER_CHANGED = "register.changed"
    TASK_URGED = "task.urged"
    TASK_ASSIGNED = "task.assigned"
    PRIORITY_SET = "case.priority"
    CASE_COPIED = "case.copied"
    CASE_DISCARDED = "case.discarded"
    COMMENT_ADDED = "comment.added"
    CONTACT_LAID_DOWN = "contact.laid_down"
    CONTACT_PERMITTED = "contact.permitted"
    CONTACT_MADE = "contact.made"
    INCIDENT_LOGGED = "incident.logged"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    DISCLOSED = "disclosed"
    CASE_LIFTED = "case.lifted"
    CASE_REHOMED = "case.rehomed"
    GLASS_OPENED = "glass.opened"
    GLASS_ENDED = "glass.ended"
    GLASS_REVIEWED = "glass.reviewed"
    SUCCESSION_REPORTED = "succession.reported"
    MEMBER_ADDED = "team.added"
    MEMBER_ENDED = "team.ended"
    EXCLUSION_ADDED = "exclusion.added"
    EXCLUSION_ENDED = "exclusion.ended"
    CLASS_RAISED = "class.raised"
    LOWERING_ASKED = "class.lowering_asked"
    LOWERING_DECIDED = "class.lowering_decided"
    ROWS_ADOPTED = "rows.adopted"


#: what a person does to a task; done in another's place, it is kept in `model_absence.absence_act` as well
ACTED = frozenset((Kind.TASK_COMPLETED, Kind.OPINION_SIGNED, Kind.TASK_RETURNED, Kind.TASK_CLAIMED, Kind.TASK_RELEASED))


@dataclass(frozen=True)
class Event:
    """One thing that happened to one case. `content` is JSON data; it is sealed in the history, never logged."""

    kind: Kind
    case_id: int
    task_id: int | None = None
    element: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
