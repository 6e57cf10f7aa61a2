"""What PostgreSQL and libpq say when they refuse, and what each of it means.

libpq gives no code for a refused connection, only words: those of PostgreSQL 9.4 to 18, in
English. In another language the server's own words are shown.
"""

from __future__ import annotations

import re

from engine.probes.refusals import (
    NO_TLS,
    Refused,
    closed,
    no_such,
    password_rejected,
    wrong_protocol,
)

_TITLE = "PostgreSQL"
_PASSWORD = re.compile(
    r'authentication failed|no password supplied|role "[^"]*" does not exist|no PostgreSQL user'
)
_NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
_STRANGER = re.compile(r"invalid response to (SSL|GSSAPI)|expected authentication request")
_CLOSED = re.compile(
    r"closed the connection unexpectedly|connection reset|EOF detected", re.IGNORECASE
)
_MEANINGS = (
    (re.compile(r"does not support SSL"), *NO_TLS),
    (
        re.compile(r"pg_hba\.conf.*(no encryption|SSL off)"),
        "access_denied",
        "The server's pg_hba.conf does not let this user in from here without TLS.",
        "Switch TLS on, or add a line for this user, database and address to pg_hba.conf.",
    ),
    (
        re.compile(r"pg_hba\.conf"),
        "access_denied",
        "The server's pg_hba.conf does not let this user in from here.",
        "Add a line for this user, database and address to pg_hba.conf.",
    ),
    (
        re.compile(r"permission denied|is not permitted to log in|not currently accepting"),
        "access_denied",
        "This user may not connect to this database.",
        "Grant it LOGIN and CONNECT on the database, or use another user.",
    ),
    (
        re.compile(r"too many (clients|connections)|remaining connection slots"),
        "overloaded",
        "The server has no connection left for this user.",
        "Wait, or raise max_connections or the user's limit; a pooler such as PgBouncer helps.",
    ),
    (
        re.compile(r"starting up|shutting down|in recovery|not accepting connections"),
        "starting",
        "The server is starting or stopping.",
        "Wait a moment.",
    ),
    (
        re.compile(r"does not match host name"),
        "tls_wrong_host",
        "The certificate is for another host name.",
        "Use the host that the certificate names, or have it issued for this one.",
    ),
    (
        re.compile(r"requires a valid client certificate|alert certificate required"),
        "tls_client_certificate",
        "The server asks for a client certificate.",
        "Let this user in by password instead.",
    ),
    (
        re.compile(r"certificate|SSL error|tlsv1|root\.crt", re.IGNORECASE),
        "tls_untrusted",
        "The server's certificate is not accepted.",
        "Name your authority's file as CA file, or check that host and certificate match.",
    ),
)


def refusal_of(
    said: str, stage: str, *, user: str | None = None, database: str | None = None
) -> Refused:
    """Return what the server's or libpq's words mean."""
    if _PASSWORD.search(said):
        return password_rejected(user, _TITLE)
    if _NO_DATABASE.search(said):
        return no_such("database", database, "Check the database's name, or create it.")
    if _STRANGER.search(said):
        return wrong_protocol(_TITLE)
    if _CLOSED.search(said):
        return closed(stage, _TITLE)
    for pattern, code, message, remedy in _MEANINGS:
        if pattern.search(said):
            return Refused(code, message, remedy)
    line = said.strip().splitlines()[-1] if said.strip() else "no reason was given"
    return Refused("connect_failed", f"{_TITLE} refused: {line}", "Look at the server's log.")
