from __future__ import annotations

import pytest

mcp_exceptions = pytest.importorskip("mcp.shared.exceptions")


def test_an_answer_that_cannot_be_read_is_not_quoted_in_halves() -> None:
    from engine.probes.services.mcp import refused_by_server

    words = (
        "1 validation error for Answer\nid\n  Input [input_value='s3cr...t-end', input_type=str]"
    )
    refused = refused_by_server(mcp_exceptions.MCPError(-32603, words))
    assert refused.code == "protocol_error"
    assert "s3cr" not in refused.message
    plain = refused_by_server(mcp_exceptions.MCPError(-32603, "No such tool."))
    assert "No such tool." in plain.message
