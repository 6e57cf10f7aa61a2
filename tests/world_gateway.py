"""The templates of the worlds of pictures, their versions and runs, and what databases answer."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ResultColumn, SqlQueryResult
from engine.gateway.parameters.notation import parse_declaration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from engine.gateway.executing import Plan
    from engine.probes.place import Place
    from engine.workspace import Workspace

FIRST = date(2026, 3, 1)
ATTACK = "nobody' OR '1'='1' -- "


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run, so many minutes ago; a value that is refused is refused again."""

    minutes: int
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """A template with its versions, the oldest first, and its runs."""

    name: str
    where: tuple[str, str]
    about: str
    texts: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    max_rows: int | None = None
    retired: bool = False


BY_DAY = """\
select o.id, o.customer, o.placed_at, o.status, o.total, o.paid, o.note
  from orders o
 where o.placed_at >= :day          -- midnight, UTC
   and o.placed_at < :day + interval '1 day'
   and o.status = any(:statuses)
 order by o.placed_at desc"""

REVENUE = """\
select date_trunc('month', paid_at) as month, country, sum(total) as revenue
  from invoices
 where paid_at >= :since
 group by 1, 2
 order by 1, 3 desc"""

TEMPLATES = (
    Registered(
        name="orders-by-day",
        where=("source", "orders"),
        about="All orders of one day in these states, newest first; the daily mail is made of it.",
        texts=(
            "select id, total from orders where placed_at = :day and status = any(:statuses)",
            "select id, total, paid from orders\n where status = any(:statuses) and day = :day",
            BY_DAY,
        ),
        parameters=(
            "day date required min=2026-01-01 description='The day, as UTC has it' logged",
            "statuses list[str] default=open,paid allowed=open,paid,shipped max_items=3",
        ),
        runs=(
            *(
                Run(minutes=1440 * ago + 12, values={"day": "2026-03-12"})
                for ago in range(2, -1, -1)
            ),
            Run(minutes=190, values={"day": "2025-12-31"}),
        ),
    ),
    Registered(
        name="customer-orders",
        where=("source", "orders"),
        about="What one customer ordered, by the name on the invoice.",
        texts=("select id, placed_at, total from orders where customer = :who limit 100",),
        parameters=("who str max_length=80 description='The name on the invoice'",),
        runs=(
            Run(minutes=2900, values={"who": "O'Brien & Sons"}),
            Run(minutes=34, values={"who": ATTACK}),
        ),
    ),
    Registered(
        name="revenue-by-month",
        where=("connector", "orders-db"),
        about="Paid invoices summed up by month and country.",
        texts=(REVENUE,),
        parameters=("since date required",),
        runs=(Run(minutes=65, values={"since": "2025-01-01"}),),
    ),
    Registered(
        name="open-invoices",
        where=("source", "billing"),
        about="Every invoice that nobody has paid.",
        texts=("select id, customer, due_at, total from invoices where paid_at is null",),
        runs=(Run(minutes=8, values={}),),
        max_rows=200,
    ),
    Registered(
        name="order-lines",
        where=("source", "orders"),
        about="The lines of some orders.",
        texts=("select order_id, sku, count, price from order_lines where order_id in (:ids)",),
        parameters=("ids list[int] required max_items=50",),
    ),
    Registered(
        name="refunds-since",
        where=("source", "billing"),
        about="What was given back.",
        texts=("select id, amount, reason from refunds where created_at >= :since",),
        parameters=("since timestamp required zone=Europe/Berlin",),
        runs=(Run(minutes=22, values={"since": "2026-03-01T00:00:00"}),),
    ),
    Registered(
        name="top-customers",
        where=("source", "orders"),
        about="Taken over by revenue-by-month.",
        texts=("select customer, sum(total) as spent from orders group by customer limit 20",),
        runs=(Run(minutes=4000, values={}),),
        retired=True,
    ),
)


async def govern(
    workspace: Workspace,
    tenant: str,
    templates: Sequence[Registered],
    go_to: Callable[[float], None],
) -> None:
    """Registers templates and runs them at their times; `go_to` takes how many minutes ago."""
    offers = await workspace.gateway.offers(tenant)
    things = {(offer.kind, offer.name): offer.thing_id for offer in offers}
    ids = [await _register(workspace, tenant, one, things) for one in templates]
    answering(workspace, templates)
    deeds = [
        (run.minutes, key, run) for key, one in zip(ids, templates, strict=True) for run in one.runs
    ]
    for minutes, key, run in sorted(deeds, key=lambda deed: -deed[0]):
        go_to(minutes)
        await _run(workspace, tenant, key, run)
    go_to(5)
    for key, one in zip(ids, templates, strict=True):
        if one.retired:
            await workspace.gateway.retire_template(tenant, key)


async def _register(
    workspace: Workspace,
    tenant: str,
    one: Registered,
    things: Mapping[tuple[str, str], str],
) -> str:
    first, *later = one.texts
    made = await workspace.gateway.register_template(
        tenant,
        kind=one.where[0],
        thing_id=things[one.where],
        name=one.name,
        sql=first,
        parameters=tuple(map(parse_declaration, one.parameters)),
        description=one.about,
        max_rows=one.max_rows,
    )
    for text in later:
        await workspace.gateway.edit_template(tenant, made.template.id, sql=text)
    return made.template.id


