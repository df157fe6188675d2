"""What is publicly known against the locked packages (OSV, https://google.github.io/osv.dev/post-v1-querybatch/).

Looking nothing up must never look like finding nothing. So an answer counts only when it speaks of every package that
was asked about, and when it finds the weakness of a package that is known to have some: a mirror or a proxy that
answers everything with "nothing known" is told from a clean bill by that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from gaap_site.supply_chain.locked import Package

OSV = "https://api.osv.dev"
TIMEOUT_SECONDS = 30.0
AT_ONCE = 500
#: Has had published advisories for years, so whoever knows of none knows nothing.
KNOWN_BAD = Package("jinja2", "2.4.1", "", ())


class LookUpError(Exception):
    """The packages could not be looked up, or not all of them."""


@dataclass(frozen=True)
class Finding:
    """An advisory against one locked package."""

    package: Package
    advisory: str

    def __str__(self) -> str:
        return f"{self.package.name} {self.package.version}: {self.advisory}"


def find_advisories(packages: Sequence[Package], *, address: str = OSV) -> list[Finding]:
    """Return every advisory against ``packages``, by package.

    Args:
        packages: what is asked about, by name and version.
        address: root of a service that speaks OSV's API.

    Raises:
        LookUpError: the service does not answer, answers for fewer packages than it was asked about or in parts, or
            does not know what everybody knows.
    """
    found = []
    with httpx.Client(base_url=address, timeout=TIMEOUT_SECONDS) as client:
        for start in range(0, len(packages), AT_ONCE):
            found += _find(client, [KNOWN_BAD, *packages[start : start + AT_ONCE]])
    return found


def _find(client: httpx.Client, asked: list[Package]) -> list[Finding]:
    results = _results(client, asked)
    if not results[0].get("vulns"):
        raise LookUpError(f"The service knows nothing against {KNOWN_BAD.name} {KNOWN_BAD.version}: it is blind.")
    if any(result.get("next_page_token") for result in results):
        raise LookUpError("The service gave only a part of its answer.")
    return [
        Finding(package, str(advisory["id"]))
        for package, result in zip(asked[1:], results[1:], strict=True)
        for advisory in result.get("vulns", ())
    ]


def _results(client: httpx.Client, asked: list[Package]) -> list[dict[str, Any]]:
    queries = [{"package": {"name": p.name, "ecosystem": "PyPI"}, "version": p.version} for p in asked]
    try:
        answer = client.post("/v1/querybatch", json={"queries": queries})
        answer.raise_for_status()
        results: list[dict[str, Any]] = answer.json()["results"]
        if len(results) != len(asked):
            raise LookUpError(f"The service answered for {len(results)} of {len(asked)} packages.")
        return [dict(result) for result in results]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise LookUpError(f"The packages could not be looked up: {type(error).__name__}.") from error
