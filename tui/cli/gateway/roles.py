"""`lampboard gateway role-sql`: prints the statements that make a role which can only select."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand

if TYPE_CHECKING:
    from tui.cli.session import Session


@click.command(
    "role-sql",
    cls=BoardCommand,
    panels={"What it may read": ("--schema", "--table", "--connect-to")},
    examples=(
        "lampboard gateway role-sql reader --dialect postgres --schema public --connect-to shop",
        "lampboard gateway role-sql reader --dialect mysql --table shop.orders",
    ),
)
@click.argument("role", metavar="ROLE")
@click.option(
    "--dialect",
    type=click.Choice(("postgres", "mysql", "sqlite", "duckdb")),
    default="postgres",
    show_default=True,
    help="Of the database; MariaDB takes that of mysql.",
)
@click.option(
    "--schema", "schemas", metavar="NAME", multiple=True, help="All tables of it; again for more."
)
@click.option(
    "--table", "tables", metavar="SCHEMA.TABLE", multiple=True, help="One table; again for more."
)
@click.option("--connect-to", "database", metavar="NAME", help="On PostgreSQL, its database.")
@click.pass_context
def command(  # noqa: PLR0913 - the flags of one command
    ctx: click.Context,
    /,
    *,
    role: str,
    dialect: str,
    schemas: tuple[str, ...],
    tables: tuple[str, ...],
    database: str | None,
) -> None:
    """Print the statements that make a role which can select and do nothing else.

    Nothing is run. Read them, run them as an administrator, give the role a password, and name it
    with `lampboard gateway set`. SQLite and DuckDB have no roles and need none.
    """
    from engine.gateway.roles import role_statements
    from tui.text import clean

    session: Session = ctx.obj
    statements = role_statements(dialect, role, schemas=schemas, tables=tables, database=database)
    session.output.record(
        {"dialect": dialect, "role": role, "statements": list(statements)},
        table=lambda: "".join(f"{clean(_ended(one))}\n" for one in statements),
        name="role",
    )


def _ended(statement: str) -> str:
    return statement if statement.startswith("--") else f"{statement};"
