"""Connection strings taken apart: what people paste into one field, as the fields that it means.

A URL of any technology (`postgresql+psycopg://`, `mongodb+srv://`, `jdbc:…`, `rediss://`,
`s3://`), libpq's `host=… dbname=…`, or `Server=…;User Id=…`. What is half-typed or ambiguous is
refused rather than guessed at, because a wrong guess could show a piece of the password as a
host. No refusal repeats anything of the string.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from engine.errors import InvalidInput
from engine.probes import keyword_strings as keywords
from engine.probes.hosts import require_host, require_port
from engine.probes.secret_names import is_secret_name
from engine.probes.words import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELD = "connection_string"
MAX_LENGTH = 8192
MAX_OPTIONS = 64
_SHAPE = "It looks like scheme://user:password@host:port/database."
_ENCODE = "Write %40 for @, %2F for /, %3A for :, %23 for # and %3F for ? inside the password."
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,40})://(?P<rest>.*)", re.DOTALL)
# Their path is a file, or the whole of what they name.
_FILES = frozenset({"sqlite", "duckdb", "file"})
# Their paths may hold any sign, @ as well.
_WEB = frozenset({"http", "https", "ws", "wss"})
_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "wasb", "wasbs"})
# A lone word before the @ is their token, not a user.
_TOKENS = _WEB | {"nats", "tls"}
_ALWAYS_TLS = frozenset(
    {"https", "wss", "rediss", "amqps", "mqtts", "tls", "abfss", "wasbs", "mongodb+srv"}
)
_NEVER_TLS = frozenset({"http", "ws", "redis", "amqp", "mqtt"})
_TLS_OPTIONS = ("sslmode", "ssl", "tls", "encrypt", "ssl_mode", "ssl-mode", "secure", "usessl")
_TLS_WORDS = {
    **dict.fromkeys(("disable", "disabled", "false", "no", "off", "0", "optional"), False),
    **dict.fromkeys(("require", "required", "verify-ca", "verify-full", "verify_ca"), True),
    **dict.fromkeys(("verify_identity", "true", "yes", "on", "1", "mandatory", "strict"), True),
}
# TLS without a look at who answers: libpq's `require` means no more than that.
_UNVERIFIED = {
    "sslmode": ("allow", "prefer", "require"),
    "ssl-mode": ("preferred", "required"),
    "trustservercertificate": ("true", "yes"),
    "tlsallowinvalidcertificates": ("true",),
    "tlsinsecure": ("true",),
    "ssl_cert_reqs": ("none",),
}
_USER_NAMES = frozenset({"user", "username", "uid", "user id", "userid"})
_PASSWORD_NAMES = frozenset({"password", "pwd"})
_DATABASE_NAMES = frozenset({"dbname", "database", "databasename", "initial catalog"})
_HOST_NAMES = frozenset({"host", "hostaddr", "server", "data source", "addr", "address"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionString:
    """What a connection string says; None is not said.

    Attributes:
        scheme: Its scheme in lower case, `+driver` included; keyword strings have the one of the
            technology that they belong to.
        host: The first host, without brackets.
        port: The first host's port.
        username: The user, decoded.
        password: The password or token, decoded.
        database: The database, bucket, file or virtual host.
        tls: Whether it asks for TLS.
        tls_verify: Whether the other side's certificate must be valid.
        hosts: All hosts with their ports, as written.
        options: What else it says by name.
        masked: The string with every secret as `***`: what may be shown and stored.
        secret: Whether there is any secret in it.
    """

    scheme: str
    masked: str
    secret: bool
    host: str | None = None
    port: int | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    tls: bool | None = None
    tls_verify: bool | None = None
    hosts: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def base_scheme(self) -> str:
        """The scheme without its driver: `postgresql` of `postgresql+psycopg`."""
        return self.scheme if self.scheme.endswith("+srv") else self.scheme.partition("+")[0]


def parse_connection_string(text: str) -> ConnectionString:
    """Return what the string says.

    Raises:
        InvalidInput: It is no connection string, only half of one, or can be read in two ways.
    """
    told = _cleaned(text)
    if told.lower().startswith("jdbc:"):
        return _of_jdbc(told[len("jdbc:") :])
    if match := _URL.fullmatch(told):
        return _of_url(match["scheme"].lower(), match["rest"])
    if keywords.looks_like_keywords(told):
        return _of_keywords(told)
    raise _refused("This is no connection string.")


def mask_connection_string(text: str) -> str:
    """Return the string with its secrets masked; raises as `parse_connection_string`."""
    return parse_connection_string(text).masked


def _cleaned(text: object) -> str:
    if not isinstance(text, str):
        raise _refused("The connection string must be text.")
    told = text.strip()
    if not told:
        raise _refused("The connection string is empty.")
    if len(told) > MAX_LENGTH:
        raise _refused(
            f"The connection string must have at most {MAX_LENGTH:,} characters.", hint=""
        )
    if not told.isprintable():
        raise _refused("The connection string must not contain control characters.", hint="")
    return told


def _of_jdbc(text: str) -> ConnectionString:
    """Read what follows `jdbc:`; its masked form gets the prefix again."""
    name = text.partition(":")[0].lower()
    if name == "sqlserver":
        found = _of_sqlserver(text)
    elif name == "oracle":
        found = _of_url("oracle", re.sub(r"(?i)^oracle:(?:\w+:)?@?/{0,2}", "", text))
    elif match := _URL.fullmatch(text):
        found = _of_url(match["scheme"].lower(), match["rest"])
    else:
        raise _refused("What follows jdbc: is no URL.")
    return replace(found, masked=f"jdbc:{found.masked}")


def _of_sqlserver(text: str) -> ConnectionString:
    head, _, rest = text.partition(";")
    where = head.partition("//")[2].partition("\\")[0]
    pairs = keywords.with_semicolons(rest)
    if pairs is None:
        raise _refused("The properties after the first semicolon are not name=value.")
    told = [("server", where.replace(":", ",")), *pairs] if where else pairs
    masked = ";".join(part for part in (head, keywords.masked_with_semicolons(pairs)) if part)
    return replace(_of_pairs("mssql", told, ""), masked=masked)


def _of_url(scheme: str, rest: str) -> ConnectionString:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    behind = rest[len(authority) :]
    path, _, query = behind.partition("#")[0].partition("?")
    base = scheme.partition("+")[0]
    if base in _FILES:
        return _of_file(scheme, authority, path, query)
    _refuse_ambiguous(base, authority, behind)
    user_info, at, servers = authority.rpartition("@")
    if not servers and (at or path in {"", "/"}):
        raise _refused("The host is missing.")
    username, password = _login(base, user_info)
    hosts = () if base in _BUCKETS or not servers else tuple(servers.split(","))
    host, port = _host_and_port(hosts[0]) if hosts else (None, None)
    found = ConnectionString(
        scheme=scheme,
        masked=f"{scheme}://{_masked_login(base, user_info)}{at}{servers}{path}",
        secret=False,
        host=host,
        port=port,
        username=username,
        password=password,
        database=_database(base, servers, path),
        hosts=hosts,
    )
    return _with_query(found, query)


def _refuse_ambiguous(base: str, authority: str, behind: str) -> None:
    """Refuse what has an @ or # where a password with raw signs in it would have left one."""
    plain = base in _WEB and not {"@", ":"} & set(authority)
    if ("@" in behind and not plain) or ("#" in behind and base not in _WEB):
        raise _refused(
            "The user or the password has signs in it that must be encoded.", hint=_ENCODE
        )


