"""The declared fields of channels and routes: form and command line are made of them."""

from __future__ import annotations

from engine.alerts.model import APPRISE, BELL, CHANNEL_TYPES, WEBHOOK
from engine.fields import FieldSpec
from engine.incidents.model import CAUSES, SEVERITIES, WARNING
from engine.text import MAX_NAME

YES, NO = "yes", "no"
YES_NO = (YES, NO)
ANY = "any"
"""What a choice says that leaves nothing out."""
KINDS = ("integration", "source", "connector")
MOST_PER_HOUR = 1_000
PER_HOUR = 60
LONGEST_WAIT_S = 86_400
LEAST_REMIND_S = 60
LONGEST_REMIND_S = 7 * 86_400
WAIT_S = 10
MAX_TITLE, MAX_BODY = 300, 4_000

NAME = FieldSpec(
    name="name",
    label="Name",
    required=True,
    maximum=MAX_NAME,
    help="What the channel is called in lists and routes.",
    placeholder="on-call",
)
TYPE = FieldSpec(
    name="type",
    label="Type",
    kind="choice",
    required=True,
    default=WEBHOOK,
    choices=CHANNEL_TYPES,
    help="apprise for its services, webhook for JSON to a URL; bell and desktop on dashboards.",
)
URL = FieldSpec(
    name="url",
    label="URL",
    kind="secret",
    required=True,
    help="Where alerts go. It is encrypted at once and never shown again.",
    placeholder="https://hooks.example/…",
)
SIGNING = FieldSpec(
    name="signing",
    label="Signing secret",
    kind="secret",
    help="Requests are signed with it (HMAC-SHA256), so that the receiver knows who sent them.",
    placeholder="unsigned",
)
AGAIN = FieldSpec(
    name="again",
    label="Drops repeats",
    kind="choice",
    default=NO,
    choices=YES_NO,
    help="yes where the receiver drops a repeated Idempotency-Key: then what may or may not have"
    " arrived is sent again by itself.",
)
PER_HOUR_FIELD = FieldSpec(
    name="per_hour",
    label="At most an hour",
    kind="int",
    default=str(PER_HOUR),
    minimum=1,
    maximum=MOST_PER_HOUR,
    help="How many alerts the channel is given an hour; what is over it goes together in one.",
)
TITLE = FieldSpec(
    name="title_template",
    label="Title",
    maximum=MAX_TITLE,
    help="A template such as {severity}: {title}; empty for the usual one.",
    placeholder="the usual one",
)
BODY = FieldSpec(
    name="body_template",
    label="Text",
    maximum=MAX_BODY,
    help=r"A template with the same fields, \n for a new line; empty for the usual one.",
    placeholder="the usual one",
)
IN_USE = FieldSpec(
    name="enabled",
    label="In use",
    kind="choice",
    default=YES,
    choices=YES_NO,
    help="Nothing is sent while it is not in use, and nothing is kept for later.",
)

CHANNEL_FIELDS = (NAME, TYPE, URL, SIGNING, AGAIN, PER_HOUR_FIELD, TITLE, BODY, IN_USE)
_OF_ALL = frozenset({NAME.name, TYPE.name, PER_HOUR_FIELD.name, TITLE.name, BODY.name, IN_USE.name})


def channel_fields(kind: str) -> tuple[FieldSpec, ...]:
    """Return the fields that a channel of a type has."""
    own = {APPRISE: {URL.name}, WEBHOOK: {URL.name, SIGNING.name, AGAIN.name}}
    without = {TITLE.name, BODY.name} if kind == BELL else set()
    names = (_OF_ALL | own.get(kind, set())) - without
    return tuple(spec for spec in CHANNEL_FIELDS if spec.name in names)


CHANNEL = FieldSpec(
    name="channel",
    label="Channel",
    required=True,
    maximum=MAX_NAME,
    help="Where what matches is told.",
)
SEVERITY = FieldSpec(
    name="severity",
    label="Severity from",
    kind="choice",
    default=WARNING,
    choices=tuple(reversed(SEVERITIES)),
    help="The least that is told: warning tells all, critical the worst alone.",
)
CAUSE = FieldSpec(
    name="cause",
    label="Cause",
    kind="choice",
    default=ANY,
    choices=(ANY, *CAUSES),
    help="What the incident is about.",
)
KIND = FieldSpec(
    name="kind",
    label="Kind",
    kind="choice",
    default=ANY,
    choices=(ANY, *KINDS),
    help="Of what kind the thing is.",
)
TAG = FieldSpec(
    name="tag",
    label="Tag",
    maximum=MAX_NAME,
    help="Only things that have this tag; empty for all.",
    placeholder="all",
)
TECHNOLOGY = FieldSpec(
    name="technology",
    label="Technology",
    maximum=MAX_NAME,
    help="Only this technology, of integrations the provider; empty for all.",
    placeholder="all",
)
HOURS = FieldSpec(
    name="hours",
    label="Hours",
    maximum=100,
    help="When people want to be told, such as mon-fri 08:00-18:00; empty for always.",
    placeholder="always",
)
TIMEZONE = FieldSpec(
    name="timezone",
    label="Time zone",
    maximum=100,
    default="UTC",
    help="In which the hours are meant, such as Europe/Berlin.",
)
WAIT = FieldSpec(
    name="wait_s",
    label="Wait (s)",
    kind="int",
    default=str(WAIT_S),
    minimum=0,
    maximum=LONGEST_WAIT_S,
    help="Seconds that an incident must last before it is told.",
)
REMIND = FieldSpec(
    name="remind_s",
    label="Remind every (s)",
    kind="int",
    default="0",
    minimum=0,
    maximum=LONGEST_REMIND_S,
    help="Told again so often until somebody acknowledges it; 0 for never.",
)
ON_RECOVERY = FieldSpec(
    name="on_recovery",
    label="Tell the end",
    kind="choice",
    default=YES,
    choices=YES_NO,
    help="Whether it is told too when the incident closes.",
)
ON_ACKNOWLEDGED = FieldSpec(
    name="on_acknowledged",
    label="Tell who has it",
    kind="choice",
    default=NO,
    choices=YES_NO,
    help="Whether it is told too when somebody acknowledges the incident.",
)
ALL_TENANTS = FieldSpec(
    name="all_tenants",
    label="All tenants",
    kind="choice",
    default=NO,
    choices=YES_NO,
    help="Also the incidents of other tenants, and of monitors, which are nobody's.",
)
ROUTE_FIELDS = (
    *(CHANNEL, SEVERITY, CAUSE, KIND, TAG, TECHNOLOGY, HOURS, TIMEZONE, WAIT, REMIND),
    *(ON_RECOVERY, ON_ACKNOWLEDGED, ALL_TENANTS, IN_USE),
)
