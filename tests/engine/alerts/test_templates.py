"""Templates: a list of fields, and nothing to reach through them."""

from __future__ import annotations

import pytest

from engine.alerts.templates import FIELDS, USUAL_BODY, USUAL_TITLE, fill, require_template
from engine.errors import InvalidInput

VALUES = dict.fromkeys(FIELDS, "x") | {"title": "gpt fails", "severity": "critical"}


def test_fields_are_filled_in() -> None:
    text = require_template("{severity}: {title} {{as it is}}", "title_template")
    assert text is not None
    assert fill(text, VALUES) == "critical: gpt fails {as it is}"
    for usual in (USUAL_TITLE, USUAL_BODY):
        assert require_template(usual, "t") == usual
    assert require_template("two\nlines", "t") == r"two\nlines"
    assert require_template("  ", "t") is None
    assert require_template(None, "t") is None


@pytest.mark.parametrize(
    "text",
    [
        "{nope}",
        "{title.__class__}",
        "{title[0]}",
        "{title!r}",
        "{title:>99999999}",
        "{}",
        "{0}",
        "a { b",
        "a } b",
        "{TITLE}",
        "{ title }",
        "a\x1b[2J",
        "half a letter \ud800",
    ],
)
def test_what_is_no_field_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_template(text, "title_template")
    assert caught.value.field == "title_template"


def test_values_are_one_line_and_steer_nothing() -> None:
    hostile = VALUES | {"title": "a\nb\x1b[2J\u202ec {severity} \ud800" + "z" * 900}
    told = fill("{title}", hostile)
    assert told.startswith("a b[2Jc {severity} z")
    assert len(told) <= 500


def test_lines_of_nothing_are_left_out() -> None:
    values = VALUES | {"message": "", "title": "t"}
    assert fill(r"{title}\n{message}\n{severity}", values, lines=True) == "t\ncritical"
    assert fill(r"{title}\n{severity}", values) == "t critical"
