"""Which pages are looked at, by whom: sign-in name → addresses. A new page belongs here."""

from __future__ import annotations

TAB_PAGES = [
    *("overview", "timeline", "diagram", "forms", "papers"),
    *("signatures", "team", "collab", "contact", "reads"),
]
PAGES = {
    "v1chair": [
        "/",
        "/?tab=claimable",
        "/?tab=done",
        "/?tab=started",
        "/?tab=notices",
        "/cases/new",
        "/tasks/4",
        "/absences/",
        "/account/",
        "/incidents",
        "/progress",
        "/search/",
        "/search/?number=V1",
    ],
    "t1chair": [
        "/tasks/3",
        "/sweeps/",
        "/tasks/3/verbs/add_signers",
        "/tasks/3/verbs/suspend",
        "/tasks/3/verbs/transfer",
        "/escalations",
        "/processes",
        "/verify",
        "/cases/999",
        "/cases/1/withdraw",
        "/cases/1/complaint",
        "/complaints/recorded",
        "/cases/1/print",
        *(f"/cases/1?tab={tab}" for tab in TAB_PAGES),
    ],
    "loanhead": [
        *(f"/escalations{rest}" for rest in ("", "/1", "/orders/1", "?state=map", "?state=closed")),
        "/statistics/loan?month=2026-06",
    ],
    "hotline": ["/hotline/"],
    "rightshead": [
        "/log-book/",
        "/sweeps/",
        "/statistics/petition?span=2026-Q2",
        "/statistics/petition/cases?span=2026&code=RECEIVED",
        "/statistics/petition?span=2026-05",
        "/statistics/petition/versions/1",
    ],
    "lawyer": ["/reception/", "/reception/1"],
    "sysadmin": ["/", "/jobs", "/calendar", *(f"/processes/loan{at}" for at in ("", "/migrations", "/proposals/1"))],
    "secadmin": [
        f"/organisation/{at}"
        for at in ("", "units/1", "units/2", "people/", "people/1", "committees", "handovers/", "authenticators/")
    ],
    "logauditor": [
        "/audit",
        "/audit?log=reads",
        "/audit?log=audits",
        "/audit/anchors/1",
        "/engagements",
        "/break-glass",
        "/successions",
    ],
    "caseauditor": ["/engagements"],
    "archivist": ["/archive/"],
    "statclerk": ["/statistics/loan?month=2026-06", "/statistics/petition?span=2026-Q1"],
}
