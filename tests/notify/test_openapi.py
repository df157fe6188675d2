"""What the published description tells a client generator, held against what the API takes."""

import base64

import jsonschema
import pytest
from drf_spectacular.generators import SchemaGenerator

from gaap_notify.api.v2 import schemas
from gaap_notify.api.v2.files import check_files
from gaap_notify.errors import ContractError

CONTENT = base64.b64encode(b"name,amount\n").decode()


@pytest.fixture(scope="module")
def sends():
    """The published bodies of a send."""
    description = SchemaGenerator().get_schema(public=True)
    operation = description["paths"]["/v2/notifications/{name}"]["post"]
    return operation["requestBody"]["content"]["application/json"]["schema"]["oneOf"]


@pytest.fixture(scope="module")
def file(sends):
    """The published file of an email."""
    [email] = [one for one in sends if "email_address" in one["properties"]]
    values = email["properties"]["personalisation"]["additionalProperties"]["anyOf"]
    [found] = [one for one in values if one["type"] == "object"]
    return found


def allows(schema, value):
    """Tell whether an OpenAPI 3.0 schema lets a file through; its ``nullable`` is told as JSON Schema tells it."""
    fields = {
        name: {**field, "type": [field["type"], "null"] if field.get("nullable") else field["type"]}
        for name, field in schema["properties"].items()
    }
    return jsonschema.Draft7Validator({**schema, "properties": fields}).is_valid(value)


def accepts(value):
    """Tell whether the API lets the shape of a file through."""
    try:
        check_files({"doc": value})
    except ContractError:
        return False
    return True


def test_every_field_of_a_file_has_its_type(file):
    assert file["title"] == "EmailFile"
    kinds = {name: (field["type"], field.get("nullable", False)) for name, field in file["properties"].items()}
    assert kinds == {
        "file": ("string", False),
        "filename": ("string", True),
        "confirm_email_before_download": ("boolean", True),
        "retention_period": ("string", True),
        "is_csv": ("boolean", True),
    }
    assert file["properties"]["file"]["format"] == "byte"
    assert file["properties"].keys() == schemas.FILE["properties"].keys()
    assert (file["required"], file["additionalProperties"]) == (["file"], False)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"filename": "permit.pdf"}, True),
        ({"filename": "permit"}, False),
        ({"filename": 7}, False),
        ({"confirm_email_before_download": False}, True),
        ({"confirm_email_before_download": "no"}, False),
        ({"retention_period": "78 Weeks"}, True),
        ({"retention_period": 4}, False),
        ({"is_csv": True}, True),
        ({"is_csv": "yes"}, False),
        (dict.fromkeys(("filename", "confirm_email_before_download", "retention_period", "is_csv")), True),
        ({"file": None}, False),
        ({"file": 7}, False),
        ({"sending_method": "attach"}, False),
    ],
    ids=str,
)
def test_description_and_api_agree_on_a_file(file, fields, expected):
    value = {"file": CONTENT, **fields}
    assert allows(file, value) is accepts(value) is expected


def test_only_an_email_may_hold_a_file(sends):
    holders = [one for one in sends if "additionalProperties" in one["properties"].get("personalisation", {})]
    assert [sorted(one["properties"].keys() & {"email_address", "phone_number"}) for one in holders] == [
        ["email_address"]
    ]


def test_a_value_may_still_be_text_number_or_list(sends):
    [email] = [one for one in sends if "email_address" in one["properties"]]
    values = email["properties"]["personalisation"]["additionalProperties"]["anyOf"]
    assert {one["type"] for one in values} == {"string", "number", "boolean", "array", "object"}
