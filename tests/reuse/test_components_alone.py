"""One component at a time in somebody else's project: installed from the wheel, migrated, serving its API."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from notifications_python_client.notifications import NotificationsAPIClient

from tests.project import ROOT
from tests.reuse.other_project import OtherProject

MakeProject = Callable[..., OtherProject]


def document(**sections: Any) -> dict[str, Any]:
    """A provisioning document with one service in it."""
    service = {
        "name": "Report a pothole",
        "organisation": "A town",
        "mode": "trial",
        "api_keys": [{"name": "test", "type": "test"}],
        **sections,
    }
    return {"organisations": [{"name": "A town", "type": "local"}], "services": [service]}


def test_notify_alone_sends_an_email(other_project: MakeProject) -> None:
    project = other_project("gaap_notify")
    assert ROOT not in project.where("gaap_notify").parents
    migrate(project)
    template = {"type": "email", "versions": [{"name": "Hello", "subject": "Hello", "body": "Hello ((name))"}]}
    made = project.provision(document(notify={"permissions": ["email"], "templates": [template]}))["services"][0]
    with project.served() as base_url:
        client = NotificationsAPIClient(made["api_keys"][0]["key"], base_url=base_url)
        sent = client.send_email_notification(
            "ngoc@example.org", made["notify"]["templates"][0]["id"], {"name": "Ngoc"}
        )
        found = client.get_notification_by_id(sent["id"])
    assert found["body"] == "Hello Ngoc"
    assert found["status"] in ("created", "sending", "delivered")


def test_payments_alone_creates_a_payment(other_project: MakeProject) -> None:
    project = other_project("gaap_payments")
    migrate(project)
    account = {"provider": "sandbox", "mode": "test", "currency": "GBP"}
    made = project.provision(document(payments={"gateway_accounts": [account]}))["services"][0]
    bearer = {"Authorization": f"Bearer {made['api_keys'][0]['key']}"}
    asked = {"amount": 1200, "reference": "one", "description": "A permit", "return_url": "https://service.example/"}
    with project.served() as base_url, httpx.Client(base_url=base_url, headers=bearer) as client:
        created = client.post("/v1/payments", json=asked)
        assert created.status_code == 201, created.text
        found = client.get(f"/v1/payments/{created.json()['payment_id']}").json()
        page = client.get(found["_links"]["next_url"]["href"], follow_redirects=True)
    assert found["state"] == {"status": "created", "finished": False}
    assert page.status_code == 200
    assert "A permit" in page.text


def test_identity_alone_says_what_it_lacks(other_project: MakeProject) -> None:
    finished = other_project("gaap_identity").manage("check", "--fail-level", "WARNING")
    assert finished.returncode != 0
    assert "Add gaap_notify to INSTALLED_APPS" in finished.stderr


@pytest.mark.parametrize("apps", [("gaap_identity", "gaap_notify"), ("gaap_payments", "gaap_notify")], ids="+".join)
def test_each_pair_migrates(other_project: MakeProject, apps: tuple[str, ...]) -> None:
    project = other_project(*apps)
    migrate(project)


def migrate(project: OtherProject) -> None:
    finished = project.manage("migrate")
    assert finished.returncode == 0, finished.stderr
    checked = project.manage("check", "--fail-level", "ERROR")
    assert checked.returncode == 0, checked.stderr
