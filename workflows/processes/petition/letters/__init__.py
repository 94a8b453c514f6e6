"""The petition on paper: its sheets, the order of its dossier, and its words (processes.md §0.5, §2)."""

from __future__ import annotations

from pathlib import Path

from engine.dossier.book import Book

BOOK = Book(
    kind="petition",
    title="妇女信访",
    folder=Path(__file__).parent,
    sheets={},
    order=(),
    retention="10 年，自结案之日起算",
    applicant=("register", "name"),
)
