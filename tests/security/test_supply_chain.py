"""The bill of materials is whole and the same each time, and an audit that could not look finds nothing clean."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gaap_site.supply_chain.locked import UnreadableLockError, read_locked
from gaap_site.supply_chain.sbom import written
from tests.project import ROOT
from tests.security.osv_peer import OsvPeer, running_peer

LOCK = ROOT / "requirements/base.txt"
HASH = "--hash=sha256:" + "a" * 64


@pytest.fixture
def peer() -> Iterator[OsvPeer]:
    """A service that knows advisories."""
    with running_peer() as found:
        yield found


def audit(peer: OsvPeer, *accepted: str, lock: Path = LOCK) -> str:
    """Run the command against the peer and return what it printed."""
    out = io.StringIO()
    call_command("audit_dependencies", address=peer.url, accept=list(accepted), lock=lock, stdout=out)
    return out.getvalue()


def test_every_locked_package_is_in_the_bill_once() -> None:
    out = io.StringIO()
    call_command("sbom", stdout=out)
    bill = json.loads(out.getvalue())
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", LOCK.read_text(), re.MULTILINE)
    assert sorted((part["name"], part["version"]) for part in bill["components"]) == sorted(pinned)
    assert len({part["purl"] for part in bill["components"]}) == len(pinned)
    assert sum(len(part["hashes"]) for part in bill["components"]) == LOCK.read_text().count("--hash=sha256:")
    assert bill["dependencies"][0]["dependsOn"] == [part["bom-ref"] for part in bill["components"]]


def test_the_bill_has_the_form_of_its_standard() -> None:
    bill = json.loads(written(LOCK))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert bill["metadata"]["component"]["type"] == "application"
    for part in bill["components"]:
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}" == part["bom-ref"]
        assert part["scope"] == ("optional" if "properties" in part else "required")


def test_the_bill_is_the_same_each_time() -> None:
    text = written(LOCK)
    assert text == written(LOCK)
    assert not re.search(r"timestamp|serialNumber|127\.0\.0\.1|/tmp/", text)


@pytest.mark.parametrize(
    "line",
    ["django>=5.2 " + HASH, "django==5.2.1", "-e .", "git+https://host.example/x " + HASH, f"django==5.2 {HASH} --pre"],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "lock.txt").write_text(f"celery==5.5.0 {HASH}\n{line}\n")
    with pytest.raises(UnreadableLockError):
        read_locked(tmp_path / "lock.txt")


def test_a_clean_bill_asked_for_every_package(peer: OsvPeer) -> None:
    packages = read_locked(LOCK)
    assert f"{len(packages)} packages were looked up" in audit(peer)
    assert peer.asked == [("jinja2", "2.4.1"), *((package.name, package.version) for package in packages)]


def test_an_advisory_fails_until_it_is_judged(peer: OsvPeer) -> None:
    package = read_locked(LOCK)[3]
    peer.known[package.name, package.version] = ["GHSA-one", "GHSA-two"]
    with pytest.raises(CommandError, match="2 advisories"):
        audit(peer)
    with pytest.raises(CommandError, match="1 advisories"):
        audit(peer, "GHSA-one")
    assert f"{package.name} {package.version}: GHSA-two (accepted)" in audit(peer, "GHSA-one", "GHSA-two")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"known": {}}, "it is blind"),
        ({"status": 503}, "could not be looked up"),
        ({"status": 404}, "could not be looked up"),
        ({"leaves_out": 1}, "packages"),
        ({"pages": True}, "a part of its answer"),
        ({"raw": b"<html>sign in first</html>"}, "could not be looked up"),
        ({"raw": b"[]"}, "could not be looked up"),
        ({"raw": b'{"results": null}'}, "could not be looked up"),
    ],
    ids=["blind", "down", "not-there", "short", "paged", "a-page", "a-list", "null"],
)
def test_an_audit_that_cannot_look_fails(peer: OsvPeer, fault: dict[str, Any], words: str) -> None:
    for name, value in fault.items():
        setattr(peer, name, value)
    with pytest.raises(CommandError, match=words):
        audit(peer)


def test_nobody_there_fails(peer: OsvPeer) -> None:
    peer.url = "http://127.0.0.1:1"
    with pytest.raises(CommandError, match="could not be looked up"):
        audit(peer)


def test_an_empty_lock_fails(peer: OsvPeer, tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text("# nothing\n")
    with pytest.raises(CommandError, match="names no package"):
        audit(peer, lock=tmp_path / "lock.txt")
