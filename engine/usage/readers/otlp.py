"""OpenTelemetry GenAI spans as OTLP/JSON: one ExportTraceServiceRequest a line, or a document.

The attributes are those of the semantic conventions for generative AI
(https://opentelemetry.io/docs/specs/semconv/gen-ai/), their older names included; the encoding is
that of https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding, which writes 64-bit
numbers as texts and ids in hexadecimal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.mapping import Moments, between, nanos, present, provider_word, whole, word
from engine.usage.readers.base import Format, Found
from engine.usage.records import Refusal, UsageRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

# What a span does that is no call of a model: it holds such calls as its children, and may repeat
# their sums. Anything else is a call when it says a provider or model, because instrumentations
# have names of their own for calls (LiteLLM says acompletion where the conventions say chat).
_NO_CALLS = frozenset({"create_agent", "invoke_agent", "execute_tool", "invoke_workflow"})
_NO_CALLS |= {"retrieval", "plan", "tool", "agent", "workflow", "rerank_documents"}

_TOKENS_IN = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
_TOKENS_OUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
_CACHED = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
)
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
_MODEL = ("gen_ai.response.model", "gen_ai.request.model")
_AGENT = ("gen_ai.agent.name", "gen_ai.agent.id")
_SESSION = ("gen_ai.conversation.id", "session.id")
_COST = ("gen_ai.usage.cost", "gen_ai.usage.total_cost", "gen_ai.cost.total_cost")
# As LiteLLM writes it, PROVIDER/MODEL; its gen_ai.response.model is the name of a group of models.
_LITELLM = "litellm.provider.model"
_ERROR = 2
# What a collector may write into the same file: it holds no spans, which is no mistake.
_OTHERS = {"resourceMetrics", "resourceLogs", "resourceProfiles"}


def records_of_span(
    resource: Mapping[str, object], span: Mapping[str, object]
) -> tuple[UsageRecord | Refusal, ...]:
    """Return what a span says of a call; nothing when it is no call of a model.

    Args:
        resource: The attributes of what made the span, as `attributes` gives them.
        span: A span in OTLP's JSON encoding.
    """
    told = attributes(span.get("attributes"))
    if not _is_call(told):
        return ()
    try:
        return (_record(resource, span, told),)
    except ValueError as error:
        return (Refusal(line=0, reason=f"Span refused: {error}."),)


def requests(value: object) -> Iterator[tuple[Mapping[str, object], Mapping[str, object]]]:
    """Yield the resource's attributes and the span of each span in a request.

    Raises:
        ValueError: It is no ExportTraceServiceRequest.
    """
    if not isinstance(value, dict):
        raise ValueError("this is no object with resourceSpans")  # noqa: TRY004
    if "resourceSpans" in value:
        for group in _dicts(value["resourceSpans"]):
            yield from spans_of(group)
    elif "scopeSpans" in value:
        yield from spans_of(value)
    elif not value.keys() & _OTHERS:
        raise ValueError("this is no object with resourceSpans")


def spans_of(
    group: Mapping[str, object],
) -> Iterator[tuple[Mapping[str, object], Mapping[str, object]]]:
    """Yield the spans of one resource, each with the resource's attributes."""
    resource = group.get("resource")
    own = attributes(resource.get("attributes")) if isinstance(resource, dict) else {}
    # `instrumentationLibrarySpans` is the name that OTLP had before version 0.15.
    for scope in _dicts(group.get("scopeSpans") or group.get("instrumentationLibrarySpans")):
        for span in _dicts(scope.get("spans")):
            yield own, span


def attributes(pairs: object) -> dict[str, object]:
    """Return OTLP's list of keys and values as a mapping; a value may be text, number or truth."""
    told: dict[str, object] = {}
    for pair in _dicts(pairs):
        key, value = pair.get("key"), pair.get("value")
        if isinstance(key, str) and isinstance(value, dict):
            told[key] = next(iter(value.values()), None)
    return told


def _dicts(values: object) -> Iterator[dict[str, object]]:
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, dict))


