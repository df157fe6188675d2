"""Reading requests: JSON bodies, query strings and ids, with faults told in the contract's grammar (spec A.3)."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import QueryDict
from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import ValidationError as SchemaFault
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from gaap.clock import now
from gaap.json_schemas import SchemaCheck
from gaap_notify.api.v2.schemas import JsonSchema
from gaap_notify.errors import BadRequestError, ValidationError
from gaap_notify.models.postage import DOMESTIC

INVALID_JSON = "Invalid JSON supplied in POST data"

_FORMAT_MESSAGES = {
    "uuid": "is not a valid UUID",
    "https_url": "is not a valid https url",
    "postage": "invalid. It must be either first, second or economy.",
}
_UUID_TEXT = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
#: What no database stores: the null character and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

SCHEDULE_AHEAD = timedelta(hours=24)
_NO_TIME = (
    "datetime format is invalid. It must be a valid ISO8601 date time format, https://en.wikipedia.org/wiki/ISO_8601"
)


class FormatError(ValueError):
    """A value is wrong in a way that the contract has words for."""


class ScheduleError(FormatError):
    """The time is none, is over, or too far away."""


formats = FormatChecker(formats=())


@formats.checks("uuid")
def is_uuid(value: object) -> bool:
    """Tell whether a text is a UUID; other types are the schema's affair."""
    return not isinstance(value, str) or _UUID_TEXT.fullmatch(value) is not None


@formats.checks("https_url", raises=ValueError)
def is_https_url(value: object) -> bool:
    """Tell whether a text is an absolute https address without spaces."""
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return parts.scheme == "https" and bool(parts.hostname) and not re.search(r"[\s<>\x00-\x1f\x7f]", value)


@formats.checks("postage")
def is_postage(value: object) -> bool:
    """Tell whether a text is a class of post that a sender may choose."""
    return not isinstance(value, str) or value in DOMESTIC


@formats.checks("datetime_within_next_day", raises=ScheduleError)
def is_within_a_day(value: object) -> bool:
    """Hold a time to send at to the next 24 hours; the contract checks it and then sends at once (spec A.4).

    Raises ScheduleError with the contract's words.
    """
    if not isinstance(value, str):
        return True
    moment = _as_time(value)
    if moment is None:
        raise ScheduleError(_NO_TIME)
    if moment < now():
        raise ScheduleError("datetime can not be in the past")
    if moment > now() + SCHEDULE_AHEAD:
        raise ScheduleError("datetime can only be 24 hours in the future")
    return True


#: The schemas of this API, made ready; each holds its schema, so that no other gets the same id.
_checks: dict[int, SchemaCheck] = {}


def validate(data: Any, schema: JsonSchema) -> dict[str, Any]:
    """Return ``data`` when it matches ``schema``, a constant; raises ValidationError with one entry per fault."""
    check = _checks.get(id(schema))
    if check is None:
        check = _checks[id(schema)] = SchemaCheck(schema, validator=Draft7Validator, formats=formats)
    if faults := sorted(check.faults(data), key=lambda fault: [str(step) for step in fault.path]):
        raise ValidationError(*(_message(fault) for fault in faults))
    checked: dict[str, Any] = data
    return checked


class JsonBodyParser(BaseParser):
    """Reads the body as JSON, whatever its content type says."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what the body holds; raises BadRequestError."""
        return load_json((parser_context or {})["request"].body)


def read_json(request: Request, *, is_optional: bool = False) -> Any:
    """Return what the body holds; with ``is_optional`` an empty body counts as ``{}``. Raises BadRequestError."""
    if not request.body.strip():
        return {} if is_optional else load_json(request.body)
    return request.data


def load_json(body: bytes) -> Any:
    """Return the JSON in ``body``; an empty array counts as ``{}`` (spec A.3).

    Raises BadRequestError when it is no JSON, or holds characters that cannot be stored.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(INVALID_JSON) from error
    if any(_UNSTORABLE.search(text) for text in _texts(data)):
        raise BadRequestError(INVALID_JSON)
    return data if data != [] else {}


def read_query(query: QueryDict, schema: JsonSchema) -> dict[str, Any]:
    """Return the query's parameters, lists where ``schema`` says so; raises ValidationError."""
    properties = schema["properties"]
    values = {
        name: query.getlist(name) if properties.get(name, {}).get("type") == "array" else query[name] for name in query
    }
    if any(_UNSTORABLE.search(text) for text in _texts(values)):
        raise ValidationError("The query holds characters that cannot be stored")
    return validate(values, schema)


def read_id(text: str, schema: JsonSchema) -> UUID:
    """Return the id in a path; ``schema`` names it for the message. Raises ValidationError."""
    (name,) = schema["properties"]
    return UUID(validate({name: text}, schema)[name])


def optional_uuid(data: dict[str, Any], name: str) -> UUID | None:
    """Return a checked id of the request, or None when it is not given."""
    return UUID(data[name]) if name in data else None


def _message(fault: SchemaFault) -> str:
    field = f"{fault.path[0]} " if fault.path else ""
    if fault.validator == "format":
        told = str(fault.cause) if isinstance(fault.cause, FormatError) else ""
        return field + (told or _FORMAT_MESSAGES[str(fault.validator_value)])
    return field + fault.message.replace("'", "")


def _as_time(text: str) -> datetime | None:
    """Return an ISO 8601 time, in UTC unless it says otherwise, or None."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
