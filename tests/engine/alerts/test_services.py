"""apprise for real: its own json:// to a receiver on loopback, and what it may not do."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from engine.alerts import services
from engine.alerts.messages import Message
from engine.alerts.services_watch import without
from engine.errors import InvalidInput
from engine.http.addresses import AddressPolicy
from tests.engine.conftest import NOON
from tests.system.canary import forms, planted, traces

from .conftest import TENANT, receiving

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.settings import Settings
    from tests.servers.certificates import Authority

    from .conftest import Receiver, World

pytest.importorskip("apprise")
SECRET = "canary-9d1c"
MESSAGE = Message(
    key="c-1",
    event="opened",
    title="[critical] New: gpt <b>fails</b>",
    body="HTTP 503",
    at=NOON,
    channel_id="c",
    channel_name="chat",
)


async def test_an_incident_is_told_by_a_service(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"json://127.0.0.1:{receiver.port}/{SECRET}?+X-Key={SECRET}"
    made = await world.workspace.alerts.add_channel(TENANT, "chat", "apprise", url=url)
    assert made.options["place"] == "JSON"
    assert SECRET not in repr(made)
    await world.workspace.alerts.add_route(TENANT, made.id, wait_s=0)
    world.open()
    await world.tell()
    assert await world.log() == [("opened", "sent")]
    (told,) = receiver.bodies
    assert told["title"] == "[critical] New: gpt fails"
    assert told["type"] == "failure"
    assert SECRET not in caplog.text
    receiver.status = 500
    world.open("next")
    await world.tell(1)
    last = (await world.alerts())[-1]
    assert last.state == "waiting"
    assert last.error == (
        "The service did not take it. apprise says: Failed to send JSON POST notification:"
        " Internal server error., error=500."
    )
    assert SECRET not in caplog.text
    dump = b"".join(one.read_bytes() for one in _files(world))
    assert SECRET.encode() not in dump


def _files(world: World) -> list[Path]:
    path = world.workspace.database.path
    assert path is not None
    return [one for one in path.parent.iterdir() if one.is_file()]


async def test_no_answer_in_time_is_not_called_refused(
    settings: Settings, receiver: Receiver
) -> None:
    receiver.held = asyncio.Event()
    url = f"json://127.0.0.1:{receiver.port}/x?rto=1"
    found = await services.notify(settings, url, MESSAGE)
    assert found.outcome == "unsure"
    await receiver.came(1)
    # The whole deadline holds too, and what was reached by then was perhaps told.
    soon = await services.notify(settings, url, MESSAGE, deadline_s=0)
    assert (soon.outcome, len(receiver.heads)) == ("refused", 1)
    assert services._delivery({"reached": True}, 5).outcome == "unsure"
    receiver.held.set()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("json://127.0.0.1:9/x", "The service did not take it."),
        ("json://169.254.169.254/latest", "not one that may be connected to"),
        ("json://[::ffff:169.254.169.254]/latest", "not one that may be connected to"),
    ],
)
async def test_the_rule_of_addresses_holds_for_services_too(
    settings: Settings, url: str, said: str
) -> None:
    found = await services.notify(settings, url, MESSAGE)
    assert found.outcome == "refused"
    assert said in found.message


@pytest.mark.parametrize("url", [f"nosuch://{SECRET}", f"slack://{SECRET}", "", "no url"])
async def test_what_is_no_url_of_a_service_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await services.service_of(url)
    assert SECRET not in f"{caught.value} {caught.value.hint}"


async def test_without_the_package_it_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "installed", lambda: False)
    with pytest.raises(InvalidInput, match="not installed") as caught:
        await services.service_of("json://127.0.0.1/")
    assert "lampboard[apprise]" in caught.value.hint
    assert "lampboard[apprise]" in (await services.notify(settings, "json://x", MESSAGE)).message


async def test_a_service_is_trusted_by_the_authorities_of_the_settings(
    settings: Settings,
    authority: Authority,
    certificates: dict[str, ssl.SSLContext],
    tmp_path: Path,
) -> None:
    own = tmp_path / "own.pem"
    trusting = replace(settings, ca_file=str(own))
    async with receiving(certificates["valid"]) as receiver, mailing("250 ok") as mail:
        url = f"jsons://127.0.0.1:{receiver.port}/x"
        strange = await services.notify(settings, url, MESSAGE)
        missing = await services.notify(trusting, url, MESSAGE)
        authority.file(tmp_path).rename(own)
        known = await services.notify(trusting, url, MESSAGE)
        mail.tls = certificates["valid"]
        by_mail = await services.notify(trusting, mail.url + "&mode=starttls", MESSAGE)
        no_mail = await services.notify(settings, mail.url + "&mode=starttls", MESSAGE)
    assert strange.outcome == missing.outcome == no_mail.outcome == "refused"
    assert "name your own in ca_file" in strange.message
    assert missing.message == f"The CA file {own} cannot be used."
    assert (known.outcome, len(receiver.heads)) == ("told", 1)
    assert by_mail.outcome == "told"


@dataclass
class Mail:
    """A mail server: `last` answers a whole mail, and None hangs up; `other` a second recipient."""

    last: str | None
    other: str = "250 ok"
    tls: ssl.SSLContext | None = None
    port: int = 0
    _recipients: int = 0

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=a@x.example&to=b@x.example"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(b"220 hi\r\n")
            while word := (await reader.readline()).decode().strip().upper()[:4]:
                said = await self.answer(word, reader, writer)
                if said is None:
                    break
                if said:
                    writer.write(said.encode() + b"\r\n")
        writer.close()

    async def answer(
        self, word: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> str | None:
        if word == "DATA":
            writer.write(b"354 go\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            return self.last
        if word == "STAR" and self.tls is not None:
            writer.write(b"220 go\r\n")
            await writer.start_tls(self.tls)
            return ""
        if word == "RCPT":
            self._recipients += 1
            return "250 ok" if self._recipients == 1 else self.other
        extended = "250-hi\r\n250 STARTTLS" if self.tls is not None else "250 hi"
        return {"EHLO": extended, "HELO": "250 hi", "MAIL": "250 ok"}.get(word, "502 no")


@asynccontextmanager
async def mailing(last: str | None, other: str = "250 ok") -> AsyncIterator[Mail]:
    found = Mail(last, other)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()


@pytest.mark.parametrize(
    ("last", "outcome"), [("250 taken", "told"), ("554 no", "refused"), (None, "unsure")]
)
async def test_a_mail_that_was_given_and_not_answered_is_not_called_refused(
    settings: Settings, last: str | None, outcome: str
) -> None:
    async with mailing(last) as mail:
        assert (await services.notify(settings, mail.url + "&mode=insecure", MESSAGE)).outcome == (
            outcome
        )


async def test_who_has_it_is_not_told_again_because_another_refused(
    settings: Settings, receiver: Receiver
) -> None:
    refusal = f"550 {SECRET} is the password of c@x.example"
    async with mailing("250 ok", refusal) as mail:
        url = f"{mail.url}&cc=c@x.example&mode=insecure&name={SECRET}"
        by_mail = await services.notify(settings, url, MESSAGE)
    assert by_mail.outcome == "unsure"
    assert by_mail.message.startswith("Some of those whom the URL names were told, and others were")
    assert "was refused: 550" in by_mail.message
    assert not [word for word in (SECRET, "x.example") if word in by_mail.message]
    topics = f"ntfy://127.0.0.1:{receiver.port}/one/two"
    receiver.statuses = [200, 500]
    assert (await services.notify(settings, topics, MESSAGE)).outcome == "unsure"
    receiver.status = 500
    assert (await services.notify(settings, topics, MESSAGE)).outcome == "refused"
    assert len(receiver.heads) == 4


@pytest.mark.parametrize("form", forms(planted()))
def test_nothing_of_the_url_is_in_what_apprise_says(form: str) -> None:
    secret = planted()
    url = f"tgram://{quote(secret, safe='')}/chat-1f?name=bob&pin=4711"
    told = f"Telegram: {forms(secret)[form]} of Bob (4711) at CHAT-1F got error=401."
    said = without(told, url)
    assert not traces(secret, {"said": said.encode()})
    assert not [word for word in ("Bob", "4711", "CHAT") if word in said]
    assert said.startswith("Telegram: ")
    assert said.endswith(" got error=401.")


FENCED = """
import json, sys
from engine.alerts.services_child import Fence
from engine.http.addresses import AddressPolicy
import os, socket, subprocess
fence = Fence(AddressPolicy())
sys.addaudithook(fence)
path, port = sys.argv[1], int(sys.argv[2])

