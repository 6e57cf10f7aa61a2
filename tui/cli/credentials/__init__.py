"""`lampboard credentials`: secrets by reference; none is ever shown."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_LOOK, _CHANGE, _KEY = "Look", "Change", "Master key"

credentials = LateGroup(
    name="credentials",
    help="Where secrets are, how they are, who uses them; a secret itself is never shown.",
    examples=(
        "lampboard credentials list --tenant acme",
        "lampboard credentials set --label 'OpenAI, prod' --expires 2027-01-31",
        "lampboard credentials set 'vault://secret/app/openai#key' --label 'OpenAI, prod'",
        "lampboard credentials list --expiring -o json",
    ),
    late={
        "list": Late(
            module="tui.cli.credentials.listing",
            attribute="command",
            short="List references: kind, state, expiry, used by how many; the worst first.",
            panel=_LOOK,
        ),
        "show": Late(
            module="tui.cli.credentials.show",
            attribute="command",
            short="Show one: who uses it, and who asked for it on which day.",
            panel=_LOOK,
        ),
        "test": Late(
            module="tui.cli.credentials.testing",
            attribute="command",
            short="Ask for secrets now, and say whether they are there.",
            panel=_LOOK,
        ),
        "set": Late(
            module="tui.cli.credentials.setting",
            attribute="command",
            short="Store a secret, replace one, list one that is kept elsewhere, date one.",
            panel=_CHANGE,
        ),
        "delete": Late(
            module="tui.cli.credentials.delete",
            attribute="command",
            short="Delete one that nothing uses any more.",
            panel=_CHANGE,
        ),
        "rotate": Late(
            module="tui.cli.credentials.rotate",
            attribute="command",
            short="Move every secret to another master key, while everything runs.",
            panel=_KEY,
        ),
        "passphrase": Late(
            module="tui.cli.credentials.passphrase",
            attribute="command",
            short="Lock the key file with a passphrase, change it, or unlock the file.",
            panel=_KEY,
        ),
    },
)
