"""Which incidents a route is about: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.incidents.model import CRITICAL, WARNING
from engine.silences.model import Subject

if TYPE_CHECKING:
    from storage.alerts import AboutRow, RouteRow


def subject_of(about: AboutRow) -> Subject:
    """Return the features of an incident that silences and routes look at."""
    from storage.labels import tags_of

    return Subject(
        tenant_id=about.tenant_id,
        kind=about.kind,
        thing_id=about.thing_id,
        technology=about.technology,
        tags=tags_of(about.tags),
    )


def matches(route: RouteRow, about: AboutRow, subject: Subject) -> bool:
    """Return whether an incident goes this way: whose, how bad, and what it is about."""
    whose = route.all_tenants or route.tenant_id == about.tenant_id
    bad_enough = route.severity == WARNING or about.severity == CRITICAL
    tagged = route.tag is None or route.tag.casefold() in subject.tags
    return (
        whose
        and bad_enough
        and tagged
        and route.cause in {None, about.cause}
        and route.kind in {None, about.kind}
        and route.technology in {None, about.technology}
    )
