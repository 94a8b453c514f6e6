"""What is handed to each command besides the ids of what is on the desk. No expectation stands here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.workflows.processes.loan import examples

WHY = "情况有变，另行处理"
CONSENT = {
    "recipient": "SHELTER",
    "purpose": "REFERRAL",
    "kinds": ["IDENTITY"],
    "given_on": "2026-06-01",
    "expires_on": "2027-05-31",
}


@dataclass(frozen=True)
class Named:
    """What is known under another name."""

    name: str


#: parameter → what is given to every command that asks for it
WORDS: dict[str, Any] = {
    "reason": WHY,
    "note": WHY,
    "text": WHY * 2,
    "kind": "loan",
    "sort": "drawing",
    "since": "2026-06-25",
    "until": "2026-06-30",
    "day": "2026-06-30",
    "last_day": "2026-06-30",
    "content": b"",
    "seen_version": 1,
    "name": "新名称",
    **CONSENT,
}
_SIGNED = {"signature": Named("signature")}
_LATE = {"seen_version": Named("seen_escalation")}
_DAYS = {name: Named(name) for name in ("opened_since", "opened_until", "auditor_id")}
_PRINT = {"item_id": Named("print_item")}
#: command → parameters that are its own
GIVEN: dict[str, dict[str, Any]] = {
    "acknowledge_escalation": _LATE,
    "add_paper": {"field": "idcardFront", "name": "a.png", "content": examples.PNG},
    "add_signers": {"people": Named("others"), "place": "before"},
    "announce_key": {"key_id": "0123456789abcdef"},
    "appoint_post": {"account_id": Named("newcomer"), "post": "STAT_CLERK", "unit_id": Named("county")},
    "apply_verb": {
        "verb": "suspend",
        "parameters": {"reason": WHY, "until": date(2026, 7, 10)},
        "version": Named("version"),
    },
    "approve_engagement": {"engagement_id": Named("asked_engagement")},
    "refuse_engagement": {"engagement_id": Named("asked_engagement")},
    "ask_contact": {"channel": "IN_PERSON"},
    "ask_engagement": {"kinds": ["loan"], "unit_id": Named("county"), "reason": WHY * 2, **_DAYS},
    "ask_glass": {"number": "V1-2026-L-0002", "reason": WHY * 2},
    "ask_lowering": {"to": "C2"},
    "ask_reset": {"login": "hotline"},
    "ask_succession": {"handle": Named("handle"), "account_id": Named("successor"), "reason": WHY * 2},
    "confirm_succession": {"request_id": Named("asked_succession")},
    "refuse_succession": {"request_id": Named("asked_succession")},
    "report_succession": {"request_id": Named("named_succession")},
    "note_succession": {"request_id": Named("named_succession")},
    "assign_task": {"account_id": Named("to")},
    "cancel_batch": {"batch_id": Named("print_batch")},
    "complete_step": _SIGNED,
    "complete_task": _SIGNED,
    "copy_case": {"to": Named("receivers")},
    "count_women": {"unit_id": Named("workplace"), "women": "30", "counted_on": "2026-06-01"},
    "create_account": {"login_name": "newone", "name": "苏新来", "idcard": examples.idcard(date(1992, 2, 2), serial=8)},
    "create_unit": {"kind": "VILLAGE", "code": "V9", "name": "枣林村妇联"},
    "decide_appointment": {"approve": True},
    "decide_bare_print": {"approve": True},
    "decide_lowering": {"agree": True},
    "decide_reset": {"grant": True},
    "declare_kin": {"relation": "SIBLING", "idcard": examples.idcard(date(1971, 1, 1), serial=9)},
    "declare_person": {"relation": "SIBLING", "name": "吴小弟", "idcard": examples.idcard(date(1972, 1, 1), serial=9)},
    "exclude": {"account_id": Named("other")},
    "fail_print": {**_PRINT, "why": "fault"},
    "finish_batch": {"batch_id": Named("print_batch")},
    "forget_batch": {"batch_id": Named("print_batch")},
    "give_information": {"recipient": "POLICE", "purpose": "REPORT", "kinds": ["FACTS"], "basis": "UMP11"},
    "import_calendar": {"content": "日期,安排,名称\n2027-01-04,休,元旦".encode()},
    "issue_order": {**_LATE, "reply_by": date(2026, 6, 30)},
    "keep_print": {**_PRINT, "pdf": b"%PDF-", "redacted": True, "entry": {"digest": "x", "file": "x", "pages": ["x"]}},
    "link": {"issuer": "https://id.example", "subject": "s"},
    "log_attempt": {"subject": "case_id", "number": Named("case_id"), "page": "cases.show"},
    "log_audit": {"what": "list"},
    "log_book_read": {"what": "book P-14"},
    "log_incident": {
        "kind": "CALL",
        "asked_for": "无此人",
        "told": "问是否来过；不答复",
        "nothing_said": True,
        "case_id": Named("case_id"),
    },
    "log_page": {"named": "case_id", "number": Named("case_id"), "page": "cases.drawing"},
    "log_read": {"what": "case"},
    "log_refused_batch": {"batch_id": Named("print_batch"), "seq": None, "page": "audits.archive"},
    "move_unit": {"parent_id": Named("town")},
    "name_substitute": {"account_id": Named("substitute")},
    "note_missed": {"day_id": Named("missed_day")},
    "note_paper_signature": {"handover_id": Named("listed_handover"), "role": "LEAVER", "signed_on": "2026-06-24"},
    "note_rating": {"code": "AAAA-AAAA", "satisfaction": "5", "answered": True},
    "pass_on": {"leaver_id": Named("leaver"), "to": 0},
    "propose_version": {"content": Named("drawing")},
    "publish_definition": {"bpmn": Named("drawing")},
    "publish_version": {"content": Named("drawing")},
    "raise_class": {"to": Named("higher")},
    "read_notices": {"newest": 1},
    "reassign": {**_LATE, "account_id": Named("to")},
    "record_audit": {"act": "verified", "told": {}},
    "record_contact": {"outcome": "reached"},
    "record_list_print": {"handover_id": Named("listed_handover"), "digest": "x", "file": "x"},
    "record_print": {"what": "dossier", "digest": "x"},
    "record_training": {"kind": "RISK", "held_on": "2026-06-01"},
    "register_absence": {"deputy_id": Named("deputy")},
    "remove_signer": {"seat_id": 1},
    "request_extension": {"units": 1, "reason": WHY * 2},
    "rest_key": {"key_id": "0123456789abcdef"},
    "return_task": {"target": "T_Apply"},
    "review_glass": {"request_id": Named("opened_request"), "justified": True},
    "end_glass": {"request_id": Named("opened_request")},
    "end_due": {"request_id": Named("opened_request")},
    "note_glass": {"request_id": Named("opened_request")},
    "save_view": {"filters": {"kind": "loan"}},
    "set_account_state": {"active": False},
    "fix_analysis": {"unit_id": Named("county"), "span": "2026-05", "measures": WHY * 3},
    "sign_analysis": {**_SIGNED, "version_id": Named("analysis_version")},
    "plan_day": {
        "unit_id": Named("county"),
        "kind": "CHAIR",
        "held_on": "2026-06-30",
        "starts": "09:00",
        "ends": "11:00",
        "place": "一楼",
        "capacity": "9",
        "receiver_id": Named("county_chair"),
    },
    "record_book_print": {"sheet": "P-14", "channel": "", "category": "", "units": [], "file": "x"},
    "record_consent": {"kinds": CONSENT["kinds"]},
    "close_unit": {"unit_id": Named("empty"), "last_day": "2026-06-24"},
    "sign_list": {**_SIGNED, "handover_id": Named("listed_handover")},
    "set_contact": {"block": {"channel": "IN_PERSON"}},
    "set_quarter": {"unit_id": Named("county"), "quarter": "2026-Q2"},
    "set_priority": {"level": "urgent"},
    "sign_opinion": {"agrees": True, "opinion": "同意", **_SIGNED},
    "start_migration": {"to_id": Named("seen_base")},
    "state_purpose": {"purpose": WHY, "session": "s"},
    "suspend_task": {"until": date(2026, 7, 10)},
    "take_over": _LATE,
    "take_in": {"good_rows_only": True},
    "upload_workbook": {"content": Named("book")},
}
