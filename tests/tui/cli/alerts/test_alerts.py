"""Channels, routes and the log on the command line; URLs come in unseen and stay so."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.cli.conftest import Run

SECRET = "canary-url-77aa"


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500 if "broken" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def hook() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hook)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def acme(board: Run) -> Run:
    assert board("tenants", "add", "acme").code == 0
    return board


def added(acme: Run, url: str, *more: str, name: str = "on-call") -> None:
    flags = ("--name", name, "--type", "webhook", "--url-stdin", *more)
    done = acme("alerts", "channels", "add", *flags, "-o", "json", stdin=url)
    assert done.code == 0, done.err
    assert SECRET not in done.out + done.err


def test_a_channel_is_added_listed_tested_and_deleted(acme: Run, hook: str) -> None:
    added(acme, f"{hook}/{SECRET}")
    (listed,) = acme("alerts", "channels", "-o", "json").json["items"]
    assert (listed["name"], listed["type"]) == ("on-call", "webhook")
    assert listed["options"] == {"place": hook}
    assert SECRET not in acme("alerts", "channels", "list").out
    tested = acme("alerts", "channels", "test", "ON-CALL", "-o", "json")
    assert (tested.code, tested.json["ok"]) == (0, True)
    assert [row["event"] for row in acme("alerts", "log", "-o", "json").json["items"]] == ["test"]
    assert acme("alerts", "channels", "delete", "on-call").code == 2
    assert acme("alerts", "channels", "delete", "on-call", "--yes").code == 0
    assert acme("alerts", "channels", "-o", "json").json["items"] == []
    assert acme("credentials", "list", "-o", "json").json["items"] == []


def test_a_failed_test_exits_with_1_and_says_why(acme: Run, hook: str) -> None:
    added(acme, f"{hook}/broken/{SECRET}")
    done = acme("alerts", "channels", "test", "on-call")
    assert done.code == 1
    assert done.out == "It was not told. The receiver answered with HTTP 500.\n"
    (row,) = acme("alerts", "log", "state:failed", "-o", "json").json["items"]
    assert row["error"] == "The receiver answered with HTTP 500."


@pytest.mark.parametrize(
    ("flags", "stdin", "said"),
    [
        (("--type", "webhook"), "", "there is no terminal to ask for it"),
        (("--type", "webhook", "--url-stdin"), f"ftp://{SECRET}", "http"),
        (("--type", "webhook", "--url-stdin"), "\n", "URL is empty"),
        (
            ("--type", "webhook", "--url-ref", "env://HOOK", "--signing-stdin"),
            "\n",
            "signing secret is empty",
        ),
        (("--type", "webhook", "--url-stdin"), f"https://a:{SECRET}@b.example/", "user name"),
        (("--type", "apprise", "--url-stdin"), f"nosuch://{SECRET}", "no such service"),
        (("--type", "bell", "--url-stdin"), f"https://x.example/{SECRET}", "has no URL"),
        (("--type", "bell", "--per-hour", "0"), "", "at least 1"),
        (("--type", "desktop", "--title-template", "{nope}"), "", "no field 'nope'"),
        (("--type", "desktop", "--title-template", "{title.__class__}"), "", "brace"),
    ],
)
def test_what_cannot_be_is_refused_without_a_word_of_the_url(
    acme: Run, flags: tuple[str, ...], stdin: str, said: str
) -> None:
    done = acme("alerts", "channels", "add", "--name", "x", *flags, stdin=stdin)
    assert done.code == 2
    assert said in done.err
    assert SECRET not in done.out + done.err
    assert acme("alerts", "channels", "-o", "json").json["items"] == []


def test_routes_are_added_changed_and_deleted(acme: Run, hook: str) -> None:
    added(acme, hook)
    made = acme(
        *("alerts", "routes", "add", "on-call", "--severity", "critical", "--tag", "billing"),
        *("--hours", "mon-fri 8:00-18:00", "--timezone", "Europe/Berlin", "-o", "json"),
    )
    assert made.code == 0, made.err
    assert made.json["hours"] == {
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "from": "08:00",
        "to": "18:00",
        "timezone": "Europe/Berlin",
    }
    start = made.json["id"][:8]
    changed = acme(
        "alerts", "routes", "edit", start, "--remind-s", "600", "--tag", "", "-o", "json"
    )
    assert (changed.json["remind_s"], changed.json["tag"]) == (600, None)
    assert changed.json["hours"] == made.json["hours"]
    assert "mon-fri 08:00-18:00 Europe/Berlin" in acme("alerts", "routes").out
    stale = acme("alerts", "routes", "edit", start, "--wait-s", "1", "--expected-version", "1")
    assert (stale.code, "Somebody else changed" in stale.err) == (1, True)
    for bad in (
        ("--tag", "a\x1b[2J"),
        ("--hours", "someday"),
        ("--timezone", "Moon/Base"),
        ("--remind-s", "30"),
    ):
        assert acme("alerts", "routes", "edit", start, *bad).code == 2
    assert acme("alerts", "routes", "delete", start, "--yes").code == 0
    assert acme("alerts", "routes", "-o", "json").json["items"] == []


def test_the_log_leaves_the_room_to_what_was_said(
    acme: Run, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(acme, f"{hook}/broken")
    added(acme, f"{hook}/fine", name="desk")
    for name in ("on-call", "desk"):
        acme("alerts", "channels", "test", name)
    monkeypatch.setattr("tui.cli.table.columns", lambda _: 80)
    head, *lines = acme("alerts", "log").out.splitlines()
    assert head.split(maxsplit=5) == ["ID", "#", "WHEN", "STATE", "CHANNEL", "TITLE OR ERROR"]
    at = head.index("TITLE")
    assert [line[at:].split(maxsplit=1)[0] for line in lines] == ["Test", "test:"]
    for line in lines:
        assert len(line) <= 80
        assert len(line[at:].rstrip("…")) >= 20 or not line.endswith("…")
        assert "…" not in line[:at], "nothing else is cut for it"


def test_a_test_is_not_sent_again(acme: Run, hook: str) -> None:
    added(acme, f"{hook}/broken")
    assert acme("alerts", "channels", "test", "on-call").code == 1
    (listed,) = acme("alerts", "log", "-o", "json").json["items"]
    assert (listed["event"], listed["state"]) == ("test", "failed")
    done = acme("alerts", "resend", str(listed["id"]))
    assert (done.code, done.out) == (1, "")
    assert "was a test of on-call, which is not sent again." in done.err
    assert "`lampboard alerts channels test`" in done.err


def test_of_other_tenants_there_is_nothing(acme: Run, hook: str) -> None:
    assert acme("tenants", "add", "other").code == 0
    added(acme, hook)
    assert acme("alerts", "channels", "test", "on-call", "--tenant", "other").code == 1
    assert acme("alerts", "routes", "add", "on-call", "--tenant", "other").code == 1
    assert acme("alerts", "resend", "1", "--tenant", "other").code == 1
