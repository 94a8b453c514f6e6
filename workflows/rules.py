"""Who may do what: the only place that says so (domain.md D1 to D3). Posts and their rights are data; everything else is closed.

A rule is a list of clauses, a clause a list of conditions (`workflows.conditions`); one clause whose every condition holds is
enough. Over all of them stands a veto (`workflows.federation_rules`): whoever is excluded from a case (D3.1) has no right in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from engine.access import Permission
from workflows import standing_in
from workflows.conditions import (
    Clause,
    Clauses,
    any_post,
    began,
    confidential,
    confidential_kind,
    delegated_by_her,
    done_by_her,
    ended,
    engaged_auditor,
    for_absent,
    glass_opened,
    handed_over,
    her_decision,
    her_task,
    holds,
    in_charge,
    manager,
    member,
    more_than_mediator,
    named_paper,
    ordinary,
    received,
    secret,
    shared_with,
    superior,
)
from workflows.engaged import AUDITOR
from workflows.kinds import not_of_kind, of_kind, of_process
from workflows.posts import ANALYSTS, ANSWERING_POSTS, FEDERATION_POSTS, FIGURES_ALONE, RECEIVING_POSTS

_CHAIRS = ("VILLAGE_CHAIR", "TOWN_CHAIR")
_LOAN = of_kind("loan")
#: what the rights desk works on (domain.md D1)
_RIGHTS = of_kind("petition", "mediation", "joint_conference", "hotline_call")


def _of_chairs(*posts: str, of: Clause = ()) -> Clauses:
    return tuple((in_charge(post), ordinary, *of) for post in posts)


_of_loan_desk = partial(_of_chairs, of=(_LOAN,))
_of_rights_desk = partial(_of_chairs, of=(_RIGHTS,))

#: both departments that work on cases
_DESKS: Final = _of_loan_desk("LOAN_WORKER", "LOAN_HEAD") + _of_rights_desk("RIGHTS_WORKER", "RIGHTS_HEAD")
_HEADS: Final = _of_chairs("COUNTY_CHAIR") + _of_loan_desk("LOAN_HEAD") + _of_rights_desk("RIGHTS_HEAD")
#: what the federation's own posts see; the chairs of villages, towns and the county see every ordinary kind, but that what a
#: village found in its families stays with it and its township
_FEDERATION: Final = (
    *_of_chairs(*_CHAIRS),
    *_of_chairs("COUNTY_CHAIR", of=(not_of_kind("dispute_sweep"),)),
    *_of_loan_desk("LOAN_WORKER", "LOAN_HEAD", "SEAL_KEEPER"),
    *_of_rights_desk("RIGHTS_WORKER", "RIGHTS_HEAD", "UPPER_CHAIR"),
    (received, ordinary, of_kind("petition", "hotline_call")),
)
#: C3: its function, not its rank, lets the head of the rights department see it; C4 is for its members alone (decision 26)
_RIGHTS_HEAD: Final = (in_charge("RIGHTS_HEAD"), confidential)
_TEAM: Final[Clauses] = ((member,), _RIGHTS_HEAD)
#: the team without a mediator of another body, who sees a part of the case only
_WHOLE_TEAM: Final[Clauses] = ((member, more_than_mediator), _RIGHTS_HEAD)
_LEADS: Final[Clauses] = ((manager,), _RIGHTS_HEAD)
_PRINTERS: Final[Clauses] = (
    *_FEDERATION,
    (shared_with("CREDIT_OFFICER"), ordinary, _LOAN),
    (shared_with("MEDIATOR"), ordinary, of_kind("mediation")),
    *_TEAM,
)
#: posts that could ever read a C3 case, and so may ask to have one opened in an emergency (decision 28)
_BREAKERS: Final = ("TOWN_CHAIR", "COUNTY_CHAIR", "RIGHTS_WORKER")
_LOAN_BREAKERS: Final = ("LOAN_WORKER", "LOAN_HEAD")
_GLASS: Final[Clauses] = (
    *((in_charge(post), confidential) for post in _BREAKERS),
    *((in_charge(post), confidential, _LOAN) for post in _LOAN_BREAKERS),
)
#: who plans the reception days of her unit and those below it, as the chairs of villages and towns do
_SUMMING: Final = ("RIGHTS_WORKER", "RIGHTS_HEAD", "COUNTY_CHAIR")
_RECEPTIONISTS: Final = ("RIGHTS_WORKER", "RIGHTS_HEAD", "COUNTY_CHAIR", "UPPER_CHAIR")
#: what two persons have opened is read, and nothing else
_LET_IN: Final[Clauses] = tuple((glass_opened, *clause) for clause in _GLASS)
_READERS: Final[Clauses] = _PRINTERS + _LET_IN
_WORKERS: Final[Clauses] = (
    (her_task, handed_over, ordinary),
    (her_task, handed_over, member),
    (her_task, *_RIGHTS_HEAD),
)
#: what a deputy does as well; she does not pass tasks on
_DEPUTIES: Final[Clauses] = ((for_absent, handed_over, ordinary), (for_absent, handed_over, member))
#: those who answer for others' work
_SUPERVISORS: Final[Clauses] = (
    *_of_chairs("TOWN_CHAIR", "COUNTY_CHAIR"),
    *_of_loan_desk("LOAN_WORKER", "LOAN_HEAD"),
    *_of_rights_desk("RIGHTS_HEAD"),
    *_LEADS,
)

#: who answers for a unit, and is told how many of its confidential cases have lost everybody (decision 48)
_ANSWERING: Final = ("COUNTY_CHAIR", "UPPER_CHAIR")
#: who may ask for an audit engagement; an auditor only for herself
_ASKERS: Final = (AUDITOR, "LOAN_HEAD", "RIGHTS_HEAD")
_OVERSEERS: Final = tuple((holds(post),) for post in ("TOWN_CHAIR", "LOAN_WORKER", "LOAN_HEAD", "COUNTY_CHAIR"))
RULES: Final[Mapping[Permission, Clauses]] = {
    Permission.START_CASE: (
        *((holds(post), of_process("loan", "petition")) for post in _CHAIRS),
        *((holds(post), of_process("petition")) for post in RECEIVING_POSTS),
        *((holds(post), of_process("hotline_call")) for post in ANSWERING_POSTS),
        *((holds(post), of_process("joint_conference")) for post in ("RIGHTS_HEAD", "COUNTY_CHAIR")),
        *((holds(post), confidential_kind) for post in (*_CHAIRS, "RIGHTS_WORKER", "RIGHTS_HEAD")),
    ),
    Permission.READ_CASE: _READERS,
    Permission.READ_HISTORY: _FEDERATION + _WHOLE_TEAM + _LET_IN,
    Permission.PRINT_CASE: _PRINTERS,
    Permission.WITHDRAW_CASE: _of_chairs(*_CHAIRS) + _DESKS + _LEADS,
    Permission.TERMINATE_CASE: (*_HEADS, _RIGHTS_HEAD),
    Permission.WORK_TASK: _WORKERS + _DEPUTIES,
    Permission.RETURN_TASK: _WORKERS + _DEPUTIES,
    Permission.TRANSFER_TASK: _WORKERS,
    Permission.DELEGATE_TASK: (
        *_WORKERS,
        (delegated_by_her, handed_over, ordinary),
        (delegated_by_her, handed_over, member),
    ),
    Permission.ADD_SIGNER: _WORKERS,
    Permission.RECALL_TASK: ((done_by_her, handed_over, ordinary), (done_by_her, handed_over, member)),
    Permission.SUSPEND_TASK: _WORKERS,
    Permission.ADD_PAPER: _WORKERS + _DEPUTIES,
    Permission.SEE_OVERDUE: (*_OVERSEERS, (holds("RIGHTS_HEAD"),), (holds("RIGHTS_WORKER"),)),
    Permission.SEE_STATISTICS: (*_OVERSEERS, (holds("STAT_CLERK"),)),
    Permission.OPEN_STATISTICS: _OVERSEERS,
    Permission.SEE_ANALYSIS: tuple((holds(post),) for post in (*ANALYSTS, *FIGURES_ALONE)),
    Permission.OPEN_ANALYSIS: tuple((holds(post),) for post in ANALYSTS),
    Permission.FIX_ANALYSIS: tuple((in_charge(post),) for post in ANALYSTS),
    Permission.SIGN_ANALYSIS: tuple((in_charge(post),) for post in ("RIGHTS_HEAD", "COUNTY_CHAIR")),
    Permission.SEE_ARCHIVE: ((in_charge("ARCHIVIST"), ended, ordinary), (in_charge("ARCHIVIST"), ended, confidential)),
    Permission.SEE_LOG_BOOK: tuple((holds(post),) for post in (*_CHAIRS, *RECEIVING_POSTS)),
    Permission.SEE_HOTLINE: tuple((holds(post),) for post in (*ANSWERING_POSTS, "COUNTY_CHAIR")),
    Permission.SEE_SWEEPS: tuple((holds(post),) for post in (*_CHAIRS, *_SUMMING)),
    Permission.SUM_SWEEPS: tuple((holds(post),) for post in _SUMMING),
    Permission.SET_SWEEP: ((in_charge("RIGHTS_HEAD"),), (in_charge("COUNTY_CHAIR"),)),
    Permission.SEE_RECEPTION: tuple((holds(post),) for post in (*_CHAIRS, *RECEIVING_POSTS, "LAWYER_VOL")),
    Permission.PLAN_RECEPTION: tuple((in_charge(p),) for p in (*_CHAIRS, *_RECEPTIONISTS)),
    Permission.SEE_ESCALATION: _SUPERVISORS,
    Permission.SUPERVISE: ((superior, ordinary), (superior, member), (superior, *_RIGHTS_HEAD)),
    Permission.DECIDE_EXTENSION: ((her_decision, ordinary), (her_decision, member), (her_decision, *_RIGHTS_HEAD)),
    Permission.MANAGE_CALENDAR: ((holds("SYS_ADMIN"),),),
    Permission.MANAGE_PERIODS: ((in_charge("COUNTY_CHAIR"),),),
    Permission.READ_DEFINITIONS: ((any_post,),),
    Permission.UPLOAD_DEFINITION: ((holds("SYS_ADMIN"),),),
    Permission.APPROVE_DEFINITION: ((holds("COUNTY_CHAIR"),),),
    Permission.MIGRATE_CASES: ((holds("SYS_ADMIN"),), (holds("COUNTY_CHAIR"),), (holds("RIGHTS_HEAD"),)),
    Permission.MOVE_CASE: (
        (holds("SYS_ADMIN"), ordinary),
        *_of_chairs("COUNTY_CHAIR"),
        _RIGHTS_HEAD,
        *((in_charge(post), member) for post in ("COUNTY_CHAIR", "RIGHTS_HEAD")),
    ),
    Permission.VERIFY_HISTORY: ((holds("LOG_AUDITOR"),),),
    Permission.VERIFY_PAPER: ((any_post,),),
    Permission.URGE_TASK: ((in_charge("VILLAGE_CHAIR"), began, ordinary), (member, began), *_SUPERVISORS),
    Permission.ASSIGN_TASK: _SUPERVISORS,
    Permission.PRIORITISE_CASE: _SUPERVISORS,
    Permission.COPY_CASE: _FEDERATION + _WHOLE_TEAM,
    Permission.COMMENT_CASE: _FEDERATION + _WHOLE_TEAM,
    Permission.DEPUTISE: tuple((holds(post),) for post in standing_in.DEPUTIES),
    Permission.MANAGE_JOBS: ((holds("SYS_ADMIN"),),),
    Permission.KEEP_CONTACT: _FEDERATION + _WHOLE_TEAM,
    Permission.KEEP_CONSENT: _FEDERATION + _WHOLE_TEAM,
    Permission.LOG_INCIDENT: ((any_post,),),
    Permission.MANAGE_TEAM: _SUPERVISORS,
    Permission.SEE_EXCLUDED: _WHOLE_TEAM,
    Permission.EXCLUDE: _FEDERATION + _WHOLE_TEAM,
    Permission.END_EXCLUSION: _LEADS,
    Permission.COMPLAIN: _of_chairs(*_CHAIRS, "COUNTY_CHAIR") + _DESKS + _WHOLE_TEAM,
    Permission.RAISE_CLASS: _FEDERATION + _WHOLE_TEAM,
    Permission.LOWER_CLASS: (_RIGHTS_HEAD, (in_charge("RIGHTS_HEAD"), member)),
    Permission.CONFIRM_LOWERING: (*_LEADS, (holds("COUNTY_CHAIR"), member)),
    Permission.READ_PAPER: (*_READERS, (named_paper,)),
    Permission.TAKE_PART: ((ordinary, any_post), *_TEAM),
    Permission.READ_READERS: (*((in_charge(post), began, ordinary) for post in _CHAIRS), *_SUPERVISORS),
    Permission.SEE_ORGANISATION: tuple((holds(post),) for post in FEDERATION_POSTS),
    Permission.MANAGE_UNITS: ((in_charge("SYS_ADMIN"),),),
    Permission.MANAGE_ACCOUNTS: ((holds("SYS_ADMIN"),),),
    Permission.ASK_FACTOR_RESET: ((in_charge("SEC_ADMIN"),),),
    Permission.GRANT_FACTOR_RESET: ((in_charge("COUNTY_CHAIR"),), (in_charge("UPPER_CHAIR"),)),
    Permission.APPOINT: ((in_charge("SEC_ADMIN"),),),
    Permission.APPROVE_APPOINTMENT: ((in_charge("COUNTY_CHAIR"),), (in_charge("UPPER_CHAIR"),)),
    Permission.MANAGE_TRAINING: ((in_charge("SEC_ADMIN"),), (in_charge("RIGHTS_HEAD"),)),
    Permission.SUPERVISE_HANDOVER: tuple((in_charge(p),) for p in ("TOWN_CHAIR", "COUNTY_CHAIR", "UPPER_CHAIR")),
    Permission.DECLARE_RELATIVES: ((any_post,),),
    Permission.SEE_ENGAGEMENTS: tuple((holds(post),) for post in (*_ASKERS, "COUNTY_CHAIR", "LOG_AUDITOR")),
    Permission.ASK_ENGAGEMENT: tuple((in_charge(post),) for post in _ASKERS),
    Permission.DECIDE_ENGAGEMENT: ((in_charge("COUNTY_CHAIR"),),),
    Permission.AUDIT_CASE: ((engaged_auditor,),),
    Permission.APPROVE_BARE_PRINT: ((in_charge("COUNTY_CHAIR"),), (in_charge("RIGHTS_HEAD"),)),
    Permission.SEE_GLASS: tuple((holds(post),) for post in (*_BREAKERS, *_LOAN_BREAKERS, "RIGHTS_HEAD", "LOG_AUDITOR")),
    Permission.ASK_GLASS: tuple((holds(post),) for post in (*_BREAKERS, *_LOAN_BREAKERS)),
    Permission.BREAK_GLASS: _GLASS,
    Permission.CONFIRM_GLASS: ((in_charge("COUNTY_CHAIR"),), (in_charge("RIGHTS_HEAD"),)),
    Permission.REVIEW_GLASS: _LEADS,
    Permission.NOTE_GLASS: ((holds("LOG_AUDITOR"),),),
    Permission.SEE_UNLED: tuple((holds(post),) for post in _ANSWERING),
    Permission.FIND_UNLED: tuple((in_charge(post), secret) for post in _ANSWERING),
    Permission.SEE_SUCCESSIONS: tuple(
        (holds(post),) for post in (*_ANSWERING, "RIGHTS_HEAD", "RIGHTS_WORKER", "LOG_AUDITOR")
    ),
    Permission.CONFIRM_SUCCESSION: tuple((in_charge(post),) for post in (*_ANSWERING, "RIGHTS_HEAD")),
}
