"""What the form renderer makes of a form, and the fields that Django lacks."""

from datetime import date
from html.parser import HTMLParser

import pytest
from django import forms
from django.forms.renderers import get_default_renderer
from django.test import Client
from django.utils.translation import override

from gaap.theme.fields import DatePartsField
from gaap.theme.forms import SummaryError, ThemeRenderer, summary_errors
from tests.theme.gallery.forms import EmailForm, EverythingForm


class Elements(HTMLParser):
    """All start tags of a piece of HTML with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))

    def with_name(self, name: str) -> dict[str, str | None]:
        return next(attrs for _tag, attrs in self.all if attrs.get("name") == name)

    @property
    def ids(self) -> list[str | None]:
        return [attrs["id"] for _tag, attrs in self.all if "id" in attrs]


def test_the_site_uses_the_renderer() -> None:
    assert isinstance(get_default_renderer(), ThemeRenderer)


def test_every_reference_of_a_faulty_form_leads_to_one_element() -> None:
    form = EverythingForm({})
    elements = Elements(str(form))
    assert len(elements.ids) == len(set(elements.ids))
    wanted = [attrs.get("for") for tag, attrs in elements.all if tag == "label"]
    wanted += [part for _tag, attrs in elements.all for part in (attrs.get("aria-describedby") or "").split()]
    wanted += [error.target for error in summary_errors(form) if error.target]
    assert len(wanted) > 20
    assert set(wanted) <= set(elements.ids)


def test_hint_and_error_describe_the_control_in_this_order() -> None:
    html = str(EmailForm({"email": "nobody"}))
    control = Elements(html).with_name("email")
    assert control["aria-describedby"] == "id_email_helptext id_email_error"
    assert control["aria-invalid"] == "true"
    assert control["autocomplete"] == "email"
    assert '<span class="gaap-visually-hidden">Error:</span> Enter a valid email address.' in html


def test_a_form_without_faults_has_no_trace_of_any() -> None:
    html = str(EmailForm())
    assert "error" not in html.lower()
    assert "aria-invalid" not in html


def test_groups_have_a_legend_and_carry_the_description() -> None:
    elements = Elements(str(EverythingForm({})["way"].as_field_group()))
    fieldset = next(attrs for tag, attrs in elements.all if tag == "fieldset")
    assert fieldset["aria-describedby"] == "id_way_error"
    assert [tag for tag, _attrs in elements.all if tag in ("legend", "label")] == ["legend", "label", "label", "label"]
    assert elements.with_name("way")["aria-describedby"] == "id_way_0_hint"
    assert "aria-invalid" not in elements.with_name("way")


def test_text_of_people_is_escaped() -> None:
    class Named(forms.Form):
        name = forms.CharField(label="<b>", help_text="<i>", max_length=3, error_messages={"max_length": "<u>"})

    html = str(Named({"name": '"><script>'}))
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<u>" not in html
    assert "<script>" not in html


def test_the_summary_goes_from_the_whole_to_the_parts_and_names_what_is_missing() -> None:
    errors = list(summary_errors(EverythingForm({})))
    assert errors[0] == SummaryError("These answers do not fit together")
    assert errors[1] == SummaryError("Full name: This field is required.", "id_full_name")
    assert errors[2] == SummaryError("Enter a date", "id_born_0")
    assert errors[3] == SummaryError("How should we reach you? This field is required.", "id_way_0")


def test_page_and_title_tell_of_the_fault(browser_client: Client) -> None:
    before = browser_client.get("/gallery/question").content.decode()
    after = browser_client.post("/gallery/question", {"email": "nobody"}).content.decode()
    assert "<title>What is your email address? – " in before
    assert "There is a problem" not in before
    assert "<title>Error: What is your email address? – " in after
    assert '<li><a href="#id_email">Enter a valid email address.</a></li>' in after
    assert after.index("There is a problem") < after.index("<h1")
    assert after.count("<h1") == before.count("<h1") == 1


def test_blank_blocks_leave_no_empty_landmark(browser_client: Client) -> None:
    page = browser_client.get("/cookies").content.decode()
    assert "gaap-before" not in page
    assert "gaap-service" not in page


class DateForm(forms.Form):
    born = DatePartsField()
    died = DatePartsField(required=False)


def parts(name: str, *values: str) -> dict[str, str]:
    return dict(zip((f"{name}_day", f"{name}_month", f"{name}_year"), values, strict=True))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("27", "3", "1987"), date(1987, 3, 27)),
        ((" 1 ", "02", "2024"), date(2024, 2, 1)),
        (("29", "2", "2024"), date(2024, 2, 29)),
    ],
)
def test_a_date_is_read_from_its_parts(values: tuple[str, str, str], expected: date) -> None:
    form = DateForm(parts("born", *values))
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"born": expected, "died": None}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("", "", ""), "Enter a date"),
        ((" ", "", " "), "Enter a date"),
        (("1", "", "2024"), "The date must have a day, a month and a year"),
        (("29", "2", "2023"), "Enter a real date, such as 27 3 2031"),
        (("1", "13", "2023"), "Enter a real date, such as 27 3 2031"),
        (("1", "1", "87"), "Enter a real date, such as 27 3 2031"),
        (("a", "b", "cdef"), "Enter a real date, such as 27 3 2031"),
        (("-1", "1", "2024"), "Enter a real date, such as 27 3 2031"),
    ],
)
def test_what_is_no_date_is_explained(values: tuple[str, str, str], message: str) -> None:
    form = DateForm(parts("born", *values))
    assert form.errors == {"born": [message]}


def test_an_optional_date_half_given_is_no_date() -> None:
    form = DateForm({**parts("born", "1", "1", "2000"), **parts("died", "", "3", "")})
    assert form.errors == {"died": ["The date must have a day, a month and a year"]}


def test_a_date_shows_in_its_parts_with_labels_of_the_language() -> None:
    with override("vi"):
        html = str(DateForm(initial={"born": date(1987, 3, 27)})["born"].as_field_group())
    elements = Elements(html)
    assert [elements.with_name(name)["value"] for name in ("born_day", "born_month", "born_year")] == [
        "27",
        "3",
        "1987",
    ]
    assert ">Ngày</label>" in html
