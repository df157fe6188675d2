"""Handing out a part of the ledger as a file."""

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from django.http import Http404, HttpResponse, StreamingHttpResponse

from gaap.actors import current_actor
from gaap_payments.services.camt import export_xml
from gaap_payments.services.ledger_export import Selection, export_csv

Export = Callable[..., Iterator[str]]

FORMATS: Mapping[str, tuple[Export, str]] = {
    "csv": (export_csv, "text/csv; charset=utf-8"),
    "xml": (export_xml, "application/xml; charset=utf-8"),
}


def ledger_answer(selection: Selection, *, file_format: str) -> HttpResponse:
    """Return the selection as a file that streams; raises Http404 for an unknown ``file_format``."""
    if file_format not in FORMATS:
        raise Http404
    export, content_type = FORMATS[file_format]
    answer = StreamingHttpResponse(export(selection, by=current_actor()), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{selection.name}.{file_format}"'
    return cast(HttpResponse, answer)
