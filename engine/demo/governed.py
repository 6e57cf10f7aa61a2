"""What must be trusted in each of the demo's tenants.

The templates run on the files of the run (see `engine.demo.files`), which are of 2025; one runs on
a file that is not there, and fails.
"""

from __future__ import annotations

from engine.demo.trusted import Note, Policy, Template, Trusted

_SINCE = "since date min=2025-01-01 max=2025-12-31 logged"
_ATTACKS = (
    {"text": "x' OR '1'='1' --"},
    {"text": "%' UNION SELECT name, sql, 1, 1 FROM sqlite_master --"},
    {"text": "'; DROP TABLE customers; --"},
)

_ACME_TEMPLATES = (
    Template(
        name="orders-by-country",
        place="sales-reports",
        sql="SELECT id, ordered_at, customer, status, cents / 100.0 AS total\nFROM orders\n"
        "WHERE country = :country AND day >= :since AND status IN (:statuses)\n"
        "ORDER BY ordered_at DESC",
        former="SELECT id, ordered_at, customer, status, cents FROM orders\n"
        "WHERE country = :country AND day >= :since\nORDER BY ordered_at DESC",
        parameters=(
            "country str allowed=DE,NL,FR,PL,AT logged",
            _SINCE,
            "statuses list[str] allowed=paid,shipped,returned default=paid,shipped max_items=3",
        ),
        new=1,
        description="Orders of a country, the newest first",
        max_rows=200,
        per_minute=1.2,
        asked=(
            {"country": "DE", "since": "2025-01-01"},
            {"country": "NL", "since": "2025-11-01", "statuses": ["returned"]},
            {"country": "PL", "since": "2025-12-15"},
        ),
        mistaken=(
            {"country": "XX", "since": "2025-12-01"},
            {"country": "DE", "since": "yesterday"},
        ),
    ),
    Template(
        name="customer-search",
        place="sales-reports",
        sql="SELECT id, name, city, country FROM customers\n"
        "WHERE name LIKE '%' || :text || '%'\nORDER BY name",
        parameters=("text str max_length=80 description='Part of a name'",),
        description="Customers by a part of their name",
        per_minute=1.0,
        asked=({"text": "van der"}, {"text": "O'Brien"}, {"text": "Ltd"}, {"text": "son"}),
        mistaken=({"text": "a" * 81}, {}),
        attacks=_ATTACKS,
    ),
    Template(
        name="order-by-id",
        place="sales-reports",
        sql="SELECT o.*, c.name FROM orders AS o JOIN customers AS c ON c.id = o.customer\n"
        "WHERE o.id = :id",
        parameters=("id uuid logged",),
        description="One order with its customer",
        asked=(
            {"id": "00000007-0000-4000-8000-000000000007"},
            {"id": "00001204-0000-4000-8000-000000001204"},
        ),
        mistaken=({"id": "1204"},),
    ),
    Template(
        name="revenue-by-month",
        place="sales-reports",
        sql="SELECT substr(day, 1, 7) AS month, count(*) AS orders, sum(cents) / 100.0 AS revenue\n"
        "FROM orders\nWHERE gift = :gifts\nGROUP BY month\nHAVING sum(cents) / 100.0 >= :least\n"
        "ORDER BY month",
        parameters=("gifts bool default=false logged", "least float min=0 default=0 logged"),
        description="What was sold in each month of 2025",
        per_minute=0.6,
        asked=({}, {"gifts": True}, {"least": 9000.5}),
        mistaken=({"least": -1.0},),
    ),
    Template(
        name="archived-orders",
        place="archive-sql",
        kind="connector",
        sql="SELECT id, customer, cents FROM orders\n"
        "WHERE customer = :customer AND cents >= :least_cents\nORDER BY id",
        parameters=("customer str pattern=C[0-9]{4} logged", "least_cents int min=0 default=0"),
        description="A customer's orders before 2019",
        per_minute=0.5,
        asked=({"customer": "C0007"}, {"customer": "C0012", "least_cents": 3000}),
        mistaken=({"customer": "7"},),
    ),
    Template(
        name="all-customers",
        place="sales-reports",
        sql="SELECT id, name, city, country FROM customers",
        description="Everybody at once; customer-search took its place",
        retired=True,
    ),
)

