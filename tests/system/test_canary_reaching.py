"""A secret of a source or connector, given in every way and given back by the other side."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from engine.connectors.config import config_class
from engine.connectors.loading import connector_class
from engine.errors import ConnectorError
from engine.http import AddressPolicy, HttpClient
from engine.http.resolver import Resolver
from engine.probes.place import Place, Tools
from engine.probes.registry import get_technology
from engine.probes.technology import is_installed
from engine.workspace import Workspace
from tests.servers.kafka import TOPIC, handshake, login, metadata, played_kafka
from tests.system.canary import command_lines, files_under, held_open, traces
from tests.system.pictures import pictures
from tests.system.program import TENANT, Program
from tests.system.wire_echoes import ECHOES as WIRES
from tests.system.wire_echoes import echoing
from tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.provider import Provider

pytestmark = pytest.mark.processes
MCP_ECHO = Path(__file__).with_name("mcp_echo.py")
# Technologies over HTTP with the ways to give the secret back that each of them meets.
OVER_HTTP = {
    "rest": ("status-401", "html", "location", "retry-after", "cut-message", "bad-status"),
    "graphql": ("error-list", "base64-bearer", "repr"),
    "openapi": ("text", "page", "not-json"),
    "qdrant": ("no-list", "cut-long", "tail-by-server"),
    "chroma": ("reason", "cut-by-server"),
    "weaviate": ("json-in-json", "status-503"),
    "milvus": ("in-200", "hex"),
    "pinecone": ("content-type", "models"),
    "elasticsearch": ("encoding", "url"),
    "couchdb": ("base64-basic", "base64-url"),
}
LOGINS = frozenset({"elasticsearch", "couchdb"})


@pytest.fixture
def wires() -> Iterator[dict[str, int]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(echoing(echo)) for name, echo in WIRES.items()}


def sources(provider: Provider, wires: dict[str, int], secret: str) -> dict[tuple[str, ...], str]:
    """Return command lines that register a source, each with what it reads."""
    app = ("--host", "127.0.0.1", "--username", "app")
    key = base64.b64encode(secret.encode()).decode()
    endpoint = f"{provider.url}/status-403/me"
    azure = f"AccountName=me;AccountKey={key};BlobEndpoint={endpoint}"
    at = str(wires["postgresql"])
    runs = {
        ("by-url", "--url-stdin"): f"postgresql://app:{quote(secret, safe='')}@127.0.0.1:{at}/db",
        ("azure", "--technology", "azure_blob", "--database-name", "c", "--url-stdin"): azure,
        ("s3", "--technology", "s3", "--url", f"{provider.url}/text", "--database-name", "bucket",
         "--username", "AKIA0123456789ABCDEF", "--password-stdin"): secret,
        ("key", "--technology", "chroma", "--url", f"{provider.url}/x", "--api-key-stdin"): secret,
        ("by-env", "--technology", "postgresql", *app, "--port", at,
         "--password-ref", "env://PLANTED"): "",
        ("option", "--technology", "rest", "--url", f"{provider.url}/text",
         "--option", "token=env://PLANTED"): "",
        ("oauth", "--technology", "rest", "--url", f"{provider.url}/text",
         "--oauth-file", "oauth.json"): "",
        ("sftp", "--technology", "sftp", *app, "--port", at, "--api-key-file", "key"): "",
        ("query", "--technology", "rest", "--url-stdin"): (
            f"{provider.url}/text?api_key={quote(secret)}"
        ),
    }  # fmt: skip
    return {("sources", "add", "--activate", "--name", *argv): told for argv, told in runs.items()}


def connectors(
    program: Program, provider: Provider, wires: dict[str, int], secret: str
) -> dict[tuple[str, ...], str]:
    """Return command lines that register a connector, each with what it reads."""
    redis = ("--host", "127.0.0.1", "--port", str(wires["redis"]), "--username", "app")
    stdio = f"{MCP_ECHO} {program.folder / 'argv'}"
    url = f"postgresql://app:{quote(secret, safe='')}@127.0.0.1:{wires['postgresql']}/db"
    over_http = {
        ("http-html", "--type", "http", "--url", f"{provider.url}/html"),
        ("mcp-401", "--type", "mcp", "--url", f"{provider.url}/status-401/mcp"),
        ("mcp-text", "--type", "mcp", "--url", f"{provider.url}/in-200/mcp"),
        ("vector", "--type", "vector", "--technology", "qdrant", "--url", f"{provider.url}/text"),
        ("azure", "--type", "serverless", "--technology", "azure_functions",
         "--url", f"{provider.url}/cut-message"),
        ("stdio", "--type", "mcp", "--option", f"command={sys.executable}",
         "--option", f"arguments={stdio}", "--option", "key_variable=API_TOKEN"),
    }  # fmt: skip
    runs = {(*reach, "--api-key-stdin"): secret for reach in over_http}
    runs |= {
        ("sql", "--type", "sql", "--url-stdin"): url,
        ("stream", "--type", "stream", "--technology", "redis", *redis, "--password-stdin"): secret,
        ("lambda", "--type", "serverless", "--technology", "aws_lambda", "--url",
         f"{provider.url}/text", "--api-key-stdin"): f"AKIA0123456789ABCDEF:{secret}",
    }  # fmt: skip
    return {("connectors", "add", "--name", *argv): told for argv, told in runs.items()}


REFUSED = (
    ("sources", "add", "--name=x", "--url=postgresql://app:{}@h/db"),
    ("sources", "add", "--name=x", "--url=host=h user=app password='{}'"),
    ("sources", "add", "--name=x", "--url=AccountName=me;AccountKey={};BlobEndpoint=http://h"),
    ("sources", "add", "--name=x", "--technology=rest", "--url=http://h", "--option=token={}"),
    ("sources", "add", "--name=x", "--technology=rest", "--url=http://h", "--metadata=secret={}"),
    ("sources", "add", "--name=x", "--technology=redis", "--host=:{}@h"),
    ("sources", "add", "--name=x", "--technology=redis", "--host=h", "--port={}"),
    ("sources", "add", "--name=x", "--technology=redis", "--host=h", "--password={}"),
    ("sources", "add", "--name=x", "--technology=redis", "--host=h", "--password-ref={}"),
    ("connectors", "add", "--name=x", "--type=http", "--url=https://{}@h"),
    ("connectors", "add", "--name=x", "--type=http", "--url=https://h/?token={}"),
    ("connectors", "add", "--name=x", "--type=mcp", "--option=command=/bin/true",
     "--option=arguments=--api-key {}"),
    ("connectors", "add", "--name=x", "--type=http", "--url=http://h", "--api-key={}"),
)  # fmt: skip
READINGS = (
    *("sources list --all", "sources stats", "sources show option", "sources show by-url"),
    *("sources show azure", "sources show oauth", "sources show sftp", "sources show query"),
    *("connectors list --all", "connectors stats", "connectors show stdio", "connectors show sql"),
    *("connectors show lambda", "connectors types", "sources technologies", "health summary"),
    *("health history --limit 500", "activity --limit 500", "doctor", "db info"),
)
WORKING = (
    *("sources test --all", "connectors test --all", "connectors discover stdio"),
    *("connectors discover sql", "connectors discover http-html", "connectors discover vector"),
    *("sources edit by-url --username other --test", "connectors edit mcp-401 --max-rows 5 --test"),
    *("sources deactivate query", "sources delete --yes query", "connectors disconnect vector"),
)


def register(
    program: Program, provider: Provider, wires: dict[str, int], secret: str
) -> list[bytes]:
    """Bring the secret in by every way, in files too, which are removed; return what was said."""
    key = _private_key(program.folder / "key")
    token_url = f"{provider.url}/html/token"
    oauth = {"client_id": "me", "client_secret": secret, "token_url": token_url}
    (program.folder / "oauth.json").write_text(json.dumps(oauth))
    program.extra["PLANTED"] = secret
    runs = sources(provider, wires, secret) | connectors(program, provider, wires, secret)
    done = program.many(*runs, stdin=[f"{told}\n".encode() for told in runs.values()])
    assert [one for one in done if one.code] == []
    for name in ("key", "oauth.json"):
        (program.folder / name).unlink()
    asyncio.run(register_rest(program, provider, wires, secret))
    return [*[one.said.encode() for one in done], key]


async def register_rest(
    program: Program, provider: Provider, wires: dict[str, int], secret: str
) -> None:
    """Register, past the command line, a source at each server for each way of refusing."""
    workspace = Workspace.open(program.settings())
    made = [
        (f"{technology}-{word}", technology, {"connection_string": f"{provider.url}/{word}"})
        for technology, words in OVER_HTTP.items()
        for word in words
    ]
    made += [(name, name, {"host": "127.0.0.1", "port": port}) for name, port in wires.items()]
    for name, technology, reach in made:
        login = technology in LOGINS or technology in wires
        config = reach | ({"username": "app", "password": secret} if login else {"api_key": secret})
        kind = get_technology(technology).type
        await workspace.sources.register_source(
            TENANT, name, kind, config, technology=technology, activate=True
        )
    await workspace.aclose()


def _private_key(path: Path) -> bytes:
    """Make a private key in a file; return the line of it that nothing may show."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    path.write_bytes(made)
    # What precedes is the same in every key without a passphrase.
    return b"".join(made.splitlines()[1:-1])[160:-20]


