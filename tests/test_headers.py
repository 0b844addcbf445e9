"""What every answer tells a browser it may do with it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ganmodel.ui.http import static
from ganmodel.ui.http.headers import CLOSED, EVERYWHERE, POLICY, REFERRER, SPACES, Headed, policy
from tests.asking import Answer, ServedPage, page_of

FRONT = b"""<html><script>one</script><script data-more>two
lines</script><script type="module" src="./three.js"></script></html>"""


def hashed(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"


def test_the_pages_own_scripts_run_and_no_others() -> None:
    rules = dict(rule.split(" ", 1) for rule in policy(FRONT).split("; "))
    scripts = rules["script-src"].split()
    assert scripts == ["'self'", "'unsafe-eval'", hashed(b"one"), hashed(b"two\nlines")]
    assert rules["default-src"] == rules["object-src"] == "'none'"
    assert rules["connect-src"] == rules["form-action"] == rules["base-uri"] == "'self'"
    assert not re.search(r"https?:|\*", policy(FRONT))
    assert f"frame-ancestors 'self' {' '.join(SPACES)};" in policy(FRONT, SPACES)
    assert "frame-ancestors 'self';" in policy(FRONT)


def test_an_error_has_the_headers_and_a_policy_of_its_own_is_kept() -> None:
    app = FastAPI()

    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError

    @app.get("/own")
    def own() -> None:
        from starlette.responses import Response

        return Response(headers={POLICY: "default-src 'self'"})

    client = TestClient(Headed(app), raise_server_exceptions=False)
    failed, kept = client.get("/fails"), client.get("/own")
    assert failed.status_code == 500
    assert failed.headers[POLICY] == CLOSED
    assert kept.headers[POLICY] == "default-src 'self'"
    for answer in (failed, kept):
        assert EVERYWHERE.items() <= dict(answer.headers).items()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPage]:
    with page_of(tmp_path_factory.mktemp("page") / "runs", "--hosted") as page:
        yield page


def policy_of(answer: Answer) -> str:
    """Its policy; it has the headers of every answer, once each."""
    given = {name.lower(): value for name, value in answer.headers.items()}
    assert (EVERYWHERE | REFERRER).items() <= given.items()
    return given[POLICY]


@pytest.mark.slow
def test_the_page_may_be_shown_by_a_space_and_allows_its_own_scripts(page: ServedPage) -> None:
    answer = page.visitor().get("")
    found = policy_of(answer)
    assert found == policy(answer.body, SPACES)
    inline = re.findall(rb"<script[^>]*>([^<]+.*?)</script>", answer.body, re.DOTALL)
    assert len(inline) > 3
    assert all(hashed(script) in found for script in inline)


@pytest.mark.slow
def test_every_other_answer_is_closed(page: ServedPage) -> None:
    visitor = page.visitor()
    film = visitor.file("keep", generator="shipped:mnist", place="stops=1,2", form="strip")
    answers = {
        "settings": visitor.get("config"),
        "health": visitor.get("healthz"),
        "route": visitor.ask("runs"),
        "wrong": visitor.ask("runs", nonsense=1),
        "none": visitor.get("gradio_api/file=/etc/passwd"),
        "foreign": visitor.get("config", host="evil.example", origin="https://evil.example"),
        "file": film,
        "file, again": visitor.get("ganmodel-file/" + "0" * 32),
        "api": visitor.post("gradio_api/call/list_weights", {"data": []}),
        "mended": visitor.get("%3Frun=nothing"),
    }
    assert answers["file"].body.startswith(b"\x89PNG")
    statuses = {name: answer.status for name, answer in answers.items()}
    assert statuses["wrong"] == 400
    assert statuses["none"] == 404
    assert statuses["file, again"] == 410
    for name, answer in answers.items():
        found = policy_of(answer)
        assert found == CLOSED or name == "mended", name  # that one leads to the page


@pytest.mark.slow
def test_a_style_or_a_script_is_never_taken_for_anything_else(page: ServedPage) -> None:
    visitor = page.visitor()
    asset = re.search(rb'src="\./(assets/[^"]+)"', visitor.get("").body)
    assert asset
    for file in (static.address(static.STYLES), asset[1].decode()):
        answer = visitor.get(file)
        assert answer.status == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert re.match("(text/css|(text|application)/javascript)", answer.headers["content-type"])
