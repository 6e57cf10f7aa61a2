"""Who calls models in the demo, and what they are allowed to use.

Together they make about 90 calls a minute in working hours, which costs a hundredth of a
processor; their history has the same pace.
"""

from __future__ import annotations

from engine.demo.things import Agent, Aim, Allowance

ACME_AGENTS = (
    Agent(name="checkout-assistant", integration="gpt-prod", per_minute=5),
    Agent(name="catalog-writer", integration="gpt-batch", per_minute=6, weekend=1.1),
    Agent(name="support-bot", integration="gpt-support-bot", per_minute=7, weekend=0.8),
    Agent(
        name="search-index",
        integration="embeddings-search",
        per_minute=9,
        instructions=0,
        question=900,
        weekend=1.0,
    ),
    Agent(name="call-notes", integration="whisper-calls", per_minute=2, question=1_800),
    Agent(name="crm-sync", integration="gpt-legacy-crm", per_minute=1, instructions=300),
    Agent(name="shop-assistant", integration="claude-prod", per_minute=4, weekend=0.9),
    Agent(name="contract-review", integration="claude-contracts", per_minute=1.2, question=3_000),
    Agent(name="support-bot", integration="claude-triage", per_minute=5, instructions=400),
    Agent(name="translations", integration="azure-eu", per_minute=3, answer=400),
    Agent(name="translations", integration="azure-us", per_minute=2, answer=400),
    Agent(name="code-review", integration="bedrock-eu", per_minute=2, question=2_400, weekend=0.1),
    Agent(name="catalog-writer", integration="bedrock-us", per_minute=1),
    Agent(name="product-photos", integration="gemini-prod", per_minute=3, weekend=1.0),
    Agent(name="log-triage", integration="llama-gpu-01", per_minute=6, weekend=1.0),
    Agent(name="code-review", integration="llm-gateway", per_minute=2, weekend=0.1),
)
ACME_ALLOWANCES = (
    Allowance(subject="gpt-prod", budget=Aim.LATE, rpm=60),
    Allowance(subject="gpt-batch", budget=Aim.WARNED, tokens=Aim.LATE),
    # It asks more often than it may, so that one sees calls being blocked and let through again.
    Allowance(subject="gpt-support-bot", budget=Aim.SOON, rpm=5),
    Allowance(subject="embeddings-search", tokens=Aim.AMPLE),
    Allowance(subject="whisper-calls", budget=Aim.OVER),
    Allowance(subject="gpt-legacy-crm", budget=Aim.AMPLE),
    Allowance(subject="claude-prod", budget=Aim.NEARLY, rpm=40),
    Allowance(subject="claude-contracts", rpm=3),
    Allowance(subject="claude-triage", budget=Aim.AMPLE),
    Allowance(subject="azure-eu", budget=Aim.AMPLE),
    Allowance(subject="azure-us", budget=Aim.LATE),
    Allowance(subject="bedrock-us", budget=Aim.AMPLE),
    Allowance(subject="gemini-prod", budget=Aim.WARNED, rpm=30, levels=(75.0, 90.0, 100.0)),
    Allowance(subject="llama-gpu-01", tokens=Aim.AMPLE),
    Allowance(scope="tenant", budget=Aim.LATE),
    Allowance(scope="provider", subject="openai", budget=Aim.SOON),
    Allowance(scope="provider", subject="anthropic", budget=Aim.WARNED),
    Allowance(scope="model", subject="claude-opus-4-5", budget=Aim.LATE),
    Allowance(scope="agent", subject="support-bot", tokens=Aim.WARNED),
)

NORTHWIND_AGENTS = (
    Agent(name="dispatcher", integration="dispatch-assistant", per_minute=3, weekend=0.7),
    Agent(name="invoice-bot", integration="invoice-reader", per_minute=1, question=2_000),
    Agent(name="customs-agent", integration="customs-claude", per_minute=2, weekend=0.2),
    Agent(name="mail-digest", integration="mail-summaries", per_minute=3, instructions=300),
    Agent(name="stock-checker", integration="azure-warehouse", per_minute=1.5),
    Agent(name="route-agent", integration="route-planner", per_minute=2, weekend=0.9),
    # It is new: too little is known of it for a forecast.
    Agent(name="driver-app", integration="maps-gemini", per_minute=4, since_days=2),
    Agent(name="depot-agent", integration="edge-depot-12", per_minute=2, weekend=0.8),
)
NORTHWIND_ALLOWANCES = (
    Allowance(subject="dispatch-assistant", budget=Aim.LATE, rpm=12),
    Allowance(subject="invoice-reader", budget=Aim.OVER),
    Allowance(subject="customs-claude", budget=Aim.SOON),
    Allowance(subject="mail-summaries", tokens=Aim.WARNED),
    Allowance(subject="azure-warehouse", budget=Aim.AMPLE),
    Allowance(subject="route-planner", budget=Aim.AMPLE),
    Allowance(subject="maps-gemini", budget=Aim.LATE, rpm=20),
    Allowance(scope="tenant", budget=Aim.WARNED),
    Allowance(scope="provider", subject="openai", budget=Aim.AMPLE),
    Allowance(scope="agent", subject="mail-digest", tokens=Aim.LATE),
)

LUMEN_AGENTS = (
    Agent(name="note-taker", integration="azure-clinical", per_minute=3),
    Agent(name="eval-runner", integration="azure-clinical-test", per_minute=0.5),
    Agent(name="note-taker", integration="notes-claude", per_minute=2),
    Agent(name="coding-agent", integration="coding-assist", per_minute=1.5, weekend=0.1),
    Agent(
        name="literature-review",
        integration="research-claude",
        per_minute=0.6,
        question=4_000,
        weekend=0.6,
    ),
    Agent(name="letter-writer", integration="patient-letters", per_minute=1.2, weekend=0.1),
    Agent(name="deid-agent", integration="deid-onprem", per_minute=3, weekend=0.5),
)
LUMEN_ALLOWANCES = (
    Allowance(subject="azure-clinical", budget=Aim.WARNED, rpm=20),
    Allowance(subject="azure-clinical-test", budget=Aim.OVER),
    Allowance(subject="notes-claude", rpm=10),
    Allowance(subject="research-claude", budget=Aim.NEARLY, levels=(60.0, 90.0, 100.0)),
    Allowance(subject="patient-letters", budget=Aim.SOON),
    Allowance(subject="deid-onprem", tokens=Aim.AMPLE),
    Allowance(scope="tenant", budget=Aim.AMPLE, tokens=Aim.LATE),
    Allowance(scope="provider", subject="bedrock", budget=Aim.LATE),
    Allowance(scope="agent", subject="note-taker", budget=Aim.LATE),
)
