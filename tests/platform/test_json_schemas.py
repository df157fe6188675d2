"""What is quickly in order is in order by the long way too."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from gaap.components import known_events
from gaap.json_schemas import SchemaCheck

formats = FormatChecker(formats=())


@formats.checks("short", raises=ValueError)
def is_short(value: object) -> bool:
    """Hold a text to three characters; one of five is a fault of its own."""
    if isinstance(value, str) and len(value) == 5:
        raise ValueError("five")
    return not isinstance(value, str) or len(value) <= 3


PROPERTIES = {
    "name": {"type": "string", "maxLength": 4},
    "code": {"type": ["string", "null"], "format": "short"},
    "count": {"type": "integer"},
    "kind": {"enum": ["a", "b"]},
    "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "lines": {"type": "array", "items": {"type": "string"}},
}
SCHEMA = {"type": "object", "properties": PROPERTIES, "required": ["name"], "additionalProperties": False}
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.lists(st.text(max_size=2), max_size=2)
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(value=st.dictionaries(st.sampled_from([*PROPERTIES, "other"]), VALUES))
def test_the_same_verdict_as_by_the_long_way(value):
    check = SchemaCheck(SCHEMA, validator=Draft7Validator, formats=formats)
    faults = list(Draft7Validator(SCHEMA, format_checker=formats).iter_errors(value))
    assert [fault.message for fault in check.faults(value)] == [fault.message for fault in faults]


@pytest.mark.parametrize("value", [{"name": "a", "code": "five5"}, {"name": "a", "code": "long"}])
def test_formats_are_looked_at(value):
    assert SchemaCheck(SCHEMA, validator=Draft7Validator, formats=formats).faults(value)
    assert not SchemaCheck(SCHEMA, validator=Draft7Validator).faults(value)


def test_a_format_of_other_values_is_not_passed_over():
    other = FormatChecker(formats=())
    other.checks("yes")(lambda value: value is True)
    schema = {"type": "object", "properties": {"is_csv": {"format": "yes"}}}
    check = SchemaCheck(schema, validator=Draft7Validator, formats=other)
    assert check.faults({"is_csv": 1})
    assert not check.faults({"is_csv": True})


@pytest.mark.parametrize(
    "event", [event for event in known_events().values() if event.schema], ids=lambda one: one.name
)
def test_the_schemas_of_all_events_can_be_asked_quickly(event):
    check = SchemaCheck(event.schema, validator=Draft202012Validator)
    assert check._quick is not None
    assert check.faults({"surely": "unknown"})
