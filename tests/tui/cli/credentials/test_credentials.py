"""`lampboard credentials list|show|set|test|delete`: what they print, and what they never do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.credentials.test_tokens import token

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Done, Run

SECRET = "sk-canary-8d1f0c6b2a"
REF = "env://CANARY_KEY"


@pytest.fixture
def acme(board: Run) -> Run:
    assert board("tenants", "add", "acme").code == 0
    return board


def stored(run: Run, *more: str, secret: str = SECRET) -> str:
    done = run("credentials", "set", "--secret-stdin", *more, stdin=secret + "\n")
    assert done.code == 0, done.err
    assert SECRET not in done.out + done.err
    return done.out.strip()


def refused(done: Done, code: int, *told: str) -> None:
    assert done.code == code, done.err
    assert all(word in done.err for word in told), done.err
    assert SECRET not in done.out + done.err


def test_a_secret_is_stored_and_its_reference_printed_alone(acme: Run, tmp_path: Path) -> None:
    reference = stored(acme, "--label", "OpenAI, prod", "--expires", "2199-01-31")
    assert reference.startswith("encrypted://")
    (found,) = acme("credentials", "list", "-o", "json").json["items"]
    assert found["reference"] == reference
    assert (found["label"], found["expires_at"]) == ("OpenAI, prod", "2199-02-01T00:00:00Z")
    (tmp_path / "key.txt").write_text(SECRET + "\n")
    done = acme("credentials", "set", "--secret-file", str(tmp_path / "key.txt"), "-o", "json")
    assert done.json["kind"] == "encrypted"
    for path in tmp_path.iterdir():
        assert path.name == "key.txt" or SECRET.encode() not in path.read_bytes()


def test_a_token_tells_its_expiry(acme: Run) -> None:
    done = acme("credentials", "set", "--secret-stdin", stdin=token({"exp": 7_227_316_800}))
    assert "it is a token, which says itself that it expires on 2199-01-09" in done.err


def test_an_encrypted_one_is_replaced_and_dated(acme: Run) -> None:
    reference = stored(acme, "--label", "gpt")
    assert stored(acme, reference, secret=SECRET + "2") == reference
    done = acme("credentials", "set", reference, "--expires", "2199-01-31T12:30Z", "-o", "json")
    assert done.json["expires_at"] == "2199-01-31T12:30:00Z"
    assert done.json["updated_at"]
    done = acme("credentials", "set", reference, "--label", "other", "-o", "json")
    assert (done.json["label"], done.json["expires_at"]) == ("other", "2199-01-31T12:30:00Z")
    done = acme("credentials", "set", reference, "--expires", "never", "-o", "json")
    assert (done.json["label"], done.json["expires_at"]) == ("other", None)
    refused(acme("credentials", "set", reference), 2, "no terminal to ask")


def test_one_that_is_kept_elsewhere_is_listed_and_its_secret_is_not_taken(acme: Run) -> None:
    done = acme("credentials", "set", REF, "--label", "ours", "--expires", "2199-01-31")
    assert (done.code, done.out) == (0, REF + "\n")
    done = acme("credentials", "set", REF, "--expires", "never", "-o", "json")
    assert (done.json["label"], done.json["expires_at"]) == ("ours", None)
    refused(acme("credentials", "set", REF, "--secret-stdin", stdin=SECRET), 2, "is kept elsewhere")


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (("set", SECRET), 2, "starts with encrypted://"),
        (("set", f"vault://secret/{SECRET}#key"), 2, "looks like a key"),
        (("set", REF, "--expires", "soon"), 2, "no moment"),
        (("set", REF, "--label", "sk-proj-" + SECRET), 2, "looks like a key"),
        (("set", "--secret-stdin"), 2, "is empty"),
        (("show", REF), 1, "no such credential"),
        (("delete", REF, "--yes"), 1, "no such credential"),
        (("test", REF), 1, "no such credential"),
        (("test",), 2, "Name references"),
        (("list", "--sort", "secret"), 2, "is not one of"),
    ],
)
def test_what_cannot_be_taken_says_so(
    acme: Run, argv: tuple[str, ...], code: int, told: str
) -> None:
    refused(acme("credentials", *argv), code, told)


def test_a_secret_is_no_flag(acme: Run) -> None:
    refused(acme("credentials", "set", "--secret", "x"), 2, "--secret")


def test_they_are_tested_and_the_exit_code_tells(
    acme: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", SECRET)
    stored(acme, "--label", "gpt")
    acme("credentials", "set", REF)
    done = acme("credentials", "test", REF)
    assert done.code == 0
    assert "The secret is there." in done.out
    done = acme("credentials", "test", "--all", "-o", "json")
    assert (done.code, done.json["total"]) == (0, 2)
    assert SECRET not in done.out + done.err
    monkeypatch.delenv("CANARY_KEY")
    done = acme("credentials", "test", "--all", "-o", "json")
    assert done.code == 1
    assert {one["ok"] for one in done.json["items"]} == {True, False}
    (found,) = acme("credentials", "list", "--filter", "state:unread", "-o", "json").json["items"]
    assert (found["reference"], found["accesses"]) == (REF, 3)
    shown = acme("credentials", "show", REF)
    assert "CANARY_KEY is not set" in shown.out
    assert acme("credentials", "show", REF, "-o", "json").json["accesses"][0]["count"] == 3


def test_it_is_deleted_once_nothing_uses_it(acme: Run) -> None:
    reference = stored(acme, "--label", "gpt")
    added = acme(
        *("integrations", "add", "--name", "gpt-prod", "--provider", "openai"),
        *("--credential-ref", reference),
    )
    assert added.code == 0, added.err
    refused(acme("credentials", "delete", reference, "--yes"), 1, "used by integration gpt-prod")
    assert "gpt-prod" in acme("credentials", "show", reference).out
    assert acme("integrations", "delete", "gpt-prod", "--yes").code == 0
    refused(acme("credentials", "delete", reference), 2, "Give --yes")
    dry = acme("credentials", "delete", reference, "--dry-run")
    assert (dry.code, dry.out) == (0, "")
    assert (
        acme("credentials", "delete", reference, "--yes").out == f"gpt ({reference}) is deleted.\n"
    )
    assert acme("credentials", "list", "-o", "json").json["total"] == 0


def test_what_expires_is_listed_first_and_alone(acme: Run) -> None:
    acme("credentials", "set", "env://LATE", "--expires", "2199-01-01")
    acme("credentials", "set", "env://SOON", "--expires", "3d")
    names = acme("credentials", "list", "-o", "name").out.split()
    assert names == ["env://SOON", "env://LATE"]
    done = acme("credentials", "list", "--expiring", "-o", "name")
    assert done.out.split() == ["env://SOON"]
    done = acme("credentials", "list", "--limit", "1")
    assert "1 of 2 shown" in done.err
    assert "matches" in acme("credentials", "list", "--filter", "nothing-like-it").err


def test_the_doctor_warns_of_what_expires(acme: Run) -> None:
    def found() -> dict[str, str]:
        told = acme("doctor", "-o", "json").json["checks"]
        return next(dict(one) for one in told if one["name"] == "credentials")

    assert (found()["status"], found()["detail"]) == ("ok", "none yet")
    acme("credentials", "set", "env://SOON", "--expires", "3d")
    assert found()["status"] == "warn"
    assert "1 expiring; the next expires on 2" in found()["detail"]
