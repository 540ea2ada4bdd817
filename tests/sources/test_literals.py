import ast
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pel.sources.literals import MAX_LITERAL, parse_json, parse_literal

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner), max_leaves=10
)
# tokens of which some sequences are literals, some JSON alone, some neither
tokens = st.lists(st.sampled_from([*"[]{}(),:'\"\\- 07#\n.", "None", "True", "null", "true", "NaN", "b'", "a"])).map(
    "".join
)


def python_value(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError):
        return ValueError


def value_or_error(text: str) -> object:
    try:
        return parse_literal(text)
    except ValueError:
        return ValueError


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(value=values)
def test_every_value_is_read_back_from_its_literal(value: object) -> None:
    assert parse_literal(repr(value)) == value


@settings(max_examples=3000, deadline=None, derandomize=True, database=None)
@given(text=tokens)
def test_a_text_means_what_it_means_in_python(text: str) -> None:
    assert repr(value_or_error(text)) == repr(python_value(text))


@pytest.mark.parametrize(
    "text",
    ["[null]", "[true]", "[NaN]", "[Infinity]", "['a' 'b']", "['None', None]", "[007]", "[00]", "{'a': 1, 'a': 2}"],
)
def test_what_json_and_python_read_in_two_ways_is_read_as_python(text: str) -> None:
    assert value_or_error(text) == python_value(text)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(value=st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10))
def test_every_value_is_read_back_from_its_json(value: object) -> None:
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize("read", [parse_literal, parse_json])
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "[",
        "name",
        "[" * 100_000,
        "[" * 5000 + "]" * 5000,
        '{"a":' * 20_000,
        "{'a':" * 20_000,
        "-" * 200_000 + "1",
        "1" + "+1" * 100_000,
        "not " * 50_000 + "1",
        "9" * 5000,
        "[NaN]",
        "\0",
        "['\ud800]",
        "__import__('os').getcwd()",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_no_literal_is_an_error_that_shows_how_it_starts(read, text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|more than") as error:
        read(text)
    assert repr(text[:80]) in str(error.value)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("read", [parse_literal, parse_json])
def test_a_list_may_be_as_long_as_the_limit_and_no_longer(read) -> None:
    longest = "[" + " " * (MAX_LITERAL - 2) + "]"
    assert read(longest) == []
    with pytest.raises(ValueError, match="262,145 characters"):
        read(longest + " ")
