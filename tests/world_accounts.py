"""The integrations of the worlds of pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.world_things import (
    HTTP_STAGES,
    LIMITED,
    REFUSED,
    REJECTED,
    Answer,
    healthy,
    slow,
)

if TYPE_CHECKING:
    from pathlib import Path

    from engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One integration of a world and the story of its checks."""

    name: str
    provider: str
    story: tuple[Answer, ...] = ()
    model: str | None = None
    enabled: bool = True
    budget: int = 0
    base_url: str | None = None
    config: tuple[tuple[str, str], ...] = ()
    stages: tuple[tuple[str, float], ...] = HTTP_STAGES

    async def register(self, workspace: Workspace, tenant: str) -> tuple[str, str]:
        """Registers it, enabled where it has a story."""
        made = await workspace.integrations.create_integration(
            tenant,
            self.name,
            self.provider,
            "env://PICTURE_KEY",
            base_url=self.base_url,
            config=dict(self.config),
            default_model=self.model,
            budget_limit_cents=self.budget,
            created_by="dana",
        )
        if self.story:
            await workspace.integrations.enable_integration(tenant, made.id)
        if not self.enabled:
            await workspace.integrations.disable_integration(tenant, made.id)
        return "integration", made.id


ACCOUNTS = (
    Account(
        name="gpt-prod",
        provider="openai",
        model="gpt-5.2",
        budget=250_000,
        story=(healthy(2880, 182),),
    ),
    Account(
        name="gpt-batch",
        provider="openai",
        model="gpt-5.2-mini",
        budget=80_000,
        story=(healthy(2880, 240), slow(95, 2410), healthy(60, 260)),
    ),
    Account(
        name="claude-batch",
        provider="anthropic",
        model="claude-sonnet-4-6",
        budget=120_000,
        story=(healthy(2880, 210), REJECTED),
    ),
    Account(
        name="claude-support",
        provider="anthropic",
        model="claude-opus-4-6",
        budget=300_000,
        story=(healthy(2880, 318),),
    ),
    Account(
        name="azure-eu",
        provider="azure_openai",
        model="gpt-5",
        budget=60_000,
        base_url="https://acme-eu.openai.azure.com",
        story=(healthy(2880, 410), slow(22, 3120)),
    ),
    Account(
        name="azure-us",
        provider="azure_openai",
        model="gpt-5",
        budget=60_000,
        base_url="https://acme-us.openai.azure.com",
        story=(healthy(2880, 380),),
    ),
    Account(
        name="bedrock-frankfurt",
        provider="bedrock",
        model="nova-pro",
        budget=40_000,
        config=(("region", "eu-central-1"),),
        story=(healthy(2880, 290),),
    ),
    Account(
        name="gemini-vision",
        provider="google",
        model="gemini-3-pro",
        budget=90_000,
        story=(healthy(2880, 350), LIMITED),
    ),
    Account(name="gemini-new", provider="google", model="gemini-3-flash"),
    Account(
        name="llama-onprem",
        provider="custom",
        model="llama-4-70b",
        base_url="http://10.2.0.14:8000/v1",
        story=(healthy(2880, 38), REFUSED),
    ),
    Account(
        name="mistral-eval",
        provider="custom",
        model="mistral-large",
        base_url="https://api.mistral.example/v1",
        story=(healthy(2880, 220),),
    ),
    Account(
        name="search-embeddings",
        provider="openai",
        model="text-embedding-4",
        budget=15_000,
        story=(healthy(2880, 120),),
    ),
    Account(
        name="translator",
        provider="google",
        model="gemini-3-flash",
        budget=20_000,
        story=(healthy(2880, 205),),
    ),
    Account(
        name="summaries-old",
        provider="openai",
        model="gpt-4.1",
        enabled=False,
        story=(healthy(2880, 170),),
    ),
)
OTHERS = (
    ("acme-staging", (Account(name="gpt-staging", provider="openai", story=(healthy(300, 190),)),)),
    ("globex", (Account(name="claude-main", provider="anthropic", story=(healthy(300, 233),)),)),
)


def many(count: int) -> tuple[Account, ...]:
    """Hundreds of accounts, one in twelve not well."""
    bad = (REJECTED, slow(22, 3120), REFUSED, LIMITED)
    names = ("chat", "batch", "vision", "search", "agents", "voice", "triage", "draft")
    return tuple(
        Account(
            name=f"{names[i % len(names)]}-{i // len(names):03d}",
            provider=("openai", "anthropic", "google")[i % 3],
            story=(healthy(40, 90 + i * 53 % 400), *((bad[i // 12 % 4],) if i % 12 == 5 else ())),
        )
        for i in range(count)
    )


def hostile(corpora: Path) -> tuple[Account, ...]:
    """Accounts whose messages attack the terminal; names carry what a name may carry."""
    lines = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["value"] for line in lines]
    return tuple(
        Account(
            name=f"hostile-{index:03d}",
            provider="custom",
            base_url="https://hostile.example/v1",
            story=(
                Answer(
                    minutes=9,
                    state="failing",
                    latency=12,
                    error="http_500",
                    status=500,
                    message=value.encode("utf-8", "replace").decode("utf-8"),
                    remedy=value.encode("utf-8", "replace").decode("utf-8"),
                ),
            ),
        )
        for index, value in enumerate(values)
    )
