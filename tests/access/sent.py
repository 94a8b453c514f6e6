"""What is sent along to each route, so that whoever may come in is not stopped by an empty form. No expectation stands here."""

from __future__ import annotations

from typing import Any

from tests.access.given import Named

_REASON = {"reason": "情况有变，另行处理"}
#: what stands in an address when it is about nothing that belongs to a case
ELSEWHERE: dict[str, Any] = {"verb": "transfer", "sheet": "L-01", "key": "loan"}
#: what stands in the address of one route alone
AT: dict[str, dict[str, Any]] = {
    "handovers.do": {"verb": "things"},
    "organisation.change": {"verb": "women"},
    "reception.do": {"verb": "seen"},
}
#: routes that take JSON
AS_JSON = ("steps.",)
SENT: dict[str, dict[str, Any]] = {
    "attention.comment": {"text": "请看"},
    "attention.copy": {"to": "1"},
    "attention.discard": _REASON,
    "attention.follow_up": {"day": "2026-06-20"},
    "attention.priority": {"level": "urgent", **_REASON},
    "bulk.do": {"verb": "claim", "pick": "2:1"},
    "bulk.preview": {"verb": "claim", "pick": "2:1"},
    "calendar.bring_in": {"table": "2026-01-01,x"},
    "cases.confirm_withdraw": _REASON,
    "cases.start": {"kind": "loan"},
    "contact.agree": {
        "recipient": "SHELTER",
        "purpose": "REFERRAL",
        "kinds": "IDENTITY",
        "given_on": "2026-06-01",
        "expires_on": "2027-05-31",
        "given_by": "SELF",
    },
    "contact.ask": {"channel": "IN_PERSON"},
    "contact.give": {"recipient": "POLICE", "purpose": "REPORT", "kinds": "FACTS", "basis": "UMP11"},
    "contact.note": {"kind": "CALL", "asked_for": "无此人", "told": "问是否来过；不答复", "nothing_said": "1"},
    "engagements.ask": {"unit": "1"},
    "escalations.order": {"text": "请说明", "reply_by": "2026-06-20"},
    "extensions.ask": {"units": "2", **_REASON},
    "inbox.keep": {"name": "急", "tab": "todo"},
    "inbox.narrow": {"tab": "todo"},
    "inbox.read": {"newest": "1"},
    "organisation.decide": {"verb": "approve", "reason": "同意"},
    "papers.remove": {"paper": Named("paper_id")},
    "reception.plan": {"unit": "1", "kind": "CHAIR", "receiver": "1"},
    "search.ask": {"sought": "x"},
    "steps.apply": {**_REASON, "to": 1},
    "steps.complete": {"answers": {}},
    "sweeps.set_quarter": {"unit": "1", "quarter": "2026-Q2"},
    "tasks.send_back": {"_target": "T_Apply", "_reason": "请补充材料说明"},
    "verbs.do": {"people": "1", **_REASON},
    "verbs.leave": {"_verb": "transfer"},
    "verbs.opinion": {"_opinion": "同意", "_agrees": "1"},
    "verification.find": {"number": "1", "code": "AAAA-AAAA"},
}