def _of_file(scheme: str, authority: str, path: str, query: str) -> ConnectionString:
    if authority not in {"", ":memory:", "localhost"} or not (authority + path).strip("/"):
        raise _refused("The path is missing.", hint=f"It looks like {scheme}:////folder/file.")
    # sqlite:///file is relative and sqlite:////file absolute; file:///file is absolute.
    name = path if scheme == "file" else path.removeprefix("/")
    found = ConnectionString(
        scheme=scheme,
        masked=f"{scheme}://{authority}{path}",
        secret=False,
        database=authority if authority == ":memory:" else _decoded(name),
    )
    return _with_query(found, query)


def _login(base: str, user_info: str) -> tuple[str | None, str | None]:
    user, colon, password = user_info.partition(":")
    if base in _TOKENS and user and not colon:
        return None, _decoded(user)
    return _decoded(user) or None, _decoded(password) or None


def _masked_login(base: str, user_info: str) -> str:
    user, colon, password = user_info.partition(":")
    if base in _TOKENS and user and not colon:
        return MASK
    return f"{user}{colon}{MASK if password else ''}"


def _host_and_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, closing, tail = text[1:].partition("]")
        if not closing or (tail and not tail.startswith(":")):
            raise _refused("The brackets around the address are not closed.")
        colon, port = tail[:1], tail[1:]
    else:
        host, colon, port = text.partition(":")
    if not host:
        raise _refused("The host is missing.")
    if colon and not port:
        raise _refused("The port after the colon is missing.")
    number = require_port(port, field=FIELD) if colon else None
    return require_host(unquote(host), field=FIELD), number


def _database(base: str, servers: str, path: str) -> str | None:
    if base in _BUCKETS:
        return _decoded((servers + path).rstrip("/"))
    if base in _WEB:
        return None
    return _decoded(path.removeprefix("/")) or None


