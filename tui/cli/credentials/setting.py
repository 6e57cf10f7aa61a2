"""`lampboard credentials set`: store, replace, list, date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.credentials.results import CredentialSummary
    from engine.workspace import Workspace

WAYS = ("--secret-prompt", "--secret-stdin", "--secret-file")


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What was said of a credential: None where nothing was."""

    secret: str | None
    label: str | None
    dated: bool
    expires_at: datetime | None


def _ways(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--secret-prompt", is_flag=True, help="Ask for the secret, unseen."),
        click.option(
            "--secret-file",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False),
            help="Read the secret from a file.",
        ),
        click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input."),
    ):
        function = option(function)
    return function


@click.command(
    "set",
    cls=BoardCommand,
    panels={"The secret": WAYS, "About it": ("--label", "--expires")},
    examples=(
        "lampboard credentials set --label 'OpenAI, prod'          asks for it, unseen",
        "pass openai | lampboard credentials set --secret-stdin --expires 2027-01-31",
        "lampboard credentials set encrypted://ID --secret-prompt   another secret behind it",
        "lampboard credentials set 'vault://secret/app/openai#key' --label 'OpenAI, prod'",
        "lampboard credentials set env://OPENAI_API_KEY --expires never",
    ),
)
@click.argument("reference", required=False, metavar="[REF]")
@_ways
@click.option("--label", metavar="TEXT", help="What people call it.")
@click.option(
    "--expires",
    metavar="DATE",
    help="Good until then (UTC): 2027-01-31, that day included; a time; 90d; or never.",
)
@click.pass_obj
def command(
    session: Session,
    /,
    *,
    reference: str | None,
    label: str | None,
    expires: str | None,
    **ways: Any,
) -> None:
    """Store a secret and print its reference; or change what REF points to, or what is said of it.

    Without REF, the secret is encrypted into the database. With an encrypted REF, it takes the
    place of the one that is there. Any other REF is listed, with its label and expiry; its secret
    stays where it is kept. A token that says itself when it expires (JWT) needs no --expires.
    """
    said = _said(session, reference, label, expires, ways)

    async def work(workspace: Workspace) -> CredentialSummary:
        tenant = await session.tenant(workspace)
        done = await _set(workspace, tenant, reference, said)
        return (await workspace.credentials.get(tenant, done)).credential

    found = session.run(work)
    session.output.record(found.to_dict(), table=lambda: f"{found.reference}\n", name="reference")
    narrate(_told(found, said))


def _said(
    session: Session,
    reference: str | None,
    label: str | None,
    expires: str | None,
    ways: dict[str, Any],
) -> Said:
    from engine.clock import SystemClock
    from engine.credentials.references import ENCRYPTED
    from engine.errors import InvalidInput
    from tui.cli.secret import take
    from tui.dates import expiry

    given = any(ways.values())
    stored = reference is None or reference.strip().startswith(ENCRYPTED)
    if given and not stored:
        raise InvalidInput(
            "The secret of this reference is kept elsewhere, so it is changed there.",
            hint="Leave the secret out; or leave REF out, to have the secret encrypted here.",
            field="secret",
        )
    # Without any word about it, an encrypted one is set to be replaced.
    if not given and (reference is None or (stored and label is None and expires is None)):
        ways["secret_prompt"] = given = True
    secret = take(session, ways, label="secret", name="secret").secret if given else None
    if given and not secret:
        raise InvalidInput("The secret is empty.", field="secret")
    if expires is not None and not expires.strip():  # an empty variable must not take it away
        raise InvalidInput(
            "The expiry is empty.", hint="Say never where it has none.", field="expires_at"
        )
    dated = expires is not None
    until = expiry(expires, SystemClock().now()) if expires is not None else None
    return Said(secret=secret, label=label, dated=dated, expires_at=until)


async def _set(workspace: Workspace, tenant: str, reference: str | None, said: Said) -> str:
    """Do what was said, and return the reference in its plain form."""
    facade, label = workspace.credentials, said.label
    if reference is None:
        return await facade.store(tenant, said.secret or "", label or "", said.expires_at)
    if said.secret is not None:
        await facade.replace(tenant, reference, said.secret, said.expires_at)
        if label is not None:
            await facade.rename(tenant, reference, label)
        return reference
    from engine.credentials.references import EncryptedReference, parse_reference

    if not isinstance(parse_reference(reference.strip()), EncryptedReference):
        reference = await facade.register(tenant, reference, label or "")
    elif label is not None:
        await facade.rename(tenant, reference, label)
    if said.dated:
        await facade.set_expiry(tenant, reference, said.expires_at)
    return reference


def _told(found: CredentialSummary, said: Said) -> str:
    """Return in a sentence what was done, with the expiry and where that is from."""
    what = "The secret is stored, encrypted" if said.secret else "Noted"
    if found.expires_at is None:
        return f"{what}; nobody said when it expires."
    when = f"{found.expires_at:%Y-%m-%d %H:%M} UTC"
    if said.secret and not said.dated:
        return f"{what}; it is a token, which says itself that it expires on {when}."
    return f"{what}; it expires on {when}."
