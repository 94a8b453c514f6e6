"""The loan as it is shipped, with people who answer at random."""

from __future__ import annotations

from pathlib import Path

import bpmn
from tests.engine.flow.drawings.registry import MODELS, Model, one_of

MODELS["loan"] = Model(
    bpmn=(Path(bpmn.__file__).parent / "loan.bpmn").read_bytes(),
    key="loan",
    choices={
        "T_VillageReview": one_of("village_opinion", "RECOMMEND", "RECOMMEND", "RETURN", "REFUSE"),
        "T_ConfirmLapse": one_of("lapse", "LAPSE", "EXTEND"),
        "T_TownReview": one_of("town_opinion", "RECOMMEND", "RECOMMEND", "RETURN", "REFUSE"),
        "T_Credit": one_of("credit_decision", "AGREE", "AGREE", "AGREE_LESS", "RETURN", "REFUSE"),
        "T_AcceptLess": one_of("accepts_less", True, False),
        "T_FinalCheck": one_of("final_decision", "APPROVE", "APPROVE", "RETURN", "REFUSE"),
        "T_AskDisbursement": one_of("ask_result", "WITHDRAWN", "STILL_WANTED"),
        "T_ConfirmRefusal": one_of("applicant_objects", True, False, False),
    },
    answers={
        "loan_eligibility": lambda f: {"eligible": f.get("x_T_Apply", 0) % 4 != 0},
        "loan.forms_complete": lambda f: {
            "forms_complete": f.get("x_T_Supplement", f.get("x_T_Credit", 0)) % 3 != 0,
            "forms_owner": "APPLICANT",
        },
        "loan_final": lambda _: {"still_eligible": True},
    },
)
