"""Secrets of a real OpenBao: key-value engines of both versions, tokens, AppRole, TLS."""

from __future__ import annotations

import sys
import urllib.error
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.credentials.backends.vault import SULK_S, VaultBackend
from engine.credentials.backends.vault_settings import VaultSettings
from engine.errors import CredentialUnreadable
from engine.settings import Settings
from tests.servers.openbao import openbao

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.openbao import OpenBao

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "canary-of-a-vault"
PATIENCE_S = 60.0


def with_token(bao: OpenBao, clock: FixedClock | None = None, **wanted: str) -> VaultBackend:
    settings = VaultSettings(address=bao.url, token=bao.token(**wanted), deadline_s=PATIENCE_S)
    return VaultBackend(settings, clock or FixedClock(NOW))


def with_role(bao: OpenBao, folder: Path, clock: FixedClock, **wanted: object) -> VaultBackend:
    role_id, secret_id = bao.role(folder.name, **wanted)
    (folder / "secret-id").write_text(secret_id + "\n")
    settings = VaultSettings(
        address=bao.url,
        role_id=role_id,
        secret_id_file=str(folder / "secret-id"),
        deadline_s=PATIENCE_S,
    )
    return VaultBackend(settings, clock)


def refused(vault: VaultBackend, path: str) -> CredentialUnreadable:
    with pytest.raises(CredentialUnreadable) as found:
        vault.get(path)
    assert SECRET not in found.value.message + found.value.hint
    assert "app/" not in found.value.message + found.value.hint
    return found.value


def test_a_field_is_read_and_a_version_can_be_pinned(bao: OpenBao) -> None:
    bao.write("app/pinned", key=f"{SECRET}-1", other="x")
    bao.write("app/pinned", key=f"{SECRET}-2")
    vault = with_token(bao)
    assert vault.get("secret/app/pinned#key").value == f"{SECRET}-2"
    assert vault.get("secret/app/pinned?version=1#key").value == f"{SECRET}-1"
    assert vault.get("secret/app/pinned?version=1#other").value == "x"
    assert "no such version" in refused(vault, "secret/app/pinned?version=9#key").message


def test_names_may_need_quoting(bao: OpenBao) -> None:
    bao.write("app/with%20blank", **{"a field": SECRET})
    assert with_token(bao).get("secret/app/with%20blank#a%20field").value == SECRET


def test_a_mount_may_have_slashes(bao: OpenBao) -> None:
    bao("POST", "sys/mounts/team/kv", {"type": "kv", "options": {"version": "2"}})
    bao("PUT", "sys/policies/acl/team", {"policy": 'path "team/*" {capabilities=["read"]}'})
    bao("POST", "team/kv/data/app", {"data": {"key": SECRET}})
    vault = with_token(bao, policies=["team"])  # type: ignore[arg-type]
    assert vault.get("team%2Fkv/app#key").value == SECRET


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("secret/app/nowhere#key", "has no such secret"),
        ("secret/app/odd#nokey", "has no such field"),
        ("secret/app/odd#number", "is not text"),
        ("secret/app/odd#empty", ""),
        ("secret/other/one#key", "does not let Lampboard read"),
        ("nowhere/app/odd#key", "does not let Lampboard read"),
    ],
)
def test_what_cannot_be_had_says_why(bao: OpenBao, path: str, told: str) -> None:
    bao.write("app/odd", key=SECRET, number=5, empty="")
    bao.write("other/one", key=SECRET)
    if not told:
        assert with_token(bao).get(path).value == ""  # whoever asks refuses an empty one
        return
    error = refused(with_token(bao), path)
    assert told in error.message
    assert error.hint


def mounted(bao: OpenBao, name: str, kind: str, **options: str) -> VaultBackend:
    """Mount an engine, and return a vault whose token may read what is in it."""
    bao("POST", f"sys/mounts/{name}", {"type": kind, "options": options})
    bao("PUT", f"sys/policies/acl/{name}", {"policy": f'path "{name}/*" {{capabilities=["read"]}}'})
    return with_token(bao, policies=[name])  # type: ignore[arg-type]


def test_version_one_of_the_engine_is_read_and_not_mistaken_for_two(bao: OpenBao) -> None:
    vault = mounted(bao, "old", "kv", version="1")
    bao("POST", "old/app", {"key": SECRET, "number": 5})
    bao("POST", "old/data/app", {"data": {"key": "decoy"}, "metadata": {"version": 1}})
    found = vault.get("old/app#key")
    assert (found.value, found.expires_at) == (SECRET, None)
    assert "is not text" in refused(vault, "old/app#number").message
    assert "has no such field" in refused(vault, "old/app#other").message
    assert "has no such secret" in refused(vault, "old/nowhere#key").message
    assert "keeps no versions" in refused(vault, "old/app?version=1#key").message


