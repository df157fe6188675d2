"""A long select is Django's select, drawn another way."""

from typing import Any

import pytest
from django.forms import Select
from django.test.html import parse_html

from gaap.theme.long_select import LongSelect

CHOICES = [("", ""), ("GB", "United Kingdom"), ("CI", "Côte d’Ivoire"), ("<x>", "\"&'<script>"), (4, "four")]
ATTRIBUTES = {"id": "id_country", "required": True, "disabled": False, "aria-describedby": 'a&b"'}


@pytest.mark.parametrize("value", ["", None, "GB", "CI", "<x>", 4, "4", "unknown", ["GB"]])
def test_it_is_the_same(value: Any) -> None:
    drawn = LongSelect({"autocomplete": "country"}, CHOICES).render("country", value, ATTRIBUTES)
    by_django = Select({"autocomplete": "country"}, CHOICES).render("country", value, ATTRIBUTES)
    assert parse_html(drawn) == parse_html(by_django)
