"""What a run shares to reach out: clients, and the rules of which addresses are connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.clock import Clock
    from engine.http import AddressPolicy, HttpClient
    from engine.probes.place import Tools
    from engine.settings import Settings


class Reach:
    """Makes clients at their first use, for one event loop; `aclose` closes them."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._client: HttpClient | None = None
        self._tools: dict[str, Tools] = {}

    def client(self) -> HttpClient:
        """Return the client for providers."""
        if self._client is None:
            self._client = self._make_client(self._policy())
        return self._client

    def tools(self, kind: str) -> Tools:
        """Return what checks of a kind share.

        Data sources live on private networks, so any name may lead there; providers do not.
        Metadata and link-local addresses stay blocked for all.
        """
        whose = "integration" if kind == "integration" else "source"
        found = self._tools.get(whose)
        if found is None:
            found = self._tools[whose] = self._make_tools(private=whose == "source")
        return found

    async def aclose(self) -> None:
        """Close the clients; calling it again does nothing."""
        clients = {tools.client for tools in self._tools.values()}
        if self._client is not None:
            clients.add(self._client)
        self._client, self._tools = None, {}
        for client in clients:
            await client.aclose()

    def _make_tools(self, *, private: bool) -> Tools:
        from engine.http.resolver import Resolver
        from engine.probes.place import Tools

        policy = self._policy(allow_private=private)
        return Tools(
            client=self._make_client(policy) if private else self.client(),
            policy=policy,
            resolve=Resolver(),
            now=self._clock.now,
            ca_file=self._settings.ca_file,
            allow_commands=self._allowed_commands(),
        )

    def _allowed_commands(self) -> frozenset[str] | None:
        """Return which programs may be started: in a file of one's own any, else those listed.

        Whoever can write to a shared database could otherwise start programs on every machine
        that has a monitor on it.
        """
        allowed = frozenset(self._settings.allow_commands)
        return allowed if allowed or not self._settings.database.startswith("sqlite") else None

    def _policy(self, *, allow_private: bool = False) -> AddressPolicy:
        from engine.http import AddressPolicy

        return AddressPolicy(
            allow_addresses=frozenset(self._settings.allow_addresses),
            allow_networks=frozenset(self._settings.allow_networks),
            allow_private=allow_private,
        )

    def _make_client(self, policy: AddressPolicy) -> HttpClient:
        from engine.http import HttpClient, make_context

        own = self._settings.ca_file
        return HttpClient(
            policy,
            max_connections=self._settings.in_flight,
            ssl_context=make_context(own) if own else None,
        )
