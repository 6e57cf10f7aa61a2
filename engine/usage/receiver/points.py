"""What token metrics say: data points as growth of a stream, in one of three families.

Instruments of the semantic conventions for generative AI: the histogram `gen_ai.client.token.usage`
(one point for each type of token), and the newer histograms and counters of
`gen_ai.client.inference` (a metric for each type). A program that has several tells the same
tokens in each, so of one resource only the first family that it sends is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from engine.usage.mapping import Moments, provider_word, whole, word
from engine.usage.readers.otlp import attributes
from engine.usage.records import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

INPUT, OUTPUT, CACHED = "input", "output", "cached"
_TOKEN_USAGE = "gen_ai.client.token.usage"  # noqa: S105 - the name of a metric
# From the one that says most (calls too) on; None where a point's attribute names the type.
FAMILIES: tuple[Mapping[str, str | None], ...] = (
    {_TOKEN_USAGE: None},
    {
        "gen_ai.client.inference.operation.input_tokens": INPUT,
        "gen_ai.client.inference.operation.output_tokens": OUTPUT,
    },
    {
        "gen_ai.client.inference.usage.input_tokens": INPUT,
        "gen_ai.client.inference.usage.output_tokens": OUTPUT,
        "gen_ai.client.inference.usage.cache_read.input_tokens": CACHED,
    },
)
_TYPES = {"input": INPUT, "output": OUTPUT, "completion": OUTPUT}
_SHAPES = ("histogram", "exponentialHistogram", "sum")
_DELTA, _CUMULATIVE = 1, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One data point: what a stream has come to, or by how much it grew.

    Attributes:
        stream: A digest of all that makes the stream: resource, metric, attributes, start.
        at: When it was read; aware.
        kind: INPUT, OUTPUT or CACHED.
        tokens: Sum of tokens.
        calls: How many calls they belong to; 0 where the metric does not say.
        cumulative: Whether both are since the stream's start, rather than since the last point.
    """

    stream: str
    at: datetime
    kind: str
    tokens: int
    calls: int
    cumulative: bool
    integration: str | None = None
    provider: str | None = None
    model: str = ""
    agent: str = ""


def points_of(
    told: Iterable[tuple[Mapping[str, object], Mapping[str, object]]], *, attributes_at_most: int
) -> Iterator[Point | Refusal]:
    """Yield what the metrics of a request say of tokens; all others are passed over."""
    wanted = [(own, metric) for own, metric in told if _family_of(metric) is not None]
    first: dict[str, int] = {}
    for own, metric in wanted:
        family = _family_of(metric)
        if family is not None:
            first[_text(own)] = min(first.get(_text(own), family), family)
    for own, metric in wanted:
        if _family_of(metric) == first[_text(own)]:
            yield from _points(own, metric, attributes_at_most)


def _family_of(metric: Mapping[str, object]) -> int | None:
    name = metric.get("name")
    return next((place for place, names in enumerate(FAMILIES) if name in names), None)


def _points(
    own: Mapping[str, object], metric: Mapping[str, Any], at_most: int
) -> Iterator[Point | Refusal]:
    shape = next((name for name in _SHAPES if isinstance(metric.get(name), dict)), None)
    if shape is None:
        yield Refusal(line=0, reason="Metric refused: it is neither a histogram nor a sum.")
        return
    data = metric[shape]
    listed = data.get("dataPoints")
    for point in listed if isinstance(listed, list) else ():
        try:
            found = _point(own, metric, data, point, at_most)
        except ValueError as error:
            yield Refusal(line=0, reason=f"Data point refused: {error}.")
            continue
        if found is not None:
            yield found


def _point(
    own: Mapping[str, object],
    metric: Mapping[str, Any],
    data: Mapping[str, Any],
    point: object,
    at_most: int,
) -> Point | None:
    if not isinstance(point, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - told as a reason, not raised further
    listed = point.get("attributes")
    if len(own) > at_most or (isinstance(listed, list) and len(listed) > at_most):
        raise ValueError(f"it has more than {at_most} attributes")
    said = attributes(listed)
    name = str(metric.get("name"))
    kind = next(names[name] for names in FAMILIES if name in names) or _type_of(said)
    if kind is None:
        return None
    at = Moments().read(point.get("timeUnixNano"), name="timeUnixNano")
    if at is None:
        raise ValueError("it says no time")
    tokens, calls = _amounts(point)
    return Point(
        stream=_stream(own, name, said, point),
        at=at,
        kind=kind,
        tokens=tokens,
        calls=calls if kind == INPUT else 0,
        cumulative=_cumulative(data),
        **_whose(own, said),
    )


def _whose(own: Mapping[str, object], said: Mapping[str, object]) -> dict[str, Any]:
    told = {**own, **said}
    provider = told.get("gen_ai.provider.name") or told.get("gen_ai.system")
    model = told.get("gen_ai.response.model") or told.get("gen_ai.request.model")
    agent = told.get("gen_ai.agent.name") or told.get("service.name")
    return {
        "integration": word(told.get("lampboard.integration"), name="integration") or None,
        "provider": provider_word(provider) or None,
        "model": word(model, name="model"),
        "agent": word(agent, name="agent"),
    }


def _type_of(said: Mapping[str, object]) -> str | None:
    """Return the type of token; totals and details of others are no tokens of their own."""
    return _TYPES.get(str(said.get("gen_ai.token.type")))


def _amounts(point: Mapping[str, object]) -> tuple[int, int]:
    """Return tokens and calls: a histogram's sum and count, or a counter's value."""
    if "count" in point or "sum" in point:
        return _rounded(point.get("sum")), whole(point.get("count"), name="count")
    if "asInt" in point:
        return whole(point["asInt"], name="value"), 0
    return _rounded(point.get("asDouble")), 0


def _rounded(value: object) -> int:
    # Sums of histograms are binary fractions, whatever was counted.
    return whole(round(value) if isinstance(value, float) and abs(value) < 2**63 else value)


def _cumulative(data: Mapping[str, object]) -> bool:
    temporality = data.get("aggregationTemporality")
    if temporality not in {_DELTA, _CUMULATIVE}:
        raise ValueError("it does not say whether it is delta or cumulative")
    return temporality == _CUMULATIVE


def _stream(
    own: Mapping[str, object], name: str, said: Mapping[str, object], point: Mapping[str, object]
) -> str:
    """Return what tells this stream from all others, a restarted program's included."""
    whole_of_it = (name, str(point.get("startTimeUnixNano", "")), _text(own), _text(said))
    return blake2b("\0\0".join(whole_of_it).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _text(told: Mapping[str, object]) -> str:
    return "\0".join(f"{key}={told[key]!r}" for key in sorted(told))
