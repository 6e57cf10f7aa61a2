from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import paging, revisions
from storage.activity import ActivityDriver, ActivityRow
from storage.credentials import CredentialRow, CredentialsDriver
from storage.errors import Conflict
from storage.filters import Term
from storage.references import ReferencesDriver
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def credential(name: str = "c1", tenant: str = "acme") -> CredentialRow:
    return CredentialRow(
        id=name,
        tenant_id=tenant,
        label="prod key",
        nonce=b"n\0" * 6,
        ciphertext=b"\xff\0secret",
        key_id="k1",
        created_at=NOW,
    )


def test_credentials(database: Database, add: Callable[..., int]) -> None:
    add("gpt", credential_ref="encrypted://c1")
    with database.write(durable=True) as connection:
        driver = CredentialsDriver(connection)
        assert not driver.any_stored()
        driver.put(credential())
        driver.put(credential("c2", "other"))
        assert driver.any_stored()
        assert driver.get("acme", "c1") == credential()
        assert driver.get("other", "c1") is None
        assert driver.get_many(["c1", "c2", "c3"]) == {
            "c1": credential(),
            "c2": credential("c2", "other"),
        }
        references = ReferencesDriver(connection)
        (user,) = references.used_by("acme", "encrypted://c1")
        assert (user.kind, user.name) == ("integration", "gpt")
        assert references.used_by("other", "encrypted://c1") == ()
        new = {"nonce": b"2", "ciphertext": b"3", "key_id": "k2", "updated_at": NOW}
        assert driver.replace("acme", "c1", **new)  # type: ignore[arg-type]
        assert not driver.replace("other", "c1", **new)  # type: ignore[arg-type]
        assert not driver.delete("other", "c1")
        assert driver.delete("acme", "c1")
        assert driver.get("acme", "c1") is None
    with pytest.raises(Conflict), database.write() as connection:
        CredentialsDriver(connection).put(credential("c2"))


def test_a_credential_does_not_show_itself() -> None:
    assert "secret" not in repr(credential())


def deed(place: int, **values: object) -> ActivityRow:
    given: dict[str, object] = {
        "tenant_id": "acme",
        "at": NOW + timedelta(seconds=place),
        "actor": "Ann",
        "origin": "cli",
        "action": "integration.created",
        "concept": "integrations",
        "thing_id": f"i{place}",
        "thing_name": f"Thing {place}",
        "detail": {"place": place},
    }
    return ActivityRow(**given | values)  # type: ignore[arg-type]


def test_activity_newest_first(database: Database) -> None:
    with database.write() as connection:
        driver = ActivityDriver(connection)
        ids = [driver.append(deed(place)) for place in range(6)]
        driver.append(deed(9, tenant_id="other"))
        driver.append(deed(7, concept="credentials", action="credential.replaced", actor="Bob"))
    with database.read() as connection:
        driver = ActivityDriver(connection)
        whole = driver.page("acme")
        assert [row.detail["place"] for row in whole.rows] == [7, 5, 4, 3, 2, 1, 0]
        assert whole.keys[1] == (ids[5],)
        third = whole.keys[2]
        assert driver.page("acme", anchor=paging.after(third), limit=2).rows == whole.rows[3:5]
        assert driver.page("acme", anchor=paging.before(third), limit=1).rows == whole.rows[1:2]
        assert driver.page("acme", anchor=paging.end(), limit=2).rows == whole.rows[-2:]
        assert driver.page("acme", anchor=paging.at(2), limit=2).rows == whole.rows[2:4]
        assert driver.count("acme") == 7
        assert driver.count("acme", concept="credentials") == 1
        assert driver.count("acme", thing_id="i3") == 1
        assert driver.count("acme", terms=[Term(value="THING 3")]) == 1
        assert driver.count("acme", terms=[Term(field="actor", value="bob")]) == 1
        assert driver.count("acme", terms=[Term(field="actor", value="bob", negated=True)]) == 6


def test_tenants(database: Database, add: Callable[..., int]) -> None:
    add("gpt")
    with database.write() as connection:
        driver = TenantsDriver(connection)
        assert driver.ensure("acme", "Another", NOW).name == "Acme"
        acme, other = driver.list()
        assert (acme.name, acme.integrations, acme.states["unknown"]) == ("Acme", 1, 1)
        assert (other.integrations, sum(other.states.values())) == (0, 0)
        assert driver.get("missing") is None


def test_each_change_raises_its_counter_once(database: Database, add: Callable[..., int]) -> None:
    with database.read() as connection:
        before = revisions.read(connection)
    add("gpt")
    with database.read() as connection:
        after = revisions.read(connection)
    changed = {concept for concept in before if after[concept] != before[concept]}
    assert changed == {"integrations", "health", "limits"}
    assert after["integrations"] == before["integrations"] + 1