def test_it_is_in_no_file_no_output_and_no_argument(
    program: Program, provider: Provider, wires: dict[str, int], secret: str
) -> None:
    *added, key = register(program, provider, wires, secret)
    with held_open(program.path):
        refused = [tuple(word.format(secret) for word in argv) for argv in REFUSED]
        said = program.many(*(line.split() for line in WORKING), *refused)
        said += [program.run("monitor", "--once", "-o", "json")]
        said += program.many(*((*line.split(), "-o", "json") for line in READINGS))
        said += program.many(*((*line.split(), "-o", "table") for line in READINGS[::2]))
        said += [program.run("db", "backup", str(program.folder / "backup.db"))]
        places = files_under(program.folder)
    outputs = {" ".join(one.argv)[:60]: one.said.encode() for one in said}
    assert not traces(secret, {**places, **outputs, "add": b"\n".join(added)})
    assert not traces(key.decode(), {**places, **outputs})
    assert not [one.argv for one in said if "Traceback" in one.said or "inside Lamp" in one.err]
    assert [one.code for one in said[len(WORKING) :][: len(REFUSED)]] == [2] * len(REFUSED)
    assert b"mcp_echo.py" in places["argv"]
    assert any(name.endswith("-wal") and data for name, data in places.items())
    assert provider.heads
    # Both checks of everything happened, and most of them failed at what the other side said.
    tested = {one.argv[:2]: one.out for one in said}
    assert "PostgreSQL refused" in tested["sources", "test"]


