"""Every form of a mediation, by key."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.form import SchemaForm
from workflows.processes.mediation.forms_agreement import AGREEMENT, SIGNED
from workflows.processes.mediation.forms_session import CHECK, ENDED, SESSION, STOP
from workflows.processes.mediation.forms_start import APPOINT, CONSENT_HER, CONSENT_OTHER, REFERRED, RIGHTS

FORMS: Mapping[str, SchemaForm] = {
    form.key: form
    for form in (REFERRED, CONSENT_HER, CONSENT_OTHER, APPOINT, RIGHTS, CHECK, SESSION, STOP, ENDED, AGREEMENT, SIGNED)
}
