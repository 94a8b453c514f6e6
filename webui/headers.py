"""What every answer says about itself: no script or style but our own files, no foreign host, nothing kept, nothing leaked."""

from __future__ import annotations

from flask import Flask, Response

_ALLOWED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
POLICY = "; ".join(f"{what} {where}" for what, where in _ALLOWED.items())
#: what somebody has uploaded, looked at by itself: pictures and its own styles, nothing that runs, sends or is framed
ENCLOSED = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
FIXED = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), interest-cohort=()",
}


def protect(answer: Response) -> Response:
    """Add the fixed headers; a page about people is never kept by a cache on the way or by the disk."""
    for name, value in FIXED.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def init(app: Flask) -> None:
    """Protect every answer of the application."""
    app.after_request(protect)
