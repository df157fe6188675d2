"""Holding JSON values to their schemas: quickly where they match, in words where they do not."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import fastjsonschema
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError as SchemaFault

Schema = Mapping[str, Any]


class SchemaCheck:
    """A schema made ready to be asked often.

    jsonschema finds every fault and says what it is, in tenths of a millisecond; fastjsonschema only says whether there
    is one, in hundredths of that. What is in order needs no words.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        validator: type[Draft7Validator] | type[Draft202012Validator],
        formats: FormatChecker | None = None,
    ) -> None:
        """Take a schema that nobody changes later; without ``formats`` the formats it names are not looked at."""
        self._schema, self._formats = schema, formats
        self._validator = validator(dict(schema), format_checker=formats)

    def faults(self, value: Any) -> list[SchemaFault]:
        """Return everything that is wrong with ``value``; nothing when it is as the schema says."""
        return [] if self._is_in_order(value) else list(self._validator.iter_errors(value))

    def _is_in_order(self, value: Any) -> bool:
        """Tell whether the value is surely in order."""
        if self._quick is None:
            return False
        try:
            self._quick(value)
        except (fastjsonschema.JsonSchemaValueException, ValueError):
            return False
        return True

    @cached_property
    def _quick(self) -> Callable[[Any], Any] | None:
        """The compiled schema; None where a format may hold values that are no texts, which it would pass over."""
        if self._formats and not all(_is_text(part) for part in _parts(self._schema) if "format" in part):
            return None
        checks = {name: check for name, (check, _) in self._formats.checkers.items()} if self._formats else {}
        compiled: Callable[[Any], Any] = fastjsonschema.compile(
            dict(self._schema),
            formats=checks,
            use_default=False,
            use_formats=self._formats is not None,
            detailed_exceptions=False,
        )
        return compiled


def _is_text(part: Schema) -> bool:
    return part.get("type") in ("string", ["string", "null"])


def _parts(schema: Any) -> Iterator[Schema]:
    """Yield the schema and every object within it."""
    if isinstance(schema, Mapping):
        yield schema
        for inner in schema.values():
            yield from _parts(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _parts(inner)