ACME = Trusted(
    templates=_ACME_TEMPLATES,
    policies=(
        Policy(
            id="call-rate-guard",
            name="Stops bursts of calls",
            stops=("rate",),
            incident="INC-1042",
            needed=12,
        ),
        Policy(
            id="spend-guard",
            name="Stops calls past a budget",
            stops=("budget", "tokens"),
            incident="INC-0987",
            needed=150,
        ),
        Policy(
            id="injection-guard",
            name="Stops injected SQL",
            stops=("injection",),
            incident="INC-1107",
            needed=5,
        ),
        Policy(
            id="prompt-leak-guard",
            name="Watches for leaked prompts",
            stops=(),
            incident="INC-1120",
            mode="shadow",
        ),
    ),
    notes=(
        Note(integration="gpt-prod", label="Shop, production", days_left=9.2),
        Note(integration="claude-contracts", label="Contract review", days_left=2.4),
        Note(integration="azure-us", label="From the environment"),
        Note(integration="llama-gpu-01", label="Mounted in the GPU cluster", days_left=61),
        Note(integration="gpt-legacy-crm", label="Old CRM, to be retired", days_left=-3.5),
        Note(integration="gemini-prod", label="Product photos", days_left=120),
    ),
)

NORTHWIND = Trusted(
    templates=(
        Template(
            name="stock-of-depot",
            place="warehouse",
            sql="SELECT day, goods, pallets FROM stock\n"
            "WHERE depot = :depot AND day BETWEEN :since AND :until\nORDER BY day, goods",
            former="SELECT day, goods, pallets FROM stock WHERE depot = :depot AND day >= :since",
            parameters=(
                "depot str allowed=Hamburg,Rotterdam,Gdansk,Antwerp logged",
                "since date logged",
                "until date default=2025-12-31 logged",
            ),
            new=1,
            description="Pallets by day and goods",
            max_rows=150,
            asked=(
                {"depot": "Hamburg", "since": "2025-10-01"},
                {"depot": "Gdansk", "since": "2025-12-20", "until": "2025-12-24"},
            ),
            mistaken=({"depot": "Atlantis", "since": "2025-12-01"},),
        ),
        Template(
            name="moves-since",
            place="warehouse",
            sql="SELECT moved_at, depot, pallets FROM moves\n"
            "WHERE moved_at >= :moment AND dock IN (:docks)\nORDER BY moved_at",
            parameters=(
                "moment timestamp zone=Europe/Berlin logged",
                "docks list[int] min=1 max=8 max_items=4 default=1,2",
            ),
            description="What came and went since a moment",
            per_minute=0.6,
            asked=(
                {"moment": "2025-12-30T06:00:00"},
                {"moment": "2025-12-24T00:00:00", "docks": [3, 4]},
            ),
            mistaken=({"moment": "2025-12-30T06:00:00", "docks": [9]},),
        ),
        Template(
            name="goods-by-name",
            place="warehouse",
            sql="SELECT goods, sum(pallets) AS pallets FROM stock\n"
            "WHERE goods ILIKE '%' || :text || '%'\nGROUP BY goods ORDER BY goods",
            parameters=("text str max_length=40",),
            description="Goods by a part of their name",
            per_minute=0.5,
            asked=({"text": "tyre"}, {"text": "and"}),
            attacks=_ATTACKS[:1],
        ),
    ),
    policies=(
        Policy(
            id="budget-stop",
            name="Stops calls past a budget",
            stops=("budget", "tokens"),
            incident="NW-311",
            needed=20,
        ),
        Policy(
            id="injection-guard",
            name="Stops injected SQL",
            stops=("injection",),
            incident="NW-305",
            needed=3,
        ),
    ),
    notes=(
        Note(integration="dispatch-assistant", label="Dispatch, all depots", days_left=12.6),
        Note(integration="driver-chat", label="Nobody set it yet"),
    ),
)

LUMEN = Trusted(
    templates=(
        Template(
            name="free-slots",
            place="appointments",
            sql="SELECT ward, starts_at FROM slots\n"
            "WHERE ward = :ward AND taken = 0 AND starts_at >= :since\nORDER BY starts_at",
            parameters=("ward str allowed=cardiology,oncology,radiology logged", "since date"),
            description="When a ward has time",
            max_rows=25,
            asked=(
                {"ward": "radiology", "since": "2025-12-01"},
                {"ward": "cardiology", "since": "2025-12-30"},
            ),
            mistaken=({"ward": "garden", "since": "2025-12-01"},),
        ),
        Template(
            name="volume-of-study",
            place="imaging-index",
            sql="SELECT volume FROM studies WHERE id = :study",
            parameters=("study int min=1",),
            description="Where the images of a study are",
            per_minute=0.3,
            asked=({"study": 4471},),
        ),
    ),
    policies=(
        Policy(
            id="test-budget-guard",
            name="Keeps evaluations in their budget",
            stops=("budget",),
            incident="LUM-77",
            needed=8,
        ),
    ),
    notes=(Note(integration="patient-letters", label="Letters to patients", days_left=5.1),),
)
