"""Filling templates (spec B.1): gaps, conditions, lists, alphabets, fragments, sanitising, typography."""

import re
import unicodedata

import pytest

from gaap_notify.rendering import Personalisation, compile_text, fill_email, fill_sms, sanitise_values
from gaap_notify.rendering.gsm import GSM, GSM_EXTENDED, downgrade, fragments, is_gsm, plain_spaces
from gaap_notify.rendering.messages import placeholder_names
from gaap_notify.rendering.sanitising import escape_marks, unlink
from gaap_notify.rendering.typography import set_type
from gaap_notify.rendering.values import enumerated, match_key


def sms(body, *, is_unicode=False, **values):
    return fill_sms(body, Personalisation(values), is_unicode=is_unicode).body


def email(body, **values):
    given = Personalisation(values)
    return fill_email("S", body, given, subject_values=given).body


def subject(text, **values):
    given = Personalisation(values)
    return fill_email(text, "B", given, subject_values=given).subject


@pytest.mark.parametrize("written", ["first name", "First_Name", "FIRST-NAME", " firstname ", "first\u00a0name"])
@pytest.mark.parametrize("given", ["First name", "first_name", "FirstName", "first - name"])
def test_names_match_whatever_their_case_and_joints(written, given):
    filled = compile_text(f"Hi (({written}))").fill(Personalisation({given: "Ann"}), list_style=enumerated)
    assert filled == "Hi Ann"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("((a)) ((b)) ((A))", ("a", "b")),
        ("((a??text)) ((b))", ("a", "b")),
        ("(((a)))", ("a",)),
        ("((a)", ()),
        ("(())", ()),
        ("((a(b)))", ()),
        ("((a\nb))", ("a\nb",)),
    ],
)
def test_names_of_gaps(body, names):
    assert compile_text(body).names == names


def test_subject_names_come_first():
    assert placeholder_names("((b)) ((a))", "((c)) ((A))") == ("b", "a", "c")


def test_a_value_is_not_read_as_a_template():
    assert sms("((a))((b))", a="((b))", b="x") == "((b))x"


def test_missing_values_leave_the_gap():
    assert compile_text("Hi ((name))").fill(Personalisation({}), list_style=enumerated) == "Hi ((name))"


@pytest.mark.parametrize("value", ["true", "Yes", "y", "TRUE", "t", "1", "include", "show", True, 1])
def test_conditions_that_show(value):
    assert sms("a((x??b))c", x=value) == "abc"


@pytest.mark.parametrize("value", ["on", "", 0, [], False, "no", "false", 2, "yes!", ["yes"]])
def test_conditions_that_hide(value):
    assert sms("a((x??b))c", x=value) == "ac"


def test_condition_with_question_marks_in_its_text():
    assert sms("((x??really?? yes))", x="y") == "really?? yes"


@pytest.mark.parametrize(
    ("items", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "", None, " ", "b"], "a and b"),
        ([1, 2.5], "1 and 2.5"),
    ],
)
def test_lists_in_texts_and_subjects(items, text):
    assert sms("((x))", x=items) == text
    assert subject("((x))", x=items) == text


def test_lists_in_emails():
    assert email("See:\n((x))\nEnd", x=["a", None, "b"]) == "See:\n\n\n* a\n* b\nEnd"
    assert email("a((x))b", x=[]) == "ab"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Hi , Ann .", "Hi, Ann."),
        ("a  b\tc", "a b c"),
        ("  a  \n  b  ", "a\nb"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("\n\na\n\n", "a"),
        ("a\r\nb", "a\nb"),
        ("a\u00a0b\u200bc", "a bc"),
    ],
)
def test_clean_up_of_texts(body, text):
    assert sms(body) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("😀", "?"),
        ("Łódź", "Lódz"),
        ("ñ", "ñ"),
        ("—“x”…", '-"x"...'),
        ("Ngọc Đặng", "Ngoc Dang"),
        ("ŵŷâêîôû", "ŵŷâêîôû"),
        ("àéùìòÇØøÅå", "àéùìòÇØøÅå"),
        ("日本", "??"),
        ("e\u0301", "é"),
        ("ﬁ", "f"),
        ("€^{}[]~|\\", "€^{}[]~|\\"),
        ("½", "1"),
    ],
)
def test_downgrade(text, plain):
    assert downgrade(text) == plain


def test_unicode_keeps_every_letter():
    assert sms("Xin chào ((name)) 😀 —", is_unicode=True, name="Ngọc") == "Xin chào Ngọc 😀 —"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 918, 6),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ŵ" + "a" * 69, 1),
        ("ŵ" + "a" * 70, 2),
        ("ŵ" + "a" * 133, 2),
        ("ŵ" + "a" * 134, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_fragments(text, number):
    assert fragments(text) == number


def test_length_counts_extended_characters_once_and_emoji_twice():
    assert fill_sms("€^", Personalisation(), is_unicode=False).length == 2
    assert fill_sms("😀", Personalisation(), is_unicode=True).length == 2


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("https://evil.example", ""),
        ("see http://a.example/x?y=1#z now", "see  now"),
        ("evil.example/path", ""),
        ("gov.uk", "gov. uk"),
        ("www.gov.uk", "www. gov. uk"),
        ("javascript://x", ""),
        ("https://", ""),
        ("1.5 and e.g. this", "1.5 and e.g. this"),
        ("nothing here", "nothing here"),
    ],
)
def test_unlink(text, safe):
    assert unlink(text) == safe


def test_escape():
    assert escape_marks("`*_(){}[]<>#+-.!|\\") == "".join(f"\\{mark}" for mark in "`*_(){}[]<>#+-.!|\\")
    assert escape_marks("a-b") == "a\\-b"


def test_sanitising_only_what_is_named():
    values = Personalisation({"First name": "*x*", "other": "*y*", "number": 5})
    found = sanitise_values(values, ["first_name", "number", "absent"])
    assert {name: value.sanitised for name, value in found.items()} == {"first_name": "\\*x\\*"}


@pytest.mark.parametrize(
    ("text", "typeset"),
    [
        ('"Hello"', "“Hello”"),
        ("it's", "it’s"),
        ("'quoted'", "‘quoted’"),
        ("a - b", "a – b"),
        ("a -- b", "a – b"),
        ("well-known", "well-known"),
        ("o'neil@example.org's", "o'neil@example.org's"),
        ("GOV.UK", "GOV.\u200bUK"),
        ("GOV.UK/path", "GOV.UK/path"),
        ('("x")', "(“x”)"),
    ],
)
def test_typography(text, typeset):
    assert set_type(text) == typeset


def test_subject_is_one_line_and_knows_no_markdown():
    assert subject("  a\r\n ((x))  b ", x="*1*\nBcc: x") == "a *1* Bcc: x b"


def test_the_alphabet_is_known_letter_by_letter():
    everything = [chr(number) for number in range(0x11000)]
    assert {letter for letter in everything if is_gsm(letter)} == GSM
    assert is_gsm("".join(sorted(GSM)))
    assert not is_gsm("a\u0301")
    assert fragments("".join(GSM_EXTENDED) * 8 + "a" * 16) == 1
    assert fragments("".join(GSM_EXTENDED) * 8 + "a" * 17) == 2


def test_a_text_of_the_alphabet_alone_needs_no_change():
    text = "".join(sorted(GSM))
    assert unicodedata.normalize("NFC", text) == text
    assert downgrade(text) == plain_spaces(text) == text


def test_plain_names_are_compared_like_others():
    for number in range(0x11000):
        for name in (chr(number), f"a{chr(number)}b"):
            assert match_key(name) == re.sub(r"[\s_-]+", "", name).lower()
