from __future__ import annotations

import pytest

from engine import errors

EVERY = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, errors.LampboardError)
]


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_each_error_has_a_title_and_a_code_and_is_in_the_drawn_tree(kind: type) -> None:
    assert kind.title
    assert kind.code
    assert kind.__name__ in (errors.__doc__ or "")


def test_codes_do_not_repeat() -> None:
    assert len({kind.code for kind in EVERY}) == len(EVERY)


def test_an_error_tells_all_of_itself_as_data() -> None:
    error = errors.NameTaken("Taken.", hint="Choose another.", field="name")
    assert error.to_dict() == {
        "code": "name_taken",
        "title": "That name is taken",
        "message": "Taken.",
        "hint": "Choose another.",
        "field": "name",
    }
    assert str(error) == "Taken."


@pytest.mark.parametrize(("temporary", "code"), [(True, 3), (False, 1)])
def test_what_may_pass_has_an_exit_code_of_its_own(temporary: bool, code: int) -> None:
    assert errors.WorkspaceError("Away.", temporary=temporary).exit_code == code