def test_a_mount_without_a_word_of_its_version_is_of_the_first(bao: OpenBao) -> None:
    vault = mounted(bao, "plain", "kv")
    bao("POST", "plain/deep/app", {"key": SECRET})
    assert vault.get("plain/deep/app#key").value == SECRET


def test_a_mount_that_became_another_is_asked_again(bao: OpenBao) -> None:
    vault = mounted(bao, "moved", "kv", version="1")
    bao("POST", "moved/app", {"key": f"{SECRET}-1"})
    assert vault.get("moved/app#key").value == f"{SECRET}-1"
    for version, path, body in (
        ("2", "moved/data/app", {"data": {"key": f"{SECRET}-2"}}),
        ("1", "moved/app", {"key": f"{SECRET}-3"}),
    ):
        bao("DELETE", "sys/mounts/moved")
        bao("POST", "sys/mounts/moved", {"type": "kv", "options": {"version": version}})
        bao("POST", path, body)
        assert vault.get("moved/app#key").value.startswith(f"{SECRET}-")
    assert vault.get("moved/app#key").value == f"{SECRET}-3"


def test_an_engine_that_is_none_of_values_is_not_asked(bao: OpenBao) -> None:
    vault = mounted(bao, "keys", "transit")
    assert "not a key-value engine" in refused(vault, "keys/random#key").message


def test_deleted_and_destroyed_versions_say_so(bao: OpenBao) -> None:
    vault = with_token(bao)
    bao.write("app/gone", key=SECRET)
    bao("DELETE", "secret/data/app/gone")
    assert "was deleted" in refused(vault, "secret/app/gone#key").message
    bao("POST", "secret/undelete/app/gone", {"versions": [1]})
    assert vault.get("secret/app/gone#key").value == SECRET
    bao("POST", "secret/destroy/app/gone", {"versions": [1]})
    assert "was destroyed" in refused(vault, "secret/app/gone#key").message


def test_expiry_is_what_the_vault_tells(bao: OpenBao) -> None:
    vault = with_token(bao)
    bao.write("app/dated", key=SECRET)
    assert vault.get("secret/app/dated#key").expires_at is None
    custom = {"custom_metadata": {"expires_at": "2027-01-31"}}
    bao("POST", "secret/metadata/app/dated", custom)
    assert vault.get("secret/app/dated#key").expires_at == datetime(2027, 2, 1, tzinfo=UTC)
    bao("POST", "secret/metadata/app/dated", {**custom, "delete_version_after": "48h"})
    bao.write("app/dated", key=SECRET)
    found = vault.get("secret/app/dated#key").expires_at
    assert found is not None
    soon = datetime.now(UTC) + timedelta(hours=48)
    assert abs(min(soon, datetime(2027, 2, 1, tzinfo=UTC)) - found) < timedelta(minutes=5)
    bao("POST", "secret/metadata/app/dated", {"custom_metadata": {"expires_at": "when it rains"}})
    assert vault.get("secret/app/dated#key").expires_at is not None


def test_a_token_with_a_span_is_renewed_before_it_ends(bao: OpenBao) -> None:
    bao.write("app/renewed", key=SECRET)
    clock = FixedClock(NOW)
    vault = with_token(bao, clock, ttl="300s", explicit_max_ttl="1h")
    assert vault.get("secret/app/renewed#key").value == SECRET
    held = vault._login._pass
    assert held is not None
    assert held.renewable
    clock.advance(250)
    assert vault.get("secret/app/renewed#key").value == SECRET
    renewed = vault._login._pass
    assert renewed is not None
    assert (renewed.token, renewed.ends_at) == (held.token, 550)


def test_a_token_file_is_read_again_when_an_agent_changed_it(bao: OpenBao, tmp_path: Path) -> None:
    bao.write("app/agent", key=SECRET)
    file = tmp_path / "token"
    first, second = bao.token(), bao.token()
    file.write_text(first + "\n")
    settings = VaultSettings(address=bao.url, token_file=str(file), deadline_s=PATIENCE_S)
    vault = VaultBackend(settings, FixedClock(NOW))
    assert vault.get("secret/app/agent#key").value == SECRET
    bao("POST", "auth/token/revoke", {"token": first})
    assert "does not let Lampboard" in refused(vault, "secret/app/agent#key").message
    file.write_text(second)
    assert vault.get("secret/app/agent#key").value == SECRET
    file.unlink()
    assert "vault_token_file cannot be read" in refused(vault, "secret/app/agent#key").message


