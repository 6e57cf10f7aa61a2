"""OpenAI: completions of an organization by model and day, and costs by line item and day.

`GET /v1/organization/usage/completions` and `GET /v1/organization/costs`, with an admin key as
bearer token; see https://platform.openai.com/docs/api-reference/usage. Input tokens include
cached ones. Costs come by line item (`gpt-5-mini, cached input`), whose head is the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.sync.fields import (
    count,
    day_of_seconds,
    dollars_only,
    name_of,
    nanos,
    next_page,
    results,
)
from engine.usage.sync.source import (
    Page,
    Report,
    Span,
    ToldCost,
    ToldUsage,
    Unreadable,
    UsageSource,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY_S = 86_400


def _reports(span: Span) -> tuple[Report, ...]:
    common = (
        ("start_time", str(span.first * _DAY_S)),
        ("end_time", str(span.end * _DAY_S)),
        ("bucket_width", "1d"),
        ("limit", str(span.end - span.first)),
        *((name, value) for name, values in span.only.items() for value in values),
    )
    return (
        Report(
            path="/organization/usage/completions",
            query=(*common, ("group_by", "model")),
            read=_read_usage,
        ),
        Report(
            path="/organization/costs",
            query=(*common, ("group_by", "line_item")),
            read=_read_costs,
            costs=True,
        ),
    )


def _read_usage(body: object) -> Page:
    items = [
        ToldUsage(
            day=day_of_seconds(bucket.get("start_time")),
            model=name_of(result.get("model")),
            calls=count(result, "num_model_requests"),
            tokens_in=count(result, "input_tokens"),
            tokens_out=count(result, "output_tokens"),
            tokens_cached=count(result, "input_cached_tokens", missing=0),
        )
        for bucket, result in results(body)
    ]
    return Page(items=tuple(items), next_page=next_page(body))


def _read_costs(body: object) -> Page:
    items = [
        ToldCost(
            day=day_of_seconds(bucket.get("start_time")),
            model=name_of(result.get("line_item")).split(", ", maxsplit=1)[0],
            nanos=_amount(result.get("amount")),
        )
        for bucket, result in results(body)
    ]
    return Page(items=tuple(items), next_page=next_page(body))


def _amount(value: object) -> int:
    if not isinstance(value, dict):
        raise Unreadable("a cost has no amount")
    dollars_only(value.get("currency"))
    return nanos(value.get("value"))


def _headers(secret: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {secret}"}


OPENAI = UsageSource(
    provider="openai",
    origin="openai_usage",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    headers=_headers,
    reports=_reports,
    key_help="An owner makes one at platform.openai.com, Settings, Admin keys (sk-admin-…).",
    filters=("project_ids", "api_key_ids"),
)
