"""Dates and times as they are written in Britain, Wales and Viet Nam."""

from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.forms import DateField
from django.template import Context, Template
from django.utils.formats import date_format
from django.utils.translation import override

MOMENT = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)

WRITTEN = {
    "en": {
        "DATE_FORMAT": "22 November 2026",
        "DATETIME_FORMAT": "22 November 2026, 14:05",
        "TIME_FORMAT": "14:05",
        "SHORT_DATE_FORMAT": "22/11/2026",
        "SHORT_DATETIME_FORMAT": "22/11/2026, 14:05",
        "YEAR_MONTH_FORMAT": "November 2026",
        "MONTH_DAY_FORMAT": "22 November",
    },
    "cy": {
        "DATE_FORMAT": "22 Tachwedd 2026",
        "DATETIME_FORMAT": "22 Tachwedd 2026, 14:05",
        "TIME_FORMAT": "14:05",
        "SHORT_DATE_FORMAT": "22/11/2026",
        "SHORT_DATETIME_FORMAT": "22/11/2026, 14:05",
        "YEAR_MONTH_FORMAT": "Tachwedd 2026",
        "MONTH_DAY_FORMAT": "22 Tachwedd",
    },
    "vi": {
        "DATE_FORMAT": "ngày 22 tháng 11 năm 2026",
        "DATETIME_FORMAT": "14:05 ngày 22 tháng 11 năm 2026",
        "TIME_FORMAT": "14:05",
        "SHORT_DATE_FORMAT": "22/11/2026",
        "SHORT_DATETIME_FORMAT": "14:05, 22/11/2026",
        "YEAR_MONTH_FORMAT": "tháng 11 năm 2026",
        "MONTH_DAY_FORMAT": "ngày 22 tháng 11",
    },
}


def test_every_language_of_the_site_is_looked_at() -> None:
    assert set(WRITTEN) == {code for code, _name in settings.LANGUAGES}


@pytest.mark.parametrize("language", WRITTEN)
def test_every_form(language: str) -> None:
    with override(language):
        assert {name: date_format(MOMENT, name) for name in WRITTEN[language]} == WRITTEN[language]


@pytest.mark.parametrize("language", WRITTEN)
def test_templates_write_the_same(language: str) -> None:
    with override(language):
        written = Template('{{ moment|date:"DATETIME_FORMAT" }} / {{ moment|date }} / {{ moment }}')
        words = WRITTEN[language]
        page = written.render(Context({"moment": MOMENT}))
        assert page == f"{words['DATETIME_FORMAT']} / {words['DATE_FORMAT']} / {words['DATETIME_FORMAT']}"


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("typed", ["2026-02-03", "03/02/2026"])
def test_what_is_typed_is_read_the_same_way(language: str, typed: str) -> None:
    with override(language):
        assert DateField(localize=True).clean(typed) == date(2026, 2, 3)
