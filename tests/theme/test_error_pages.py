"""What people and programs see when something fails. No test here has a database, so the pages need none."""

import pytest
from django.test import Client


@pytest.fixture
def client_that_sees_errors(browser_client: Client) -> Client:
    browser_client.raise_request_exception = False
    return browser_client


@pytest.mark.parametrize(
    ("method", "path", "status", "heading"),
    [
        ("get", "/nowhere", 404, "Page not found"),
        ("get", "/gallery/broken", 500, "Sorry, there is a problem"),
        ("get", "/gallery/forbidden", 403, "You cannot see this page"),
        ("get", "/gallery/suspicious", 400, "We could not read that request"),
        ("post", "/gallery/read-only", 405, "This page does not work that way"),
    ],
)
def test_people_get_a_page(client_that_sees_errors: Client, method: str, path: str, status: int, heading: str) -> None:
    answer = getattr(client_that_sees_errors, method)(path)
    page = answer.content.decode()
    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in page
    assert f"<title>{heading} – " in page
    assert "on purpose" not in page


@pytest.mark.parametrize(
    ("path", "status", "title"), [("/nowhere", 404, "Not Found"), ("/gallery/broken", 500, "Internal Server Error")]
)
@pytest.mark.parametrize("accept", ["*/*", "application/json, */*", "", "application/problem+json"])
def test_programs_get_a_problem_document(
    client_that_sees_errors: Client, path: str, status: int, title: str, accept: str
) -> None:
    answer = client_that_sees_errors.get(path, headers={"accept": accept})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": title, "status": status}


def test_a_refused_method_still_says_what_is_allowed(browser_client: Client) -> None:
    assert browser_client.post("/gallery/read-only").headers["Allow"] == "GET, HEAD"


@pytest.mark.usefixtures("gallery")
def test_a_form_without_its_cookie_is_explained() -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept": "text/html"})
    answer = client.post("/gallery/question")
    assert answer.status_code == 403
    assert "This form was open for too long" in answer.content.decode()


def test_error_pages_speak_the_language_of_the_citizen(client_that_sees_errors: Client) -> None:
    answer = client_that_sees_errors.get("/gallery/broken?lang=cy")
    assert answer.headers["Content-Language"] == "cy"
    assert "Sorry, there is a problem" not in answer.content.decode()
