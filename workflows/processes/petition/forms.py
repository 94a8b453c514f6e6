"""Every form of a petition, by key."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from workflows.form import SchemaForm
from workflows.processes.petition.forms_close import CLOSE_FORMS
from workflows.processes.petition.forms_register import CALLED, REGISTER
from workflows.processes.petition.forms_route import ROUTE_FORMS
from workflows.processes.petition.forms_work import WORK_FORMS

FORMS: Final[Mapping[str, SchemaForm]] = MappingProxyType(
    {form.key: form for form in (REGISTER, CALLED, *ROUTE_FORMS, *WORK_FORMS, *CLOSE_FORMS)}
)
