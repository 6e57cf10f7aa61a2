"""The errors that people and callers meet.

The tree::

    LampboardError
    ├── InvalidInput               a value that cannot be taken; `field` names it (exit 2)
    │   └── NameTaken              the name is used already in this tenant
    ├── NotFound                   no such thing in this tenant; another tenant's looks the same
    ├── LifecycleRefused           the status does not allow the step
    ├── EditConflict               somebody else changed the thing meanwhile
    ├── ReadOnlyRefused            a change in read-only mode
    ├── CredentialError
    │   ├── CredentialReferenceInvalid   not a reference (the value is never repeated; exit 2)
    │   ├── CredentialUnreadable         the secret cannot be resolved or decrypted
    │   ├── CredentialInUse              things still point to it, so it is not deleted
    │   └── MasterKeyRefused             the master key is missing, wrong or unsafe
    ├── ConnectorError             an operation of a connector that did not come about
    ├── UsageSourceError           a provider did not tell what it has counted
    ├── SqlGatewayError            a template, a value or a run of the gateway (engine.gateway)
    │   ├── SqlInjectionAttemptError     a value that looks like an injection; never repeated
    │   └── TemplateRefused              a statement that registration refused, with its verdict
    ├── PreventionContractViolation   what the contract of prevention does not allow (exit 2)
    ├── LedgerBroken               a ledger that does not hold takes no record (engine.prevention)
    ├── WorkspaceError             the database cannot be used (exit 3 when that may pass, else 1)
    └── DataSourceError            any of these, to callers of a registry (engine.sources.errors)

Each carries a title, one clear sentence, a hint (what to do) and, where one field is to blame,
its name. Foreign errors are translated into these once, at the seam.
"""

# ruff: noqa: N818 - these are the domain's words; each says what happened without a suffix

from __future__ import annotations

from typing import ClassVar

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_TEMPORARY = 3


class LampboardError(Exception):
    """What went wrong, for people.

    Args:
        message: One sentence: what and why. Never a secret.
        hint: What to do about it; empty when there is nothing to add.
        field: The input field to blame, when there is one.
    """

    title: ClassVar[str] = "Something went wrong"
    code: str = "error"
    exit_code: int = EXIT_FAILED

    def __init__(self, message: str, *, hint: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field

    def __str__(self) -> str:
        return self.message

    def to_dict(self) -> dict[str, str | None]:
        """Return the error as JSON-ready values."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.message,
            "hint": self.hint or None,
            "field": self.field,
        }


class InvalidInput(LampboardError):
    """A value that cannot be taken; `field` names it."""

    title = "That value cannot be used"
    code = "invalid_input"
    exit_code = EXIT_USAGE


class NameTaken(InvalidInput):
    """The name is used already in this tenant."""

    title = "That name is taken"
    code = "name_taken"


class NotFound(LampboardError):
    """No such thing in this tenant; a thing of another tenant is answered alike."""

    title = "Not found"
    code = "not_found"


class LifecycleRefused(LampboardError):
    """The status of the thing does not allow this step."""

    title = "Not possible in this status"
    code = "lifecycle_refused"


class EditConflict(LampboardError):
    """Somebody else changed the thing since it was read."""

    title = "Changed by somebody else"
    code = "edit_conflict"


class ReadOnlyRefused(LampboardError):
    """A change was asked for in read-only mode."""

    title = "Read-only"
    code = "read_only"


class CredentialError(LampboardError):
    """Something is wrong with a credential; the text never contains it."""

    title = "Credential problem"
    code = "credential_error"


class CredentialReferenceInvalid(CredentialError):
    """The text is not a credential reference; it may be a key, so it is never repeated."""

    title = "Not a credential reference"
    code = "credential_reference_invalid"
    exit_code = EXIT_USAGE


class CredentialUnreadable(CredentialError):
    """The secret behind a reference cannot be resolved or decrypted."""

    title = "Credential unreadable"
    code = "credential_unreadable"


class CredentialInUse(CredentialError):
    """Things still point to the credential; the text names some of them."""

    title = "Credential in use"
    code = "credential_in_use"


class MasterKeyRefused(CredentialError):
    """The master key is missing, wrong or kept unsafely."""

    title = "Master key refused"
    code = "master_key_refused"


class WorkspaceError(LampboardError):
    """The database cannot be used.

    Args:
        message: One sentence for people.
        hint: What to do.
        temporary: Whether trying again later may help (exit code 3).
        code: Which trouble it is, such as `database_locked`.
    """

    title = "The database cannot be used"
    code = "workspace_error"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        temporary: bool = False,
        code: str = "workspace_error",
    ) -> None:
        super().__init__(message, hint=hint)
        self.temporary = temporary
        self.code = code
        self.exit_code = EXIT_TEMPORARY if temporary else EXIT_FAILED


class ConnectorError(LampboardError):
    """An operation of a connector that was refused, failed or did not fit its bounds.

    Args:
        message: One sentence for people.
        hint: What to do.
        code: The cause as a word, as checks tell it, such as `auth_failed`; or `not_allowed`,
            `not_offered`, `too_large`.
    """

    title = "The connector could not do that"
    code = "connector_error"

    def __init__(self, message: str, *, hint: str = "", code: str = "connector_error") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class UsageSourceError(LampboardError):
    """A provider did not tell what it has counted.

    Args:
        message: One sentence for people.
        hint: What to do.
        retry_after_s: Seconds for which it asked to be left alone; None where it did not.
    """

    title = "Usage could not be read"
    code = "usage_source_error"

    def __init__(self, message: str, *, hint: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s