async def test_it_is_on_no_screen_and_in_no_picture(
    program: Program, provider: Provider, wires: dict[str, int], secret: str
) -> None:
    program.path.parent.mkdir(mode=0o700)
    settings = program.settings(monitor="off")
    workspace = Workspace.open(settings, origin="dashboard")
    at = {"host": "127.0.0.1", "port": wires["postgresql"], "username": "app", "password": secret}
    at |= {"options": {"sentinel_token": secret}}
    await workspace.sources.register_source(
        TENANT, "wire", "database", at, technology="postgresql", activate=True
    )
    web = {"connection_string": f"{provider.url}/html", "api_key": secret}
    await workspace.sources.register_source(
        TENANT, "web", "api", web, technology="rest", activate=True
    )
    stdio = {"command": sys.executable, "arguments": f"{MCP_ECHO} {program.folder / 'argv'}"}
    made = await workspace.connectors.register_connector(
        TENANT,
        "stdio",
        "mcp",
        config={"api_key": secret, "options": {**stdio, "key_variable": "API_TOKEN"}},
    )
    await workspace.sources.test_all(TENANT)
    await workspace.connectors.test_connector(TENANT, made.id)
    found = await workspace.connectors.discover(TENANT, made.id)
    assert "takes ***" in str(found.discovered)
    app = BoardApp(settings, lambda _settings: workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        places = await pictures(
            pilot,
            *("1", "2", "2 enter", "2 down enter", "2 t", "2 e", "2 c"),
            *("3", "3 enter", "3 e", "5 enter", "9"),
        )
    assert not traces(secret, places | files_under(program.folder))


@pytest.mark.skipif(not is_installed("confluent_kafka"), reason="needs confluent-kafka")
async def test_kafkas_own_process_has_it_in_no_argument(secret: str) -> None:
    answers = (handshake("PLAIN"), login(), metadata(TOPIC, leaders=(1,)))
    policy, resolve = AddressPolicy(), Resolver()
    client = HttpClient(policy, resolve=resolve)
    tools = Tools(client=client, policy=policy, resolve=resolve, now=lambda: None)  # type: ignore[arg-type, return-value]
    async with played_kafka(*answers) as broker:
        place = Place(
            technology="kafka",
            host="127.0.0.1",
            port=broker.port,
            username="app",
            password=secret,
        )
        config = config_class("stream")(timeout_seconds=2, max_retries=0)
        connector = connector_class("stream")(place, config, tools)
        reading = asyncio.ensure_future(connector.read_latest(TOPIC))  # type: ignore[attr-defined]
        lines: list[bytes] = []
        while not reading.done():
            lines += [line for line in command_lines().values() if b"kafka_reader" in line]
            await asyncio.sleep(0.01)
        with pytest.raises(ConnectorError) as told:
            await reading
    await client.aclose()
    assert lines
    assert not traces(secret, {"argv": b"\n".join(lines), "error": str(told.value).encode()})
