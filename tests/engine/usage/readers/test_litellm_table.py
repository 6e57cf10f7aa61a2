"""LiteLLM's own table, as its migrations make it, on a real PostgreSQL."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from engine.errors import InvalidInput, UsageSourceError
from engine.usage.importing import ImportReport, Wanted, import_log
from engine.usage.placing import Wishes
from engine.usage.readers.litellm_table import SpendLogs
from engine.usage.records import UsageRecord
from tests.servers.provided import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.workspace import Workspace

psycopg = pytest.importorskip("psycopg")

SAMPLES = Path(__file__).parents[1] / "samples"
SERVER = os.environ.get("LAMPBOARD_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@pytest.fixture
def server() -> Iterator[Any]:
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=30)
    except psycopg.OperationalError as error:
        missing("postgresql", f"PostgreSQL does not answer ({type(error).__name__})")
    with connection:
        yield connection


@pytest.fixture
def schema(server: Any) -> Iterator[str]:
    """A schema of this test's own with the table and the sample's rows in it."""
    name = f"litellm_{uuid.uuid4().hex}"
    server.execute(f"CREATE SCHEMA {name}")
    made = (SAMPLES / "litellm_table.sql").read_text(encoding="utf-8").replace("public.", "")
    server.execute(f"SET search_path = {name}")
    server.execute(made)
    rows = (SAMPLES / "litellm_spend_logs.csv").read_bytes()
    with server.cursor().copy(
        'COPY "LiteLLM_SpendLogs" FROM STDIN (FORMAT csv, HEADER)'
    ) as copying:
        copying.write(rows)
    yield name
    server.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def url(schema: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL as Prisma has it, with words that libpq does not know."""
    plain = SERVER.partition("?")[0]
    monkeypatch.setenv("LITELLM_URL", f"{plain}?schema={schema}&connection_limit=5")
    monkeypatch.setenv("PGOPTIONS", f"-csearch_path={schema}")
    return "env://LITELLM_URL"


def test_reads_what_the_export_says(url: str) -> None:
    from tests.engine.usage.readers.test_samples import LITELLM, records

    table = SpendLogs(url)
    found = {one.call_id: one for _, one in table.read({}) if isinstance(one, UsageRecord)}
    assert found == records(LITELLM[1])
    assert table.progress == (8, 8)


async def bring(workspace: Workspace, url: str) -> ImportReport:
    wanted = Wanted(tenant_id="acme", wishes=Wishes(default="gpt"))
    return await import_log(workspace, SpendLogs(url), wanted)


async def test_reads_on_where_it_was_and_misses_no_late_row(
    workspace: Workspace, url: str, server: Any
) -> None:
    await workspace.integrations.create_integration("acme", "gpt", "openai", secret="sk-planted")
    assert (await bring(workspace, url)).new == 8
    add = (
        'INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, "startTime", "endTime", spend) '
        "VALUES (%s, 'acompletion', %s, %s, 0.5)"
    )
    for name, at in (("late", datetime(2026, 11, 21, 10, 10)), ("next", NEXT)):  # noqa: DTZ001
        server.execute(add, (name, at, at))
    report = await bring(workspace, url)
    assert (report.new, report.duplicate) == (2, 8)
    # An hour before the newest row, nothing is read again.
    assert (await bring(workspace, url)).duplicate == 1


NEXT = datetime(2026, 11, 21, 11, 59)  # noqa: DTZ001 - the column has no zone


def test_reads_from_a_time_on(url: str) -> None:
    later = SpendLogs(url, since=datetime(2026, 11, 21, 10, 39, 27, 500_000, tzinfo=UTC))
    assert [one.call_id[:4] for _, one in later.read({}) if isinstance(one, UsageRecord)] == [
        "e121"
    ]


def test_reads_the_table_of_an_older_version(url: str, server: Any) -> None:
    for column in ("request_duration_ms", "agent_id", "status", "session_id"):
        server.execute(f'ALTER TABLE "LiteLLM_SpendLogs" DROP COLUMN {column}')
    found = [one for _, one in SpendLogs(url).read({}) if isinstance(one, UsageRecord)]
    assert len(found) == 8
    assert found[0].latency_ms == 741


def test_a_database_without_the_table_is_said(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_URL", SERVER.partition("?")[0])
    monkeypatch.setenv("PGOPTIONS", "-csearch_path=pg_catalog")
    with pytest.raises(UsageSourceError, match="no table LiteLLM_SpendLogs"):
        list(SpendLogs("env://LITELLM_URL").read({}))


def test_a_password_in_an_error_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "planted/secret"
    url = f"postgresql://nobody:{quote(secret, safe='')}@127.0.0.1:1/litellm"
    monkeypatch.setenv("LITELLM_URL", url)
    table = SpendLogs("env://LITELLM_URL")
    with pytest.raises(UsageSourceError) as caught:
        list(table.read({}))
    assert "planted" not in str(caught.value) + caught.value.hint + table.name


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody:hun%zzter2@127.0.0.1:1/litellm",
        "postgresql://nobody:x@hunter2@127.0.0.1:1/litellm",
        "postgresql:/nobody:hunter2@127.0.0.1:1/litellm",
        "postgresql://nobody:hunter2@[::1/litellm",
        "postgresql://nobody:hunter2@h:x/litellm",
        "postgresql://nobody:hunter2@127.0.0.1:1/%zz",
    ],
)
def test_what_is_wrong_with_a_url_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("LITELLM_URL", url)
    with pytest.raises((InvalidInput, UsageSourceError)) as caught:
        list(SpendLogs("env://LITELLM_URL").read({}))
    said = str(caught.value) + caught.value.hint
    assert "ter2" not in said
    assert "%zz" not in said
