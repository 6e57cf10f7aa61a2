"""From templates, parameters and gateways to the texts of forms, and back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ParameterSpec, ParameterType
from engine.gateway.parameters import specs
from engine.gateway.results import GatewayOffer, Refusal, Verdict
from tests.tui.gateway.made import detail, gateway
from tui.gateway import asking, caps, draft
from tui.gateway.judged import (
    MOST_WRONG,
    PARAMETERS,
    SQL,
    declared,
    refusals,
    verdict_cell,
)
from tui.theme import UNICODE
from tui.widgets.cells import Mark, cell_text

if TYPE_CHECKING:
    from collections.abc import Iterator

P = ParameterType


def test_a_template_comes_back_from_its_texts() -> None:
    made = detail(max_rows=20, timeout_seconds=1.5)
    texts = draft.texts(made)
    fields = draft.fields(texts)
    assert fields == {
        "name": "by-day",
        "description": "Orders of a day, for the daily mail.",
        "max_rows": 20,
        "timeout_seconds": 1.5,
        PARAMETERS: made.parameters,
        SQL: made.sql,
    }
    assert draft.split_place(texts["where"]) == ("source", "s1")
    assert draft.fields({"max_rows": ""}) == {"max_rows": None}


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "x", "1000001", "9" * 30, "²"])
def test_rows_are_a_whole_number(typed: str) -> None:
    with pytest.raises(InvalidInput):
        draft.rows(typed)


@pytest.mark.parametrize("typed", ["0", "-1", "nan", "inf", "x", "3601"])
def test_seconds_end(typed: str) -> None:
    with pytest.raises(InvalidInput):
        draft.seconds(typed)


def offer(name: str, problem: str | None = None) -> GatewayOffer:
    return GatewayOffer(
        kind="source",
        thing_id=name,
        name=name,
        technology="sqlite",
        dialect=None if problem else "sqlite",
        gateway_id=None,
        problem=problem,
    )


def test_only_what_can_run_sql_is_offered_and_the_rest_is_explained() -> None:
    found = draft.where([offer("orders"), offer("docs", "There are no rules for mongodb.")])
    assert found.choices == ("source:orders",)
    assert found.help == "Not offered: docs. There are no rules for mongodb."


# What is declared


def test_each_line_is_judged_by_itself_and_beside_the_others() -> None:
    found = declared("# a day\nday date\n\nday int\nn int min=x\nlast bool")
    assert [spec.name for spec in found.specs] == ["day", "last"]
    assert [one.place for one in found.findings] == ["p4", "p5"]
    assert "declared twice" in found.findings[0].message
    assert found.findings[1].mark == Mark(4, 0, len("n int min=x"))


@pytest.mark.parametrize("line", ["day int\n", "p{} int allowed=1,2,3\n", "!\n", "a int min=x\n"])
def test_each_line_of_a_long_text_is_judged_once(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = Counter[str]()
    faults = specs._faults

    def counted(spec: ParameterSpec) -> Iterator[tuple[str, str]]:
        judged[spec.name] += 1
        return faults(spec)

    monkeypatch.setattr(specs, "_faults", counted)
    typed = "".join(line.format(number) for number in range(60_000 // len(line)))
    found = declared(typed)
    assert len(found.findings) == MOST_WRONG
    assert set(judged.values()) <= {1}
    assert len(found.specs) == len(judged) <= 100


def test_a_refusal_keeps_its_place() -> None:
    verdict = Verdict(
        accepted=False,
        refusals=(
            Refusal(code="a", message="No.", hint="Yes.", line=3, column=14, length=5),
            Refusal(code="b", message="Nowhere."),
        ),
    )
    first, second = refusals(verdict)
    assert (first.place, first.mark, first.sentence) == ("3:14", Mark(2, 13, 5), "No. Yes.")
    assert (second.place, second.mark) == ("-", None)
    state = verdict_cell((first, second), verdict, UNICODE, under_way=False)
    assert cell_text(state) == "✖ 2 refusals"


def test_an_accepted_statement_says_what_it_reads() -> None:
    verdict = Verdict(accepted=True, tables=("orders", "a\x1bb"))
    state = verdict_cell((), verdict, UNICODE, under_way=False)
    assert cell_text(state).startswith("● accepted  reads orders, a")
    assert cell_text(state).isprintable()
    assert "not checked yet" in cell_text(verdict_cell((), None, UNICODE, under_way=True))


# Values of a run

SPECS = (
    ParameterSpec("day", P.DATE, min_value="2026-01-01"),
    ParameterSpec("n", P.INTEGER, False, 5, max_value=10),
    ParameterSpec("on", P.BOOLEAN, False),
    ParameterSpec("state", P.STRING, allowed_values=("open", "in work")),
    ParameterSpec("ids", P.INTEGER_LIST, False),
)


def test_few_known_values_are_a_choice() -> None:
    fields = {spec.name: asking.field(spec) for spec in SPECS}
    assert fields["day"].kind == "text"
    assert fields["state"].choices == ("open", "in work")
    assert fields["on"].choices == ("", "true", "false")
    assert fields["n"].placeholder == "5 (default)"
    odd = asking.field(ParameterSpec("odd", P.STRING, allowed_values=("", "a")))
    assert odd.kind == "text"


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("day", "2026-02-30", "day"),
        ("day", "2025-12-31", "at least 2026-01-01"),
        ("day", "2026-01-01", None),
        ("n", "1.0", "whole number"),
        ("n", "11", "at most 10"),
        ("n", "7", None),
        ("ids", "1, 2", None),
        ("ids", "1, x", "whole number"),
    ],
)
def test_a_value_is_judged_as_the_gateway_does(name: str, typed: str, problem: str | None) -> None:
    field = asking.field(next(spec for spec in SPECS if spec.name == name))
    found = field.problem(typed)
    assert found is None if problem is None else found is not None and problem in found


def test_what_is_left_empty_is_not_given() -> None:
    typed = {"day": "2026-03-01", "n": "", "on": "false", "state": "open", "ids": "3,4"}
    assert asking.values(SPECS, typed) == {
        "day": "2026-03-01",
        "on": False,
        "state": "open",
        "ids": [3, 4],
    }
    with pytest.raises(SqlGatewayError):
        asking.values(SPECS, {"n": "many"})


# Caps


def test_a_gateway_comes_back_from_its_texts() -> None:
    found = gateway(tables=("a", "b"), username="reader", max_result_bytes=1_234_567)
    texts = caps.texts(found)
    assert texts["max_result_bytes"] == "1,234,567 B"
    assert caps.changes(texts) == {
        "max_rows": 1000,
        "max_result_bytes": 1_234_567,
        "timeout_seconds": 30.0,
        "tables": ("a", "b"),
        "tripwire": True,
        "username": "reader",
    }


def test_a_password_is_stored_and_a_reference_is_kept_as_one() -> None:
    assert caps.changes({"password": "planted"}) == {"password": "planted"}
    assert caps.changes({"password": "env://DB_KEY"}) == {"credential_ref": "env://DB_KEY"}
    assert caps.changes({"username": ""}) == {"username": None, "credential_ref": None}


def test_a_database_in_a_file_has_no_users_to_log_in_as() -> None:
    names = [
        spec.name
        for dialect in ("sqlite", "postgres")
        for section in caps.sections(replace(gateway(), dialect=dialect))
        for spec in section.fields
    ]
    assert names.count("max_rows") == 2
    assert names.count("username") == 1


@pytest.mark.parametrize(
    ("typed", "count"),
    [("1", 1), ("512 KiB", 524_288), ("5mb", 5_000_000), ("1.5 MiB", 1_572_864), ("1 GiB", 2**30)],
)
def test_sizes_are_read(typed: str, count: int) -> None:
    assert caps.size(typed) == count


@pytest.mark.parametrize("typed", ["", "0", "much", "2 GiB", "-1", "1e9"])
def test_what_is_no_size_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        caps.size(typed)
