"""The kinds of units and the posts held in them, as data (domain.md D1): what exists at all, what it is called, and where.

What a post may do stands in `workflows/rules.py` alone: a post without a line there works on the tasks that wait for it and
sees nothing else. External bodies are units like ours, so that a task or a referral can wait there; they never stand above ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.messages import N_


class UnitKind(StrEnum):
    """What a unit is."""

    PROVINCE = "PROVINCE"  #: 省妇联
    CITY = "CITY"  #: 市妇联
    COUNTY = "COUNTY"  #: 县(市、区)妇联
    TOWN = "TOWN"  #: 乡镇(街道)妇联
    VILLAGE = "VILLAGE"  #: 村(社区)妇联
    DEPARTMENT = "DEPARTMENT"  #: 内设部门: 权益部, 发展部, 儿少家庭部, 办公室, 12338 坐席
    LIAISON = "LIAISON"  #: 驻外办事处 (S004-3)
    WORKPLACE = "WORKPLACE"  #: a work unit: organ, institution, enterprise
    COMMITTEE = "COMMITTEE"  #: 妇委会 of a work unit or of an external body (S002-22)
    CREDIT_UNION = "CREDIT_UNION"  #: 信用社, external like all that follow
    GUARANTOR = "GUARANTOR"
    FINANCE = "FINANCE"
    POLICE = "POLICE"
    JUSTICE = "JUSTICE"
    MEDIATION = "MEDIATION"
    COURT = "COURT"
    PROCURATORATE = "PROCURATORATE"
    LEGAL_AID = "LEGAL_AID"
    LAWYERS = "LAWYERS"
    HOSPITAL = "HOSPITAL"
    SHELTER = "SHELTER"
    COUNSELLING = "COUNSELLING"
    CIVIL_AFFAIRS = "CIVIL_AFFAIRS"
    EDUCATION = "EDUCATION"
    HEALTH = "HEALTH"
    LABOUR = "LABOUR"
    LABOUR_AGENT = "LABOUR_AGENT"
    PETITIONS = "PETITIONS"
    CHILDRENS_BOARD = "CHILDRENS_BOARD"
    GOVERNANCE = "GOVERNANCE"
    AGENCY = "AGENCY"  #: an external body of no kind above


UNIT_KIND_NAMES: Final[Mapping[UnitKind, str]] = MappingProxyType(
    {
        UnitKind.PROVINCE: N_("省妇联"),
        UnitKind.CITY: N_("市妇联"),
        UnitKind.COUNTY: N_("县妇联"),
        UnitKind.TOWN: N_("乡镇妇联"),
        UnitKind.VILLAGE: N_("村妇联"),
        UnitKind.DEPARTMENT: N_("内设部门"),
        UnitKind.LIAISON: N_("驻外办事处"),
        UnitKind.WORKPLACE: N_("机关、企事业单位"),
        UnitKind.COMMITTEE: N_("妇委会"),
        UnitKind.CREDIT_UNION: N_("信用社"),
        UnitKind.GUARANTOR: N_("担保机构"),
        UnitKind.FINANCE: N_("财政部门"),
        UnitKind.POLICE: N_("公安派出所"),
        UnitKind.JUSTICE: N_("司法所"),
        UnitKind.MEDIATION: N_("人民调解委员会（调处中心）"),
        UnitKind.COURT: N_("法院"),
        UnitKind.PROCURATORATE: N_("检察院"),
        UnitKind.LEGAL_AID: N_("法律援助中心"),
        UnitKind.LAWYERS: N_("志愿律师团"),
        UnitKind.HOSPITAL: N_("医院（伤情鉴定）"),
        UnitKind.SHELTER: N_("庇护中心（救助站）"),
        UnitKind.COUNSELLING: N_("心理咨询机构"),
        UnitKind.CIVIL_AFFAIRS: N_("民政部门"),
        UnitKind.EDUCATION: N_("教育部门"),
        UnitKind.HEALTH: N_("卫生健康部门"),
        UnitKind.LABOUR: N_("人社部门（劳动仲裁）"),
        UnitKind.LABOUR_AGENT: N_("劳务中介"),
        UnitKind.PETITIONS: N_("信访局"),
        UnitKind.CHILDRENS_BOARD: N_("妇儿工委办"),
        UnitKind.GOVERNANCE: N_("综治中心（大调解）"),
        UnitKind.AGENCY: N_("其他外部单位"),
    }
)

#: the line of federations, the highest first
FEDERATIONS: Final = (UnitKind.PROVINCE, UnitKind.CITY, UnitKind.COUNTY, UnitKind.TOWN, UnitKind.VILLAGE)
#: bodies outside the federation
EXTERNAL: Final = tuple(UnitKind)[tuple(UnitKind).index(UnitKind.CREDIT_UNION) :]
_UPPER: Final = (UnitKind.PROVINCE, UnitKind.CITY, UnitKind.COUNTY)
_FROM_TOWN_UP: Final = (*_UPPER, UnitKind.TOWN)

#: kind → the kinds right above which it may stand; None: it may be the top of the tree
PARENT_KINDS: Final[Mapping[UnitKind, tuple[UnitKind | None, ...]]] = MappingProxyType(
    {
        UnitKind.PROVINCE: (None,),
        UnitKind.CITY: (None, UnitKind.PROVINCE),
        UnitKind.COUNTY: (None, UnitKind.CITY, UnitKind.PROVINCE),
        UnitKind.TOWN: (UnitKind.COUNTY,),
        UnitKind.VILLAGE: (UnitKind.TOWN,),
        UnitKind.DEPARTMENT: _UPPER,
        UnitKind.LIAISON: _UPPER,
        UnitKind.WORKPLACE: _FROM_TOWN_UP,
        UnitKind.COMMITTEE: (UnitKind.WORKPLACE, *EXTERNAL),
        **dict.fromkeys(EXTERNAL, _FROM_TOWN_UP),
    }
)

#: post code (lane id of the drawings) → its Chinese name
POST_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "APPLICANT": N_("申请人"),
        "VILLAGE_CHAIR": N_("村妇联主席"),
        "TOWN_CHAIR": N_("乡镇妇联主席"),
        "CREDIT_OFFICER": N_("信贷员"),
        "LOAN_WORKER": N_("发展部干部"),
        "LOAN_HEAD": N_("发展部部长"),
        "RIGHTS_WORKER": N_("权益干部"),
        "RIGHTS_HEAD": N_("权益部部长"),
        "HOTLINE_AGENT": N_("12338 坐席"),
        "SEAL_KEEPER": N_("印章管理员"),
        "COUNTY_CHAIR": N_("县妇联主席"),
        "UPPER_CHAIR": N_("上级妇联主席"),
        "MEDIATOR": N_("人民调解员"),
        "LAWYER_VOL": N_("志愿律师"),
        "COUNSELLOR": N_("心理咨询师"),
        "AGENCY_USER": N_("外部单位经办人"),
        "COMMITTEE_HEAD": N_("妇委会主任"),
        "LIAISON_WORKER": N_("办事处干部"),
        "STAT_CLERK": N_("统计员"),
        "ARCHIVIST": N_("档案管理员"),
        "CASE_AUDITOR": N_("案卷审计员"),
        "SYS_ADMIN": N_("系统管理员"),
        "SEC_ADMIN": N_("安全管理员"),
        "LOG_AUDITOR": N_("日志审计员"),
    }
)
#: post code → the kinds of units in which it is held, where it belongs first; nobody is appointed APPLICANT
POST_KINDS: Final[Mapping[str, tuple[UnitKind, ...]]] = MappingProxyType(
    {
        "VILLAGE_CHAIR": (UnitKind.VILLAGE,),
        "TOWN_CHAIR": (UnitKind.TOWN,),
        "CREDIT_OFFICER": (UnitKind.CREDIT_UNION,),
        "LOAN_WORKER": (UnitKind.COUNTY,),
        "LOAN_HEAD": (UnitKind.COUNTY,),
        "RIGHTS_WORKER": (UnitKind.COUNTY, UnitKind.TOWN),
        "RIGHTS_HEAD": (UnitKind.COUNTY,),
        "HOTLINE_AGENT": (UnitKind.COUNTY,),
        "SEAL_KEEPER": (UnitKind.COUNTY,),
        "COUNTY_CHAIR": (UnitKind.COUNTY,),
        "UPPER_CHAIR": (UnitKind.CITY, UnitKind.PROVINCE),
        "MEDIATOR": (UnitKind.MEDIATION, UnitKind.JUSTICE),
        "LAWYER_VOL": (UnitKind.LAWYERS, UnitKind.LEGAL_AID, UnitKind.COUNTY),
        "COUNSELLOR": (UnitKind.COUNSELLING, UnitKind.COUNTY),
        "AGENCY_USER": EXTERNAL,
        "COMMITTEE_HEAD": (UnitKind.COMMITTEE,),
        "LIAISON_WORKER": (UnitKind.LIAISON,),
        "STAT_CLERK": (UnitKind.COUNTY,),
        "ARCHIVIST": (UnitKind.COUNTY,),
        "CASE_AUDITOR": (UnitKind.COUNTY,),
        "SYS_ADMIN": (UnitKind.COUNTY,),
        "SEC_ADMIN": (UnitKind.COUNTY,),
        "LOG_AUDITOR": (UnitKind.COUNTY,),
    }
)
#: post code → the kind of unit where it belongs first
POST_KIND: Final[Mapping[str, UnitKind]] = MappingProxyType({post: kinds[0] for post, kinds in POST_KINDS.items()})

#: 等保三员: three different persons, and none of them holds any other post (decision 29)
KEEPERS: Final = ("SYS_ADMIN", "SEC_ADMIN", "LOG_AUDITOR")
#: posts that score risk or read what survivors tell: only for who is trained (D6)
TRAINED_POSTS: Final = ("RIGHTS_WORKER", "RIGHTS_HEAD", "HOTLINE_AGENT")
#: posts of the federation itself: its tree, its posts and who holds them are theirs to see
FEDERATION_POSTS: Final = tuple(
    post
    for post, kinds in POST_KINDS.items()
    if kinds[0] not in EXTERNAL and post not in ("COMMITTEE_HEAD", "CASE_AUDITOR")
)
#: appointing to one of these takes a second person: they reach what is confidential, or keep the machine, its rights or its log
FOUR_EYES_POSTS: Final = (
    *KEEPERS,
    "COUNTY_CHAIR",
    "UPPER_CHAIR",
    *TRAINED_POSTS,
    "CASE_AUDITOR",
    "ARCHIVIST",
    "SEAL_KEEPER",
)
#: every cadre receives whoever comes (全员接待, S002-9), as the chairs of villages and towns do; what she took in she may follow
RECEIVING_POSTS: Final = (
    "COUNTY_CHAIR",
    "RIGHTS_HEAD",
    "RIGHTS_WORKER",
    "HOTLINE_AGENT",
    "LOAN_HEAD",
    "LOAN_WORKER",
    "LIAISON_WORKER",
    "COMMITTEE_HEAD",
    "UPPER_CHAIR",
)
#: who answers 12338: the agents, and the rights department when none is there
ANSWERING_POSTS: Final = ("HOTLINE_AGENT", "RIGHTS_WORKER", "RIGHTS_HEAD")
#: who reads the analysis of the petitions of her unit and opens what a figure counts, and who sees its figures alone (D1)
ANALYSTS: Final = ("TOWN_CHAIR", "RIGHTS_WORKER", "RIGHTS_HEAD", "COUNTY_CHAIR")
FIGURES_ALONE: Final = ("LOAN_WORKER", "LOAN_HEAD", "STAT_CLERK")
#: one holder in each unit at a time (D1)
SINGLE_POSTS: Final = ("VILLAGE_CHAIR",)
#: who executes the stamp approves nothing (D1, D3.3)
INCOMPATIBLE: Final = (("SEAL_KEEPER", ("COUNTY_CHAIR", "LOAN_HEAD", "RIGHTS_HEAD")),)
#: posts whose registers, seal and papers go to a successor by a list when the term ends (D6)
HANDED_OVER_POSTS: Final = (
    "VILLAGE_CHAIR",
    "TOWN_CHAIR",
    "COUNTY_CHAIR",
    "LOAN_WORKER",
    "LOAN_HEAD",
    "RIGHTS_WORKER",
    "RIGHTS_HEAD",
    "SEAL_KEEPER",
    "ARCHIVIST",
    "STAT_CLERK",
    "COMMITTEE_HEAD",
    "LIAISON_WORKER",
)
