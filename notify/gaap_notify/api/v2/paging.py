"""The links between the pages of a list (spec A.1, A.8)."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from gaap.conf import conf as kernel_conf


def links(path: str, query: Mapping[str, Any], page: Sequence[Any]) -> dict[str, str]:
    """Return the page's own address and the next one's; clients follow ``next`` until a page is empty.

    ``path`` has no leading slash; ``page`` holds rows with a primary key.
    """
    found = {"current": _address(path, query)}
    if page:
        found["next"] = _address(path, {**query, "older_than": str(page[-1].pk)})
    return found


def _address(path: str, query: Mapping[str, Any]) -> str:
    text = urlencode(query, doseq=True)
    return f"{kernel_conf.base_url}{path}?{text}" if text else f"{kernel_conf.base_url}{path}"
