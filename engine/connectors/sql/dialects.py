"""How each technology is reached through SQLAlchemy: its URL, its arguments, its read-only ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.probes.refusals import Refused

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from sqlalchemy import URL

    from engine.probes.place import Place

_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433, "oracle": 1521}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """What is known when a connection is made.

    Attributes:
        place: Where to go and how to get in.
        address: The judged address of its host; None for a file.
        timeout_s: Seconds for a connection, and for a statement.
        trust: Gives the TLS context that the place asks for.
    """

    place: Place
    address: str | None
    timeout_s: float
    trust: Callable[[], ssl.SSLContext]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """One way through SQLAlchemy.

    Attributes:
        driver: SQLAlchemy's name of dialect and driver.
        arguments: The driver's own arguments; may be empty.
        read_only: Statements that begin a transaction that cannot write.
    """

    driver: str
    arguments: Callable[[Reach], dict[str, Any]]
    read_only: tuple[str, ...] = ()


def dialect_of(technology: str) -> Dialect:
    """Return how a technology is reached.

    Raises:
        Refused: There is no way through SQLAlchemy.
    """
    found = _DIALECTS.get(technology)
    if found is None:
        raise Refused(
            "not_offered",
            "This technology is not reached through SQLAlchemy here.",
            f"SQL connectors reach: {', '.join(_DIALECTS)}.",
        )
    return found


def default_port(technology: str) -> int | None:
    """Return the port where none is given; None for a database that is a file."""
    return _PORTS.get("mysql" if technology in {"mysql", "mariadb"} else technology)


def url_of(reach: Reach, dialect: Dialect) -> URL:
    """Return SQLAlchemy's URL; the password is in it, so it is shown nowhere."""
    from sqlalchemy import URL

    place = reach.place
    if reach.address is None:
        return URL.create(dialect.driver)
    return URL.create(
        dialect.driver,
        username=place.username,
        password=place.password,
        # TLS is checked against the name; without it the judged address is connected to.
        host=place.host if place.tls else reach.address,
        port=place.port or default_port(place.technology),
        database=place.database,
    )


def _postgresql(reach: Reach) -> dict[str, Any]:
    place = reach.place
    told: dict[str, Any] = {
        "connect_timeout": max(2, round(reach.timeout_s)),
        "application_name": "lampboard",
        "options": f"-c statement_timeout={round(reach.timeout_s * 1000)}",
        "hostaddr": reach.address,
        "passfile": "/dev/null/none",
        "sslmode": "disable",
    }
    if place.tls:
        import certifi

        told["sslmode"] = "verify-full" if place.tls_verify else "require"
        told["sslrootcert"] = (place.tls_ca or certifi.where()) if place.tls_verify else None
    return {name: value for name, value in told.items() if value is not None}


def _mysql(reach: Reach) -> dict[str, Any]:
    limit = max(1, round(reach.timeout_s))
    told: dict[str, Any] = {
        "connect_timeout": limit,
        "read_timeout": limit,
        "write_timeout": limit,
        "local_infile": False,
    }
    if reach.place.tls:
        told["ssl"] = reach.trust()
    else:
        told["ssl_disabled"] = True
    return told


def _sqlite(reach: Reach) -> dict[str, Any]:
    return {"timeout": reach.timeout_s, "check_same_thread": False}


def _mssql(reach: Reach) -> dict[str, Any]:
    limit = max(1, round(reach.timeout_s))
    return {"login_timeout": limit, "timeout": limit, "appname": "lampboard"}


def _oracle(reach: Reach) -> dict[str, Any]:
    return {"tcp_connect_timeout": reach.timeout_s}


_MYSQL = Dialect(
    driver="mysql+pymysql", arguments=_mysql, read_only=("START TRANSACTION READ ONLY",)
)
_DIALECTS = {
    "postgresql": Dialect(
        driver="postgresql+psycopg",
        arguments=_postgresql,
        read_only=("SET TRANSACTION READ ONLY",),
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": Dialect(driver="sqlite", arguments=_sqlite, read_only=("PRAGMA query_only=ON",)),
    "mssql": Dialect(driver="mssql+pymssql", arguments=_mssql),
    "oracle": Dialect(
        driver="oracle+oracledb", arguments=_oracle, read_only=("SET TRANSACTION READ ONLY",)
    ),
}
