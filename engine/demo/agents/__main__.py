"""The agents' process: `python -m engine.demo.agents`.

It reads its plan as one line from stdin, tells what they used before and what they may use, says
so with one line, and lets them call until stdin ends.
"""

from __future__ import annotations

import asyncio
import json
import sys

from engine.demo.agents.aims import allow
from engine.demo.agents.calling import Calling
from engine.demo.agents.earlier import earlier
from engine.demo.agents.entrusting import entrust
from engine.demo.agents.ledger import ORIGIN, Ledger
from engine.demo.agents.plan import AgentsPlan, from_line
from engine.demo.agents.querying import Querying
from engine.settings import Settings
from engine.workspace import Workspace

_PLAN_BYTES = 4 * 1024 * 1024


async def remember(workspace: Workspace, plan: AgentsPlan) -> int:
    """Record what the agents used before, then set what may be used, and what is trusted.

    Returns:
        How many records are new.
    """
    now = workspace.clock.now()
    new = 0
    for tenant_id, allowances in plan.allowances.items():
        callers = [one for one in plan.callers if one.tenant_id == tenant_id]
        records = [record for caller in callers for record in earlier(caller, now)]
        new += (await workspace.usage.record(tenant_id, records, origin=ORIGIN)).new
        await allow(workspace, tenant_id, allowances)
    for tenant_id, trusted in plan.trusted.items():
        await entrust(workspace, tenant_id, trusted)
    while await workspace.limits.reckon():
        pass
    return new


async def work(workspace: Workspace, plan: AgentsPlan, ended: asyncio.StreamReader) -> None:
    """Let the agents call until what they were started by ends."""
    ledger, client = Ledger(workspace), workspace.http_client()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ledger.keep_writing())]
        for caller in plan.callers:
            policies = plan.policies(caller.tenant_id)
            calling = Calling(workspace, client, ledger, caller, policies)
            tasks.append(group.create_task(calling.keep_calling()))
        for tenant_id, trusted in plan.trusted.items():
            if not trusted.templates:
                continue
            querying = Querying(workspace, ledger, tenant_id, trusted)
            tasks.append(group.create_task(querying.keep_asking()))
        while await ended.read(4096):
            pass
        for task in tasks:
            task.cancel()
    await ledger.write()


async def main() -> None:
    """Read the plan from stdin and do what it says."""
    reader = asyncio.StreamReader(limit=_PLAN_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    plan = from_line((await reader.readline()).decode())
    # The applications are not the dashboard: they work whatever its visitor may change.
    settings = Settings(database=plan.database, monitor="off", operator="agents")
    workspace = Workspace.open(settings, origin="demo")
    try:
        new = await remember(workspace, plan)
        sys.stdout.write(json.dumps({"records": new}) + "\n")
        sys.stdout.flush()
        await work(workspace, plan, reader)
    finally:
        await workspace.aclose()


if __name__ == "__main__":
    asyncio.run(main())
