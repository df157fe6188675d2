"""What the descriptions of the suite's own API have in common."""

from typing import Any

from rest_framework import serializers

from gaap.api.errors import PROBLEM_TYPE


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="What is wrong, by field."
    )


def problems(*statuses: int) -> dict[tuple[int, str], type[ProblemSerializer]]:
    """Return the error responses of an operation: the given ones, and those that every operation has."""
    return {(status, PROBLEM_TYPE): ProblemSerializer for status in sorted({401, 403, 429, *statuses})}
