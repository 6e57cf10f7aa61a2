"""Templates in memory, judged as they come in: for a service without a workspace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from engine.gateway.errors import SqlGatewayError, TemplateRefused
from engine.gateway.inputs import clean_parameters, clean_sql, template_caps
from engine.gateway.results import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from engine.gateway.model import QueryTemplate


class Templates(Protocol):
    """What a service finds templates in, beside a plain mapping of them by id."""

    def get(self, template_id: str, version: int | None = None) -> QueryTemplate | None:
        """Return a template, in its newest version unless told; None where there is none."""
        ...


class TemplateRegistry:
    """Templates by id, each with its versions; nothing comes in that was not judged.

    Args:
        dialect: What they are written in, one of `results.DIALECTS`.
        tables: The only tables that they may read; empty means any.

    Raises:
        SqlGatewayError: There is no such dialect.
    """

    def __init__(self, dialect: str = "generic", *, tables: Collection[str] = ()) -> None:
        if dialect not in DIALECTS:
            raise SqlGatewayError(
                f"There is no dialect {dialect[:40]!r}.", hint="Dialects: " + ", ".join(DIALECTS)
            )
        self.dialect = dialect
        self.tables = tuple(tables)
        self._versions: dict[str, list[QueryTemplate]] = {}

    def register(self, template: QueryTemplate) -> QueryTemplate:
        """Judge a template and keep it as the next version of its id; return it so.

        Raises:
            TemplateRefused: The statement is refused; `verdict` says why and where.
            SqlGatewayError: A declaration cannot be used, or it is not for reading.
            InvalidInput: Another value cannot be used.
        """
        require_reading(template)
        clean_sql(template.sql)
        clean_parameters(template.parameters)
        template_caps(None, template.max_rows, template.timeout_seconds)
        judge(template, self.dialect, self.tables)
        versions = self._versions.setdefault(template.id, [])
        kept = replace(template, version=len(versions) + 1)
        versions.append(kept)
        return kept

    def get(self, template_id: str, version: int | None = None) -> QueryTemplate | None:
        """Return a template, in its newest version unless told; None where there is none."""
        versions = self._versions.get(template_id, [])
        if version is None:
            return versions[-1] if versions else None
        return versions[version - 1] if 1 <= version <= len(versions) else None

    def versions(self, template_id: str) -> tuple[int, ...]:
        """Return the numbers of a template's versions, newest first."""
        return tuple(one.version for one in reversed(self._versions.get(template_id, [])))


def found(
    registry: Templates | Mapping[str, QueryTemplate], template_id: str, version: int | None
) -> QueryTemplate | None:
    """Return a template of a registry or of a plain mapping; None where there is none."""
    template = registry.get(template_id)
    if version is None or template is None or template.version == version:
        return template
    versioned = getattr(registry, "versions", None)  # a mapping has one version of each alone
    return registry.get(template_id, version) if versioned else None  # type: ignore[arg-type]


def require_reading(template: QueryTemplate) -> None:
    """Raise SqlGatewayError for a template that says that it is not for reading."""
    if template.read_only is not True:
        raise SqlGatewayError(
            "A template is for reading alone, and this one says that it is not.",
            code="not_reading",
        )


def judge(template: QueryTemplate, dialect: str, tables: tuple[str, ...]) -> None:
    """Raise TemplateRefused for a statement that may not run; takes milliseconds."""
    from engine.gateway.judging import judge as verdict_on

    verdict = verdict_on(template.sql, dialect, template.parameters, tables=tables)
    if not verdict.accepted:
        raise TemplateRefused(verdict)
