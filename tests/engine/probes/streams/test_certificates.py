"""What holds for every stream that begins with TLS: a certificate's fault is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.registry import technologies
from tests.servers.hostile import hostile, silence

if TYPE_CHECKING:
    import ssl

    from tests.engine.probes.conftest import Probing

# NATS greets in the clear before it speaks TLS: its own tests have that.
TLS_FIRST = [one.name for one in technologies("stream") if one.name != "nats"]


@pytest.mark.parametrize("technology", TLS_FIRST)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("expired", "tls_expired"),
        ("wrong_host", "tls_wrong_host"),
        ("self_signed", "tls_self_signed"),
        ("untrusted", "tls_untrusted"),
    ],
)
async def test_certificate_that_is_not_accepted_is_named(
    probe: Probing,
    certificates: dict[str, ssl.SSLContext],
    ca_file: str,
    *,
    technology: str,
    fault: str,
    code: str,
) -> None:
    async with hostile(silence, tls=certificates[fault]) as server:
        result = await probe(
            technology=technology, host="127.0.0.1", port=server.port, tls=True, tls_ca=ca_file
        )
    assert (result.error, result.stage) == (code, "tls")
