"""The tripwire catches more attacks and stops fewer people than a list of keywords, in linear time.

`python -m benchmarks.tripwire [--rounds 15]`

Shares are of the corpora (CONTRIBUTING says where they are), and of values that are made here: the
same attacks in disguises, and everyday sentences that borrow the words of SQL. The list of keywords
is what is usually written: a value is stopped when one of them is in it. Times are of hostile
strings of 60 KB against a harmless sentence of 1 KB, in turn with it.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import time
import urllib.parse
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import ROOT, Figures, arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Detector = Callable[[str], object]

SIZE = 60_000
HARMLESS = ("The quick brown fox jumps over the lazy dog and then it rests. " * 20)[:1000]
HOSTILE = {
    "quotes": "'",
    "open parentheses": "(",
    "comments that open": "/*",
    "percent signs of percent signs": "%25",
    "backslashes": "\\",
    "escaped quotes": "\\'",
    "dashes": "- ",
    "conditions without an end": "1 or ",
    "calls in calls": "f(",
    "numbers and commas": "1,",
    "queries in queries": "(select ",
}
KEYWORDS = re.compile(
    r"--|/\*|;|\b(?:select|union|insert|update|delete|drop|alter|create|exec|execute|truncate)\b"
    r"|\bor\b\s+\S+\s*=|\band\b\s+\S+\s*=|'\s*(?:or|and)\b",
    re.IGNORECASE,
)
EVERYDAY = ("name", "place", "address", "city", "email", "model", "company")
DISGUISES: dict[str, Callable[[str], str]] = {
    "comments": lambda text: text.replace(" ", "/**/"),
    "lines": lambda text: text.replace(" ", "--x\n"),
    "percent": urllib.parse.quote,
    "percent twice": lambda text: urllib.parse.quote(urllib.parse.quote(text)),
    "full width": lambda text: re.sub("[!-~]", lambda c: chr(ord(c.group()) + 0xFEE0), text),
    "conditional": lambda text: re.sub(r"\b(UNION|SELECT|OR|AND)\b", r"/*!50000\1*/", text),
}
SUBJECTS = ("Please", "The team's driver", "O'Brien", "Can you", "Don't")
DEEDS = (
    "select the best option", "drop table seven from the plan", "insert the key; turn left",
    "update the set list", "delete the old photos", "join the union", "order by Friday",
    "group by size", "grant all of them access", "create table decorations", "exec the plan",
    "take 1 or 2", "limit it to 3", "execute the order; set the alarm", "sleep (8 hours) or rest",
)  # fmt: skip
ENDS = ("", ".", " -- thanks", " /* urgent */", "; it's late", " & call 'back'", ' "now"', " #1")


def keywords(value: str) -> object:
    """The baseline: a list of words and signs."""
    return KEYWORDS.search(value)


def share(values: Iterable[str], detector: Detector) -> float:
    """How much of the values a detector stops."""
    found = [bool(detector(value)) for value in values]
    assert found
    return sum(found) / len(found)


def corpus(name: str) -> list[dict[str, Any]]:
    """The lines of a corpus; none where it is not there."""
    folder = Path(os.environ.get("LAMPBOARD_CORPORA", ROOT.parent / "shared" / "corpora"))
    path = folder / name
    if not path.is_file():
        print(f"left out: there is no {path}", file=sys.stderr)
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def compare(
    figures: Figures,
    label: str,
    values: list[str],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> None:
    """Records the share that the tripwire stops, and that of the list of keywords."""
    from engine.gateway.tripwire import look

    if not values:
        return
    figures.figure(f"{label}", share(values, look), at_least=at_least, at_most=at_most)
    figures.figure(f"{label}: list of keywords", share(values, keywords))


def corpora(figures: Figures) -> None:
    """The pass figures."""
    attacks = corpus("sqli_attacks.jsonl")
    for tier, least in (("clear", 0.97), ("exotic", 0.8)):
        values = [row["value"] for row in attacks if row["tier"] == tier]
        compare(figures, f"{tier} attacks caught", values, at_least=least)
    evasions = [row["value"] for row in corpus("sqli_evasions.jsonl") if row["required"]]
    compare(figures, "required evasions caught", evasions, at_least=0.98)
    benign = [row for row in corpus("benign_values.jsonl") if not row["hard"]]
    compare(figures, "benign values stopped", [row["value"] for row in benign], at_most=0.01)
    everyday = [row["value"] for row in benign if any(word in row["family"] for word in EVERYDAY)]
    compare(figures, "names, places, addresses, mails, models stopped", everyday, at_most=0)


def made(figures: Figures) -> None:
    """The same of values that no corpus has."""
    attacks = [
        start + attack + end
        for start, attack, end in product(
            ("1 ", "-1) ", "x' ", 'x") ', "x%' "),
            ("OR 7=7", "AND (SELECT COUNT(*) FROM t)>0", "UNION SELECT a,b FROM t", "AND SLEEP(5)"),
            ("-- ", "#"),
        )
    ]
    hidden = [disguise(attack) for disguise in DISGUISES.values() for attack in attacks]
    compare(figures, f"{len(hidden)} attacks in disguise caught", hidden, at_least=0.98)
    said = [f"{who} {what}{end}" for who, what, end in product(SUBJECTS, DEEDS, ENDS)]
    compare(figures, f"{len(said)} sentences with words of SQL stopped", said, at_most=0.01)


def seconds(value: str) -> float:
    """How long one look takes."""
    from engine.gateway.tripwire import look

    begin = time.perf_counter()
    look(value)
    return time.perf_counter() - begin


def times(figures: Figures, rounds: int) -> None:
    """Hostile strings against a harmless one, in turn."""
    rnd = random.Random(7)  # noqa: S311 - the same text in every run
    hostile = {label: (sign * SIZE)[:SIZE] for label, sign in HOSTILE.items()}
    hostile["any signs"] = "".join(rnd.choice("'\"`()/*-#%;=,1aor ") for _ in range(SIZE))
    for _ in range(rounds):
        figures.add("harmless", seconds(HARMLESS))
        for label, value in hostile.items():
            figures.add(label, seconds(value))
    for label in hostile:
        figures.ratio(f"60 KB of {label} / 1 KB of prose", label, "harmless", at_most=80, of=min)
    figures.figure("microseconds for 1 KB of prose", min(figures.samples["harmless"]) * 1e6)


def main() -> None:
    """Measures and prints the figures."""
    options = arguments(__doc__ or "", rounds=15)
    figures = Figures("tripwire")
    corpora(figures)
    made(figures)
    times(figures, options.rounds)
    figures.print()


if __name__ == "__main__":
    main()
