"""The MCP connector: lists a server's tools, and calls those that the operator listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from engine.connectors.base import BaseConnector, Discovery, refuse
from engine.connectors.model import ConnectorCapability as Can
from engine.connectors.words import listed
from engine.jsonable import JsonRecord
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.probes.attempt import Attempt


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolResult(JsonRecord):
    """What a tool answered: texts and other content in order, and its structured form if any."""

    content: tuple[Mapping[str, Any], ...]
    structured: Any = None


class McpConnector(BaseConnector):
    """Talks to an MCP server, each time in a session of its own that ends with the operation.

    The option `allow_tools` names the tools that may be called, with commas or blanks between.
    """

    TYPE: ClassVar[str] = "mcp"

    async def list_tools(self) -> list[dict[str, object]]:
        """Return the tools: name, description and the JSON schema of their input.

        Raises:
            ConnectorError: The server did not answer, or refused.
        """

        async def work(attempt: Attempt) -> list[dict[str, object]]:
            from engine.probes.services import mcp

            async with mcp.session(attempt, max_bytes=self.config.max_bytes) as client:
                return await mcp.list_tools(client)

        return await self._run(Can.READ, "list", work, again=True)

    async def call_tool(
        self, name: str, arguments: Mapping[str, object] | None = None
    ) -> ToolResult:
        """Call a tool from the allow list.

        Raises:
            ConnectorError: It is not allowed, failed, or answered too much.
        """
        if name not in self.allowed:
            raise refuse(
                "not_allowed",
                "That tool is not on this connector's allow list.",
                "List it in the option `allow_tools`.",
            )

        async def work(attempt: Attempt) -> ToolResult:
            from engine.probes.services import mcp

            async with mcp.session(attempt, max_bytes=self.config.max_bytes) as client:
                attempt.enter("call")
                answer = await client.call_tool(name, dict(arguments or {}))
            content = tuple(
                block.model_dump(mode="json", exclude_none=True) for block in answer.content
            )
            if answer.is_error:
                raise _failed(content)
            return ToolResult(content=content, structured=answer.structured_content)

        return await self._run(Can.QUERY, "call", work)

    async def discover(self) -> Discovery:
        """Ask for the tools with their schemas."""
        tools = await self.list_tools()
        offered = {Can.READ, Can.WRITE, Can.QUERY} if tools else {Can.READ}
        return Discovery(found={"tools": tools}, capabilities=frozenset(offered))

    @property
    def allowed(self) -> frozenset[str]:
        """The names of the tools that may be called."""
        return frozenset(listed(self.config.options.get("allow_tools")))


def _failed(content: tuple[Mapping[str, Any], ...]) -> Refused:
    said = " ".join(str(block.get("text", "")) for block in content).strip()
    return Refused("tool_failed", f"The tool failed: {said or 'it does not say why'}")
