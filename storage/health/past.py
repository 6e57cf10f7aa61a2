"""How lamps stood at a time that is over: from the last change of each before it.

A target begins unknown, so one without a change before a time was unknown then. Targets that were
made later are not there, those that were retired later are. What is not kept of a thing (its name,
its tags, its status) is read as it is now.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, and_, bindparam, case, func, literal_column, or_, select, true

from storage.access import how_many, role_values, visible
from storage.health.history import History
from storage.health.rows import STATE_RANKS, ChangedRow, PastBoardRow, PastRow, StoodRow
from storage.listing import TARGETS
from storage.matching import Searchable, conditions, shape_of
from storage.rows import build_all, by_dialect
from storage.tables import checks, targets, transitions
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select

    from storage.access import Roles
    from storage.filters import Term
    from storage.matching import Shape

_AT = bindparam("at", type_=UtcMillis, required=True)
_UNTIL = bindparam("until", type_=UtcMillis, required=True)
_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True, required=True)
# Each target's last change up to a moment: one look into an index.
_LAST = (
    select(transitions)
    .where(transitions.c.target_number == targets.c.number, transitions.c.at <= _AT)
    .order_by(transitions.c.at.desc(), transitions.c.id.desc())
    .limit(1)
    .correlate(targets)
)
_LAST_ID = _LAST.with_only_columns(transitions.c.id).scalar_subquery()
_past = transitions.alias("past")
# SQLite knows no lateral join; PostgreSQL would read all changes to join them by such an id.
_STANDING = {
    "sqlite": targets.outerjoin(_past, _past.c.id == _LAST_ID),
    "postgresql": targets.outerjoin(_LAST.lateral("past"), true()),
}
# By name, for either join is called `past`.
_then = {
    name: literal_column(f"past.{name}", transitions.c[name].type)
    for name in ("to_state", "error", "message", "at")
}
_STATE = func.coalesce(_then["to_state"], "unknown")
_NOT_RETIRED = or_(targets.c.retired_at.is_(None), targets.c.retired_at > _AT)
_WORDS = targets.c.sort_name.concat(" ").concat(targets.c.type).concat(" ")
_WORDS = _WORDS.concat(targets.c.technology)
_LABELS = targets.c.tags.concat(targets.c.owner)
_ERROR = func.coalesce(_then["error"], "")
_FIELDS = TARGETS.searchable
# Words are looked for in what a target was then, as lists look for them in what it is now.
_THEN = Searchable(
    search=_WORDS.concat(" ").concat(_STATE).concat(" ").concat(_ERROR).concat(_LABELS),
    contains={
        **_FIELDS.contains,
        "error": _ERROR,
        "message": func.lower(func.coalesce(_then["message"], "")),
    },
    begins={**_FIELDS.begins, "health": _STATE, "state": _STATE},
    marks=_FIELDS.marks,
)
_ALWAYS = Searchable(
    search=_WORDS.concat(_LABELS),
    contains={"name": _FIELDS.contains["name"]},
    begins={name: at for name, at in _FIELDS.begins.items() if name not in {"health", "state"}},
    marks=_FIELDS.marks,
)
_OF_A_TIME = frozenset({"health", "state", "error", "message"})
_CHECKED_AT = (
    select(func.max(checks.c.checked_at))
    .where(checks.c.target_number == targets.c.number, checks.c.checked_at <= _AT)
    .correlate(targets)
    .scalar_subquery()
)
_OF_TARGET = ("number", "kind", "id", "tenant_id", "name", "technology", "interval_s")
_DETAILS = by_dialect(
    lambda dialect: (
        select(
            *(targets.c[name] for name in _OF_TARGET),
            _STATE,
            *(_then[name] for name in ("error", "message", "at")),
            *(checks.c[name] for name in ("checked_at", "state", "error", "message", "stage")),
            *(checks.c[name] for name in ("latency_ms", "status_code")),
        )
        .select_from(
            _STANDING[dialect].outerjoin(
                checks,
                and_(
                    checks.c.target_number == targets.c.number, checks.c.checked_at == _CHECKED_AT
                ),
            )
        )
        .where(targets.c.number.in_(_NUMBERS))
    )
)
_TURNED = (
    select(transitions.c.target_number, transitions.c.at, transitions.c.to_state)
    .where(transitions.c.at > _AT, transitions.c.at < _UNTIL)
    .order_by(transitions.c.at, transitions.c.id)
)
_TENANT: BindParameter[str] = bindparam("tenant_id", required=True)
_NUMBER: BindParameter[int] = bindparam("number", required=True)
_TURNED_OF = {
    "tenant_id": _TURNED.where(transitions.c.tenant_id == _TENANT),
    "number": _TURNED.where(transitions.c.target_number == _NUMBER),
}


def _beside(column: ColumnElement[Any], *, back: bool) -> tuple[ColumnElement[bool], Any]:
    """What lies before or after a moment, and the order in which the nearest comes first."""
    if back:
        return column < _AT, column.desc()
    return and_(column > _AT, column <= _UNTIL), column


@lru_cache(maxsize=2)
def _step(*, back: bool) -> Select[Any]:
    """Finds the nearest change of a tenant: one look into its index."""
    beside, nearest = _beside(transitions.c.at, back=back)
    found = select(transitions.c.at).where(transitions.c.tenant_id == _TENANT, beside)
    return found.order_by(nearest).limit(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shaped:
    """What makes one statement about targets of a time differ from another, without a value."""

    dialect: str
    fixed: tuple[str, ...]
    terms: Shape = ()
    roles: int | None = None


def _where(shaped: _Shaped) -> list[ColumnElement[bool]]:
    fixed = [targets.c[name] == bindparam(name, required=True) for name in shaped.fixed]
    return [*fixed, *visible(shaped.roles, shaped.dialect)]


@lru_cache(maxsize=64)
def _standing(shaped: _Shaped) -> Select[Any]:
    """Reads number, state and whether the terms match, of each target that was there."""
    matches = and_(true(), *conditions(shaped.terms, _THEN, shaped.dialect))
    return (
        select(targets.c.number, _STATE, matches)
        .select_from(_STANDING[shaped.dialect])
        .where(*_where(shaped), targets.c.created_at <= _AT, _NOT_RETIRED)
        .order_by(case(STATE_RANKS, value=_STATE), targets.c.sort_name, targets.c.number)
    )


@lru_cache(maxsize=64)
def _nearest(shaped: _Shaped, *, back: bool) -> Select[Any]:
    """Finds the nearest change of some targets: a look into the index for each of them."""
    beside, nearest = _beside(transitions.c.at, back=back)
    each = (
        select(transitions.c.at)
        .where(transitions.c.target_number == targets.c.number, beside)
        .order_by(nearest)
        .limit(1)
        .correlate(targets)
        .scalar_subquery()
    )
    pick = func.max if back else func.min
    return select(pick(each)).select_from(targets).where(*_lasting_where(shaped))


_CAME_AT = case((targets.c.created_at > _AT, targets.c.created_at))


@lru_cache(maxsize=64)
def _stood(shaped: _Shaped) -> Select[Any]:
    """Reads the targets of a span with the state in which each entered it."""
    return (
        select(targets.c.number, _STATE, _CAME_AT, targets.c.retired_at)
        .select_from(_STANDING[shaped.dialect])
        .where(*_lasting_where(shaped), targets.c.created_at < _UNTIL, _NOT_RETIRED)
    )


@lru_cache(maxsize=16)
def _chosen(shaped: _Shaped) -> Select[Any]:
    return select(targets.c.number).where(*_where(shaped), targets.c.number.in_(_NUMBERS))


@lru_cache(maxsize=64)
def _any(shaped: _Shaped) -> Select[Any]:
    return select(targets.c.number).where(*_lasting_where(shaped)).limit(1)


def _lasting_where(shaped: _Shaped) -> list[ColumnElement[bool]]:
    return [*_where(shaped), *conditions(shaped.terms, _ALWAYS, shaped.dialect)]


@dataclass(frozen=True, kw_only=True, slots=True)
class PastScope:
    """Which targets are asked about: of one tenant, perhaps of a kind, or a single one."""

    tenant_id: str
    kind: str | None = None
    number: int | None = None
    terms: Sequence[Term] = ()
    roles: Roles = None

    def fixed(self) -> dict[str, object]:
        """The columns of a target that are given, with their values."""
        given = {"tenant_id": self.tenant_id, "kind": self.kind, "number": self.number}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def is_whole(self) -> bool:
        """Whether it is all that a tenant has, so that nothing is to be looked up in targets."""
        return list(self.fixed()) == ["tenant_id"] and self.roles is None and not self.terms


class Past(History):
    """The part of `HealthDriver` that goes back in time."""

    def board_at(self, scope: PastScope, at: datetime, *, limit: int) -> PastBoardRow:
        """Gives how the targets stood at a time: the first ones worst first, and all counted.

        What is bound in `terms` is looked for in the states and errors of that time.
        """
        shaped, values = self._shaped(scope, scope.terms, _THEN)
        found = self.connection.execute(_standing(shaped), values | {"at": at}).all()
        matching = [(number, state) for number, state, matches in found if matches]
        shown = [number for number, _ in matching[:limit]]
        return PastBoardRow(
            rows=self._details(shown, at),
            counts=Counter(state for _, state, _ in found),
            totals=Counter(state for _, state in matching),
        )

    def chosen(self, scope: PastScope, numbers: Sequence[int]) -> list[int]:
        """Gives those of the numbers that are targets which are asked about, retired or not."""
        shaped, values = self._shaped(scope, (), _ALWAYS)
        found = self.connection.execute(_chosen(shaped), values | {"numbers": list(numbers)})
        return list(found.scalars())

    def stood_at(self, number: int, at: datetime) -> PastRow:
        """Gives how one target stood at a time."""
        return self._details([number], at)[0]

    def _details(self, numbers: Sequence[int], at: datetime) -> tuple[PastRow, ...]:
        rows = self.connection.execute(
            _DETAILS[self.connection.dialect.name], {"numbers": list(numbers), "at": at}
        )
        found = {row[0]: _past_row(row) for row in rows}
        return tuple(found[number] for number in numbers)

    def step(
        self, scope: PastScope, at: datetime, *, back: bool, until: datetime
    ) -> datetime | None:
        """Gives the time of the nearest change before `at`, or after it up to `until`.

        Of the terms those count that hold at any time: a change to another state is one, too.
        Where they fit no target, the changes of all count.
        """
        values: dict[str, object] = {"at": at} if back else {"at": at, "until": until}
        if scope.is_whole:
            given = values | {"tenant_id": scope.tenant_id}
            return self.connection.execute(_step(back=back), given).scalar()
        shaped, more = self._lasting(scope)
        return self.connection.execute(_nearest(shaped, back=back), values | more).scalar()

    def stood(self, scope: PastScope, since: datetime, until: datetime) -> list[StoodRow]:
        """Gives the targets that were there in a span, with the state they entered it in."""
        shaped, values = self._lasting(scope)
        values |= {"at": since, "until": until}
        found = self.connection.execute(_stood(shaped), values)
        return [
            StoodRow(number=number, state=state, came_at=came_at, left_at=left_at)
            for number, state, came_at, left_at in found
        ]

    def turned(self, scope: PastScope, since: datetime, until: datetime) -> list[ChangedRow]:
        """Gives a tenant's changes after `since` and before `until`, oldest first.

        They are those of one target where the scope is one, else of everything of the tenant.
        """
        of = "tenant_id" if scope.number is None else "number"
        values = {of: scope.fixed()[of], "at": since, "until": until}
        return build_all(ChangedRow, self.connection.execute(_TURNED_OF[of], values))

    def _lasting(self, scope: PastScope) -> tuple[_Shaped, dict[str, object]]:
        terms = [term for term in scope.terms if _lasts(term)]
        shaped, values = self._shaped(scope, terms, _ALWAYS)
        if not terms or self.connection.execute(_any(shaped), values).first() is not None:
            return shaped, values
        return self._shaped(scope, (), _ALWAYS)

    def _shaped(
        self, scope: PastScope, terms: Sequence[Term], searchable: Searchable
    ) -> tuple[_Shaped, dict[str, object]]:
        fixed = scope.fixed()
        shape, words = shape_of(terms, searchable)
        shaped = _Shaped(
            dialect=self.connection.dialect.name,
            fixed=tuple(fixed),
            terms=shape,
            roles=how_many(scope.roles),
        )
        return shaped, {**fixed, **words, **role_values(scope.roles)}


def _lasts(term: Term) -> bool:
    """Whether a word says what a target is, and not how it stands at a time."""
    if term.field is not None:
        return term.field.lower() not in _OF_A_TIME
    return not any(state.startswith(term.value.casefold()) for state in STATE_RANKS)


def _past_row(row: Sequence[Any]) -> PastRow:
    """Makes a row of a target, its last change and its last check that is kept.

    The check's error is the closer one, for the change has that with which the state began.
    """
    number, kind, thing_id, tenant_id, name, technology, interval_s = row[:7]
    state, error, message, since = row[7:11]
    checked_at, found, its_error, its_message, stage, latency_ms, status_code = row[11:]
    if found == state:
        error, message = its_error, its_message or message
    return PastRow(
        number=number,
        kind=kind,
        id=thing_id,
        tenant_id=tenant_id,
        name=name,
        technology=technology,
        interval_s=interval_s,
        state=state,
        error=error,
        message=message,
        since=since,
        checked_at=checked_at,
        stage=stage,
        latency_ms=latency_ms,
        status_code=status_code,
    )
