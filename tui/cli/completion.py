"""`lampboard completion`: the script that teaches a shell to complete."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tui.cli.kit import BoardCommand
from tui.cli.options import Words

VARIABLE = "_LAMPBOARD_COMPLETE"
PROGRAM = "lampboard"


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard completion bash > ~/.local/share/bash-completion/completions/lampboard",
        'lampboard completion zsh > "${fpath[1]}/_lampboard"',
        "lampboard completion fish > ~/.config/fish/completions/lampboard.fish",
    ),
)
@click.argument("shell", type=Words(("bash", "zsh", "fish")))
def completion(*, shell: str) -> None:
    """Print the completion script of a shell: bash, zsh or fish."""
    from tui.cli.root import root

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    # Not ShellComplete.source(): bash's first runs bash to ask for its version.
    script = made(root, {}, PROGRAM, VARIABLE)
    click.echo(script.source_template % script.source_vars(), nl=False)
