"""What the service's own team sees afterwards, with nothing but its API key."""

import time
from typing import Any

import httpx
from notifications_python_client.notifications import NotificationsAPIClient

from gaap_site.journey.report import Report

PATIENCE_SECONDS = 20.0
PAYMENT_STORY = ("payment_started", "payment_submitted", "payment_succeeded", "payment_captured")


class ServiceTeam:
    """A program of the service's team; ``base_url`` is the platform's, ending in a slash."""

    def __init__(self, base_url: str, *, api_key: str) -> None:
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {api_key}"}
        client: Any = NotificationsAPIClient
        self._notify = client(api_key, base_url=base_url)
        self._notify.request_session.trust_env = False

    def check_payment(self, payment_id: str, *, amount: int, email: str, report: Report) -> None:
        """Check that Pay tells the story that the citizen lived."""
        with report.step("The service's team asks Pay") as step:
            payment = self._get(f"v1/payments/{payment_id}")
            step.check(payment["state"] == {"status": "success", "finished": True}, "state is success, finished")
            step.check(payment["amount"] == amount, f"amount is {amount}")
            step.check(payment["email"] == email, "email is the citizen's")
            step.check(payment["card_details"]["last_digits_card_number"] == "4242", "card ends in 4242")
            step.check("next_url" not in payment["_links"], "nothing is left for the citizen to do")
            events = self._get(f"v1/payments/{payment_id}/events")["events"]
            statuses = [event["state"]["status"] for event in events]
            step.check(statuses == ["created", "started", "submitted", "success"], f"events are {', '.join(statuses)}")

    def check_events(self, payment_id: str, *, email: str, report: Report) -> None:
        """Check that the service's stream tells the same story, up to the capture by a worker."""
        with report.step("The service's team reads its stream of events") as step:
            events = self._wait_for_event("payment_captured", subject=f"payment/{payment_id}")
            types = [event["type"] for event in events]
            told = [type for type in types if type in PAYMENT_STORY]
            step.check(told == list(PAYMENT_STORY), " then ".join(PAYMENT_STORY), found=types)
            step.check(email not in str(events), "and nothing in it is personal")

    def check_notifications(self, reference: str, *, email: str, report: Report) -> None:
        """Check that Notify delivered one email and one text for ``reference``."""
        with report.step("The service's team asks Notify") as step:
            sent = self._wait_until_delivered(reference)
            statuses = {notification["type"]: notification["status"] for notification in sent}
            step.check(len(sent) == 2, "two notifications bear the reference", found=len(sent))
            step.check(
                statuses == {"email": "delivered", "sms": "delivered"}, "email and text delivered", found=statuses
            )
            one = next(notification for notification in sent if notification["type"] == "email")
            found = self._notify.get_notification_by_id(one["id"])
            step.check(found["email_address"] == email, "the email's recipient is the citizen")
            step.check(reference in found["body"], "and its text holds the reference")

    def _wait_until_delivered(self, reference: str) -> list[dict[str, Any]]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            sent: list[dict[str, Any]] = self._notify.get_all_notifications(reference=reference)["notifications"]
            if all(one["completed_at"] for one in sent) or time.monotonic() > deadline:
                return sent
            time.sleep(0.2)

    def _wait_for_event(self, type: str, *, subject: str) -> list[dict[str, Any]]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            events: list[dict[str, Any]] = self._get("v1/events", subject=subject)["events"]
            if any(event["type"] == type for event in events) or time.monotonic() > deadline:
                return events
            time.sleep(0.2)

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        url = self._base_url + path
        answer = httpx.get(url, params=query, headers=self._headers, timeout=15, trust_env=False)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document