def test_a_role_logs_in_once_and_again_when_its_token_is_gone(bao: OpenBao, tmp_path: Path) -> None:
    bao.write("app/role", key=SECRET)
    clock = FixedClock(NOW)
    vault = with_role(bao, tmp_path, clock, token_ttl="300s", token_max_ttl="10m")
    assert vault.get("secret/app/role#key").value == SECRET
    first = vault._login._pass
    assert vault.get("secret/app/role#key").value == SECRET
    assert vault._login._pass is first
    assert first is not None
    bao("POST", "auth/token/revoke", {"token": first.token})
    assert vault.get("secret/app/role#key").value == SECRET
    second = vault._login._pass
    assert second is not None
    assert second.token != first.token
    clock.advance(301)  # what it holds has ended by its own reckoning
    assert vault.get("secret/app/role#key").value == SECRET
    third = vault._login._pass
    assert third is not None
    assert third.token != second.token


def test_a_role_that_is_not_let_in_is_not_tried_again_at_once(bao: OpenBao, tmp_path: Path) -> None:
    bao.write("app/role", key=SECRET)
    clock = FixedClock(NOW)
    vault = with_role(bao, tmp_path, clock)
    good = (tmp_path / "secret-id").read_text()
    (tmp_path / "secret-id").write_text("11111111-1111-1111-1111-111111111111")
    assert "does not let Lampboard in" in refused(vault, "secret/app/role#key").message
    (tmp_path / "secret-id").write_text(good)
    assert "does not let Lampboard in" in refused(vault, "secret/app/role#key").message
    clock.advance(SULK_S)
    assert vault.get("secret/app/role#key").value == SECRET


def test_a_sealed_vault_says_so_and_is_asked_again_once_unsealed(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    with openbao(tmp_path) as own:
        own.write("app/x", key=SECRET)
        vault = with_token(own, clock)
        assert vault.get("secret/app/x#key").value == SECRET
        own("PUT", "sys/seal", {})
        with pytest.raises(urllib.error.HTTPError):
            own("GET", "secret/data/app/x")
        assert "is sealed" in refused(vault, "secret/app/x#key").message
    assert "is sealed" in refused(vault, "secret/app/x#key").message, "remembered for a moment"
    clock.advance(SULK_S)
    assert "cannot be asked" in refused(vault, "secret/app/x#key").message, "it is gone by now"


def test_tls_needs_an_authority_that_is_trusted(tmp_path: Path) -> None:
    with openbao(tmp_path, tls=True) as own:
        own.write("app/x", key=SECRET)
        token = own.token()
        strict = VaultSettings(address=own.url, token=token, deadline_s=PATIENCE_S)
        trusting = replace(strict, ca_file=str(own.ca))
        assert VaultBackend(trusting, FixedClock(NOW)).get("secret/app/x#key").value == SECRET
        stranger = VaultBackend(strict, FixedClock(NOW))
        assert "unknown authority" in refused(stranger, "secret/app/x#key").message


def test_settings_go_before_the_vaults_own_variables() -> None:
    own = {"VAULT_ADDR": "https://vault", "VAULT_TOKEN": SECRET, "VAULT_NAMESPACE": "team"}
    found = VaultSettings.of(Settings(database="sqlite://"), own)
    assert (found.address, found.token, found.namespace) == ("https://vault", SECRET, "team")
    assert SECRET not in repr(found)
    bao = {"BAO_ADDR": "https://bao/", "BAO_TOKEN": "t", **own}
    found = VaultSettings.of(Settings(database="sqlite://"), bao)
    assert (found.address, found.token) == ("https://bao", "t")
    told = Settings(database="sqlite://", vault_addr="https://here", vault_token_file="/run/token")
    found = VaultSettings.of(told, bao)
    assert (found.address, found.token, found.token_file) == ("https://here", "", "/run/token")


def test_what_is_not_set_up_is_told(bao: OpenBao) -> None:
    nowhere = VaultBackend(VaultSettings(token="t"), FixedClock(NOW))
    assert "where the vault is" in refused(nowhere, "secret/app/x#key").message
    nobody = VaultBackend(VaultSettings(address=bao.url), FixedClock(NOW))
    assert "no way into the vault" in refused(nobody, "secret/app/x#key").message
    half = VaultBackend(VaultSettings(address=bao.url, role_id="r"), FixedClock(NOW))
    assert "vault_secret_id_file is missing" in refused(half, "secret/app/x#key").message


def test_a_missing_library_is_told_with_how_to_get_it(
    bao: OpenBao, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "hvac"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hvac", None)
    monkeypatch.delitem(sys.modules, "engine.credentials.backends.vault_transport", raising=False)
    error = refused(VaultBackend(VaultSettings(address=bao.url), FixedClock(NOW)), "kv/a#b")
    assert "pip install 'lampboard[vault]'" in error.hint
