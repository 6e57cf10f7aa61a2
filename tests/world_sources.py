"""The sources of the worlds of pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.http.messages import Stage
from engine.probes.result import Checked, ProbeResult
from engine.probes.states import CusHealthState
from tests.world_connectors import KEY, SQL_STAGES, STREAM_STAGES, silent
from tests.world_things import HTTP_STAGES, REFUSED, Answer, healthy, slow
from tests.worlds import NOW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.workspace import Workspace

FILE_STAGES = (*HTTP_STAGES[:3], ("authenticate", 0.3), ("list", 0.34))


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """One source of a world and the story of its checks."""

    name: str
    type: str
    technology: str
    config: Mapping[str, Any]
    story: tuple[Answer, ...] = ()
    stages: tuple[tuple[str, float], ...] = SQL_STAGES
    tags: tuple[str, ...] = ()
    owner: str | None = None
    about: str | None = None
    end: str = ""

    async def register(self, workspace: Workspace, tenant: str) -> tuple[str, str]:
        """Registers it, active where it has a story, and takes it out of use where that ends."""
        facade = workspace.sources
        made = await facade.register_source(
            tenant,
            self.name,
            self.type,
            dict(self.config),
            technology=self.technology,
            tags=self.tags,
            owner_id=self.owner,
            description=self.about,
            activate=bool(self.story),
        )
        if self.end == "inactive":
            await facade.deactivate_source(tenant, made.source_id)
        elif self.end == "deprecated":
            await facade.deprecate_source(tenant, made.source_id)
        return "source", made.source_id


WRONG_PASSWORD = Answer(
    minutes=18,
    state="failing",
    latency=24,
    error="auth_failed",
    status=None,
    stage="authenticate",
    message="Password rejected for user app at db-2.acme.example port 5432",
    remedy="Check the password, or that this user may connect from this host.",
)
REFUSED_LOGIN = Checked(
    result=ProbeResult(
        state=CusHealthState.FAILING,
        message="Password rejected for user app at localhost port 5432",
        error="auth_failed",
        stage="authenticate",
        latency_ms=31,
        stages=(
            Stage(name="resolve", ms=2.0, ok=True),
            Stage(name="connect", ms=9.0, ok=True),
            Stage(name="authenticate", ms=20.0, ok=False),
        ),
        remedy="Check the password, or that this user may connect from this host.",
    ),
    checked_at=NOW,
)
DENIED = Answer(
    minutes=41,
    state="failing",
    latency=88,
    error="access_denied",
    status=None,
    stage="list",
    message="The bucket acme-invoices may not be listed with this key",
    remedy="Allow s3:ListBucket for the key, or name a folder that it may list.",
)

SOURCES = (
    Store(
        name="orders",
        type="database",
        technology="postgresql",
        config={
            "host": "db-1.acme.example",
            "database": "orders",
            "username": "app",
            "password": KEY,
            "ssl_enabled": True,
        },
        story=silent(healthy(2880, 11)),
        tags=("prod", "pii"),
        owner="team-shop",
        about="What was ordered, by whom; the truth that reports are made from.",
    ),
    Store(
        name="billing",
        type="database",
        technology="postgresql",
        config={
            "host": "db-2.acme.example",
            "database": "billing",
            "username": "app",
            "password": KEY,
        },
        story=silent(healthy(2880, 14), WRONG_PASSWORD),
        tags=("prod", "pii"),
        owner="team-billing",
    ),
    Store(
        name="catalogue",
        type="document",
        technology="mongodb",
        config={"host": "mongo.acme.example", "database": "catalogue", "password": KEY},
        story=silent(healthy(2880, 19)),
        stages=(("resolve", 0.1), ("connect", 0.2), ("authenticate", 0.5), ("query", 0.2)),
        tags=("prod",),
        owner="team-shop",
    ),
    Store(
        name="invoices",
        type="file",
        technology="s3",
        config={
            "database": "acme-invoices",
            "username": "AKIAPICTURE",
            "password": KEY,
            "options": {"region": "eu-central-1"},
        },
        story=silent(healthy(2880, 120), DENIED),
        stages=FILE_STAGES,
        tags=("prod", "pii"),
        owner="team-billing",
    ),
    Store(
        name="wiki-vectors",
        type="vector",
        technology="qdrant",
        config={"connection_string": "https://qdrant.acme.example", "api_key": KEY},
        story=(healthy(2880, 64), slow(14, 2640)),
        stages=HTTP_STAGES,
        tags=("prod", "search"),
        owner="team-ai",
    ),
    Store(
        name="clickstream",
        type="stream",
        technology="kafka",
        config={"host": "kafka.acme.example", "port": 9092, "database": "clicks"},
        story=silent(healthy(2880, 8), replace(REFUSED, minutes=6)),
        stages=STREAM_STAGES,
        tags=("prod",),
    ),
    Store(
        name="weather",
        type="api",
        technology="rest",
        config={"connection_string": "https://api.weather.example/v3"},
        story=(healthy(2880, 230),),
        stages=HTTP_STAGES,
        owner="team-shop",
    ),
    Store(
        name="sessions",
        type="stream",
        technology="redis",
        config={"host": "10.2.0.31", "port": 6379},
        story=silent(healthy(2880, 2)),
        stages=STREAM_STAGES,
        tags=("prod",),
    ),
    Store(
        name="orders-new",
        type="database",
        technology="mysql",
        config={"host": "db-3.acme.example", "username": "app", "password": KEY},
        tags=("staging",),
    ),
    Store(
        name="orders-old",
        type="database",
        technology="postgresql",
        config={"host": "db-0.acme.example", "database": "orders", "username": "app"},
        end="deprecated",
    ),
)
