"""What every column of the database holds about people, and how it is kept there. A column that is not listed fails the build.

Whatever tells about a person of a case is sealed, or stands as a keyed hash where it must be found; names of staff, of units and
of what they do are the organisation's own and stand in the clear. From this list a change of keys knows what to bring over
(`workflows.rekeying`), and a key is laid to rest only when nothing in it needs that key any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, Column, LargeBinary, MetaData, String


class Kept(StrEnum):
    """How a column keeps what it holds."""

    SEALED = "sealed"  #: by `Vault.seal`
    FILE = "file"  #: the bytes of papers (`engine.blobs`)
    HASHED = "hashed"  #: by `Vault.lookup`: found by equality, not read
    VOUCHED = "vouched"  #: by `Vault.vouch`: proves that this house wrote it
    MASKED = "masked"  #: of a name what lists show: 王*
    SECRET = "secret"  #: one-way hash of a password or of something drawn at random  # noqa: S105 - no password
    STAFF = "staff"  #: about the organisation and those who work in it
    CODE = "code"  #: ids, codes, states, amounts, digests of salted or long content, texts of the software
    STATE = "state"  #: where a case stands in its drawing: tokens, and the codes its gateways ask for


_CODES: Final = """
absence.kind absence_act.kind
analysis_version.digest analysis_version.made_post analysis_version.signed_post analysis_version.span
anchor.hash anchor.others anchor.previous anchor.root anchor_head.hash api_token.scopes
appointment.post appointment.state audit_log.act audit_log.content audit_log.hash audit_log.previous calendar_day.note
calendar_import.digest calendar_import.state calendar_import.years case_copy.post case_file.confidentiality case_file.kind
case_file.last_hash case_file.number case_file.outcome case_file.path case_file.state case_member.documents case_member.role
case_priority.level class_change.new class_change.old class_change.state clock_extension.asked_post clock_extension.clause
clock_extension.decided_post clock_extension.element clock_extension.form clock_extension.period clock_extension.state
clock_extension.unit clock_move.element clock_move.period declaration.kind definition.bpmn definition.digest definition.key
document.field document.form document.media_type document.sha256 draft.form escalation.chain escalation.clause
escalation.element escalation.kind escalation.level escalation.period escalation.post escalation.state executor.id
executor.token form_version.digest form_version.form guarantee.kind guarantee.state handover.list_digest handover.number
handover.post handover.state handover_print.digest handover_print.file handover_signature.digest
handover_signature.method handover_signature.role history.content_digest history.element history.hash history.kind
consent.given_by consent.kinds consent.purpose consent.recipient contact_incident.kind
contact_permit.channel contact_permit.outcome contact_permit.sheet disclosure.basis disclosure.kinds disclosure.purpose
disclosure.recipient legal_basis.clause legal_basis.code legal_basis.kinds legal_basis.purposes legal_basis.recipients
legal_basis.title safe_contact.digest
history.post history.previous idempotency.answer idempotency.key idempotency.request_digest in_force.key in_force.sort
instance.outcome instance.status job.error job.executor job.ids job.kind job.once job.reference job.state key_use.key_id
key_use.state letter_delivery.letter letter_delivery.method letter_delivery.receiver loan_band.band loan_book.band
loan_book.state loan_register.refusal_codes loan_register.state loan_statistic.code loan_statistic.month loan_visit.occasion
login_session.how login_session.place login_session.stage migration_batch.acknowledged migration_batch.key
migration_batch.mapping migration_batch.state migration_item.old_tasks migration_item.state migration_item.why notice.content
notice.kind notice.post number_series.series organisation_import.digest organisation_import.state organisation_import.taken
organisation_log.act organisation_log.content organisation_log.hash organisation_log.previous party_mark.kind party_mark.role
reception_day.ends reception_day.kind reception_day.received_by reception_day.receiver_post reception_day.starts
reception_day.state reception_day.substitute_post reception_notice.kind reception_report.post
period_use.element period_use.period period_use.runs policy.parameters policy.scope post_holding.post proposal.content
proposal.digest proposal.key proposal.sort proposal.state read_log.what relative.relation schedule.error schedule.executor
schedule.name schedule.reference seal_register.number sign_in_record.how sign_in_record.place sign_in_record.result
signature.acting_for signature.digest signature.form signature.method signature.post staff_mark.kind staff_mark.relation
supervision_order.issued_post supervision_order.number supervision_order.state table_set.digest table_set.dmn table_set.key
petition_register.category petition_register.channel petition_register.first_post petition_register.notice_kind
petition_register.rated
petition_register.outcome petition_register.route petition_register.satisfaction petition_register.state petition_register.way
task.acting_for task.acting_reason task.carried task.close_reason task.element task.escalated task.form task.kind task.name
task.post task.seat task.state timer.attached_to timer.element timer.level timer.period timer.point timer.state training.kind
bare_print.state case_link.relation dispute_sweep.quarter
hotline_register.agent_post hotline_register.caller hotline_register.category hotline_register.result
grant_log.act grant_log.content grant_log.hash grant_log.previous
glass.number glass.path glass.post glass.state
succession.handle succession.path succession.state
mediation_item.state mediation_mediator.rejected_by mediation_register.confirmation mediation_register.ending
mediation_register.gate mediation_register.gate_code mediation_register.outcome
engagement.cases engagement.kinds engagement.number engagement.path engagement.sample engagement.state
print_batch.state print_item.digest print_item.file print_item.number print_item.reference print_item.state print_item.why
unit.code unit.kind unit.path version_log.act version_log.content version_log.hash version_log.previous
"""
_LISTED: Final[Mapping[Kept, str]] = {
    Kept.SEALED: """
        bare_print.reason_sealed glass.reason_sealed glass.review_sealed succession.reason_sealed succession.report_sealed
        engagement.answer_sealed engagement.reason_sealed print_item.pdf_sealed
        blob.key_sealed case_copy.note_sealed case_exclusion.who_sealed case_member.reason_sealed
        case_priority.reason_sealed class_change.reason_sealed clock_extension.answer_sealed clock_extension.consents_sealed
        clock_extension.reason_sealed analysis_version.content_sealed
        comment.text_sealed consent.told_sealed contact_incident.told_sealed
        contact_permit.wish_sealed disclosure.note_sealed safe_contact.block_sealed document.name_sealed draft.answers_sealed
        form_version.answers_sealed handover.list_sealed handover.things_sealed history.content_sealed
        organisation_import.content_sealed read_log.why_sealed relative.name_sealed search_text.text_sealed
        second_factor.pending second_factor.sealed supervision_order.reply_sealed supervision_order.text_sealed""",
    Kept.FILE: "blob.sealed blob_piece.sealed",
    Kept.HASHED: """
        account.id_hash blob.content_hash case_exclusion.token case_file.subject_hash guarantee.guarantor_hash
        loan_register.holds_hash loan_register.subject_hash party_mark.mark petition_register.name_hash
        petition_register.phone_hash petition_register.progress_hash petition_register.subject_hash
        recovery_code.code_hash relative.id_hash
        sign_in_failure.address_hash sign_in_failure.login_hash staff_mark.mark""",
    Kept.VOUCHED: """
        anchor.mac audit_log.mac case_file.last_mac grant_log.mac handover_signature.mac history.mac number_series.mac
        organisation_log.mac version_log.mac""",
    Kept.MASKED: "case_file.subject",
    Kept.SECRET: """
        account.password_hash api_token.token_hash known_device.device_hash login_session.token_hash read_log.session
        request_count.key_hash""",
    Kept.STAFF: """
        account.login account.name account_identity.issuer account_identity.subject api_token.name api_token.start
        appointment.reason calendar_import.name factor_reset.reason login_session.device policy.label proposal.note
        proposal.reason reception_day.place saved_view.filters saved_view.name
        sign_in_record.device signature.signer_name training.note
        unit.name""",
    Kept.STATE: "instance.state migration_item.old_state",
    Kept.CODE: _CODES,
}

#: "table.column" → how it is kept
COLUMNS: Final[Mapping[str, Kept]] = {name: kept for kept, names in _LISTED.items() for name in names.split()}

#: a vouched column → what the house vouches for there, of the row
VOUCHED: Final[Mapping[str, Callable[[Any], tuple[Any, ...]]]] = {
    "history.mac": lambda row: ("entry", row.hash),
    "case_file.last_mac": lambda row: ("head", row.id, row.last_seq, row.last_hash),
    "number_series.mac": lambda row: ("count", row.series, row.last),
    "anchor.mac": lambda row: ("anchor", row.hash),
    "audit_log.mac": lambda row: ("audit", row.hash),
    "grant_log.mac": lambda row: ("grant", row.hash),
    "handover_signature.mac": lambda row: (
        "handover",
        *map(str, (row.handover_id, row.role, row.signer_id, row.method, row.digest, row.signed_on)),
    ),
    "organisation_log.mac": lambda row: ("organisation", row.hash),
    "version_log.mac": lambda row: ("version", row.hash),
}


def telling(metadata: MetaData) -> Iterable[Column[Any]]:
    """The columns that could tell about a person: text, JSON and bytes."""
    for _, table in sorted(metadata.tables.items()):
        yield from (column for column in table.columns if isinstance(column.type, String | JSON | LargeBinary))


def unlisted(metadata: MetaData) -> list[str]:
    """Columns nobody has said anything about; what stands there is not brought over, so no key may be laid to rest."""
    return sorted(name for column in telling(metadata) if (name := str(column)) not in COLUMNS)


def columns(metadata: MetaData, kept: Kept) -> list[Column[Any]]:
    """The columns kept in one way, by table."""
    return [column for column in telling(metadata) if COLUMNS.get(str(column)) is kept]
