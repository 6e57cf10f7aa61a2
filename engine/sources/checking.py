"""How sources are checked: a row and its secrets made ready, the place reached for real."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.probes.connection_string import parse_connection_string
from engine.probes.place import Place
from engine.probes.registry import get_technology
from engine.probes.running import run_probe
from engine.sources.secrets import is_reference, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials import Credential
    from engine.probes.connection_string import ConnectionString
    from engine.probes.place import Tools
    from engine.probes.result import ProbeResult
    from engine.probes.technology import Technology
    from engine.sources.config import DataSourceConfig
    from engine.sources.drafts import SourceDraft
    from engine.sources.secrets import Parted
    from storage.sources import SourceRow


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadySource:
    """A source with its secrets in the open: keep it no longer than its check.

    Attributes:
        tenant_id: Whose it is.
        id: The source's id; empty for a form that was never saved.
        name: What people call it.
        where: Where it is and how to get in.
    """

    tenant_id: str
    id: str
    name: str
    where: Place = field(repr=False)

    @property
    def place(self) -> str | None:
        """The host that its check reaches over the network; None when it never leaves here."""
        return host_of(self.where)

    async def check(self, tools: Tools, *, now: datetime, deadline_s: float) -> ProbeResult:  # noqa: ARG002 - every kind's check is told the time
        """Check it for real; never raises for what driver or server did."""
        return await run_probe(self.where, tools, deadline_s=deadline_s)


class SourceKind:
    """How sources are read and made ready; see `engine.health.kinds`."""

    def rows(self, connection: Connection, ids: Sequence[str]) -> Mapping[str, SourceRow]:
        """Return the sources of these ids, whatever the tenant."""
        from storage.sources import SourcesDriver

        return SourcesDriver(connection).get_many(ids)

    def references(self, row: SourceRow) -> Iterable[str]:
        """Return the credential references of a row."""
        return tuple(row.secrets.values())

    def prepare(self, row: SourceRow, open_secret: Callable[[str], Credential]) -> ReadySource:
        """Open the row's secrets.

        Raises:
            CredentialError: One cannot be read.
            InvalidInput: It is not said whole where the source is; `field` names what is missing.
        """
        opened = {path: open_secret(reference).value for path, reference in row.secrets.items()}
        return ReadySource(
            tenant_id=row.tenant_id,
            id=row.id,
            name=row.name,
            where=place_of(row.technology, join(row.config, opened)),
        )


def prepare_draft(
    draft: SourceDraft,
    technology: str,
    parted: Parted,
    open_secret: Callable[[str], Credential],
) -> ReadySource:
    """Make the values of a form ready: a typed secret is used as it is, a stored one opened.

    Raises: as `SourceKind.prepare`.
    """
    opened = {
        path: open_secret(value).value if is_reference(value, path) else value
        for path, value in parted.secrets.items()
    }
    return ReadySource(
        tenant_id=draft.tenant_id,
        id=draft.source_id,
        name=draft.name,
        where=place_of(technology, join(parted.config, opened)),
    )


def place_of(technology: str, config: DataSourceConfig) -> Place:
    """Return where the config leads, its secrets in the open.

    What a connection string says goes before the single fields.

    Raises:
        InvalidInput: Technology or a field that it needs is missing; `field` names it.
    """
    if not technology:
        raise InvalidInput(
            "It is not said which technology this source is, so it cannot be tested.",
            hint="Edit it and choose its technology.",
            field="technology",
        )
    found = get_technology(technology)
    said = _said(config)
    _require(found, config)
    tls = config.ssl_enabled if said is None or said.tls is None else said.tls
    return Place(
        technology=technology,
        url=config.connection_string,
        host=_first(said and said.host, config.host),
        port=_first(said and said.port, config.port),
        username=_first(said and said.username, config.username),
        password=_first(said and said.password, config.password),
        database=_first(said and said.database, config.database),
        auth_type=config.auth_type,
        api_key=config.api_key,
        oauth={name: str(value) for name, value in (config.oauth_config or {}).items()},
        tls=tls,
        tls_verify=config.ssl_verify and (said is None or said.tls_verify is not False),
        tls_ca=config.ssl_cert_path,
        options={**(said.options if said else {}), **config.options},
    )


def host_of(where: Place) -> str | None:
    """Return the host that a place is reached at; None for one on this machine's disks."""
    if where.host:
        return where.host
    for url in (where.option("endpoint"), where.option("endpoint_url"), where.url or ""):
        if "://" in url and (host := _host_in(url)):
            return host
    declared = {spec.name for spec in get_technology(where.technology).fields}
    # A service that is named by nothing but an account or a bucket is somewhere on the internet.
    return where.technology if declared & {"api_key", "username", "connection_string"} else None


def _said(config: DataSourceConfig) -> ConnectionString | None:
    return parse_connection_string(config.connection_string) if config.connection_string else None


def _require(technology: Technology, config: DataSourceConfig) -> None:
    if config.connection_string:
        return
    for spec in technology.fields:
        value: Any = getattr(config, spec.name, config.options.get(spec.name))
        if spec.required and value in {None, ""} and not spec.default:
            raise InvalidInput(
                f"{spec.label} is missing, so {technology.title} cannot be reached.",
                hint=f"Edit it: {spec.help}" if spec.help else "Edit it.",
                field=spec.name,
            )


def _host_in(url: str) -> str | None:
    try:
        return parse_connection_string(url).host
    except InvalidInput:
        return None


def _first(said: Any, other: Any) -> Any:
    return other if said is None else said
