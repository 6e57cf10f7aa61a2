"""What a provider is: its fields, its free request, and how its answer is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engine.errors import CredentialUnreadable, InvalidInput
from engine.fields import FieldSpec
from engine.http.messages import DEFAULT_DEADLINE_S, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

BASE_URL = "base_url"
SECRET = "secret"  # noqa: S105 - the name of a field, not a secret

AUTH_FAILED = "auth_failed"
ACCESS_DENIED = "access_denied"
RATE_LIMITED = "rate_limited"

_URL_LENGTH = 2048
_SECRET_LENGTH = 16_384


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckPlan:
    """Everything a provider needs to write its request.

    Attributes:
        base_url: The integration's own, else the provider's default, without a slash at the end.
        config: The provider's own fields; what was left empty has its default.
        secret: The credential in the open, or empty where none is needed.
        now: Aware UTC time of sending, for signatures.
    """

    base_url: str
    config: Mapping[str, str]
    secret: str = field(repr=False)
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """The request as a provider words it: address and headers of a GET."""

    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a provider's answer says.

    Attributes:
        problem: One sentence that says what is missing; None when the answer is as promised.
        details: Facts worth showing, JSON-ready.
    """

    problem: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


class Classifier(Protocol):
    """Recognises refusals that a provider does not express by the usual status."""

    def __call__(self, status: int, headers: Mapping[str, str], body: object) -> str | None:
        """Return `auth_failed`, `access_denied` or `rate_limited`, or None to go by the status.

        Args:
            status: The HTTP status.
            headers: Names in lower case.
            body: The parsed JSON, or None when there is none.
        """
        ...


def by_status(status: int, headers: Mapping[str, str], body: object) -> str | None:
    """Go by the HTTP status alone."""
    del status, headers, body
    return None


