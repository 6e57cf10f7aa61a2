"""What the tripwire stops and what it lets pass: families of our own, in every disguise."""

from __future__ import annotations

import base64
import itertools
import re
import urllib.parse
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gateway.tripwire import Alarm, look
from engine.gateway.tripwire.alarms import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Callable

BREAKOUTS = ("1 ", "-1) ", "x' ", 'x" ', "x') ", 'x")) ', "x%' ")
ENDS = ("", "-- ", "#", "-- -", "/*")

CONDITIONS = (
    "OR 1=1",
    "AND 3<7",
    "OR NOT 1=2",
    "|| 2>1",
    "OR 'a'='a'",
    "AND 1 LIKE 1",
    "AND (SELECT COUNT(*) FROM orders)>0",
    "AND ASCII(SUBSTRING((SELECT secret FROM vault LIMIT 1),1,1))>64",
    "AND 1=CAST((SELECT version()) AS INT)",
    "AND EXTRACTVALUE(1,CONCAT(0x7e,user()))",
    "AND SLEEP(5)",
    "OR pg_sleep(5)",
    "AND IF(1=1,BENCHMARK(900000,MD5(1)),0)",
    "AND 1=DBMS_PIPE.RECEIVE_MESSAGE('a',5)",
    "RLIKE (SELECT (CASE WHEN (4=4) THEN 1 ELSE 0 END))",
)
UNIONS = (
    "UNION SELECT NULL,NULL",
    "UNION ALL SELECT 1,@@version",
    "UNION SELECT name, secret FROM vault",
    "UNION(SELECT(1),(2))",
    "UNION SELECT sql FROM sqlite_master",
)
STATEMENTS = (
    "; DROP TABLE orders",
    "; DELETE FROM orders",
    "; INSERT INTO orders VALUES (1, 2)",
    "; UPDATE orders SET price=0",
    "; TRUNCATE TABLE orders",
    "; EXEC xp_cmdshell('dir')",
    "; WAITFOR DELAY '0:0:9'",
    "; SELECT pg_sleep(9)",
    "; COPY orders TO '/tmp/x'",
    "; ATTACH DATABASE '/tmp/x' AS y",
    "; SHUTDOWN",
)
CLAUSES = ("ORDER BY 9", "HAVING 1=1", "INTO OUTFILE '/tmp/x'", "LIMIT 1 INTO @a", "GROUP BY 1,2")

WHOLE = (
    "' OR ''='",
    '" OR ""="',
    "admin'--",
    "admin' #",
    "x' AND email IS NULL; --",
    "x' OR name LIKE '%a",
    "'||(SELECT secret FROM vault)||'",
    "'+pg_sleep(5)+'",
    "0'XOR(if(now()=sysdate(),sleep(5),0))XOR'Z",
    "(SELECT secret FROM vault LIMIT 1)",
    "SELECT * FROM vault",
    "1 AND @@pack_received=@@pack_received",
)

DISGUISES: dict[str, Callable[[str], str]] = {
    "small": str.lower,
    "swapped": str.swapcase,
    "comments": lambda text: text.replace(" ", "/**/"),
    "named comments": lambda text: text.replace(" ", "/*x*/"),
    "tabs": lambda text: text.replace(" ", "\t"),
    "feeds": lambda text: text.replace(" ", "\f"),
    "no-break blanks": lambda text: text.replace(" ", "\u00a0"),
    "conditional comments": lambda text: re.sub(
        r"\b(AND|OR|SELECT|UNION)\b", r"/*!50000\1*/", text
    ),
    "percent": urllib.parse.quote,
    "percent twice": lambda text: urllib.parse.quote(urllib.parse.quote(text)),
    "percent u": lambda text: "".join(f"%u{ord(letter):04x}" for letter in text),
    "escapes": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "entities": lambda text: re.sub(r"[^\w ]", lambda sign: f"&#{ord(sign.group())};", text),
    "full width": lambda text: re.sub("[!-~]", lambda c: chr(ord(c.group()) + 0xFEE0), text),
    "overlong": lambda text: text.replace("'", "%c0%a7").replace('"', "%c0%a2"),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "byte order mark": lambda text: "\ufeff" + text,
    "nul": lambda text: text.replace(" ", "\0 "),
    "unseen": lambda text: text.replace(" ", "\u200b "),
    "padded": lambda text: "A" * 20_000 + text,
}

