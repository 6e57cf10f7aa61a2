"""Values against their declarations: what is accepted is what was given, and nothing else is."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ParameterSpec, ParameterType
from engine.gateway.parameters import coerce

P = ParameterType
BERLIN = ZoneInfo("Europe/Berlin")
TOKEN = "123e4567-e89b-12d3-a456-426614174000"
LEAST, GREATEST = -(2**63), 2**63 - 1


class Lying(str):
    """A text that says something else when it is asked."""

    __slots__ = ()

    def __str__(self) -> str:
        return "x' OR '1'='1"


class Number(IntEnum):
    """A number that is more than a number."""

    ONE = 1


def one(kind: ParameterType, value: object, /, **more: Any) -> Any:
    """The value of the only parameter."""
    return coerce([ParameterSpec("p", kind, **more)], {"p": value})["p"]


TAKEN = [
    (P.STRING, "", ""),
    (P.STRING, "e\u0301", "e\u0301"),
    (P.INTEGER, LEAST, LEAST),
    (P.INTEGER, GREATEST, GREATEST),
    (P.FLOAT, 5, 5.0),
    (P.FLOAT, -0.0, -0.0),
    (P.FLOAT, 5e-324, 5e-324),
    (P.FLOAT, 2**1023, 2.0**1023),
    (P.BOOLEAN, False, False),
    (P.DATE, "2024-02-29", date(2024, 2, 29)),
    (P.DATE, date(2026, 11, 1), date(2026, 11, 1)),
    (P.TIMESTAMP, "2026-11-01T09:30:00Z", datetime(2026, 11, 1, 9, 30, tzinfo=UTC)),
    (P.TIMESTAMP, "2026-11-01 09:30+01:00", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
    (P.TIMESTAMP, datetime(2026, 7, 1, tzinfo=BERLIN), datetime(2026, 6, 30, 22, tzinfo=UTC)),
    (P.UUID, TOKEN.upper(), UUID(TOKEN)),
    (P.UUID, UUID(TOKEN), UUID(TOKEN)),
    (P.STRING_LIST, ["a", ""], ("a", "")),
    (P.STRING_LIST, (), ()),
    (P.INTEGER_LIST, [1, -1], (1, -1)),
]
REFUSED = [
    *(
        (P.STRING, value)
        for value in (1, b"x", None.__class__, ["a"], Lying("a"), "a\0b", "\ud800")
    ),
    *((P.INTEGER, value) for value in (True, 1.0, "1", 2**63, LEAST - 1, 10**400, Number.ONE)),
    *((P.INTEGER, value) for value in (Decimal(1), Fraction(1), 1j, math.nan, [1])),
    *((P.FLOAT, value) for value in (True, math.nan, math.inf, -math.inf, 10**400, 2**53 + 1)),
    *((P.FLOAT, value) for value in ("1.5", Decimal("1.5"), Fraction(1, 2), 1j, "nan")),
    *((P.BOOLEAN, value) for value in (0, 1, "true", "", 1.0, [])),
    *((P.DATE, value) for value in ("2026-02-29", "20261101", "2026-W01-1", "2026-11-01T00:00")),
    *((P.DATE, value) for value in (datetime(2026, 11, 1, tzinfo=UTC), 20261101, "２０２６-11-01")),
    *((P.TIMESTAMP, value) for value in ("2026-11-01T09:30:00", "2026-11-01", "now", 0, 1.5)),
    *((P.TIMESTAMP, value) for value in (date(2026, 1, 1), datetime(2026, 1, 1))),  # noqa: DTZ001
    *((P.TIMESTAMP, value) for value in ("2026-11-01T09:30:00.1234567Z", "2026-11-01T25:00Z")),
    *((P.TIMESTAMP, value) for value in ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59-01:00")),
    *(
        (P.UUID, value)
        for value in (TOKEN.replace("-", ""), f"{{{TOKEN}}}", f"urn:uuid:{TOKEN}", 1)
    ),
    *((P.STRING_LIST, value) for value in ("ab", ["a", 1], ["a", None], {"a"}, {"a": 1}, ["\0"])),
    *((P.INTEGER_LIST, value) for value in ([1, True], [1.0], ["1"], range(3), [2**63], 1)),
]


@pytest.mark.parametrize(("kind", "value", "expected"), TAKEN)
def test_a_value_of_its_type_is_taken_as_it_is(
    kind: ParameterType, value: object, expected: object
) -> None:
    taken = one(kind, value)
    assert (taken, type(taken)) == (expected, type(expected))


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_any_other_value_is_refused(kind: ParameterType, value: object) -> None:
    with pytest.raises(SqlGatewayError) as caught:
        one(kind, value)
    assert (caught.value.code, caught.value.field) == ("invalid_parameter", "p")


@pytest.mark.parametrize("kind", [kind for kind in P if kind is not P.STRING])
def test_no_refusal_tells_the_value(kind: ParameterType) -> None:
    secret = "hunter-2-hunter"
    for value in (secret, [secret, 1], {secret: secret}, secret.encode()):
        with pytest.raises(SqlGatewayError) as caught:
            one(kind, value)
        assert secret not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-03-29T01:59:59", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)),
        ("2026-03-29T03:00:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2026-10-25T03:00:00", datetime(2026, 10, 25, 2, tzinfo=UTC)),
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_in_the_declared_one(said: str, expected: datetime) -> None:
    assert one(P.TIMESTAMP, said, zone="Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("2026-03-29T02:00:00", "skip"),
        ("2026-03-29T02:59:59.999999", "skip"),
        ("2026-10-25T02:00:00", "twice"),
        ("2026-10-25T02:59:59", "twice"),
    ],
)
def test_a_time_that_names_no_moment_or_two_is_refused(said: str, why: str) -> None:
    for value in (said, datetime.fromisoformat(said), datetime.fromisoformat(said).replace(fold=1)):
        with pytest.raises(SqlGatewayError, match=why):
            one(P.TIMESTAMP, value, zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("kind", "more", "taken", "refused"),
    [
        (P.INTEGER, {"min_value": 0, "max_value": 9}, [0, 9], [-1, 10]),
        (P.INTEGER_LIST, {"max_value": 9}, [[9], []], [[1, 10]]),
        (P.FLOAT, {"min_value": 0, "max_value": 0.5}, [0.0, 0.5], [-0.1, 0.51]),
        (P.DATE, {"min_value": "2026-01-01"}, ["2026-01-01"], ["2025-12-31"]),
        (
            P.TIMESTAMP,
            {"max_value": "2026-01-01T00:00:00Z"},
            ["2026-01-01T01:00:00+01:00"],
            ["2026-01-01T00:00:00.000001Z"],
        ),
        (P.STRING, {"max_length": 2}, ["", "éé"], ["abc"]),
        (P.STRING, {"pattern": "[a-z]+"}, ["abc"], ["", "abc\n", "ab1", "\u0131"]),
        (P.STRING_LIST, {"max_items": 2, "max_length": 1}, [["a", "b"]], [["a"] * 3, ["ab"]]),
        (P.STRING_LIST, {"pattern": "a|b", "allowed_values": ("a",)}, [["a"]], [["b"], ["c"]]),
        (P.STRING, {"allowed_values": ("a", "B")}, ["a", "B"], ["b", "a ", ""]),
        (P.BOOLEAN, {"allowed_values": (True,)}, [True], [False]),
        (P.UUID, {"allowed_values": (TOKEN,)}, [TOKEN], [TOKEN.replace("1", "2")]),
        (P.INTEGER, {"allowed_values": (1, 2)}, [1], [3]),
    ],
)
def test_a_declaration_bounds_its_values(
    kind: ParameterType, more: dict[str, Any], taken: list[Any], refused: list[Any]
) -> None:
    for value in taken:
        one(kind, value, **more)
    for value in refused:
        with pytest.raises(SqlGatewayError):
            one(kind, value, **more)


def test_what_is_not_given_is_its_default_or_null_or_missing() -> None:
    specs = [
        ParameterSpec("a", P.INTEGER, default=5),
        ParameterSpec("b", P.STRING, required=False),
        ParameterSpec("c", P.DATE, required=False, default="2026-01-01"),
    ]
    expected = {"a": 5, "b": None, "c": date(2026, 1, 1)}
    assert coerce(specs, {}) == expected
    assert coerce(specs, {"a": None, "b": None, "c": None}) == expected
    needed = [*specs, ParameterSpec("d", P.STRING), ParameterSpec("e", P.STRING)]
    with pytest.raises(SqlGatewayError, match="d, e are missing") as caught:
        coerce(needed, {"a": 1, "d": None})
    assert (caught.value.code, caught.value.field) == ("missing_parameter", "d")


def test_an_unknown_parameter_is_refused_and_named_only_if_it_is_a_name() -> None:
    specs = [ParameterSpec("a", P.INTEGER)]
    with pytest.raises(SqlGatewayError, match="no parameter bee") as caught:
        coerce(specs, {"a": 1, "bee": 2})
    assert (caught.value.code, caught.value.field) == ("unknown_parameter", "bee")
    for name in ("x\x1b[31m", "x; DROP TABLE t", "", 5):
        with pytest.raises(SqlGatewayError) as caught:
            coerce(specs, {"a": 1, name: 2})  # type: ignore[dict-item]
        assert caught.value.code == "unknown_parameter"
        assert not str(name) or str(name) not in str(caught.value)


def test_texts_are_bounded_together() -> None:
    specs = [ParameterSpec(name, P.STRING) for name in "abcde"]
    long = "x" * 1_048_576
    with pytest.raises(SqlGatewayError, match="together"):
        coerce(specs, dict.fromkeys("abcde", long))
    with pytest.raises(SqlGatewayError, match="at most 1,048,576"):
        coerce(specs, {**dict.fromkeys("abcd", ""), "e": long + "x"})


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**62),
    st.sampled_from([10**400, -(10**400), LEAST - 1, GREATEST + 1, Number.ONE, Lying("a")]),
    st.floats(),
    st.decimals(),
    st.text(),
    st.text(alphabet="0123456789-T:+Z. "),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    st.uuids(),
    st.uuids().map(str),
    st.lists(st.one_of(st.integers(), st.text(), st.booleans(), st.floats(), st.none())),
    st.lists(st.integers(LEAST, GREATEST)),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.integers()),
)
SPEC = st.builds(
    ParameterSpec,
    st.just("p"),
    st.sampled_from(list(P)),
    st.booleans(),
    zone=st.sampled_from([None, "Europe/Berlin", "America/New_York", "Pacific/Apia"]),
    max_items=st.integers(1, 5),
)


def fits(spec: ParameterSpec, value: object, taken: object) -> bool:
    """Whether a value was rightly taken for what it is; told by other means than `coerce`'s."""
    kind = spec.param_type
    if value is None:
        return taken is None and not spec.required
    if kind in {P.STRING_LIST, P.INTEGER_LIST}:
        inner = P.STRING if kind is P.STRING_LIST else P.INTEGER
        return (
            type(value) in {list, tuple}
            and type(taken) is tuple
            and len(taken) == len(value) <= spec.max_items  # type: ignore[arg-type]
            and all(
                one is not None and fits(replace(spec, param_type=inner), one, other)
                for one, other in zip(value, taken, strict=True)  # type: ignore[call-overload]
            )
        )
    return _fits_alone(spec, value, taken)


