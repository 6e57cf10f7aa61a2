"""A place of any technology at a host and port, made of what the technology declares."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from engine.probes.place import Place

if TYPE_CHECKING:
    from engine.fields import FieldSpec
    from engine.probes.technology import Technology

SECRET = "wh1te-r4bbit/planted+0123456789"
LOCAL = frozenset({"sqlite", "duckdb", "local", "mcp_stdio"})
"""Those that never leave this machine: a path or a command is all there is of them."""
# Where an address is given in another way than by `host`, or by a plain URL.
_URLS = {
    "snowflake": "http://{host}:{port}",
    "sqlalchemy": "postgresql+psycopg://app@{host}:{port}/thing",
}
_KEYS = {
    "aws_lambda": f"AKIA0123456789ABCDEF:{SECRET}",
    "azure_blob": b64encode(SECRET.encode()).decode(),
}


def place_at(technology: Technology, host: str, port: int, **more: object) -> Place:
    """Return a place with everything filled in that the technology has a field for."""
    names = {spec.name for spec in technology.fields}
    key = _KEYS.get(technology.name, SECRET)
    told: dict[str, object] = {"technology": technology.name}
    if technology.name in _URLS or "connection_string" in names:
        written = f"[{host}]" if ":" in host else host
        shape = _URLS.get(technology.name, "http://{host}:{port}")
        told["url"] = shape.format(host=written, port=port)
    elif "host" in names:
        told |= {"host": host, "port": port}
    else:
        assert technology.name in LOCAL, f"say in {__name__} how {technology.name} is reached"
    told |= {name: "app" for name in ("username",) if name in names}
    told |= {name: "thing" for name in ("database",) if name in names}
    told |= {name: key for name in ("password",) if name in names}
    if "password" not in names and "api_key" in names:
        told["api_key"] = key
    told["options"] = {spec.name: _filled(spec) for spec in technology.options if spec.required}
    return Place(**{**told, **more})  # type: ignore[arg-type]


def _filled(spec: FieldSpec) -> object:
    return spec.default or (spec.choices[0] if spec.choices else "thing")
