"""Connectors of other distributions: found by their entry points, or passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.distributions import install, run
from tests.markdown import PAGES, marked

if TYPE_CHECKING:
    from pathlib import Path

_USE = """
import asyncio, json
from datetime import UTC, datetime
from engine.connectors.config import config_class
from engine.connectors.loading import connector_class, connector_types, promised_by
from engine.http import AddressPolicy, HttpClient
from engine.http.resolver import Resolver
from engine.probes.place import Place, Tools

async def answer(reader, writer):
    head = await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 202 Accepted\\r\\nContent-Length: 0\\r\\n\\r\\n")
    await writer.drain()
    heads.append(head.split(b" HTTP")[0].decode())
    writer.close()

heads = []

async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
    policy, resolve = AddressPolicy(), Resolver()
    client = HttpClient(policy, resolve=resolve)
    tools = Tools(client=client, policy=policy, resolve=resolve, now=lambda: datetime.now(UTC))
    pager = connector_class("pager")(
        Place(technology="rest", url=url), config_class("pager")(), tools
    )
    told = [await pager.page("it burns"), sorted(pager.capabilities())]
    await pager.close()
    await client.aclose()
    server.close()
    print(json.dumps([*told, heads, promised_by("pager"), connector_types()[-1]]))

asyncio.run(main())
"""


def test_the_connector_shown_is_brought_by_its_entry_point(tmp_path: Path) -> None:
    (page,) = [page for page in PAGES if page.name == "connectors.md"]
    text = page.read_text(encoding="utf-8")
    (tmp_path / "acme_pager.py").write_text(marked(text, "connector-module: acme_pager.py").text)
    install(marked(text, "connector-project: pyproject.toml").text, tmp_path)
    assert run(_USE, tmp_path) == [
        202,
        ["read", "write"],
        ["POST /page"],
        ["read", "write"],
        "pager",
    ]


_BROKEN = """
[project]
name = "acme-broken"
version = "1.0"

[project.entry-points."lampboard.connectors"]
absent = "no_such_module:Connector"
raises = "acme_broken:Gone"
leaves = "acme_leaving:Connector"
number = "acme_broken:NUMBER"
partial = "acme_broken:Partial"
sql = "acme_broken:Whole"
whole = "acme_broken:Whole"
"""

_MODULE = """
NUMBER = 7

class Partial:
    def connect(self): ...
    def check(self): ...

class Whole(Partial):
    def capabilities(self): ...
    def close(self): ...
"""

_ASK = """
import json
from engine.connectors.loading import broken_connectors, connector_class, connector_types
print(json.dumps([broken_connectors(), connector_types()[8:], connector_class("sql").__module__]))
"""


def test_what_cannot_be_used_is_passed_over_and_told(tmp_path: Path) -> None:
    (tmp_path / "acme_broken.py").write_text(_MODULE)
    (tmp_path / "acme_leaving.py").write_text("raise SystemExit(3)\n")
    install(_BROKEN, tmp_path)
    broken, others, sql = run(_ASK, tmp_path)  # type: ignore[misc]
    assert others == ["whole"]
    assert sql == "engine.connectors.sql.connector"
    assert broken == {
        "absent": "it cannot be loaded (ModuleNotFoundError)",
        "raises": "it cannot be loaded (AttributeError)",
        "leaves": "it cannot be loaded (SystemExit)",
        "number": "it is not a connector class",
        "partial": "it is not a connector class",
        "sql": "the type sql is taken",
    }
