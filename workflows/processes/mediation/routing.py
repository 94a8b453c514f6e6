"""Who works on a mediation: the case manager of the rights department, and the mediator who was named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.process_type import Candidates
from workflows import chains, organisation
from workflows.chains import Chains
from workflows.posts import POST_KINDS
from workflows.processes.mediation import register, wording

if TYPE_CHECKING:
    from engine.messages import Message
    from engine.process_type import CaseView
    from workflows.organisation import Holder

MEDIATOR = "MEDIATOR"
WORKER = "RIGHTS_WORKER"


def obstacle(view: CaseView, account_id: int, element: str) -> Message | None:  # noqa: ARG001 - at every step alike
    """Why a person may not work on this mediation: she is close to one of the parties (人民调解法 19, D3)."""
    return chains.conflict(view, account_id, wording.source("RML19"))


CHAINS = Chains(
    {WORKER: (WORKER, "RIGHTS_HEAD", "COUNTY_CHAIR"), MEDIATOR: (MEDIATOR,)},
    obstacle,
    outside=(MEDIATOR,),
)


def candidates(view: CaseView, element: str, lane: str) -> Candidates:
    """The named mediator for her own steps; else the lane's post, or the first above it that somebody free of ties holds.

    What lies with a mediator who has left, or is close to a party by now, goes to the case manager, who names another one.
    """
    named = register.mediator(view.connection, view.case.id) if lane == MEDIATOR else None
    if named is not None and named.account_id in free(view, element, MEDIATOR, named.unit_id):
        return Candidates(MEDIATOR, named.unit_id, account_id=named.account_id)
    if named is not None:
        found = candidates(view, element, WORKER)
        close = obstacle(view, named.account_id, element) or view.excludes(named.account_id)
        return Candidates(found.post, found.unit_id, MEDIATOR, "CONFLICT" if close else "VACANT")
    found = CHAINS.candidates(view, element, lane)
    county = organisation.county_of(view.connection, view.case.unit_id)
    if found.acting_for == WORKER and CHAINS.free(view, element, WORKER, county.id):
        return Candidates(WORKER, county.id)  # a township without a worker of its own has the county's
    return found


def free(view: CaseView, element: str, post: str, unit_id: int) -> frozenset[int]:
    """The accounts that hold a post in a unit today and are close to nobody; of the mediators, the one who was named."""
    found = CHAINS.free(view, element, post, unit_id)
    named = register.mediator(view.connection, view.case.id) if post == MEDIATOR else None
    return found if named is None else found & {named.account_id}


def listed_mediators(view: CaseView) -> list[Holder]:
    """Everybody who holds the post in the county of the case, each once."""
    county = organisation.county_of(view.connection, view.case.unit_id)
    units = [u for kind in POST_KINDS[MEDIATOR] for u in organisation.below(view.connection, county.id, kind)]
    held = (h for u in units for h in organisation.holders(view.connection, MEDIATOR, u.id, view.today))
    return list({h.account_id: h for h in held}.values())
