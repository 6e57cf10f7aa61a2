"""`lampboard usage`: bringing in what calls used, and looking at it."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_PANEL = "Commands"

usage = LateGroup(
    name="usage",
    help="What calls used: tokens, money, time. Each call is counted once, whoever tells of it.",
    examples=(
        "lampboard usage import spend.jsonl --tenant acme",
        "lampboard usage top --by model --tenant acme",
        "lampboard usage receive --tenant acme",
    ),
    late={
        "import": Late(
            module="tui.cli.usage.importing",
            attribute="command",
            short="Read a log: JSON lines, CSV, LiteLLM, OpenTelemetry, Langfuse, Helicone.",
            panel=_PANEL,
        ),
        "sync": Late(
            module="tui.cli.usage.syncing",
            attribute="command",
            short="Read what the providers themselves have counted.",
            panel=_PANEL,
        ),
        "receive": Late(
            module="tui.cli.usage.receiving",
            attribute="command",
            short="Take in gen_ai spans and metrics over OTLP/HTTP.",
            panel=_PANEL,
        ),
        "export": Late(
            module="tui.cli.usage.exporting",
            attribute="command",
            short="Write the single calls as CSV or JSON lines.",
            panel=_PANEL,
        ),
        "top": Late(
            module="tui.cli.usage.top",
            attribute="command",
            short="Who used the most: models, agents, integrations, providers.",
            panel=_PANEL,
        ),
    },
)
