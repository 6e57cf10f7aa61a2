"""A real OpenBao of the tests' own, in memory: key-value engine version 2, tokens, AppRole, TLS."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ROOT = "root-of-the-tests"
_READY_S, _AGAIN_S = 60.0, 0.01
POLICY = 'path "secret/data/app/*" { capabilities = ["read"] }'


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenBao:
    """A running server, with a policy `app` that reads `secret/data/app/*` alone.

    Attributes:
        url: Its address.
        ca: The authority of its certificate; None where it speaks plainly.
    """

    url: str
    ca: Path | None = None

    def __call__(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = ROOT
    ) -> dict[str, Any]:
        """Send one request as root, and return what it answers."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Vault-Token": token},
            method=method,
        )
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        with urllib.request.urlopen(request, context=context) as answer:  # noqa: S310 - the same
            text = answer.read()
        found: dict[str, Any] = json.loads(text) if text else {}
        return found

    def write(self, path: str, **fields: Any) -> None:
        """Write a secret's next version."""
        self("POST", f"secret/data/{path}", {"data": fields})

    def token(self, **wanted: Any) -> str:
        """Return a new token of the policy `app`."""
        made = self("POST", "auth/token/create", {"policies": ["app"], **wanted})
        return str(made["auth"]["client_token"])

    def role(self, name: str, **wanted: Any) -> tuple[str, str]:
        """Make a role of AppRole; return its id and a secret id."""
        self("POST", f"auth/approle/role/{name}", {"token_policies": ["app"], **wanted})
        role_id = self("GET", f"auth/approle/role/{name}/role-id")["data"]["role_id"]
        made = self("POST", f"auth/approle/role/{name}/secret-id", {})
        return str(role_id), str(made["data"]["secret_id"])


@contextmanager
def openbao(folder: Path, *, tls: bool = False) -> Iterator[OpenBao]:
    """Run it until the block ends.

    Args:
        folder: Where it runs; with TLS, its certificate is made there.
        tls: Let it speak TLS, under an authority of its own.
    """
    program, port = server_program("bao"), free_port()
    command = [
        *(program, "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT}"),
        f"-dev-listen-address=127.0.0.1:{port}",
        *(("-dev-tls", f"-dev-tls-cert-dir={folder}") if tls else ()),
    ]
    with running(command, port, folder):
        found = OpenBao(
            url=f"{'https' if tls else 'http'}://127.0.0.1:{port}",
            ca=next(folder.glob("*-ca.pem")) if tls else None,
        )
        _await_unsealed(found)
        found("PUT", "sys/policies/acl/app", {"policy": POLICY})
        found("POST", "sys/auth/approle", {"type": "approle"})
        yield found


def _await_unsealed(server: OpenBao) -> None:
    """Return once it has its first mount; it listens a moment before."""
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        with suppress(urllib.error.URLError):
            if "secret/" in server("GET", "sys/mounts")["data"]:
                return
        time.sleep(_AGAIN_S)
    raise AssertionError("it was not ready")
