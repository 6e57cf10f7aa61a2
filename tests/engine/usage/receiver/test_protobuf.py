from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from engine.usage.receiver.protobuf import messages, nested
from tests.engine.usage.receiver.conftest import histogram, metrics, point, span, traces

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.usage.receiver.conftest import Kept

KIND = "application/x-protobuf"


def _traces(document: dict[str, Any]) -> Any:
    """Write a document as programs do; ids are base 64 in protobuf's own JSON."""
    request = ExportTraceServiceRequest()
    for group in document["resourceSpans"]:
        for scope in group["scopeSpans"]:
            for one in scope["spans"]:
                del one["traceId"], one["spanId"]
    ParseDict(document, request)
    for number, one in enumerate(request.resource_spans[0].scope_spans[0].spans, 1):
        one.trace_id, one.span_id = number.to_bytes(16, "big"), number.to_bytes(8, "big")
    return request


async def test_both_encodings_tell_the_same(listen: Callable[..., Any], sink: Kept) -> None:
    line = await listen()
    await line.post("/v1/traces", traces(span(1), span(2)))
    request = _traces(traces(span(1), span(2)))
    request.resource_spans[0].scope_spans[0].spans[0].events.add(name="x" * 1000)
    answer = await line.post("/v1/traces", request.SerializeToString(), kind=KIND)
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"", KIND)
    assert sink.records[:2] == sink.records[2:]


async def test_metrics_come_in_protobuf_too(listen: Callable[..., Any], sink: Kept) -> None:
    line = await listen(count="metrics")
    document = metrics(histogram(point(500, 3)))
    await line.post("/v1/metrics", document)
    request = ParseDict(document, ExportMetricsServiceRequest()).SerializeToString()
    assert (await line.post("/v1/metrics", request, kind=KIND)).status == 200
    assert sink.points[0] == sink.points[1]
    assert (sink.points[0].tokens, sink.points[0].calls) == (500, 3)


async def test_answers_are_in_the_encoding_of_the_request(listen: Callable[..., Any]) -> None:
    line = await listen()
    request = _traces(traces(span(1, gen_ai__usage__input_tokens="many")))
    answer = await line.post("/v1/traces", request.SerializeToString(), kind=KIND)
    told = ExportTraceServiceResponse.FromString(answer.body).partial_success
    assert told.rejected_spans == 1
    assert "input tokens is no number" in told.error_message
    request = ParseDict(metrics(histogram(point(500, 3))), ExportMetricsServiceRequest())
    answer = await line.post("/v1/metrics", request.SerializeToString(), kind=KIND)
    hint = ExportMetricsServiceResponse.FromString(answer.body).partial_success
    assert (hint.rejected_data_points, "--count metrics" in hint.error_message) == (0, True)
    answer = await line.post("/v1/traces", b"\x0a\x05", kind=KIND)
    assert (answer.status, dict(messages(memoryview(answer.body)))[2].tobytes()[:11]) == (
        400,
        b"The request",
    )


async def test_values_nested_beyond_measure_go_unread(
    listen: Callable[..., Any], sink: Kept
) -> None:
    line = await listen()
    deep = b""
    for _ in range(1000):
        # AnyValue.array_value (5) of ArrayValue.values (1)
        deep = nested(5, nested(1, deep))
    request = _traces(traces(span(1)))
    one = request.resource_spans[0].scope_spans[0].spans[0].SerializeToString()
    one += nested(9, nested(1, b"deep") + nested(2, deep))
    body = nested(1, nested(2, nested(2, one)))
    assert (await line.post("/v1/traces", body, kind=KIND)).status == 200
    assert len(sink.records) == 1


@pytest.mark.parametrize("data", [b"\x0a", b"\x0a\x02x", b"\x09\x00", b"\x0f", b"\x80" * 11])
def test_broken_messages_are_told(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"beyond the end|no wire type|longer than 64"):
        list(messages(memoryview(data)))


async def test_prompts_go_unread_and_attributes_are_counted_before_they_are_made(
    listen: Callable[..., Any], sink: Kept
) -> None:
    line = await listen()
    request = _traces(traces(span(1), span(2)))
    first, second = request.resource_spans[0].scope_spans[0].spans
    first.attributes.add(key="gen_ai.prompt").value.string_value = "x" * 100_000
    deep = first.attributes.add(key="gen_ai.input.messages").value.array_value
    deep.values.add().string_value = "x"
    for number in range(300):
        second.attributes.add(key=f"a{number}").value.int_value = number
    answer = await line.post("/v1/traces", request.SerializeToString(), kind=KIND)
    told = ExportTraceServiceResponse.FromString(answer.body).partial_success
    assert (told.rejected_spans, len(sink.records)) == (1, 1)
    assert "more than 256 attributes" in told.error_message


async def test_metrics_of_other_things_are_not_made_and_points_are_counted(
    listen: Callable[..., Any], sink: Kept
) -> None:
    line = await listen(count="metrics", elements=50)
    other = histogram(*(point(1, 1) for _ in range(60)), name="http.server.duration")
    request = ParseDict(metrics(other), ExportMetricsServiceRequest())
    answer = await line.post("/v1/metrics", request.SerializeToString(), kind=KIND)
    assert (answer.status, sink.points) == (200, [])
    request = ParseDict(
        metrics(histogram(*(point(1, 1) for _ in range(60)))), ExportMetricsServiceRequest()
    )
    answer = await line.post("/v1/metrics", request.SerializeToString(), kind=KIND)
    assert answer.status == 413
