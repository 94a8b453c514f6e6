"""A protection case prints nothing of its own yet: its sheets (V-01 to V-12) come with the whole process."""

from __future__ import annotations

from pathlib import Path

from engine.dossier.book import Book

BOOK = Book(
    kind="dv_case",
    title="保护事项",
    folder=Path(__file__).parent,
    sheets={},
    order=(),
    retention="长期，按保密卷宗管理",
    applicant=("referred", "name"),
)
