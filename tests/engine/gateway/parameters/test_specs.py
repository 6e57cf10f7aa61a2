"""Declarations: those that nothing could fit, or that mean nothing, are refused beforehand."""

from __future__ import annotations

from typing import Any

import pytest

from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ParameterSpec, ParameterType
from engine.gateway.parameters import check_specs, parse_text

P = ParameterType
REFUSED: list[tuple[str, Any, dict[str, Any]]] = [
    ("a b", P.STRING, {}),
    ("1a", P.STRING, {}),
    ("", P.STRING, {}),
    ("a" * 64, P.STRING, {}),
    ("é", P.STRING, {}),
    ("p", "text", {}),
    ("p", P.INTEGER, {"max_length": 5}),
    ("p", P.STRING, {"max_length": 0}),
    ("p", P.STRING, {"max_length": True}),
    ("p", P.STRING, {"max_length": 10**9}),
    ("p", P.STRING, {"min_value": "a"}),
    ("p", P.BOOLEAN, {"max_value": True}),
    ("p", P.UUID, {"min_value": "a"}),
    ("p", P.INTEGER, {"min_value": 1.5}),
    ("p", P.INTEGER, {"min_value": True}),
    ("p", P.INTEGER, {"min_value": 2, "max_value": 1}),
    ("p", P.FLOAT, {"max_value": float("nan")}),
    ("p", P.DATE, {"min_value": "yesterday"}),
    ("p", P.TIMESTAMP, {"min_value": "2026-01-01T00:00:00"}),
    ("p", P.TIMESTAMP, {"zone": "Mars/Base"}),
    ("p", P.TIMESTAMP, {"zone": "../etc/passwd"}),
    ("p", P.DATE, {"zone": "UTC"}),
    ("p", P.INTEGER, {"pattern": "[0-9]"}),
    ("p", P.STRING, {"pattern": "("}),
    ("p", P.STRING, {"pattern": "(a)\\1"}),
    ("p", P.STRING, {"pattern": "(?=a)"}),
    ("p", P.STRING, {"pattern": 5}),
    ("p", P.STRING, {"allowed_values": ("a", 1)}),
    ("p", P.STRING, {"allowed_values": "ab"}),
    ("p", P.INTEGER, {"allowed_values": (True,)}),
    ("p", P.STRING, {"allowed_values": ("a",) * 1001}),
    ("p", P.STRING_LIST, {"max_items": 0}),
    ("p", P.STRING_LIST, {"max_items": 10_001}),
    ("p", P.STRING, {"required": "yes"}),
    ("p", P.STRING, {"logged": 1}),
    ("p", P.STRING, {"description": "x" * 1001}),
]


@pytest.mark.parametrize(("name", "kind", "more"), REFUSED)
def test_a_declaration_that_means_nothing_is_refused(
    name: str, kind: Any, more: dict[str, Any]
) -> None:
    with pytest.raises(SqlGatewayError) as caught:
        check_specs([ParameterSpec(name, kind, **more)])
    assert caught.value.code == "invalid_declaration"


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (P.INTEGER, {"default": "5"}),
        (P.INTEGER, {"default": 5, "max_value": 4}),
        (P.STRING, {"default": "b", "allowed_values": ("a",)}),
        (P.STRING_LIST, {"default": "ab"}),
        (P.DATE, {"default": "2026-02-30"}),
    ],
)
def test_a_default_is_judged_like_a_value(kind: ParameterType, more: dict[str, Any]) -> None:
    with pytest.raises(SqlGatewayError) as caught:
        check_specs([ParameterSpec("p", kind, **more)])
    assert caught.value.field == "p"


def test_what_can_be_meant_is_accepted() -> None:
    check_specs(
        [
            ParameterSpec("a", P.STRING, max_length=9, pattern="^[A-Z]{2}-[0-9]+$", default="DE-1"),
            ParameterSpec("b", P.INTEGER_LIST, min_value=1, max_value=9, default=[1, 2]),
            ParameterSpec("c", P.TIMESTAMP, zone="Europe/Berlin", min_value="2026-01-01T00:00"),
            ParameterSpec("d", "float", min_value=1, allowed_values=(1, 2.5)),  # type: ignore[arg-type]
        ]
    )


def test_a_name_is_declared_once() -> None:
    with pytest.raises(SqlGatewayError, match="twice"):
        check_specs([ParameterSpec("a", P.STRING), ParameterSpec("a", P.DATE)])


def test_there_are_not_any_number_of_them() -> None:
    with pytest.raises(SqlGatewayError, match="at most 100"):
        check_specs([ParameterSpec(f"p{at}", P.STRING) for at in range(101)])


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (P.STRING, " a ", " a "),
        (P.INTEGER, " -5 ", -5),
        (P.FLOAT, "1e3", 1000.0),
        (P.FLOAT, ".5", 0.5),
        (P.BOOLEAN, "Yes", True),
        (P.BOOLEAN, "off", False),
        (P.DATE, " 2026-11-01", "2026-11-01"),
        (P.STRING_LIST, 'a, "b, c",d', ["a", "b, c", "d"]),
        (P.STRING_LIST, '["a", "b"]', ["a", "b"]),
        (P.STRING_LIST, "", []),
        (P.INTEGER_LIST, "1, 2,3", [1, 2, 3]),
        (P.INTEGER_LIST, "[1, 2]", [1, 2]),
    ],
)
def test_typed_text_becomes_a_value(kind: ParameterType, text: str, expected: object) -> None:
    assert parse_text(ParameterSpec("p", kind), text) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((P.INTEGER, text) for text in ("", "1.5", "١", "1_000", "9" * 5000, "0x1")),
        *((P.FLOAT, text) for text in ("", "nan", "inf", "1,5", "1" * 500, "1e99999")),
        *((P.BOOLEAN, text) for text in ("", "maybe", "2")),
        *((P.INTEGER_LIST, text) for text in ("1,,2", "a", "[1", "[" * 5000, "[" + "9" * 5000)),
        *((P.STRING_LIST, text) for text in ('"a', '["a"')),
    ],
)
def test_text_that_is_none_is_refused(kind: ParameterType, text: str) -> None:
    with pytest.raises(SqlGatewayError) as caught:
        parse_text(ParameterSpec("p", kind), text)
    assert (caught.value.code, caught.value.field) == ("invalid_parameter", "p")
