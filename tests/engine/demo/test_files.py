from __future__ import annotations

import shlex
import sqlite3
import sys
from typing import TYPE_CHECKING

import pytest

from engine.demo.files import write_files
from engine.demo.placing import config_of
from engine.demo.things import Connector
from engine.demo.world import TENANTS
from engine.probes.place import Place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.demo.conftest import Asking

FOUND = {
    "orders-archive.db": ("sqlite", "healthy", None),
    "crm-export.db": ("sqlite", "failing", "corrupt"),
    "imaging-index.db": ("sqlite", "failing", "not_found"),
    "sales.db": ("sqlite", "healthy", None),
    "appointments.db": ("sqlite", "healthy", None),
    "warehouse.duckdb": ("duckdb", "healthy", None),
    "manifests": ("local", "healthy", None),
}


def test_these_are_the_files_that_the_world_names() -> None:
    named = {
        thing.file
        for tenant in TENANTS
        for thing in (*tenant.sources, *tenant.connectors)
        if thing.file
    }
    assert named == set(FOUND)


@pytest.mark.parametrize("name", FOUND)
async def test_each_file_is_as_it_is_told(ask: Asking, tmp_path: Path, name: str) -> None:
    write_files(tmp_path)
    technology, state, error = FOUND[name]
    result = await ask(Place(technology=technology, database=str(tmp_path / name)))
    assert (result.state, result.error) == (state, error), result


def test_the_archive_has_orders_in_it(tmp_path: Path) -> None:
    write_files(tmp_path)
    connection = sqlite3.connect(tmp_path / "orders-archive.db")
    try:
        assert connection.execute("SELECT count(*) FROM revenue").fetchone()[0] > 10
    finally:
        connection.close()


async def test_without_duckdb_there_is_no_such_file_and_no_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    write_files(tmp_path)
    assert not (tmp_path / "warehouse.duckdb").exists()
    assert (tmp_path / "manifests").is_dir()


@pytest.mark.processes
async def test_the_tools_answer_the_official_sdk(tmp_path: Path) -> None:
    from mcp import Client, StdioServerParameters, stdio_client

    tools = Connector(name="tools", type="mcp", technology="mcp_stdio")
    options = config_of(tools, "", None, tmp_path)["options"]
    assert isinstance(options, dict)
    server = StdioServerParameters(
        command=options["command"], args=shlex.split(options["arguments"])
    )
    # Its own default is whatever stderr was when it was imported, perhaps a test's that has ended.
    async with Client(stdio_client(server, errlog=sys.__stderr__)) as client:
        listed = await client.list_tools()
        assert {tool.name for tool in listed.tools} == {"find_order", "shipping_quote"}
        quote = await client.call_tool("shipping_quote", {"country": "DE", "kilograms": 2.5})
        assert [block.text for block in quote.content if block.type == "text"] == ["790"]