async def _run(workspace: Workspace, tenant: str, key: str, run: Run) -> None:
    # What is refused or failed is a part of the world; a fault of the program is not.
    with suppress(SqlGatewayError):
        await workspace.gateway.run(tenant, key, run.values)


# What databases answer


class Answering:
    """Takes the place of the drivers: every database answers from here."""

    def __init__(self, answers: Mapping[str, Callable[[Plan], SqlQueryResult]]) -> None:
        self._answers = answers

    @asynccontextmanager
    async def driver(self, _gateway_id: str, _place: Place) -> AsyncIterator[Answering]:
        """Gives itself as the driver of any gateway."""
        yield self

    async def run(self, plan: Plan) -> SqlQueryResult:
        """Answers, within the caps of the plan."""
        return self._answers[plan.sql](plan)

    async def aclose(self) -> None:
        """Has nothing open."""


def answering(workspace: Workspace, templates: Sequence[Registered] = TEMPLATES) -> None:
    """Lets the databases of these templates answer; nothing else of a run is made up."""
    answers = {one.texts[-1]: ANSWERS[one.name] for one in templates if one.name in ANSWERS}
    workspace.gateway._runner.__dict__["_drivers"] = Answering(answers)


def table(
    plan: Plan, columns: Sequence[tuple[str, str]], rows: Sequence[tuple[Any, ...]], took: int
) -> SqlQueryResult:
    """A result, cut where the plan's cap is."""
    kept = tuple(rows[: plan.max_rows])
    cut = len(kept) < len(rows)
    return SqlQueryResult(
        template_id=plan.template_id,
        version=plan.version,
        columns=tuple(ResultColumn(name=name, type=kind) for name, kind in columns),
        rows=kept,
        row_count=len(kept),
        result_bytes=len(kept) * 61,
        truncated=cut,
        truncated_by="rows" if cut else None,
        duration_ms=took,
    )


CUSTOMERS = ("O'Brien & Sons", "Žofia Nováková", "田中商店", "ACME Ltd", "Null, Inc.", "d'Arc")
NOTES = (None, "gift wrap", None, "call before delivery, side entrance", "", None, None)


def money(cents: int) -> Decimal:
    """An amount with its cents, as databases have it."""
    return Decimal(cents).scaleb(-2)


def _orders(plan: Plan) -> SqlQueryResult:
    columns = (
        ("id", "int8"),
        ("customer", "text"),
        ("placed_at", "timestamptz"),
        ("status", "text"),
        ("total", "numeric"),
        ("paid", "bool"),
        ("note", "text"),
    )
    start = datetime(2026, 3, 12, 21, 14, 9, tzinfo=UTC)
    rows = [
        (
            48_211 - n,
            CUSTOMERS[n * 5 % len(CUSTOMERS)],
            start - timedelta(seconds=n * 397),
            ("open", "paid")[n % 3 > 0],
            money(1999 + n * 3117 % 24_000),
            n % 3 > 0,
            NOTES[n % len(NOTES)],
        )
        for n in range(204)
    ]
    return table(plan, columns, rows, 42)


def _revenue(plan: Plan) -> SqlQueryResult:
    columns = (("month", "timestamptz"), ("country", "text"), ("revenue", "numeric"))
    rows = [(FIRST, "DE", Decimal("18211.40")), (FIRST, "IE", Decimal("902.00"))]
    return table(plan, columns, rows, 318)


def _invoices(plan: Plan) -> SqlQueryResult:
    columns = (("id", "int8"), ("customer", "text"), ("due_at", "date"), ("total", "numeric"))
    rows = [
        (n, CUSTOMERS[n % 6], FIRST + timedelta(days=n % 40), money(n * 37 % 9000))
        for n in range(1, 3000)
    ]
    return table(plan, columns, rows, 91)


def _customer(plan: Plan) -> SqlQueryResult:
    return table(plan, (("id", "int8"), ("total", "numeric")), [(1, Decimal("19.99"))], 12)


def _refunds(plan: Plan) -> SqlQueryResult:
    raise SqlGatewayError(
        f"The database did not answer within {plan.timeout_seconds:g} s, so the run was ended.",
        hint="Ask for less, or raise the time limit of the template or the gateway.",
        code="timeout",
    )


ANSWERS: dict[str, Callable[[Plan], SqlQueryResult]] = {
    "orders-by-day": _orders,
    "customer-orders": _customer,
    "revenue-by-month": _revenue,
    "open-invoices": _invoices,
    "refunds-since": _refunds,
    "top-customers": _customer,
}


def hostile(corpora: Path) -> Callable[[Plan], SqlQueryResult]:
    """An answer whose values and names of columns attack the terminal."""
    lines = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["value"] for line in lines]
    some = values[3::11]

    def answer(plan: Plan) -> SqlQueryResult:
        names = (*some[:4], "[bold red]total[/]")
        columns = [(name, "\x1b[31mtext") for name in names]
        rows = [
            (value, values[-number], f"[red]{number}[/]", value * 40, f"={number}")
            for number, value in enumerate(values, 1)
        ]
        return table(plan, columns, rows, 7)

    return answer
