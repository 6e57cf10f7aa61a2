"""An integration as a document says it: what may stand there, and what is wrong with it.

Nothing here touches the database. Types are strict, because a document is written by hand: `yes`
is not a name, and `"60"` is not a number. What is not said stays as it is, or has its default
where the integration is new.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, ValidationError

from engine.credentials.references import parse_reference
from engine.documents.limits import is_name
from engine.errors import CredentialReferenceInvalid, InvalidInput
from engine.integrations.providers import get_provider
from engine.integrations.results import DocumentProblem
from engine.integrations.shapes import CommonFields, Name, PlaceFields
from engine.shapes import Text, details, message_of, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

KIND = "integration"
KINDS = (KIND,)
_HIDDEN = "…"
_QUOTES = "Put it in quotes, so that YAML takes it for text."
# Where people put the key itself, by other tools' habit.
_SECRETS = frozenset({"secret", "key", "api_key", "apikey", "token", "password", "credential"})
_CREDENTIALS = (
    "Point to it with credential_ref: env://<NAME>, or give it afterwards with"
    " `lampboard integrations edit <name> --credential-stdin`."
)


class IntegrationDocument(PlaceFields, CommonFields):
    """What an item of `kind: integration` may say.

    `enabled` is left out where neither was ever said (an integration that is created or in
    error); `credential_ref` is left out where there is none, and null takes it away.
    """

    model_config = ConfigDict(strict=True)

    kind: Literal["integration"]
    name: Name
    provider_type: Text
    credential_ref: Text | None = None
    enabled: bool | None = None

    def common(self) -> dict[str, object]:
        """Return those fields that every integration has and that this document says."""
        return self.model_dump(include=self.model_fields_set & set(CommonFields.model_fields))

    def changes(self) -> dict[str, object]:
        """Return everything that it says and that can be changed, by the facade's names."""
        return self.model_dump(include=self.model_fields_set - {"kind", "enabled"})


class Refused(Exception):  # noqa: N818 - it carries what is wrong; it is not itself an error to show
    """A document that cannot be used.

    Args:
        problems: What is wrong with it, at least one.
    """

    def __init__(self, problems: tuple[DocumentProblem, ...]) -> None:
        super().__init__(*(problem.message for problem in problems))
        self.problems = problems


def read_integration(value: object) -> IntegrationDocument:
    """Return what an item says.

    Raises:
        Refused: It cannot be used. No sentence repeats a value that might be a key.
    """
    _refuse_kind(value)
    try:
        said = IntegrationDocument.model_validate(value)
    except ValidationError as error:
        raise Refused(tuple(_problem(found) for found in details(error))) from None
    if problems := tuple(_beyond_types(said)):
        raise Refused(problems)
    return said


def name_of(value: object) -> str | None:
    """Return the name that an item gives, if that can be a name: to say which is meant."""
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str):
        return None
    try:
        return CommonFields(name=name).name
    except ValidationError:
        return None


def _refuse_kind(value: object) -> None:
    if not isinstance(value, dict):
        message = f"This is not an item: it must be names with values, `kind: {KIND}` among them."
        raise Refused((DocumentProblem(message=message),))
    kind = value.get("kind")
    if kind not in KINDS:
        said = "There is no such kind" if "kind" in value else "The kind is missing"
        message = f"{said}; kinds are: {', '.join(KINDS)}."
        raise Refused((DocumentProblem(field="kind", message=message),))


def _problem(found: ErrorDetails) -> DocumentProblem:
    path = path_of(found)
    field = ".".join(part if is_name(part) else _HIDDEN for part in path)
    if found["type"] == "extra_forbidden":
        return _stray(path[-1], tuple(IntegrationDocument.model_fields), "An integration", field)
    if not all(is_name(part) for part in path):
        return DocumentProblem(field=field, message="This field has no name that a field can have.")
    message = message_of(found, IntegrationDocument.LABELS)
    if path == ("credential_ref",):
        return DocumentProblem(field=field, message=message, hint=_CREDENTIALS)
    hint = _QUOTES if found["type"] == "string_type" else None
    return DocumentProblem(field=field, message=message, hint=hint)


def _stray(name: str, known: tuple[str, ...], owner: str, field: str) -> DocumentProblem:
    if name.lower() in _SECRETS:
        message = f"A document never contains secrets, so there is no field {name.lower()!r}."
        return DocumentProblem(field=field, message=message, hint=_CREDENTIALS)
    if not is_name(name):
        return DocumentProblem(field=field, message=f"{owner} has no field of such a name.")
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else "."
    hint = "Its fields: " + (", ".join(known) or "none") + "."
    return DocumentProblem(field=field, message=f"{owner} has no field {name!r}{meant}", hint=hint)


def _beyond_types(said: IntegrationDocument) -> Iterator[DocumentProblem]:
    """Yield what is wrong with values that are of the right type.

    What a provider wants of its fields is left to the engine, which knows what is stored of them.
    """
    if said.credential_ref is not None:
        try:
            parse_reference(said.credential_ref.strip())
        except CredentialReferenceInvalid as error:
            hint = error.hint or None
            yield DocumentProblem(field="credential_ref", message=error.message, hint=hint)
    try:
        provider = get_provider(said.provider_type)
    except InvalidInput as error:
        # The name that was given stays unsaid: it is whatever stands there.
        message = "There is no such provider."
        yield DocumentProblem(field="provider_type", message=message, hint=error.hint or None)
        return
    own = tuple(spec.name for spec in provider.own_fields)
    for name in sorted(said.config.keys() - set(own)):
        field = f"config.{name if is_name(name) else _HIDDEN}"
        yield _stray(name, own, provider.title, field)