def _is_call(told: Mapping[str, object]) -> bool:
    operation = _of(told, "gen_ai.operation.name")
    if isinstance(operation, str) and operation.casefold() in _NO_CALLS:
        return False
    return present(_of(told, *_MODEL)) or (
        present(_of(told, *_PROVIDER)) and present(_of(told, *_TOKENS_IN, *_TOKENS_OUT))
    )


def _record(
    resource: Mapping[str, object], span: Mapping[str, object], told: Mapping[str, object]
) -> UsageRecord:
    start, end = _moment(span, "startTimeUnixNano"), _moment(span, "endTimeUnixNano")
    at = start or end
    if at is None:
        raise ValueError("it says no time")
    error = _error(span, told)
    if error is None and not present(_of(told, *_TOKENS_IN, *_TOKENS_OUT)):
        raise ValueError("it says no tokens (gen_ai.usage.*), and no error that would explain it")
    provider, model = _model(told)
    tokens_in = whole(_of(told, *_TOKENS_IN), name="input tokens")
    tokens_out = whole(_of(told, *_TOKENS_OUT), name="output tokens")
    cached = whole(_of(told, *_CACHED), name="cached tokens")
    # The conventions count cached tokens among the input; older instrumentations did not.
    tokens_in += cached if cached > tokens_in else 0
    return UsageRecord(
        call_id=_call_id(span, told),
        at=at,
        integration=word(_own(resource, told, "lampboard.integration"), name="integration") or None,
        provider=provider or None,
        model=model,
        agent=word(_of(told, *_AGENT) or resource.get("service.name"), name="agent"),
        session=word(_of(told, *_SESSION), name="session") or None,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_cached=cached,
        # Where a price is not known, instrumentations write 0.
        cost_nanos=nanos(_of(told, *_COST)) or (None if tokens_in or tokens_out else 0),
        latency_ms=between(start, end),
        error=error,
    )


def _model(told: Mapping[str, object]) -> tuple[str, str]:
    """Return provider and model as they are priced."""
    provider = word(_of(told, *_PROVIDER), name="provider")
    model = word(_of(told, *_MODEL), name="model")
    named = word(told.get(_LITELLM), name=_LITELLM)
    if named:
        before, slash, after = named.partition("/")
        own = slash and (not provider or before == provider)
        provider, model = (before, after) if own else (provider, named)
    return provider_word(provider), model


def _moment(span: Mapping[str, object], name: str) -> datetime | None:
    # A span that has not ended says 0.
    value = span.get(name)
    return None if value in (0, "0") else Moments().read(value, name=name)


def _call_id(span: Mapping[str, object], told: Mapping[str, object]) -> str:
    """Return the provider's id of the answer, so that a call told twice is counted once.

    A framework and the client below it each make a span of the same call, and a gateway logs
    it too; what they have in common is this id. Without it the span is the call.
    """
    answer = word(told.get("gen_ai.response.id"), name="gen_ai.response.id")
    if answer:
        return answer
    trace, own = word(span.get("traceId"), name="traceId"), word(span.get("spanId"), name="spanId")
    if not own:
        raise ValueError("it has neither gen_ai.response.id nor a spanId")
    return f"{trace}:{own}"


def _error(span: Mapping[str, object], told: Mapping[str, object]) -> str | None:
    cause = word(told.get("error.type"), name="error.type")
    if cause:
        return cause
    status = span.get("status")
    code = status.get("code") if isinstance(status, dict) else None
    return "error" if code in (_ERROR, str(_ERROR), "STATUS_CODE_ERROR") else None


def _own(resource: Mapping[str, object], told: Mapping[str, object], name: str) -> object:
    return told.get(name) or resource.get(name)


def _of(told: Mapping[str, object], *names: str) -> object:
    for name in names:
        if present(told.get(name)):
            return told[name]
    return None


def _convert(entry: Mapping[str, object]) -> tuple[Found, ...]:
    found: list[Found] = []
    # A document of many resources is read one resource at a time.
    for resource, span in requests(entry):
        found.extend(records_of_span(resource, span) or (None,))
    return tuple(found)


OTLP = Format(
    name="otlp",
    title="OpenTelemetry GenAI spans (OTLP/JSON)",
    keys=(frozenset({"resourceSpans"}), frozenset({"scopeSpans"})),
    convert=_convert,
    envelopes=("resourceSpans",),
)