def tried(work):
    try:
        work()
        return "done"
    except PermissionError as error:
        return str(error)
    except OSError as error:
        return type(error).__name__

def connect(host):
    with socket.create_connection((host, port), timeout=30):
        pass

print(json.dumps({
    "read": tried(lambda: open(path).read()),
    "os.open": tried(lambda: os.open(path, os.O_RDONLY)),
    "write": tried(lambda: open(path + "2", "w")),
    "write in the libraries": tried(lambda: open(os.path.join(sys.prefix, "x.py"), "w")),
    "remove": tried(lambda: os.remove(path)),
    "program": tried(lambda: subprocess.run(["true"])),
    "system": tried(lambda: os.system("true")),
    "unix": tried(lambda: socket.socket(socket.AF_UNIX).connect(path)),
    "metadata": tried(lambda: socket.socket().connect(("169.254.169.254", 80))),
    "private, not typed": tried(lambda: socket.socket().connect(("127.0.0.1", port))),
    "typed": tried(lambda: connect("127.0.0.1")),
    "environment": dict(os.environ).get("CANARY", "none"),
}))
"""


async def test_the_child_may_connect_and_nothing_else(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", SECRET)
    path = tmp_path / "private"
    path.write_text(SECRET)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FENCED, str(path), str(receiver.port)),
        stdout=asyncio.subprocess.PIPE,
        env=services._environment(),
    )
    out, _ = await process.communicate()
    told: dict[str, Any] = {
        line: said
        for part in out.decode().splitlines()
        for line, said in json.loads(part).items()
        if line != "reached"
    }
    assert told == {
        "read": "A service may not read files.",
        "os.open": "A service may not read files.",
        "write": "A service may not write files.",
        "write in the libraries": "A service may not write files.",
        "remove": "A service may not change files.",
        "program": "A service may not start programs.",
        "system": "A service may not start programs.",
        "unix": "A service may only use the network.",
        "metadata": "The address is not one that may be connected to.",
        "private, not typed": "The address is not one that may be connected to.",
        "typed": "done",
        "environment": "none",
    }
    assert path.read_text() == SECRET
    assert AddressPolicy().allow_private is False
