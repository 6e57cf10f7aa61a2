"""The form of a policy, new or edited: what counts towards its graduation, and how much must."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from engine.errors import InvalidInput
from engine.fields import FieldSpec
from engine.prevention import policies
from engine.prevention.contract import ACTIVE
from engine.text import MAX_NAME
from tui import dates
from tui.inventory.draft import ReadSpec
from tui.inventory.form import DraftForm
from tui.prevention.entries import Entry, policy_entry
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.prevention.results import PolicyGraduation
    from tui.desk import Desk

POLICY = FieldSpec(
    name="policy_id",
    label="Policy",
    required=True,
    maximum=MAX_NAME,
    help="The id that records name it by; it stays.",
    placeholder="no-raw-exports",
)
CALLED = FieldSpec(
    name="name",
    label="Called",
    maximum=MAX_NAME,
    help="What people call it; where nothing is typed, its id.",
)

MODE = FieldSpec(
    name="mode",
    label="Mode",
    required=True,
    maximum=policies.MAX_MODE,
    help="Only what an active policy blocks counts; another word, such as shadow, stops the count.",
    placeholder="active",
)
NEEDED = FieldSpec(
    name="needed",
    label="Needed",
    kind="int",
    required=True,
    minimum=1,
    maximum=policies.MAX_NEEDED,
    help="How many records must count before the policy has graduated.",
)


def active_since(now: Callable[[], datetime]) -> ReadSpec:
    """Return the field of the activation; empty leaves it as it is."""
    return ReadSpec(
        name="activated_at",
        label="Active since",
        read=lambda typed: dates.since(typed, now(), "activated_at"),
        empty=None,
        help="Records before do not count: a day, a moment in UTC, a span ago (3d), or now.",
        placeholder="when it becomes active",
    )


class PolicyForm(DraftForm[Entry]):
    """Answers with the policy after saving; None when it was left."""

    NOUN = "policy"
    TESTS: ClassVar[bool] = False

    def __init__(self, desk: Desk, detail: Entry | None = None) -> None:
        super().__init__(desk, detail)
        if detail is None:
            self.began |= {MODE.name: ACTIVE, NEEDED.name: str(policies.NEEDED)}

    def texts(self, detail: Entry) -> dict[str, str]:
        """Return a policy as texts; one that was never set has no mode yet."""
        policy = _policy(detail)
        at = policy.activated_at
        return {
            CALLED.name: "" if policy.name == policy.policy_id else policy.name or "",
            MODE.name: "" if policy.mode == "unknown" else policy.mode,
            "activated_at": "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}",
            NEEDED.name: str(policy.needed),
        }

    def first_sections(self) -> tuple[Section, ...]:
        """Return the fields; one that is there keeps its id."""
        who = (POLICY,) if self.edited is None else ()
        since = active_since(self.desk.now)
        return (Section(title="", fields=(*who, CALLED, MODE, since, NEEDED)),)

    async def create(self, values: dict[str, str]) -> Entry:
        """Set a policy that was not set yet, whether or not there are records of it."""
        prevention = (await self.desk.workspace()).prevention
        tenant, policy = self.desk.tenant_id, values[POLICY.name].strip()
        if any(one.policy_id == policy for one in await prevention.list_policies(tenant)):
            raise InvalidInput("That policy is set already.", hint="e edits it.", field=POLICY.name)
        typed = wanted(values, self.desk.now())
        made = await prevention.set_policy(tenant, policy, **typed)
        return await self._told(tenant, made.policy_id)

    async def update(
        self,
        edited: Entry,
        values: dict[str, str],  # noqa: ARG002 - what was not changed stays
        changed: dict[str, str],
    ) -> Entry:
        """Set what was changed."""
        workspace = await self.desk.workspace()
        typed = wanted(changed, self.desk.now())
        if CALLED.name in changed:
            typed["name"] = typed["name"] or edited.id
        await workspace.prevention.set_policy(edited.tenant_id, edited.id, **typed)
        return await self.latest(edited)

    async def latest(self, edited: Entry) -> Entry:
        """Return the policy as it is now."""
        return await self._told(edited.tenant_id, edited.id)

    async def _told(self, tenant: str, policy: str) -> Entry:
        workspace = await self.desk.workspace()
        found, _ = await workspace.prevention.graduation_of(tenant, policy, limit=1)
        return policy_entry(found, tenant)


def wanted(changed: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return texts as what the facade sets, by its own names; what is None stays.

    Raises:
        InvalidInput: One cannot be used.
    """
    at, needed = changed.get("activated_at", "").strip(), changed.get(NEEDED.name)
    return {
        "name": changed.get(CALLED.name) or None,
        "mode": changed.get(MODE.name),
        "activated_at": dates.since(at, now, "activated_at") if at else None,
        "needed": int(needed) if needed else None,
    }


def _policy(detail: Entry) -> PolicyGraduation:
    assert detail.policy is not None  # noqa: S101 - the screen opens this for policies alone
    return detail.policy
