"""The dossiers of an audit engagement, for its auditor alone: opened read-only, printed in batches, the PDFs fetched."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.dossier import story
from engine.errors import InvalidAnswers
from engine.messages import Message
from webui.runtime import act, house, me, new_key, reading
from workflows import audit_batches, audit_printing, bare_prints, engagement_register
from workflows.audit_dossiers import Dossier, dossier, engagement_row, log_audit, number_for
from workflows.audit_files import file_of, files_of
from workflows.sheets import book_of

bp = Blueprint("audits", __name__, url_prefix="/engagements")


@bp.get("/<int:engagement_id>/cases/<int:case_id>")
def show(engagement_id: int, case_id: int) -> str:
    """One dossier, read-only; opening it is remembered."""
    return _dossier_page(engagement_id, case_id)


@bp.post("/<int:engagement_id>/cases/<int:case_id>/unredacted")
def ask_unredacted(engagement_id: int, case_id: int) -> ResponseReturnValue:
    """Ask that somebody else lets her print it whole, once."""
    reason = request.form.get("reason", "")
    try:
        act(bare_prints.ask_bare_print, engagement_id=engagement_id, case_id=case_id, reason=reason)
    except InvalidAnswers as wrong:
        return _dossier_page(engagement_id, case_id, reason, next(iter(wrong.problems.values()))[0]), 422
    return redirect(url_for("audits.show", engagement_id=engagement_id, case_id=case_id, asked=1), 303)


@bp.post("/<int:engagement_id>/batches")
def begin(engagement_id: int) -> ResponseReturnValue:
    """Have the chosen dossiers printed; the page that tells how far it is."""
    chosen = [int(each) for each in request.form.getlist("case") if each.isdigit() and len(each) < 16]
    reveal = request.form.get("reveal") == "1"
    answer = act(audit_batches.ask_batch, engagement_id=engagement_id, case_ids=chosen, reveal=reveal)
    return redirect(url_for("audits.batch", batch_id=answer.content["batch_id"]), 303)


@bp.get("/batches/<int:batch_id>")
def batch(batch_id: int) -> str:
    """How far a batch is, what failed, and its PDFs; it can be left and found again."""
    with reading() as connection:
        found = engagement_register.batch_of(connection, me(), batch_id)
    runs = any(scope.id == found.engagement.id for scope in me().engagements)
    shown: dict[str, Any] = {"batch": found, "failures": audit_printing.FAILURES, "runs": runs}
    shown["number_for"] = number_for
    return render_template("audit_batch.html", **shown)


@bp.post("/batches/<int:batch_id>/cancel")
def cancel(batch_id: int) -> ResponseReturnValue:
    """Call it off; what is printed stays."""
    act(audit_batches.cancel_batch, batch_id=batch_id)
    return redirect(url_for("audits.batch", batch_id=batch_id), 303)


@bp.get("/batches/<int:batch_id>/<int:seq>.pdf")
def file(batch_id: int, seq: int) -> Response:
    """One PDF, while the engagement runs."""
    with reading() as connection:
        found = file_of(house(), connection, me(), batch_id, seq)
    act(log_audit, key=new_key(), engagement_id=found.engagement_id, case_ids=[found.case_id], what="file")
    return _handed_out(found.pdf, "application/pdf", f"{found.number}.pdf")


@bp.get("/batches/<int:batch_id>/all.zip")
def archive(batch_id: int) -> Response:
    """All PDFs of a batch in one file, while the engagement runs."""
    with reading() as connection:
        found = files_of(house(), connection, me(), batch_id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archived:
        for each in found:
            archived.writestr(f"{each.number}.pdf", each.pdf)
    ids = [each.case_id for each in found]
    act(log_audit, key=new_key(), engagement_id=found[0].engagement_id, case_ids=ids, what="file")
    return _handed_out(packed.getvalue(), "application/zip", f"{found[0].number.rpartition('-')[0]}.zip")


def _handed_out(content: bytes, kind: str, name: str) -> Response:
    answer = make_response(content)
    answer.mimetype = kind
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _dossier_page(engagement_id: int, case_id: int, reason: str = "", problem: Message | None = None) -> str:
    with reading() as connection:
        found = dossier(house(), connection, me(), engagement_id, case_id)
        engaged = engagement_row(connection, engagement_id)
    act(log_audit, key=new_key(), engagement_id=engagement_id, case_ids=[case_id], what="view")
    return render_template(
        "audit_dossier.html", found=found, engaged=engaged, reason=reason, problem=problem, **_told(found)
    )


def _told(found: Dossier) -> dict[str, Any]:
    """The newest version of each form in words, and the history as on paper: neither knows more than the record."""
    book, record = book_of(found.record.kind), found.record
    newest = {version.key: version for version in record.forms}
    forms = []
    for key, version in newest.items():
        groups = [
            (title, [(label, story.spoken(book, record, key, path, version.answers.get(path))) for path, label in rows])
            for title, rows in book.wording.sections(key)
        ]
        forms.append((version, [(title, [row for row in rows if row[1]]) for title, rows in groups]))
    return {"forms": forms, "history": story.rows(book, record), "label": book.wording.label}