def _fits_alone(spec: ParameterSpec, value: Any, taken: Any) -> bool:
    kind = spec.param_type
    given, found = type(value), type(taken)
    rightly = {
        P.STRING: given is found is str and value == taken and "\0" not in str(value),
        P.INTEGER: given is found is int and value == taken and LEAST <= taken <= GREATEST,
        P.FLOAT: given in {int, float} and found is float and taken == value,
        P.BOOLEAN: given is bool and taken is value,
        P.DATE: given in {str, date} and found is date and str(taken) == str(value),
        P.UUID: given in {str, UUID} and found is UUID and str(taken) == str(value).lower(),
    }
    return rightly[kind] if kind in rightly else _same_moment(spec, value, taken)


def _same_moment(spec: ParameterSpec, value: Any, taken: Any) -> bool:
    said = datetime.fromisoformat(value) if type(value) is str else value
    if type(said) is not datetime or taken.utcoffset() != timedelta(0):
        return False
    if said.utcoffset() is None:
        # It is the only moment at which clocks of the zone show that time.
        if spec.zone is None:
            return False
        shown = {
            moment
            for hours in range(-30, 31)
            for moment in [taken + timedelta(minutes=30 * hours)]
            if moment.astimezone(ZoneInfo(spec.zone)).replace(tzinfo=None) == said
        }
        return shown == {taken}
    return bool(taken == said.astimezone(timezone(timedelta(0))))


@settings(max_examples=150)
@given(spec=SPEC, value=ANYTHING)
def test_nothing_is_wrongly_taken(spec: ParameterSpec, value: object) -> None:
    try:
        taken = coerce([spec], {"p": value})["p"]
    except SqlGatewayError:
        return
    assert fits(spec, value, taken)


@settings(max_examples=50)
@given(
    whole=st.integers(LEAST, GREATEST),
    real=st.floats(allow_nan=False, allow_infinity=False),
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    day=st.dates(),
    moment=st.datetimes(
        min_value=datetime(2, 1, 1),  # noqa: DTZ001
        max_value=datetime(9998, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_nothing_is_wrongly_refused(
    whole: int, real: float, text: str, day: date, moment: datetime
) -> None:
    assert one(P.INTEGER, whole) == whole
    assert one(P.FLOAT, real) == real
    assert one(P.STRING, text) == text
    assert one(P.DATE, day.isoformat()) == day
    assert one(P.TIMESTAMP, moment.isoformat()) == moment
