"""Asking those who keep secrets elsewhere: once, a few at a time, and not for ever."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.credentials import ExternalReference
from engine.credentials.asking import AT_ONCE, Asker
from engine.errors import CredentialUnreadable

from .elsewhere import SECRET, Elsewhere


def asker(elsewhere: Elsewhere, at_once: int = AT_ONCE) -> Asker:
    return Asker(elsewhere, at_once=at_once)  # type: ignore[arg-type]  # all that is asked of it


def kept(path: str, kind: str = "vault") -> ExternalReference:
    return ExternalReference(kind=kind, path=path)


async def test_many_who_need_one_secret_ask_once_and_nothing_of_it_stays() -> None:
    elsewhere = Elsewhere()
    asking = asker(elsewhere)
    waiting = [asyncio.create_task(asking.ask(kept("slow"))) for _ in range(50)]
    await asyncio.to_thread(elsewhere.begun.wait, 30)
    elsewhere.go.set()
    assert {found.value for found in await asyncio.gather(*waiting)} == {SECRET}
    assert elsewhere.asked == {"vault://slow": 1}
    assert (await asking.ask(kept("slow"))).value == SECRET
    assert elsewhere.asked == {"vault://slow": 2}
    assert SECRET not in str(vars(asking))


async def test_only_so_many_are_asked_at_once_and_of_each_kind_by_itself() -> None:
    elsewhere = Elsewhere()
    asking = asker(elsewhere, at_once=3)
    slow = [asyncio.create_task(asking.ask(kept(f"slow-{n}"))) for n in range(10)]
    await asyncio.to_thread(elsewhere.begun.wait, 30)
    assert (await asking.ask(kept("x", "keyring"))).value == SECRET, "another kind was held up"
    elsewhere.go.set()
    await asyncio.gather(*slow)
    assert elsewhere.most_at_once <= 3 + 1
    assert sum(elsewhere.asked.values()) == 11


async def test_who_waits_too_long_is_told_and_who_stops_waiting_stops_nobody() -> None:
    elsewhere = Elsewhere(deadline_s=0.2)
    asking = asker(elsewhere)
    impatient = asyncio.create_task(asking.ask(kept("slow")))
    await asyncio.to_thread(elsewhere.begun.wait, 30)
    impatient.cancel()
    with pytest.raises(CredentialUnreadable, match="within its time"):
        await asking.ask(kept("slow"))
    assert elsewhere.asked == {"vault://slow": 1}
    elsewhere.go.set()


async def test_what_hangs_for_ever_takes_no_more_than_its_threads() -> None:
    elsewhere = Elsewhere(deadline_s=0.1)
    asking = asker(elsewhere, at_once=2)
    begun = threading.Semaphore(0)
    elsewhere.look = begun.release
    # The thread that waits below is there before, and no second one: a pool starts another when it
    # is asked again before the last one has said that it is idle.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    await asyncio.to_thread(int)
    before = threading.active_count()
    for round_ in range(3):
        told = await asyncio.gather(
            *(asking.ask(kept(f"slow-{round_}-{n}")) for n in range(5)), return_exceptions=True
        )
        assert all(isinstance(one, CredentialUnreadable) for one in told)
    for _ in range(2):  # both may begin late
        assert await asyncio.to_thread(begun.acquire, timeout=60)
    assert sum(elsewhere.asked.values()) == 2
    assert threading.active_count() <= before + 2
    elsewhere.go.set()


async def test_a_refusal_is_everybodys_and_is_not_kept_either() -> None:
    elsewhere = Elsewhere()
    asking = asker(elsewhere)
    for times in (1, 2):
        with pytest.raises(CredentialUnreadable, match="It is gone"):
            await asking.ask(kept("gone"))
        assert elsewhere.asked == {"vault://gone": times}