NAMES = (
    "O'Brien -- Select Committee of the Union",
    "D'Angelo",
    "O’Connor",
    "'s-Hertogenbosch",
    "Sant'Angelo In Salute",
    "Viggiu'",
    "Drop Table LLC",
    "Union Select Committee",
    "Robert O'Neil; and Sons",
    "Order & Chaos",
    "And/Or Design",
    "Or Yehuda",
    'Mike "The Hammer" O\'Toole',
    "o'neil+tag@sub.example.co.uk",
    "12 St. John's Rd. #4; Apt. 3 -- rear",
    "claude-3-5-sonnet@20240620",
    "meta-llama/Llama-3.1-8B-Instruct",
)
PROSE = (
    "Please drop table seven from the plan; select a union rep",
    "drop table from the dining room; select a union rep",
    "They select 3 items from the list -- thanks",
    "insert the key; turn left; it's late",
    "Use 'AND' or 'OR' between words",
    "click the '=' sign, then the '<' sign",
    '10" or 12" pipes, 5\'7" tall',
    "1 or 2, 5 and 6, true or false",
    "Can you order by Friday and group by size?",
    "having 3 kids and 2 dogs is not null and void",
    "the case when it ends, then begin again",
    "sleep (8 hours) or rest",
    "/* TODO: alter this */",
    "the operator '||' joins two strings",
)
TEXTS = (
    '{"a": "it\'s", "b": [1, 2], "c": {"d": "x; y"}}',
    "status = 'open' and priority = 'high'",
    "if x is not None and y == 0:",
    "print('a' or 'b')",
    "font-family: 'Open Sans'; color: red;",
    "http://example.com/union/select?q='a'&b=\"c\"&page=2",
    "docker run --rm -it --name drop",
    "| a | b |\n|---|---|\n| `x` | it's |",
    "2024-01-01 or 2024-01-02",
    "+1 (555) 123-4567",
    "SKU:NDZ-74401/*new*/",
    "550e8400-e29b-41d4-a716-446655440000",
    "C:\\Program Files\\x; D:\\y",
    "¯\\_(ツ)_/¯ :') ;-)",
    "''",
    "",
)


@pytest.mark.parametrize("family", [CONDITIONS, UNIONS, STATEMENTS, CLAUSES])
def test_every_family_behind_every_place(family: tuple[str, ...]) -> None:
    missed = []
    for start, attack, end in itertools.product(BREAKOUTS, family, ENDS):
        # Without a comment the statement's own closing quote would make it fail.
        value = start + attack + (end or ("" if start[0] in "1-" else "-- "))
        if look(value) is None:
            missed.append(value)
    assert not missed


@pytest.mark.parametrize("value", WHOLE)
def test_attacks_that_are_a_value_of_their_own(value: str) -> None:
    assert look(value) is not None


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_hides_nothing(name: str) -> None:
    attacks = (
        "1 OR 1=1",
        "x' OR 'a'='a",
        "x' UNION SELECT name, secret FROM vault-- ",
        "1 AND (SELECT COUNT(*) FROM orders)>0",
        "x'); DROP TABLE orders-- ",
    )
    assert not [attack for attack in attacks if look(DISGUISES[name](attack)) is None]


@pytest.mark.parametrize("value", [*NAMES, *PROSE, *TEXTS])
def test_what_people_type_passes(value: str) -> None:
    assert look(value) is None


def test_line_comments_stand_for_blanks() -> None:
    assert look("1--a\nOR--b\n1=1") == look("1#a\nOR#b\n1=1") == look("1 OR 1=1") != None  # noqa: E711


def test_an_alarm_says_what_it_found_and_never_the_value() -> None:
    told = {code: Alarm(code, message) for code, message in MESSAGES.items()}
    for value in (
        "x' UNION SELECT canary-- ",
        "1; DROP TABLE canary",
        "canary'--",
        "1 OR 7531=7531",
    ):
        alarm = look(value)
        assert alarm is not None
        assert alarm == told[alarm.code]
        assert "canary" not in repr(alarm)
        assert "75" not in repr(alarm)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1 UNION SELECT 1", "union"),
        ("1 OR 1=1", "condition"),
        ("x' AND y=1 AND '1'='1", "condition"),
        ("x' OR y IS NULL-- ", "breakout"),
        ("admin'-- ", "comment"),
        ("1; DROP TABLE t", "stacked"),
        ("SELECT * FROM t", "statement"),
        ("(SELECT a FROM t)", "subquery"),
        ("'+pg_sleep(5)+'", "function"),
        ("1 ORDER BY 9-- ", "clause"),
        ("the rows from information_schema.tables", "catalog"),
        ("(1 * (2 + 3))-- ", "expression"),
    ],
)
def test_codes(value: str, code: str) -> None:
    alarm = look(value)
    assert alarm is not None
    assert alarm.code == code


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_it_never_raises(value: str) -> None:
    alarm = look(value)
    assert alarm is None or alarm.code in MESSAGES


_SIGNS = "'|\"|`|(|)|/*|*/|/*!|--|#|\\|;|,|=|<|&&|%27|%25|&#39;|&\u017fol;|\\u0027|%c0%a7|@|::|\n"
_WORDS = "union|select|and|or|not|like|in|is|null|case|when|then|end|sleep(|1|1e|0x|a|.|!|*|\ud800"
_PIECES = st.sampled_from([*_SIGNS.split("|"), *_WORDS.split("|"), "||", "\0"])


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=60), st.sampled_from(["", " "]))
def test_it_never_raises_on_what_attacks_are_made_of(pieces: list[str], between: str) -> None:
    alarm = look(between.join(pieces))
    assert alarm is None or alarm.code in MESSAGES
