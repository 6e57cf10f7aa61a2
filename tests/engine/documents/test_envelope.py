from __future__ import annotations

import json

import pytest

from engine.documents import Document, envelope, read_documents
from engine.documents.limits import MAX_BYTES
from engine.errors import InvalidInput


def refusal(text: str | bytes, name: str = "") -> InvalidInput:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(InvalidInput) as caught:
        read_documents(data, name=name)
    assert caught.value.exit_code == 2
    assert caught.value.message.endswith(".")
    return caught.value


def test_items_know_their_line_in_yaml_and_their_place_in_json() -> None:
    text = "# what there should be\nlampboard: 1\nitems:\n- {a: 1}\n\n- b: 2\n  c: 3\n"
    assert read_documents(text.encode()) == (
        Document(index=1, line=4, value={"a": 1}),
        Document(index=2, line=6, value={"b": 2, "c": 3}),
    )
    data = json.dumps(envelope([{"a": 1}])).encode()
    assert read_documents(data) == (Document(index=1, value={"a": 1}),)


def test_several_yaml_documents_are_read_as_one() -> None:
    text = "lampboard: 1\nitems: [x]\n---\nlampboard: 1\nitems:\n- y\n"
    assert [(one.index, one.line) for one in read_documents(text.encode())] == [(1, 2), (2, 6)]


@pytest.mark.parametrize("name", ["", "x.json", "X.JSON"])
def test_json_is_known_by_its_name_or_its_first_character(name: str) -> None:
    assert read_documents(b'\xef\xbb\xbf {"lampboard": 1, "items": []}', name=name) == ()
    assert "JSON" in refusal("{lampboard: 1, items: []}", name).message
    assert read_documents(b"{lampboard: 1, items: []}", name="x.yaml") == ()


@pytest.mark.parametrize("text", ["", " \n", "# nothing said yet\n", "\ufeff"])
def test_nothing_is_told_apart_from_no_items(text: str) -> None:
    assert "empty" in refusal(text).message
    assert read_documents(b"lampboard: 1\nitems: []\n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "name: gpt",
        "- lampboard: 1",
        "just words",
        "null",
        "---\n---\n",
        "lampboard: 2\nitems: []",
        "lampboard: 0\nitems: []",
        "lampboard: true\nitems: []",
        "lampboard: '1'\nitems: []",
        "lampboard: 1.0\nitems: []",
        "lampboard: 1",
        "lampboard: 1\nitems: {}",
        "lampboard: 1\nitems: []\ntenant: acme",
    ],
)
def test_what_is_no_file_of_ours_is_refused_whole(text: str) -> None:
    assert refusal(text).field in {"lampboard", "items"}


def test_a_newer_file_says_that_it_is_newer() -> None:
    assert "newer" in refusal("lampboard: 2\nitems: []").hint


def test_a_slip_in_the_envelope_gets_the_word_that_was_meant() -> None:
    assert "Did you mean items?" in refusal("lampboard: 1\nitem: []").hint


def test_too_much_is_refused() -> None:
    assert "5 MiB" in refusal(b"#" * (MAX_BYTES + 1)).message
    assert "items" in refusal("lampboard: 1\nitems: [" + "x," * 100_001 + "]").message


def test_what_is_not_text_is_refused() -> None:
    assert "UTF-8" in refusal(b"lampboard: 1\nitems: [\xff\xfe]").message


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"lampboard": 1, "items": [NaN]}', "NaN"),
        ('{"lampboard": 1, "items": [-Infinity]}', "Infinity"),
        ('{"lampboard": 1, "items": [1e999]}', "too large"),
        ('{"lampboard": 1, "items": [' + "9" * 5000 + "]}", "too long"),
        ('{"lampboard": 1, "lampboard": 1, "items": []}', "twice"),
        ('{"lampboard": 1, "items": [{"sk-Canary1": 1, "sk-Canary1": 2}]}', "twice"),
        ('{"lampboard": 1, "items": ' + "[" * 30 + "]" * 30 + "}", "20 levels"),
        ('{"lampboard": 1, "items": ' + "[" * 1_000_000, "20 levels"),
        ('{"lampboard": 1, "items": []', "Line 1"),
    ],
    ids=lambda text: text[-24:],
)
def test_json_is_taken_by_the_letter(text: str, word: str) -> None:
    error = refusal(text)
    assert word in error.message
    assert "Canary" not in str(error.to_dict())


def test_no_repr_shows_what_a_document_says() -> None:
    assert "Canary" not in repr(Document(index=1, value={"credential_ref": "sk-Canary"}))
