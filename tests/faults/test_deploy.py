"""A new version takes over from the one before it while services call: no call fails, and none is done twice or not.

What happens is what ``deploy/kubernetes`` says: the new version migrates, starts beside the old one and says that it is
ready; then nobody is sent to the old one any more, which serves on for a moment, is asked to end, and ends what it has
begun.
"""

import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gaap_site.celery import queue_names
from tests.faults.suite import STARTING_SECONDS, Suite, database_of_its_own, delete_queues
from tests.notify.tokens import make_token
from tests.processes import answers, wait_until
from tests.project import ROOT

pytestmark = [pytest.mark.postgresql, pytest.mark.rabbitmq]

CALLERS = 3
#: How long callers call before the new version starts and after the old one has ended.
SECONDS = float(os.environ.get("GAAP_TEST_DEPLOY_SECONDS", "2"))
#: The manifests' ``preStop``: whoever was sent to the old version arrives within this time.
NOTICE_SECONDS = 1.0
#: The version that is replaced; a name of git's.
BEFORE = os.environ.get("GAAP_TEST_DEPLOY_FROM", "HEAD~1")

DOCUMENT = {
    "organisations": [{"name": "Transport"}],
    "services": [
        {
            "name": "Renew",
            "organisation": "Transport",
            "mode": "trial",
            "api_keys": [{"name": "deploy", "type": "test"}],
            "payments": {"gateway_accounts": [{"mode": "test", "provider": "sandbox"}]},
            "notify": {
                "permissions": ["sms"],
                "templates": [{"type": "sms", "versions": [{"name": "Reminder", "body": "No ((number))"}]}],
            },
        }
    ],
}


@dataclass
class Calls:
    """Callers of a service, each with one call after the other to one of the versions that are ready."""

    key: str
    template: str
    addresses: list[str]
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def go_on(self) -> None:
        """Call until it is over."""
        number = 0
        while not self.is_over.is_set():
            number += 1
            for name, call in (("text", self._send), ("payment", self._pay), ("read", self._read)):
                try:
                    status = call(random.choice(self.addresses), number).status_code
                except httpx.HTTPError as error:
                    self.faults.append(f"{name}: {error!r}")
                    continue
                self.answers[f"{name} {status}"] += 1

    def _send(self, address: str, number: int) -> httpx.Response:
        token = make_token(self.key[-36:], {"iss": self.key[-73:-37], "iat": int(time.time())})
        order = {
            "phone_number": "07700900123",
            "template_id": self.template,
            "personalisation": {"number": str(number)},
        }
        url = f"{address}/v2/notifications/sms"
        return httpx.post(url, json=order, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False)

    def _pay(self, address: str, number: int) -> httpx.Response:
        order = {
            "amount": 1450,
            "reference": f"R{number}",
            "description": "A licence",
            "return_url": "https://s.example/",
        }
        return httpx.post(f"{address}/v1/payments", json=order, headers=self._bearer, timeout=30, trust_env=False)

    def _read(self, address: str, _number: int) -> httpx.Response:
        return httpx.get(f"{address}/v1/payments?display_size=5", headers=self._bearer, timeout=30, trust_env=False)

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The tree of the version before this one; this one again where there is no history."""
    tree = tmp_path / "before"
    tree.mkdir()
    known = subprocess.run(["git", "-C", ROOT, "rev-parse", "--verify", "--quiet", f"{BEFORE}^{{commit}}"], check=False)
    if known.returncode:
        return ROOT
    archive = subprocess.run(["git", "-C", ROOT, "archive", BEFORE], check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", tree], input=archive.stdout, check=True)
    return tree


@pytest.fixture
def versions(tmp_path: Path, before: Path, postgresql_url: str, broker_url: str) -> Iterator[tuple[Suite, Suite]]:
    """The old version and the new one, on one database and one broker."""
    name = f"gaap_deploy_{uuid4().hex[:12]}"
    with database_of_its_own(postgresql_url, name) as database_url:
        suites: list[Suite] = []
        for root in (before, ROOT):
            folder = tmp_path / f"version-{len(suites)}"
            folder.mkdir()
            environ = {"GAAP_DATA": str(tmp_path / "data"), "GAAP_BASE_URL": "http://127.0.0.1:9/"}
            suites.append(
                Suite(folder, database_url=database_url, broker_url=broker_url, name=name, environ=environ, root=root)
            )
        yield suites[0], suites[1]
        delete_queues(broker_url, [suites[0].queue_prefix + queue for queue in queue_names()])


def serve(suite: Suite) -> None:
    """Start its web process and wait until it is ready."""
    suite.web.start()
    address = f"{suite.base_url}/health/ready"
    wait_until(lambda: answers(address), seconds=STARTING_SECONDS, what="serving", program=suite.web)


def test_no_call_fails_while_a_new_version_takes_over(versions: tuple[Suite, Suite]) -> None:
    old, new = versions
    made: dict[str, Any] = old.set_up(DOCUMENT)["services"][0]
    calls = Calls(made["api_keys"][0]["key"], made["notify"]["templates"][0]["id"], [old.base_url])
    callers = [threading.Thread(target=calls.go_on) for _ in range(CALLERS)]
    with ExitStack() as ended_at_last:
        for suite in versions:
            ended_at_last.callback(suite.web.kill)
        serve(old)
        for caller in callers:
            caller.start()
        time.sleep(SECONDS)
        new.migrate()
        serve(new)
        calls.addresses[:] = [old.base_url, new.base_url]
        time.sleep(SECONDS)
        calls.addresses[:] = [new.base_url]
        time.sleep(NOTICE_SECONDS)
        assert old.web.end() == 0
        time.sleep(SECONDS)
        calls.is_over.set()
        for caller in callers:
            caller.join()
    assert calls.faults == []
    assert set(calls.answers) == {"text 201", "payment 201", "read 200"}, calls.answers
    assert old.query("SELECT count(*) FROM gaap_notify_notification") == [(calls.answers["text 201"],)]
    assert old.query("SELECT count(*) FROM gaap_payments_payment") == [(calls.answers["payment 201"],)]
