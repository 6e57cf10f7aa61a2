"""`lampboard prevention`: ledgers of what policies blocked, which nobody can change unseen."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_LOOK, _WRITE, _PROVE = "Look", "Write", "Prove"

prevention = LateGroup(
    name="prevention",
    help="What active policies blocked: records that are written once, chained and proved.",
    examples=(
        "lampboard prevention list --tenant acme 'policy:no-raw-exports !simulated:yes'",
        "lampboard prevention verify --tenant acme --checkpoint acme.checkpoints",
        "lampboard prevention graduation --tenant acme -o json",
    ),
    late={
        "list": Late(
            module="tui.cli.prevention.listing",
            attribute="command",
            short="The records of a ledger, newest first.",
            panel=_LOOK,
        ),
        "show": Late(
            module="tui.cli.prevention.listing",
            attribute="show",
            short="A record with its hashes and its canonical form.",
            panel=_LOOK,
        ),
        "status": Late(
            module="tui.cli.prevention.status",
            attribute="command",
            short="The ledger's lamp, and what its last verification said.",
            panel=_LOOK,
        ),
        "graduation": Late(
            module="tui.cli.prevention.graduation",
            attribute="command",
            short="Which records of each policy count since it is active, and why others don't.",
            panel=_LOOK,
        ),
        "record": Late(
            module="tui.cli.prevention.recording",
            attribute="command",
            short="Validate what a policy prevented, and append it.",
            panel=_WRITE,
        ),
        "policies": Late(
            module="tui.cli.prevention.policies",
            attribute="policies",
            short="Since when policies are active, and what graduates them: list, set.",
            panel=_WRITE,
        ),
        "verify": Late(
            module="tui.cli.prevention.verifying",
            attribute="command",
            short="Prove a ledger, and name the first record that does not hold.",
            panel=_PROVE,
        ),
        "checkpoint": Late(
            module="tui.cli.prevention.checkpoints",
            attribute="command",
            short="Print what the ledger is now, to be kept where its owner cannot reach.",
            panel=_PROVE,
        ),
        "export": Late(
            module="tui.cli.prevention.checkpoints",
            attribute="export",
            short="Write the ledger as JSON lines that are proved without a database.",
            panel=_PROVE,
        ),
        "resume": Late(
            module="tui.cli.prevention.resuming",
            attribute="command",
            short="Accept the fault of a broken ledger, so that it goes on.",
            panel=_PROVE,
        ),
    },
)
