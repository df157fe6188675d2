"""An export as a page that a person can read: one file without anything from elsewhere."""

from collections.abc import Iterable

from django.template.loader import render_to_string

from gaap.clock import now
from gaap.privacy.people import SubjectRecord


def as_page(records: Iterable[SubjectRecord]) -> str:
    """Return the export as HTML, in the language of the moment."""
    return render_to_string("gaap/privacy/export.html", {"records": list(records), "made_at": now()})
