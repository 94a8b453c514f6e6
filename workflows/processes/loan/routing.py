"""Who gets a task of the loan (`workflows.chains`): who types for the applicant, and who signs where a guarantor would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.process_type import Candidates
from workflows import organisation
from workflows.chains import Chains, places
from workflows.processes.loan import completeness, conflicts
from workflows.processes.loan.conflicts import TYPING
from workflows.processes.loan.guarantors import SIGNING_POSTS
from workflows.screening import screen

if TYPE_CHECKING:
    from engine.process_type import CaseView

CHAINS = Chains(
    {
        "VILLAGE_CHAIR": ("VILLAGE_CHAIR", "TOWN_CHAIR", "LOAN_HEAD", "COUNTY_CHAIR"),
        "TOWN_CHAIR": ("TOWN_CHAIR", "LOAN_HEAD", "COUNTY_CHAIR"),
        "LOAN_WORKER": ("LOAN_WORKER", "LOAN_HEAD", "COUNTY_CHAIR"),
        "LOAN_HEAD": ("LOAN_HEAD", "COUNTY_CHAIR"),
        "SEAL_KEEPER": ("SEAL_KEEPER", "COUNTY_CHAIR"),
        "CREDIT_OFFICER": ("CREDIT_OFFICER",),
    },
    conflicts.obstacle,
    outside=("CREDIT_OFFICER",),
)
#: who types for the applicant: the village, or the township for a woman without village unit
_TYPISTS = ("VILLAGE_CHAIR", "TOWN_CHAIR", "LOAN_HEAD")


def candidates(view: CaseView, element: str, lane: str) -> Candidates:
    """The post and unit for a task that opens at `element` in `lane`.

    Where a guarantor holds the lane's post and the case says so, the level above signs (COUNTY_SIGNS, L25).
    """
    if element in TYPING:
        return _typist(view, element)
    return CHAINS.candidates(view, element, lane, "COUNTY_SIGNS" if _guarantor_signs(view, lane) else None)


def _typist(view: CaseView, element: str) -> Candidates:
    if element == "T_Supplement":
        owner = owner_of(view)
        if owner in ("TOWN_CHAIR", "CREDIT_OFFICER"):
            place = organisation.unit_for_post(view.connection, owner, view.case.unit_id)
            if place is not None:
                return Candidates(owner, place.id)
    found = places(view, _TYPISTS)
    held = [place for place, _ in found if CHAINS.free(view, element, place.post, place.unit_id)]
    return held[0] if held else found[0][0]


def owner_of(view: CaseView) -> str:
    """The post that owns the first thing missing; "" when nothing is."""
    missing = completeness.gaps(view)
    return missing[0].owner if missing else ""


def _guarantor_signs(view: CaseView, lane: str) -> bool:
    """True when the case says “the level above signs” and a guarantor holds this lane's post."""
    if lane not in SIGNING_POSTS or not (view.form("apply") or {}).get("countySigns"):
        return False
    sureties = screen(view.connection, view.case.id, view.today).idcards("GUARANTOR")
    place = organisation.unit_for_post(view.connection, lane, view.case.unit_id)
    holders = organisation.holders(view.connection, lane, place.id, view.today) if place else ()
    return any(h.id_hash in sureties for h in holders)
