"""The bill of materials in CycloneDX 1.6, the same byte for byte as long as the lock is.

``python -m gaap_site.supply_chain.sbom requirements/base.txt`` prints it; it needs neither settings nor database.
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from gaap_site.supply_chain.locked import Package, read_locked

PROJECT = Path(__file__).resolve().parents[3]


def bill_of_materials(packages: list[Package], *, project: dict[str, Any]) -> dict[str, Any]:
    """Return the document for locked ``packages`` of a ``project`` (the table of pyproject.toml).

    It bears no time and no serial number, so that two builds of one commit agree.
    """
    own = f"{project['name']}@{project['version']}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [_component(package) for package in packages],
        "dependencies": [{"ref": own, "dependsOn": [_address(package) for package in packages]}],
    }


def _component(package: Package) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": _address(package),
        "name": package.name,
        "version": package.version,
        "scope": "optional" if package.marker else "required",
        "purl": _address(package),
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }
    if package.marker:
        component["properties"] = [{"name": "python:marker", "value": package.marker}]
    return component


def _address(package: Package) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def written(lock: Path, *, project_file: Path = PROJECT / "pyproject.toml") -> str:
    """Return the document for a lock file as text, ending in a line break."""
    project = tomllib.loads(project_file.read_text(encoding="utf-8"))["project"]
    return json.dumps(bill_of_materials(read_locked(lock), project=project), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "requirements/base.txt"))
