"""OpenAPI's probe: a document in JSON or YAML, read and never called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.answers import Answers
from tests.servers.hostile import answer

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

SHOP = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "2"}, "paths": {"/a": {}}}
YAML = b"""
openapi: 3.0.3
info: {title: Shop, version: '2'}
paths:
  /orders:
    get:
      responses:
        200: {description: fine}
        default: {description: not so}
"""
LAUGHS = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 10)) for n in range(9)
)


@pytest.mark.parametrize(
    ("document", "version"),
    [(SHOP, "3.1.0"), ({**SHOP, "openapi": None, "swagger": "2.0"}, "2.0"),
     (answer(YAML, kind="application/yaml"), "3.0.3"), (answer(YAML, kind="text/plain"), "3.0.3")],
)  # fmt: skip
async def test_document_is_described(probe: Probing, document: object, version: str) -> None:
    answers = Answers({"/docs/openapi.json": document})
    async with answers.serving() as there:
        url = f"http://127.0.0.1:{there.port}/docs"
        result = await probe(technology="openapi", url=url, options={"path": "/openapi.json"})
    assert result.state is CusHealthState.HEALTHY
    assert result.details == {"server": "Shop 2", "openapi": version, "paths": 1}
    assert result.stages[-1].name == "read"
    assert len(answers.asked) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"title": "Shop"},
        answer(b"<html><body>Our API</body></html>", kind="text/html"),
        answer(b"{" * 10_000),
        answer(b"- " * 10_000, kind="application/yaml"),
        answer(LAUGHS, kind="application/yaml"),
        answer(b"!!python/object:os.system {}", kind="application/yaml"),
        answer(b"x" * (5 * 1024 * 1024), kind="application/yaml"),
        answer(b"openapi: [1, 2\n", kind="application/yaml"),
        answer(b""),
    ],
)
async def test_what_is_no_document_is_failing(probe: Probing, document: object) -> None:
    async with Answers({"/": document}).serving() as there:
        result = await probe(technology="openapi", url=f"http://127.0.0.1:{there.port}/")
    assert result.state is CusHealthState.FAILING
    assert result.error in {"unexpected_body", "wrong_protocol"}
    assert result.stage == "read"


async def test_closed_document_is_told(probe: Probing) -> None:
    async with Answers({"/": (403, {"message": "not for you"})}).serving() as there:
        result = await probe(technology="openapi", url=f"http://127.0.0.1:{there.port}/")
    assert (result.error, result.message) == ("access_denied", "403 Access denied: not for you")
