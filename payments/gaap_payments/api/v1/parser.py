"""Reading a request's body: JSON that a database can keep."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAXIMUM_BYTES = 1_000_000


class JSONBodyParser(BaseParser):
    """Parses a JSON object of at most a million bytes; everything else is a ParseError, never a crash."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the object."""
        body = stream.read(MAXIMUM_BYTES + 1)
        if len(body) > MAXIMUM_BYTES:
            raise ParseError("The body is too large.")
        try:
            document = json.loads(body.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
            json.dumps(document, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is not JSON.") from error
        if not isinstance(document, dict):
            raise ParseError("The body is not a JSON object.")
        return document


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("The number is too large.")
    return value
