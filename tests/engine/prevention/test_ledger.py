"""Records go in, come out, are counted; and a broken ledger goes on once somebody says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput, NotFound, ReadOnlyRefused, WorkspaceError
from engine.paging import after, start
from engine.prevention import PreventionContractViolation
from engine.prevention.errors import LedgerBroken

if TYPE_CHECKING:
    from tests.engine.prevention.conftest import Ledger

# ruff: noqa: S608 - statements of the tests' own

RECORDS = "prevention_records"


async def test_a_record_is_what_the_candidate_said(ledger: Ledger) -> None:
    made = ledger.candidate(
        pattern_signature={"b": 1, "a": ["ü", 0.5]},
        request_signature="line\nline",
        is_simulated=True,
    )
    record = await ledger.facade.record("acme", made)
    assert (record.seq, record.id, record.previous) == (1, "prv-1", "0" * 64)
    assert (record.created_at, record.contract_version) == (ledger.clock.now(), "1.0.0")
    assert (record.pattern_signature, record.request_signature) == (
        '{"a":["ü",0.5],"b":1}',
        "line\nline",
    )
    assert (record.is_simulated, record.signature_match_confidence) == (True, 0.93)
    second = await ledger.facade.record("acme", ledger.candidate(blocked_incident_id=None))
    assert (second.seq, second.previous) == (2, record.digest)
    assert second.blocked_incident_id is None
    for name in (2, "2", "prv-2"):
        assert await ledger.facade.get_record("acme", name) == second
    assert record.agrees
    assert second.agrees


async def test_other_tenants_records_are_as_good_as_missing(ledger: Ledger) -> None:
    await ledger.write(2)
    await ledger.workspace.tenants.ensure("other")
    for name in (1, "prv-1", 3, "nope", "", "-1", "9" * 40, "٣"):
        with pytest.raises(NotFound):
            await ledger.facade.get_record("other", name)
    assert await ledger.facade.count_records("other") == 0
    status = await ledger.facade.status("other")
    assert (status.state, status.records, status.head) == ("unknown", 0, "0" * 64)
    for ask in (ledger.facade.checkpoint, ledger.facade.verify):
        with pytest.raises(NotFound):
            await ask("nobody")
    with pytest.raises(NotFound):
        await ledger.facade.resume("nobody", "why")
    assert await ledger.facade.resume("other", "why") is None
    with pytest.raises(NotFound):
        await ledger.facade.checkpoint("other")
    assert (await ledger.facade.verify("other")).ok


async def test_all_or_none(ledger: Ledger) -> None:
    good = [ledger.candidate() for _ in range(3)]
    with pytest.raises(PreventionContractViolation) as refused:
        await ledger.facade.record_many("acme", [*good, ledger.candidate(policy_mode="shadow")])
    assert refused.value.rule == "POLICY_MODE"
    with pytest.raises(InvalidInput):
        await ledger.facade.record_many("acme", [*good, ledger.candidate(pattern_id="a\0b")])
    assert (await ledger.facade.status("acme")).records == 0
    done = await ledger.facade.record_many("acme", good)
    assert (done.first, done.last, done.count) == (1, 3, 3)


async def test_a_failing_write_leaves_nothing_behind(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.write(2)
    checkpoint = await ledger.facade.checkpoint("acme")
    from storage.prevention import LedgerDriver

    def fails(*_: object) -> None:
        raise OSError("the disk went away")

    with monkeypatch.context() as patch:
        patch.setattr(LedgerDriver, "move", fails)
        with pytest.raises(OSError, match="went away"):
            await ledger.write(3)
    assert (await ledger.facade.status("acme")).records == 2
    assert (await ledger.write(1)).first == 3
    assert (await ledger.verify(checkpoints=[checkpoint])).ok


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_full_disk_leaves_nothing_behind(ledger: Ledger) -> None:
    await ledger.write(2)
    with ledger.workspace.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(WorkspaceError, match="full"):
        await ledger.write(5_000)
    with ledger.workspace.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    assert (await ledger.write(1)).first == 3
    assert (await ledger.verify()).ok


async def test_a_read_only_run_proves_and_keeps_nothing(ledger: Ledger) -> None:
    await ledger.write(2)
    settings = ledger.workspace.settings
    reading = type(ledger.workspace).open(replace(settings, read_only=True))
    try:
        assert (await reading.prevention.verify("acme")).ok
        assert (await reading.prevention.checkpoint("acme")).seq == 2
        for change in (
            reading.prevention.record("acme", ledger.candidate()),
            reading.prevention.set_policy("acme", "p"),
            reading.prevention.resume("acme", "why"),
        ):
            with pytest.raises(ReadOnlyRefused):
                await change
    finally:
        await reading.aclose()
    assert (await ledger.facade.status("acme")).verification is None


@pytest.mark.parametrize("sort", ["number", "policy"])
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_follow_each_other(ledger: Ledger, sort: str, descending: bool) -> None:
    for policy in ("b", "a", "c", "a"):
        await ledger.write(2, policy_id=policy, is_simulated=policy == "c")
        ledger.clock.advance(-1)
    how = {"sort": sort, "descending": descending}
    whole, keys = await ledger.facade.page_records("acme", **how, limit=100)  # type: ignore[arg-type]
    assert len({one.seq for one in whole}) == 8
    found, anchor = [], start()
    while True:
        page, keys = await ledger.facade.page_records("acme", **how, anchor=anchor, limit=3)  # type: ignore[arg-type]
        if not page:
            break
        found += page
        anchor = after(keys[-1])
    assert tuple(found) == whole
    told = [(one.policy_id if sort == "policy" else one.seq) for one in whole]
    assert told == sorted(told, reverse=descending)  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        *(("", 6), ("policy:b", 2), ("!policy:b", 4), ("simulated:yes", 2), ("simulated:no", 4)),
        *(
            ("kind:sim", 2),
            ("incident:inc-7", 1),
            ("pattern:BULK", 6),
            ("number:3", 1),
            ("id:prv-3", 1),
        ),
        *(("id:prv-3", 1), ("inc-7", 1), ("no-raw", 0)),
        *(("b !inc-7", 5), ("policy:b simulated:yes", 0), ("%", 0)),
    ],
)
async def test_filters(ledger: Ledger, query: str, numbers: int) -> None:
    await ledger.write(2, policy_id="b-1")
    await ledger.write(2, policy_id="a-1", is_simulated=True)
    await ledger.write(1, policy_id="a-2", blocked_incident_id="INC-7")
    await ledger.write(1, policy_id="a-2", blocked_incident_id=None)
    assert await ledger.facade.count_records("acme", query=query) == numbers
    page, _ = await ledger.facade.page_records("acme", query=query, sort="policy")
    assert len(page) == numbers


async def test_graduation_says_what_counts_and_why_not(ledger: Ledger) -> None:
    await ledger.write(2)
    ledger.clock.advance(10)
    await ledger.facade.set_policy("acme", "no-raw-exports", needed=2)
    active = ledger.clock.now()
    await ledger.write(1, is_simulated=True)
    found, uncounted = await ledger.facade.graduation_of("acme", "no-raw-exports")
    assert (found.total, found.counting, found.simulated, found.before) == (3, 0, 1, 2)
    assert [(one.seq, one.reason) for one in uncounted] == [
        (3, "simulated"),
        (2, "before"),
        (1, "before"),
    ]
    assert not found.graduated
    ledger.clock.advance(1)
    await ledger.write(2)
    found, uncounted = await ledger.facade.graduation_of("acme", "no-raw-exports")
    assert (found.counting, found.graduated, found.activated_at) == (2, True, active)
    assert (found.first_at, found.last_at) == (active - timedelta(seconds=10), ledger.clock.now())
    assert await ledger.facade.graduation("acme") == (found,)
    ever, none = await ledger.facade.graduation_of(
        "acme",
        "no-raw-exports",
        since=datetime(2020, 1, 1),  # noqa: DTZ001 - is UTC
    )
    assert (ever.counting, [one.reason for one in none]) == (4, ["simulated"])


async def test_what_was_counted_once_is_not_counted_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage.prevention import LedgerDriver

    asked: list[int] = []
    count = LedgerDriver.policy_counts

    def noted(driver: LedgerDriver, tenant: str, after: int = 0) -> list[object]:
        asked.append(after)
        return count(driver, tenant, after)  # type: ignore[return-value]

    monkeypatch.setattr(LedgerDriver, "policy_counts", noted)
    await ledger.facade.set_policy("acme", "no-raw-exports")
    for many in (3, 0, 2):
        if many:
            await ledger.write(many)
        found = await ledger.facade.graduation("acme")
    assert (asked, found[0].total, found[0].counting) == ([0, 3], 5, 5)
    ledger.clock.advance(1)
    await ledger.facade.set_policy("acme", "no-raw-exports", activated_at=ledger.clock.now())
    assert (await ledger.facade.graduation("acme"))[0].counting == 0
    assert asked == [0, 3, 0]


async def test_a_policy_that_is_not_active_counts_nothing(ledger: Ledger) -> None:
    await ledger.write(1)
    found, uncounted = await ledger.facade.graduation_of("acme", "no-raw-exports")
    assert (found.mode, found.counting, found.activated_at) == ("unknown", 0, None)
    assert [one.reason for one in uncounted] == ["not_active"]
    await ledger.facade.set_policy("acme", "no-raw-exports", mode="shadow")
    assert (await ledger.facade.graduation("acme"))[0].activated_at is None
    ledger.clock.advance(5)
    again = await ledger.facade.set_policy("acme", "no-raw-exports", mode="active")
    assert again.activated_at == ledger.clock.now()
    await ledger.write(1)
    assert (await ledger.facade.graduation("acme"))[0].counting == 1
    with pytest.raises(NotFound):
        await ledger.facade.graduation_of("other", "no-raw-exports")


async def test_setting_a_policy_is_an_activity_when_it_changes(ledger: Ledger) -> None:
    await ledger.facade.set_policy("acme", "p")
    await ledger.facade.set_policy("acme", "p")
    await ledger.facade.set_policy("acme", "p", needed=9, name="No raw exports")
    await ledger.facade.set_policy("acme", "p", activated_at=datetime(2026, 1, 1))  # noqa: DTZ001
    page = await ledger.workspace.activity.page("acme", concept="prevention")
    assert [one.action for one in page.items] == [
        "policy.activated",
        "policy.set",
        "policy.activated",
    ]
    assert [one.name for one in await ledger.facade.list_policies("acme")] == ["No raw exports"]
    for bad in ({"needed": 0}, {"mode": ""}, {"name": "\0"}, {"needed": True}):
        with pytest.raises(InvalidInput):
            await ledger.facade.set_policy("acme", "p", **bad)  # type: ignore[arg-type]


COPY = (
    f"INSERT INTO {RECORDS} (tenant_id, seq, digest, body)"
    f" SELECT tenant_id, 9, digest, body FROM {RECORDS} WHERE seq = 2"
)


@pytest.mark.parametrize(
    ("deed", "given"),
    [
        (f"UPDATE {RECORDS} SET body = replace(body, '0.93', '0.61') WHERE seq = 3", (3, 5)),
        (f"DELETE FROM {RECORDS} WHERE seq = 5", (5, 5)),
        (f"DELETE FROM {RECORDS} WHERE seq = 1", (1, 5)),
        (COPY, (6, 9)),
    ],
    ids=["altered", "the last removed", "the first removed", "inserted"],
)
async def test_a_broken_ledger_goes_on_when_that_is_accepted(
    ledger: Ledger, deed: str, given: tuple[int, int]
) -> None:
    await ledger.write(5)
    assert (await ledger.verify()).ok
    ledger.tamper(deed)
    assert not (await ledger.verify()).ok
    with pytest.raises(LedgerBroken):
        await ledger.write()
    with pytest.raises(InvalidInput):
        await ledger.facade.resume("acme", " ")
    done = await ledger.facade.resume("acme", "we know why")
    assert done is not None
    assert (done.seq, done.until - 1) == given
    assert (done.actor, done.reason) == ("olga", "we know why")
    assert (await ledger.facade.status("acme")).state == "healthy"
    first = await ledger.write(2)
    assert first.first == done.until + 1
    found = await ledger.verify()
    assert (found.ok, found.breaks) == (True, 1)
    assert (await ledger.verify(whole=False)).ok
    assert (await ledger.facade.checkpoint("acme")).seq == done.until + 2
    assert await ledger.facade.breaks("acme") == (done,)
    # What was given up stays as it is from now on, and so does the break itself.
    ledger.tamper(f"UPDATE {RECORDS} SET digest = 'x' WHERE seq = {given[0] - 1 or 2}")
    assert not (await ledger.verify()).ok


async def test_an_accepted_fault_cannot_be_told_otherwise(ledger: Ledger) -> None:
    await ledger.write(3)
    ledger.tamper(f"DELETE FROM {RECORDS} WHERE seq = 2")
    await ledger.facade.resume("acme", "a restore that went wrong")
    await ledger.write(1)
    ledger.tamper("UPDATE prevention_breaks SET reason = 'nothing to see'")
    found = await ledger.verify()
    assert found.fault is not None
    assert "given up" in found.fault.message
    again = await ledger.facade.resume("acme", "somebody changed that too")
    assert again is not None
    assert (await ledger.verify()).ok
    actions = [
        one.action
        for one in (await ledger.workspace.activity.page("acme", concept="prevention")).items
    ]
    assert actions.count("prevention.resumed") == 2
    assert "prevention.broken" in actions
    assert "prevention.holds" in actions


async def test_going_on_from_a_rewritten_ledger_gives_all_of_it_up(ledger: Ledger) -> None:
    await ledger.write(3)
    await ledger.verify()
    ledger.tamper(
        f"DELETE FROM {RECORDS}",
        "DELETE FROM prevention_ledgers",
    )
    await ledger.write(4)
    found = await ledger.verify()
    assert found.fault is not None
    assert (found.fault.kind, found.verified) == ("rewritten", 0)
    done = await ledger.facade.resume("acme", "the backup is gone")
    assert done is not None
    assert (done.seq, done.until) == (1, 5)
    await ledger.write(1)
    assert (await ledger.verify()).ok


BODIES = ["'{\"created_at\": 99999999999999999}'", "'[]'", "'7'", "'{\"seq\": []}'"]


@pytest.mark.parametrize("body", BODIES)
async def test_a_hostile_body_is_shown_as_far_as_it_can_be(ledger: Ledger, body: str) -> None:
    await ledger.write(3)
    ledger.tamper(f"UPDATE {RECORDS} SET body = {body} WHERE seq = 2")
    page, _ = await ledger.facade.page_records("acme")
    assert [one.seq for one in page] == [3, 2, 1]
    assert [one.agrees for one in page] == [True, False, True]
    assert not (await ledger.verify()).ok


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_columns_of_another_kind_are_faults_and_no_crash(ledger: Ledger) -> None:
    await ledger.write(3)
    await ledger.verify()
    ledger.tamper(
        f"UPDATE {RECORDS} SET digest = 17 WHERE seq = 2",
        "UPDATE prevention_ledgers SET digest = 'text'",
        "UPDATE prevention_verifications SET head = 'text'",
    )
    page, _ = await ledger.facade.page_records("acme")
    assert [one.agrees for one in page] == [True, False, True]
    assert (await ledger.facade.status("acme")).head == b"text".hex()
    found = await ledger.verify()
    assert found.fault is not None
    assert (found.fault.seq, found.fault.kind) == (2, "altered")
    assert [line async for batch in ledger.facade.export_lines("acme") for line in batch]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seq", ["'many'", "4.5", "-7", "9223372036854775807"])
async def test_numbers_of_another_kind_are_faults_and_no_crash(ledger: Ledger, seq: str) -> None:
    await ledger.write(3)
    ledger.tamper(f"UPDATE {RECORDS} SET seq = {seq} WHERE seq = 2")
    found = await ledger.verify()
    assert found.fault is not None
    with pytest.raises(LedgerBroken):
        await ledger.write(1)
