"""Who lives in the demo: three tenants with integrations, sources and connectors.

Their 46 integrations are written down here, the rest in `sources.py`, `connectors.py`, `usage.py`
(who calls their models, and how much may be used) and `governed.py` (what must be trusted).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from engine.demo import connectors, governed, scripts, sources, usage
from engine.demo.scripts import steady
from engine.demo.things import Account, Tenant

if TYPE_CHECKING:
    from engine.demo.behaviour import Script


class _More(TypedDict, total=False):
    budget_cents: int
    tokens: int
    rpm: int
    status: str
    keyless: bool
    unknown_key: bool
    variable: str
    exported: bool
    mounted: bool


def _openai(name: str, model: str, script: Script, **more: Unpack[_More]) -> Account:
    return Account(name=name, provider="openai", model=model, script=script, **more)


def _anthropic(name: str, model: str, script: Script, **more: Unpack[_More]) -> Account:
    return Account(name=name, provider="anthropic", model=model, script=script, **more)


def _azure(name: str, model: str, script: Script, **more: Unpack[_More]) -> Account:
    config = {"deployment": name}
    return Account(
        name=name, provider="azure_openai", model=model, script=script, config=config, **more
    )


def _bedrock(name: str, model: str, script: Script, region: str, **more: Unpack[_More]) -> Account:
    config = {"region": region}
    return Account(name=name, provider="bedrock", model=model, script=script, config=config, **more)


def _google(name: str, model: str, script: Script, **more: Unpack[_More]) -> Account:
    return Account(name=name, provider="google", model=model, script=script, **more)


def _own(name: str, model: str, script: Script, **more: Unpack[_More]) -> Account:
    return Account(name=name, provider="custom", model=model, script=script, own_door=True, **more)


_NOVA = "amazon.nova-pro-v1:0"
_CLAUDE_ON_BEDROCK = "anthropic.claude-sonnet-4-5-20250929-v1:0"

ACME = Tenant(
    id="acme-prod",
    name="Acme Production",
    sources=sources.ACME,
    connectors=connectors.ACME,
    agents=usage.ACME_AGENTS,
    allowances=usage.ACME_ALLOWANCES,
    trusted=governed.ACME,
    accounts=(
        _openai("gpt-prod", "gpt-4.1", steady(182)),
        _openai("gpt-batch", "gpt-4o", steady(240)),
        _openai("gpt-support-bot", "o4-mini", scripts.BUSY),
        _openai("embeddings-search", "text-embedding-3-small", steady(96)),
        _openai("whisper-calls", "gpt-4o", steady(310)),
        _openai("gpt-legacy-crm", "gpt-4o", scripts.KEY_REVOKED_LATER),
        _anthropic("claude-prod", "claude-opus-4-5", steady(210)),
        _anthropic("claude-batch", "claude-sonnet-4-5", steady(90), unknown_key=True),
        _anthropic("claude-contracts", "claude-opus-4-5", scripts.OVERLOADED),
        _anthropic("claude-triage", "claude-haiku-4-5", steady(150)),
        _azure("azure-eu", "gpt-4o-2024-11-20", scripts.SLOWING),
        _azure(
            "azure-us",
            "gpt-4.1-2025-04-14",
            steady(265),
            variable="ACME_AZURE_US_KEY",
            exported=True,
        ),
        _azure("azure-finance", "gpt-4o-2024-11-20", scripts.FORBIDDEN, budget_cents=90_000),
        _bedrock("bedrock-eu", _CLAUDE_ON_BEDROCK, steady(230), "eu-central-1"),
        _bedrock("bedrock-us", _NOVA, scripts.FLAPPING, "us-east-1"),
        _google("gemini-prod", "gemini-2.5-pro", steady(280)),
        _google("gemini-images", "gemini-2.5-flash", scripts.LIMITED, budget_cents=75_000),
        _google("gemini-new", "gemini-2.5-flash", steady(200), status="created"),
        _own("llama-gpu-01", "llama-3.3-70b-instruct", steady(38), mounted=True),
        _own("llama-gpu-02", "llama-3.3-70b-instruct", scripts.RESTARTING),
        _own("llm-gateway", "qwen2.5-coder-32b", scripts.CAPTIVE, budget_cents=90_000, rpm=120),
        _own("ollama-lab", "mistral-small-3.2", steady(24), keyless=True),
    ),
)

NORTHWIND = Tenant(
    id="northwind",
    name="Northwind Logistics",
    sources=sources.NORTHWIND,
    connectors=connectors.NORTHWIND,
    agents=usage.NORTHWIND_AGENTS,
    allowances=usage.NORTHWIND_ALLOWANCES,
    trusted=governed.NORTHWIND,
    accounts=(
        _openai("dispatch-assistant", "gpt-4.1", steady(205)),
        _openai("invoice-reader", "gpt-4o", scripts.SLOW),
        _openai("pilot-2024", "gpt-4o", steady(190), status="disabled"),
        _anthropic("customs-claude", "claude-sonnet-4-5", steady(245)),
        _anthropic("mail-summaries", "claude-haiku-4-5", steady(130)),
        _azure("azure-warehouse", "gpt-4o-2024-11-20", steady(330)),
        _azure("azure-dr", "gpt-4o-2024-11-20", scripts.CRAWLING),
        _bedrock("route-planner", _NOVA, steady(215), "eu-west-1"),
        _bedrock("demand-forecast", _NOVA, steady(180), "us-west-2", unknown_key=True),
        _google("maps-gemini", "gemini-2.5-flash", steady(175)),
        _google("driver-chat", "gemini-2.5-flash", steady(260), variable="NORTHWIND_GEMINI_KEY"),
        _own("edge-depot-07", "mistral-small-3.2", scripts.CLOSED, keyless=True),
        _own("edge-depot-12", "mistral-small-3.2", steady(52), keyless=True),
        _own("vllm-hamburg", "qwen2.5-coder-32b", scripts.SILENT),
    ),
)

LUMEN = Tenant(
    id="lumen-health",
    name="Lumen Health",
    sources=sources.LUMEN,
    connectors=connectors.LUMEN,
    agents=usage.LUMEN_AGENTS,
    allowances=usage.LUMEN_ALLOWANCES,
    trusted=governed.LUMEN,
    accounts=(
        _azure("azure-clinical", "gpt-4.1-2025-04-14", steady(290)),
        _azure("azure-clinical-test", "gpt-4o-2024-11-20", steady(275)),
        _azure("azure-speech", "gpt-4o-2024-11-20", scripts.BUSY),
        _bedrock("notes-claude", _CLAUDE_ON_BEDROCK, steady(255), "eu-central-1"),
        _bedrock("coding-assist", _CLAUDE_ON_BEDROCK, steady(225), "eu-central-1"),
        _anthropic("research-claude", "claude-opus-4-5", steady(235)),
        _google("radiology-gemini", "gemini-2.5-pro", steady(340), status="created"),
        _openai("patient-letters", "gpt-4.1", steady(220)),
        _own("deid-onprem", "llama-3.3-70b-instruct", steady(31)),
        _own("embed-onprem", "nomic-embed-text", scripts.RESETTING, keyless=True),
    ),
)

TENANTS = (ACME, NORTHWIND, LUMEN)