def _options(query: str) -> dict[str, str]:
    found = dict(parse_qsl(query, keep_blank_values=True))
    if len(found) > MAX_OPTIONS:
        raise _refused(f"The connection string has more than {MAX_OPTIONS} options.", hint="")
    for name, value in found.items():
        _refuse_unprintable(name + value)
    return found


def _with_query(found: ConnectionString, query: str) -> ConnectionString:
    """Add the options, with a login moved out of them, and what they say of TLS."""
    options = _options(query)
    hidden = any(value and is_secret_name(name) for name, value in options.items())
    if found.base_scheme not in _WEB:
        found = replace(
            found,
            username=found.username or _taken(options, _USER_NAMES),
            password=found.password or _taken(options, _PASSWORD_NAMES),
        )
    return replace(
        found,
        masked=found.masked + (f"?{_masked_query(query)}" if query else ""),
        secret=hidden or bool(found.password),
        tls=_tls(found.base_scheme, options),
        tls_verify=_tls_verify(options),
        options=options,
    )


def _masked_query(query: str) -> str:
    parts = (part.partition("=") for part in query.split("&"))
    return "&".join(
        f"{name}{equals}{MASK if value and is_secret_name(unquote(name)) else value}"
        for name, equals, value in parts
    )


def _of_keywords(text: str) -> ConnectionString:
    if ";" in text and (pairs := keywords.with_semicolons(text)) is not None:
        names = {name.lower().replace(" ", "") for name, _ in pairs}
        scheme = "az" if names & {"accountname", "accountkey", "blobendpoint"} else "mssql"
        return _of_pairs(scheme, pairs, keywords.masked_with_semicolons(pairs))
    pairs = keywords.with_blanks(text)
    if pairs is None:
        raise _refused("The keywords of the connection string are not name=value.")
    return _of_pairs("postgresql", pairs, keywords.masked_with_blanks(pairs))


def _of_pairs(scheme: str, pairs: keywords.Pairs, masked: str) -> ConnectionString:
    for _, value in pairs:
        _refuse_unprintable(value)
    options = {name.lower(): value for name, value in pairs}
    if options.get("port") == "":
        raise _refused("The port is missing.")
    secret = any(value and is_secret_name(name) for name, value in pairs)
    server = _taken(options, _HOST_NAMES) or ""
    host, port = _keyword_server(server, _taken(options, frozenset({"port"})))
    if scheme != "az" and host is None and not server.startswith("/"):
        raise _refused("The connection string names no host.")
    return ConnectionString(
        scheme=scheme,
        host=host,
        port=port,
        username=_taken(options, _USER_NAMES),
        password=_taken(options, _PASSWORD_NAMES),
        database=_taken(options, _DATABASE_NAMES),
        tls=_tls(scheme, options),
        tls_verify=_tls_verify(options),
        hosts=(server,) if server else (),
        options=options,
        masked=masked,
        secret=secret,
    )


def _keyword_server(server: str, port: str | None) -> tuple[str | None, int | None]:
    """Read `host`, `tcp:host,1433` or a host with an instance; a folder is a local socket."""
    if not server or server.startswith("/"):
        return None, None
    first = server.removeprefix("tcp:")
    host, comma, after = first.partition(",")
    told = after if comma else port
    host = host.partition("\\")[0]
    number = None if told is None else require_port(told, field=FIELD)
    return require_host(host, field=FIELD), number


def _taken(options: dict[str, str], names: frozenset[str]) -> str | None:
    """Take the first of these names out of the options and return its value."""
    found = next((name for name in options if name.lower() in names), None)
    return (options.pop(found) or None) if found else None


def _tls(scheme: str, options: Mapping[str, str]) -> bool | None:
    said = {name.lower(): value.lower() for name, value in options.items()}
    for name in _TLS_OPTIONS:
        if name in said:
            return _TLS_WORDS.get(said[name])
    if scheme in _ALWAYS_TLS:
        return True
    return False if scheme in _NEVER_TLS else None


def _tls_verify(options: Mapping[str, str]) -> bool | None:
    for name, value in options.items():
        if value.lower() in _UNVERIFIED.get(name.lower(), ()):
            return False
    return None


def _decoded(text: str) -> str:
    decoded = unquote(text)
    _refuse_unprintable(decoded)
    return decoded


def _refuse_unprintable(text: str) -> None:
    if not text.isprintable():
        raise _refused("The connection string must not contain control characters.", hint="")


def _refused(message: str, *, hint: str = _SHAPE) -> InvalidInput:
    return InvalidInput(message, hint=hint, field=FIELD)