def no_problem(secret: str) -> str | None:
    """Take any secret."""
    del secret
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """One provider of LLMs.

    Attributes:
        name: Its word in the database and on the command line.
        title: Its name for people.
        own_fields: What it asks for besides the base URL and the credential.
        word_request: Writes the request that lists models, which costs nothing.
        read: Reads the parsed answer.
        classify: Recognises refusals that are not told by the status.
        default_base_url: Where it is when nothing else is said; empty when that must be said.
        default_base_url_of: The same, where it depends on the fields (a region).
        base_url_help: One sentence below the base URL.
        credential_label: What the provider calls its credential.
        credential_help: One sentence below the credential.
        credential_required: Whether it can be used without a credential.
        credential_problem: Says what is wrong with a credential's form, never repeating it.
        check_summary: What a check does, for people.
    """

    name: str
    title: str
    word_request: Callable[[CheckPlan], Wire]
    read: Callable[[object], Reading]
    own_fields: tuple[FieldSpec, ...] = ()
    classify: Classifier = by_status
    default_base_url: str = ""
    default_base_url_of: Callable[[Mapping[str, str]], str] | None = None
    base_url_help: str = "Where requests go; leave it empty for the provider's own address."
    base_url_placeholder: str = ""
    credential_label: str = "API key"
    credential_help: str = "It is encrypted at once and never shown again."
    credential_required: bool = True
    credential_problem: Callable[[str], str | None] = no_problem
    check_summary: str = "Lists the models; free of charge."

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """Every field that this provider asks for, in the order of a form."""
        return (self._base_url_field(), self._secret_field(), *self.own_fields)

    def build_check(
        self,
        config: Mapping[str, object],
        credential: str | None,
        *,
        base_url: str | None = None,
        now: datetime,
        deadline_s: float = DEFAULT_DEADLINE_S,
    ) -> HttpRequest:
        """Return the request that checks an integration and costs nothing.

        Args:
            config: The provider's own fields, as stored.
            credential: The secret in the open; None where the integration has none.
            base_url: The integration's own base URL, if it has one.
            now: Aware UTC time.
            deadline_s: Seconds for the whole exchange.

        Raises:
            CredentialUnreadable: The credential is missing or has no usable form.
            InvalidInput: A field has no usable value.
        """
        filled = self._filled(config)
        wire = self.word_request(
            CheckPlan(
                base_url=(base_url or self._default_base_url(filled)).rstrip("/"),
                config=filled,
                secret=self._usable(credential),
                now=now,
            )
        )
        headers = {"Accept": "application/json", **wire.headers}
        return HttpRequest(url=wire.url, headers=headers, deadline_s=deadline_s)

    def read_answer(self, body: object) -> Reading:
        """Say what the provider's parsed JSON means; never raises for what it contains."""
        return self.read(body)

    def clean(
        self, *, base_url: str | None, config: Mapping[str, object]
    ) -> tuple[str | None, dict[str, str]]:
        """Return base URL and config as they may be stored, white space and empty values gone.

        Raises:
            InvalidInput: A value does not fit its field, or there is no such field; `field` names
                it.
        """
        unknown = sorted(set(config) - {spec.name for spec in self.own_fields})
        if unknown:
            names = ", ".join(spec.name for spec in self.own_fields) or "none"
            raise InvalidInput(
                f"{self.title} has no field {unknown[0]!r}.",
                hint=f"Its own fields: {names}.",
                field=unknown[0],
            )
        url = (base_url or "").strip()
        _refuse(self._base_url_field(), url)
        values = {spec.name: _text(config.get(spec.name)) for spec in self.own_fields}
        for spec in self.own_fields:
            _refuse(spec, values[spec.name])
        return url.rstrip("/") or None, {name: value for name, value in values.items() if value}

    def clean_secret(self, secret: str) -> str:
        """Return a credential as it may be stored.

        Raises:
            InvalidInput: It cannot be this provider's credential. The text never repeats it.
        """
        text = secret.strip()
        problem = self._form_problem(text)
        if problem:
            raise InvalidInput(problem, field=SECRET)
        return text

    def _usable(self, credential: str | None) -> str:
        text = (credential or "").strip()
        if not text and not self.credential_required:
            return ""
        problem = self._form_problem(text)
        if problem:
            raise CredentialUnreadable(problem, hint="Edit the integration and enter it again.")
        return text

    def _form_problem(self, text: str) -> str | None:
        if not text:
            return f"{self.title} needs a credential ({self.credential_label}), and there is none."
        # A line break or a sign beyond ASCII cannot be sent in a header; copied keys have both.
        if not (text.isascii() and text.isprintable()) or len(text) > _SECRET_LENGTH:
            return f"The {self.credential_label} has characters that no such key can have."
        return self.credential_problem(text)

    def _filled(self, config: Mapping[str, object]) -> dict[str, str]:
        return {spec.name: _text(config.get(spec.name)) or spec.default for spec in self.own_fields}

    def _default_base_url(self, config: Mapping[str, str]) -> str:
        if self.default_base_url_of is not None:
            return self.default_base_url_of(config)
        if not self.default_base_url:
            raise InvalidInput(f"{self.title} needs a base URL.", field=BASE_URL)
        return self.default_base_url

    def _base_url_field(self) -> FieldSpec:
        return FieldSpec(
            name=BASE_URL,
            label="Base URL",
            kind="url",
            required=not (self.default_base_url or self.default_base_url_of),
            default=self.default_base_url,
            help=self.base_url_help,
            placeholder=self.base_url_placeholder or self.default_base_url,
            maximum=_URL_LENGTH,
        )

    def _secret_field(self) -> FieldSpec:
        return FieldSpec(
            name=SECRET,
            label=self.credential_label,
            kind="secret",
            required=self.credential_required,
            help=self.credential_help,
            maximum=_SECRET_LENGTH,
        )


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _refuse(spec: FieldSpec, value: str) -> None:
    problem = spec.problem(value)
    if problem:
        raise InvalidInput(problem, hint=spec.help, field=spec.name)
