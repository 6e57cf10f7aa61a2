"""Where the vault is and how Lampboard gets in: settings first, then the vault's own variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class VaultSettings:
    """What a vault is asked with.

    Attributes:
        address: Its URL; empty where nobody said.
        namespace: Its namespace; empty for none.
        token: A token as it is, of the environment.
        token_file: A file with a token, which an agent may renew at any time.
        role_id: The role of AppRole; then the file beside it is needed.
        secret_id_file: A file with AppRole's secret id.
        approle_mount: Where AppRole is mounted.
        ca_file: Authorities (PEM) that are trusted beside the public ones.
        deadline_s: Seconds for one secret, logging in included.
        allow_addresses, allow_networks: The operator's exceptions to the address rule.
    """

    address: str = ""
    namespace: str = ""
    token: str = field(default="", repr=False)
    token_file: str = ""
    role_id: str = ""
    secret_id_file: str = ""
    approle_mount: str = "approle"
    ca_file: str | None = None
    deadline_s: float = 5.0
    allow_addresses: tuple[str, ...] = ()
    allow_networks: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str]) -> VaultSettings:
        """Return what the settings say, and where they are silent OpenBao's or Vault's variables.

        A token of the environment stands back where the settings name another way in.
        """

        def variable(name: str) -> str:
            return environment.get(f"BAO_{name}") or environment.get(f"VAULT_{name}") or ""

        told = bool(settings.vault_token_file or settings.vault_role_id)
        return cls(
            address=(settings.vault_addr or variable("ADDR")).rstrip("/"),
            namespace=settings.vault_namespace or variable("NAMESPACE"),
            token="" if told else variable("TOKEN"),
            token_file=settings.vault_token_file or "",
            role_id=settings.vault_role_id or "",
            secret_id_file=settings.vault_secret_id_file or "",
            approle_mount=settings.vault_approle_mount,
            ca_file=settings.vault_ca_file or variable("CACERT") or settings.ca_file,
            deadline_s=settings.credential_deadline_s,
            allow_addresses=settings.allow_addresses,
            allow_networks=settings.allow_networks,
        )

    def secret_files(self) -> tuple[str, ...]:
        """Return the files that let somebody into the vault: no thing may point to them."""
        return (self.token_file, self.secret_id_file, "~/.vault-token", "~/.bao-token")
