"""People in front of a browser without a browser: sign in, open a page, fill its form as it stands, send it."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import EnvironBuilder
from lxml import html

import webui
from webui.app import Demo, DemoAccount, create_app
from workflows.demo import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.workflows.processes.loan.house import LoanHouse

SIGN_IN = "//form[@action='/login']"
CATALOGUE = Path(webui.__file__).parent / "translations" / "en" / "LC_MESSAGES"


def compile_english(scratch: Path) -> None:
    """What `./run` does before it starts: messages.mo beside messages.po, when it is not there or older."""
    po, mo = CATALOGUE / "messages.po", CATALOGUE / "messages.mo"
    if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
        return
    made = scratch / "messages.mo"
    with po.open("rb") as source, made.open("wb") as target:
        write_mo(target, read_po(source, locale="en"))
    shutil.move(made, mo)


def open_site(house: LoanHouse) -> Flask:
    """The web application over a house with the demo county."""
    demo = Demo(PASSWORD, (DemoAccount("v1chair", "林秋月", "村妇联主席"),))
    return create_app(house.runtime, demo=demo)


class Answer:
    """An answer with its page parsed."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.headers = response.headers
        self.body = response.get_data()
        self.page = html.fromstring(self.body) if self.body and "html" in (response.mimetype or "") else None

    @property
    def text(self) -> str:
        """Everything a person reads in the main part."""
        assert self.page is not None
        main = self.page.find(".//main")
        return " ".join((main if main is not None else self.page).text_content().split())

    def all(self, path: str) -> list[Any]:
        """Elements by XPath."""
        assert self.page is not None
        return list(self.page.xpath(path))

    def fields(self, form: str = "//form[@id='task-form']") -> dict[str, str]:
        """What the form would send as it stands, buttons left out."""
        (found,) = self.all(form)
        return {name: value for name, value in found.form_values() if not name.startswith("_paper")}

    def value(self, name: str) -> str:
        """The value of one box of the task form."""
        return self.fields()[name]


class Visitor:
    """One browser."""

    def __init__(self, site: Flask) -> None:
        self.client: FlaskClient = site.test_client()

    def get(self, url: str, **headers: str) -> Answer:
        return Answer(self.client.get(url, headers=headers))

    def post(self, url: str, fields: Mapping[str, Any], **headers: str) -> Answer:
        builder = EnvironBuilder(self.client.application, url, method="POST", data=dict(fields), headers=headers)
        environ = builder.get_environ()
        try:
            return Answer(self.client.open(environ))
        finally:
            environ["wsgi.input"].close()  # a large body is a temporary file that nobody else closes
            builder.close()

    def sign_in(self, login: str, password: str = PASSWORD) -> Visitor:
        page = self.get("/login")
        fields = {**page.fields(SIGN_IN), "login": login, "password": password}
        answer = self.post("/login", fields)
        assert answer.status == 303, answer.text
        return self

    def token(self) -> str:
        """A fresh protection number."""
        (found,) = self.get("/").all("//footer//input[@name='csrf_token']")
        return str(found.value)

    def submit(self, task_id: int, **changes: Any) -> Answer:
        """Open a task, change some boxes (None empties one), send it."""
        fields: dict[str, Any] = self.get(f"/tasks/{task_id}").fields()
        fields.update(changes)
        return self.post(f"/tasks/{task_id}", {k: v for k, v in fields.items() if v is not None})


def attachment(content: bytes, name: str) -> tuple[BytesIO, str]:
    """A file as the test client sends it."""
    return BytesIO(content), name
