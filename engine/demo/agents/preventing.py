"""What the demo's policies block, as candidates for the ledger: calls, and values of templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.demo.agents.plan import Caller
    from engine.demo.trusted import Policy, Template
    from engine.limits.results import Decision
    from engine.prevention.contract import PreventionCandidate

# A limit is reckoned, so there is no doubt that a call is past it.
_RECKONED = 1.0
# Of everyday values the tripwire stops at most one in a hundred; see docs/gateway.md.
_TRIPPED = 0.99
_INJECTION = "injection"


def of_call(
    policies: Iterable[Policy], caller: Caller, decision: Decision
) -> PreventionCandidate | None:
    """Return what a blocked call proves; None where no active policy is about it."""
    policy = _active(policies, decision.measure)
    if policy is None:
        return None
    from engine.prevention.contract import PreventionCandidate

    agent = caller.agent
    return PreventionCandidate(
        policy_id=policy.id,
        pattern_id=f"limit/{decision.measure}/{decision.scope}",
        tenant_id=caller.tenant_id,
        blocked_incident_id=None,
        original_incident_id=policy.incident,
        signature_match_confidence=_RECKONED,
        policy_mode=policy.mode,
        pattern_signature={"measure": decision.measure, "scope": decision.scope},
        request_signature={"agent": agent.name, "integration": agent.integration},
        incident_created=False,
    )


def of_value(
    policies: Iterable[Policy],
    tenant_id: str,
    template: Template,
    stopped: tuple[str, str],
    *,
    drill: bool,
) -> PreventionCandidate | None:
    """Return what a stopped value proves; None where no active policy is about it.

    Args:
        policies: The tenant's.
        tenant_id: Whose run it was.
        template: What was to be run.
        stopped: The parameter's name and its value.
        drill: Whether it was given on purpose.
    """
    from engine.gateway.tripwire import look
    from engine.prevention.contract import PreventionCandidate

    policy, alarm = _active(policies, _INJECTION), look(stopped[1])
    if policy is None or alarm is None:
        return None

    return PreventionCandidate(
        policy_id=policy.id,
        pattern_id=f"tripwire/{alarm.code}",
        tenant_id=tenant_id,
        blocked_incident_id=None,
        original_incident_id=policy.incident,
        signature_match_confidence=_TRIPPED,
        policy_mode=policy.mode,
        pattern_signature=alarm.message,
        # Never the value.
        request_signature={"template": template.name, "parameter": stopped[0]},
        incident_created=False,
        is_simulated=drill,
    )


def _active(policies: Iterable[Policy], stops: str) -> Policy | None:
    found = (one for one in policies if one.mode == "active" and stops in one.stops)
    return next(found, None)
