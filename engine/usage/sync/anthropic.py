"""Anthropic: messages of an organization by model and day, and costs by description and day.

`GET /v1/organizations/usage_report/messages` and `GET /v1/organizations/cost_report`, with an
admin key; see https://platform.claude.com/docs/en/manage-claude/usage-cost-api. The report has no
count of requests. Amounts are decimal text in cents. Tokens that make a cache are input as well.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from engine.usage.period import date_of
from engine.usage.sync.fields import (
    count,
    day_of_text,
    dollars_only,
    name_of,
    nanos,
    next_page,
    results,
)
from engine.usage.sync.source import Page, Report, Span, ToldCost, ToldUsage, UsageSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERSION = "2023-06-01"
_CENTS = 100
_DEFAULT_WORKSPACE = "default"
"""What a feed calls the workspace that the reports tell as null."""


def _reports(span: Span) -> tuple[Report, ...]:
    common = (
        ("starting_at", f"{date_of(span.first).isoformat()}T00:00:00Z"),
        ("ending_at", f"{date_of(span.end).isoformat()}T00:00:00Z"),
        ("bucket_width", "1d"),
        ("limit", str(span.end - span.first)),
    )
    workspaces = span.only.get("workspace_ids", ())
    usage = Report(
        path="/v1/organizations/usage_report/messages",
        query=(
            *common,
            ("group_by[]", "model"),
            ("group_by[]", "workspace_id"),
            *(("api_key_ids[]", key) for key in span.only.get("api_key_ids", ())),
        ),
        read=partial(_read, _usage, workspaces),
    )
    # The costs of single keys are not told, and those of all would be too much.
    if span.only.get("api_key_ids"):
        return (usage,)
    costs = Report(
        path="/v1/organizations/cost_report",
        query=(*common, ("group_by[]", "description"), ("group_by[]", "workspace_id")),
        read=partial(_read, _cost, workspaces),
        costs=True,
    )
    return usage, costs


def _wanted(workspaces: tuple[str, ...], result: Mapping[str, Any]) -> bool:
    # Asked for all and picked here: the default workspace has no id to ask for.
    return not workspaces or (result.get("workspace_id") or _DEFAULT_WORKSPACE) in workspaces


def _read(
    item: Callable[[int, Mapping[str, Any]], ToldUsage | ToldCost],
    workspaces: tuple[str, ...],
    body: object,
) -> Page:
    items = [
        item(day_of_text(bucket.get("starting_at")), result)
        for bucket, result in results(body)
        if _wanted(workspaces, result)
    ]
    return Page(items=tuple(items), next_page=next_page(body))


def _usage(day: int, result: Mapping[str, Any]) -> ToldUsage:
    cached = count(result, "cache_read_input_tokens", missing=0)
    made = result.get("cache_creation")
    written = made if isinstance(made, dict) else {}
    return ToldUsage(
        day=day,
        model=name_of(result.get("model")),
        calls=None,
        tokens_in=count(result, "uncached_input_tokens")
        + cached
        + count(written, "ephemeral_5m_input_tokens", missing=0)
        + count(written, "ephemeral_1h_input_tokens", missing=0),
        tokens_out=count(result, "output_tokens"),
        tokens_cached=cached,
    )


def _cost(day: int, result: Mapping[str, Any]) -> ToldCost:
    dollars_only(result.get("currency"))
    model = name_of(result.get("model")) or name_of(result.get("cost_type"))
    return ToldCost(day=day, model=model, nanos=nanos(result.get("amount"), per_dollar=_CENTS))


def _headers(secret: str) -> Mapping[str, str]:
    return {"x-api-key": secret, "anthropic-version": VERSION}


ANTHROPIC = UsageSource(
    provider="anthropic",
    origin="anthropic_usage",
    title="Anthropic",
    base_url="https://api.anthropic.com",
    headers=_headers,
    reports=_reports,
    key_help="An admin makes one in the Console, Settings, Admin keys (sk-ant-admin…).",
    filters=("workspace_ids", "api_key_ids"),
)
