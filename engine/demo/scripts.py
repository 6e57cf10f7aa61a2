"""The stories that the demo's servers live through; times in seconds since its start.

Changes come early and often enough that whoever watches for a minute sees some, and their
periods have no common divisor, so that the board never repeats itself as a whole.
"""

from __future__ import annotations

from engine.demo.behaviour import Mood, Script, Step


def steady(latency_ms: int) -> Script:
    """Always well."""
    return Script((Step(latency_ms=latency_ms),))


def always(mood: Mood, latency_ms: int = 120, retry_after_s: int = 30) -> Script:
    """Always the same trouble."""
    return Script((Step(mood=mood, latency_ms=latency_ms, retry_after_s=retry_after_s),))


def changing(period_s: float, *steps: Step) -> Script:
    """Steps that begin anew after the period."""
    return Script(steps, period_s)


SLOW = steady(2_900)
SLOWING = changing(97, Step(0, Mood.OK, 420), Step(31, Mood.OK, 2_600), Step(71, Mood.OK, 480))
CRAWLING = changing(149, Step(0, Mood.OK, 5_900), Step(113, Mood.OK, 1_200))
BUSY = changing(
    89,
    Step(0, Mood.OK, 240),
    Step(19, Mood.RATE_LIMITED, 60, retry_after_s=20),
    Step(53, Mood.OK, 260),
)
LIMITED = always(Mood.RATE_LIMITED, 55, retry_after_s=25)
OVERLOADED = changing(
    83, Step(0, Mood.OVERLOADED, 90), Step(37, Mood.OK, 310), Step(67, Mood.OVERLOADED, 95)
)
FLAPPING = changing(
    61,
    Step(0, Mood.OK, 210),
    Step(13, Mood.SERVER_ERROR, 140),
    Step(29, Mood.OK, 230),
    Step(43, Mood.UNAVAILABLE, 80, retry_after_s=10),
    Step(55, Mood.OK, 220),
)
KEY_REVOKED_LATER = Script((Step(0, Mood.OK, 190), Step(23, Mood.UNAUTHORIZED, 90)))
FORBIDDEN = always(Mood.FORBIDDEN, 70)
SILENT = always(Mood.SILENT, 0)
RESETTING = changing(101, Step(0, Mood.OK, 60), Step(17, Mood.RESET, 30), Step(59, Mood.OK, 60))
CLOSED = always(Mood.REFUSED)
RESTARTING = changing(71, Step(0, Mood.OK, 45), Step(11, Mood.REFUSED), Step(41, Mood.OK, 50))
CAPTIVE = changing(109, Step(0, Mood.OK, 150), Step(37, Mood.LOGIN_PAGE, 40), Step(79))

# Of databases and the like. A whole test of one ends within 3 s, and a probe asks up to three
# times, so what is slow here answers in less than a second each time.
CLUSTER = changing(
    127,
    Step(0, Mood.IMPAIRED, 24),
    Step(37, Mood.OK, 22),
    Step(71, Mood.BROKEN, 31),
    Step(97, Mood.IMPAIRED, 26),
)
MAINTENANCE = changing(
    113, Step(0, Mood.OK, 16), Step(23, Mood.IMPAIRED, 18), Step(59, Mood.OK, 15)
)
LEADERLESS = changing(103, Step(0, Mood.IMPAIRED, 9), Step(47, Mood.OK, 8))
BUILDING = Script((Step(0, Mood.IMPAIRED, 85), Step(181, Mood.OK, 80)))
DRAGGING = changing(137, Step(0, Mood.OK, 790), Step(79, Mood.OK, 120))
SLUGGISH = steady(2_300)
STARTING = changing(
    107,
    Step(0, Mood.OK, 19),
    Step(31, Mood.UNAVAILABLE, 12, retry_after_s=5),
    Step(53, latency_ms=19),
)
CROWDED = changing(131, Step(0, Mood.OK, 6), Step(41, Mood.OVERLOADED, 5), Step(67, latency_ms=6))
BLIPS = changing(
    73, Step(0, latency_ms=14), Step(27, Mood.SERVER_ERROR, 20), Step(39, latency_ms=15)
)
