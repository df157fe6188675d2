"""The rules for recipients and texts (spec B.1) as tables, made from the rules and from libphonenumber's own data.

Each table has at least 100 rows; the last test counts them.
"""

import itertools
import string
import unicodedata
from collections.abc import Callable
from typing import Any

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from phonenumbers.geodata.locale import LOCALE_DATA

from gaap_notify.recipients import RecipientError, parse_email, parse_phone
from gaap_notify.recipients.postal import AddressError, rules_for
from gaap_notify.rendering import Personalisation, compile_text
from gaap_notify.rendering.gsm import GSM, GSM_BASIC, GSM_EXTENDED, WELSH, downgrade, fragments, length
from gaap_notify.rendering.values import bulleted, enumerated
from tests.project import PACKAGES

# --- telephone numbers ------------------------------------------------------------------------------------------------


def _example(region):
    return phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)


def _digits(number):
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")


REGIONS = sorted(region for region in phonenumbers.SUPPORTED_REGIONS if _example(region))
PHONES = [
    (phonenumbers.format_number(_example(region), style), home, _digits(_example(region)))
    for region in REGIONS
    for style, home in ((PhoneNumberFormat.INTERNATIONAL, "GB"), (PhoneNumberFormat.NATIONAL, region))
    if not set(phonenumbers.format_number(_example(region), style)) - set("0123456789 ()+-")
]
BAD_PHONES = [
    ("", "Not enough digits"),
    ("0", "Not enough digits"),
    ("077", "Not enough digits"),
    ("0770090012", "Number is not valid – double check the phone number you entered"),
    ("077009001234", "Too many digits"),
    ("07700 900 12345", "Too many digits"),
    ("+44 7700 900 1234", "Too many digits"),
    ("+999 1234567", "Not a valid country prefix"),
    ("+0 1234567", "Not a valid country prefix"),
    ("+84 12", "Not enough digits"),
    *((f"07700 900{mark}123", "Must not contain letters or symbols") for mark in "abcxyz#*/.,;:!?@&%$£"),
]


@pytest.mark.parametrize(("text", "region", "digits"), PHONES)
def test_phone(text, region, digits):
    assert parse_phone(text, default_region=region).digits == digits


@pytest.mark.parametrize(("text", "message"), BAD_PHONES)
def test_bad_phone(text, message):
    with pytest.raises(RecipientError) as caught:
        parse_phone(text, default_region="GB")
    assert str(caught.value) == message


# --- email addresses --------------------------------------------------------------------------------------------------

LOCAL = string.ascii_lowercase + string.digits + "!#$%&'*+/=?^_`{|}~-"
LONGEST_LABEL = "x" * 63
LONGEST_HOST = ".".join(["y" * 49] * 4 + ["z" * 49, "com"])[:253]
EMAILS = [
    *(f"a{character}b@example.org" for character in LOCAL),
    *(f"{character}@example.org" for character in LOCAL),
    *(f"a@{name}" for name in ("example.org", "a.b.c.example", "x-y.example", f"{LONGEST_LABEL}.org", "1.example")),
    *(f"a@{name}" for name in ("bücher.example", "xn--bcher-kva.example", "example.xn--p1ai", "đường.example")),
    "a.b@example.org",
    f"{'x' * (320 - len('@example.org'))}@example.org",
]
BAD_EMAILS = [
    *(f"a{character}b@example.org" for character in ' "(),:;<>[]\\é\t'),
    *(f"a@exa{character}mple.org" for character in "!#$%&'*+/=?^_`{|}~ \"(),:;<>[]\\"),
    *("", "a", "@", "a@", "@example.org", "a@b", "a@example", "a@@example.org", "a@b@example..org"),
    *(".a@example.org", "a.@example.org", "a..b@example.org", "a@example..org", "a@.example.org", "a@example.org."),
    *("a@-example.org", "a@example-.org", "a@example.o", "a@example.123", "a@example.c0m", "a@[127.0.0.1]"),
    f"{'x' * (321 - len('@example.org'))}@example.org",
    f"a@{'x' * 64}.org",
    f"a@{LONGEST_HOST}.example.org",
]


@pytest.mark.parametrize("text", EMAILS)
def test_email(text):
    assert parse_email(f" {text.upper()}\u200b ") == text.upper().lower()


@pytest.mark.parametrize("text", BAD_EMAILS)
def test_bad_email(text):
    with pytest.raises(RecipientError, match="Not a valid email address"):
        parse_email(text)


# --- postal addresses -------------------------------------------------------------------------------------------------

DISTRICTS = """
AB1 AL2 B3 BA1 BB1 BD1 BH1 BL1 BN1 BR1 BS1 BT1 CA1 CB1 CF10 CH1 CM1 CO1 CR0 CT1 CV1 CW1 DA1 DD1 DE1 DG1 DH1 DL1
DN1 DT1 DY1 E1 EC1A EH1 EN1 EX1 FK1 FY1 G1 GL1 GU1 GY1 HA0 HD1 HG1 HP1 HR1 HS1 HU1 HX1 IG1 IM1 IP1 IV1 JE2 KA1
KT1 KW1 KY1 L1 LA1 LD1 LE1 LL11 LN1 LS1 LU1 M1 ME1 MK1 ML1 N1 N1C NE1 NG1 NN1 NP4 NR1 NW1 NW1W OL1 OX1 PA1 PE1
PH1 PL1 PO1 PR1 RG1 RH1 RM1 S1 SA1 SE1 SE1P SG1 SK1 SL1 SM1 SN1 SO14 SP1 SR1 SS0 ST1 SW1A SW1W SY1 TA1 TD1 TF1
TN1 TQ1 TR1 TS1 TW1 UB1 W1A W1T WA1 WC1A WC2H WD3 WF1 WN1 WR1 WS1 WV1 YO1 ZE1 GIR E1W EC4V
"""
AREAS = DISTRICTS.split()
BAD_CODES = (
    *(
        "ZZ1 1AA",
        "A1 1AA",
        "AA1 1AA",
        "SW1A",
        "1AA",
        "SW1A 1A",
        "SW1A 1AAA",
        "SW1A A11",
        "QQ1 1QQ",
        "N1Z 1AA",
        "W1Z 1AA",
    ),
    *("SW1A 1CA", "SW1A 1AI", "SW1A 1AK", "SW1A 1AM", "SW1A 1AO", "SW1A 1AV", "E1X 1AA", "B 1AA", "B100 1AA", "12345"),
)
POSTAL_ENDS = [
    *((f"{area} 1AA", f"{area} 1AA", "") for area in AREAS),
    *((f"{area.lower()}1aa", f"{area} 1AA", "") for area in AREAS[::10]),
]
#: What libphonenumber lists beside them is a part of another country's territory.
LISTED = sorted(LOCALE_DATA.keys() - {"001", "AC", "TA"})
COUNTRIES = sorted(set(LISTED) - {"GB", "GG", "JE", "IM"})


def _parse(*lines, region="GB", abroad=True):
    return rules_for(region).parse(lines, allows_international=abroad)


@pytest.mark.parametrize(("end", "printed", "zone"), POSTAL_ENDS)
def test_postcode(end, printed, zone):
    address = _parse("A Person", "1 Street", end, abroad=False)
    assert (address.lines[-1], address.zone) == (printed, zone)
    assert _parse("A Person", "1 Street", end, "United Kingdom").lines == address.lines


@pytest.mark.parametrize("code", BAD_CODES)
def test_bad_postcode(code):
    with pytest.raises(AddressError, match="Must be a real UK postcode"):
        _parse("A Person", "1 Street", code, abroad=False)


def _names_of_country(code):
    names = LOCALE_DATA[code]
    return [names[names[one][1:]] if names[one][0] == "*" else names[one] for one in ("en", "vi")]


def test_the_table_of_countries_is_that_of_libphonenumber():
    table = PACKAGES["gaap_notify"] / "recipients/postal/countries.tsv"
    lines = ["\t".join((code, *_names_of_country(code))) for code in LISTED]
    assert table.read_text(encoding="utf-8").splitlines() == lines


@pytest.mark.parametrize("code", COUNTRIES)
def test_country(code):
    english, vietnamese = _names_of_country(code)
    first, second = _parse("A Person", "1 Street", english), _parse("A Person", "1 Street", vietnamese.upper())
    assert first.lines[-1] == second.lines[-1] == english
    assert first.zone == second.zone
    assert first.zone in ("europe", "rest-of-world")


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (1, "Address must be at least 3 lines"),
        (2, "Address must be at least 3 lines"),
        (3, ""),
        (4, ""),
        (5, ""),
        (6, ""),
        (7, ""),
        (8, "Address must be no more than 7 lines"),
        (9, "Address must be no more than 7 lines"),
    ],
)
@pytest.mark.parametrize(("region", "last"), [("GB", "SW1A 1AA"), ("VN", "Hà Nội"), ("FR", "75001 Paris")])
def test_number_of_lines(region, last, count, message):
    lines = [f"Line {number}" for number in range(1, count)] + [last]
    if message:
        with pytest.raises(AddressError, match=message):
            _parse(*lines, region=region)
    else:
        assert len(_parse(*lines, region=region).lines) == count


@pytest.mark.parametrize("first", '@()=[]"”\\/,<>~')
def test_first_characters(first):
    line = f"{first}1 Street"
    if first == ",":
        line = ", 1 Street"
    with pytest.raises(AddressError, match="must not start with"):
        _parse("A Person", "B", line, "SW1A 1AA")


# --- gaps -------------------------------------------------------------------------------------------------------------

NAMES = (
    "name",
    "first name",
    "First_Name",
    "FIRST-NAME",
    "date of birth",
    "số điện thoại",
    "enw cyntaf",
    "a1",
    "£",
    "x.y",
)
FORMS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    lambda name: name.replace(" ", "_"),
    lambda name: name.replace(" ", "-"),
    lambda name: f" {name} ",
)
VALUES = ("Ngọc", "£10", "", "((other))", 0, 12.5, True)
GAPS = [
    (f"Dear (({name})).", {form(name): value}, f"Dear {value}.")
    for name, form, value in itertools.product(NAMES, FORMS, VALUES)
]
NO_GAPS = ["((", "))", "(())", "(( ((", "((a", "(a)", "( (a) )", "((a)", "{{a}}", "((a(b)))"]


@pytest.mark.parametrize(("text", "values", "filled"), GAPS)
def test_gap(text, values, filled):
    assert compile_text(text).fill(Personalisation(values), list_style=enumerated) == filled


@pytest.mark.parametrize("text", NO_GAPS)
def test_no_gap(text):
    assert compile_text(text).fill(Personalisation({"a": "X"}), list_style=enumerated) == text


@pytest.mark.parametrize("value", [None])
def test_gap_without_value_stays(value):
    assert compile_text("((a)) ((b??c))").fill(Personalisation({"a": value}), list_style=enumerated) == "((a)) ((b??c))"


# --- conditions -------------------------------------------------------------------------------------------------------

WORDS = ("yes", "y", "true", "t", "1", "include", "show")
SHOWN = [form(word) for word in WORDS for form in (str, str.upper, str.title, lambda word: f" {word} ")]
HIDDEN: list[Any] = [
    *(
        "",
        "no",
        "n",
        "false",
        "f",
        "0",
        "exclude",
        "hide",
        "on",
        "off",
        "yess",
        "ye s",
        "truee",
        "2",
        "11",
        "-1",
        "có",
        "ie",
    ),
    *(0, 2, 1.5, [], ["yes"], False, {"a": 1}),
]
CONDITIONS: list[tuple[Any, str]] = [
    *((value, shown) for value in [*SHOWN, True, 1] for shown in ["x"]),
    *((value, "") for value in HIDDEN),
]
TEXTS = ("((a??x))", "(( a ??x))", "((A??x))")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("value", "shown"), CONDITIONS)
def test_condition(text, value, shown):
    assert compile_text(text).fill(Personalisation({"a": value}), list_style=bulleted) == shown


# --- lists ------------------------------------------------------------------------------------------------------------

ITEMS = ("one", "two", "three", "bốn", "£5")
LISTS: list[list[Any]] = [list(items) for size in range(5) for items in itertools.permutations(ITEMS, size)][:90]
LISTS += [["a", "", "b"], ["", None, " "], [None, "a"], [1, 2], [" a ", "b "], ["a and b", "c"], ["*x"], ["((y))"]]
LISTS += [["a"] * 10, ["", "a"]]


@pytest.mark.parametrize("items", LISTS, ids=repr)
def test_list(items):
    kept = [str(item).strip() for item in items if item is not None and str(item).strip()]
    values = Personalisation({"list": items})
    in_email = compile_text("Bring((list))").fill(values, list_style=bulleted)
    in_text = compile_text("Bring ((list))").fill(values, list_style=enumerated)
    assert in_email == "Bring" + ("\n\n" + "\n".join(f"* {item}" for item in kept) if kept else "")
    joined = " and ".join([", ".join(kept[:-1]), kept[-1]]) if len(kept) > 1 else "".join(kept)
    assert in_text == f"Bring {joined}"


# --- the alphabet of text messages ------------------------------------------------------------------------------------

KEPT = sorted(GSM | WELSH)
SAMPLES = {
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("‘’‚‛", "'"),
    **dict.fromkeys("“”„", '"'),
    "…": "...",
    "\t": " ",
    "\u00a0": " ",
    "\u200b": "",
    "\ufeff": "",
    "🙂": "?",
    "中": "?",
    "Я": "?",
    "ł": "l",
    "Đ": "D",
    **{
        letter: unicodedata.normalize("NFD", letter)[0]
        for letter in "áảãạăằắặếễịọộờợủứỳĩũÁẢĐ"
        if letter not in GSM | WELSH | {"Đ"}
    },
}


@pytest.mark.parametrize("character", KEPT)
def test_letter_is_kept(character):
    assert downgrade(character) == character


@pytest.mark.parametrize(("character", "becomes"), SAMPLES.items())
def test_letter_is_replaced(character, becomes):
    assert downgrade(character) == becomes


# --- fragments --------------------------------------------------------------------------------------------------------

NARROW = [
    (size, max(1, -(-size // 153)) if size > 160 else 1) for size in (0, 1, 159, 160, 161, 305, 306, 307, 458, 459)
]
NARROW += [(size, -(-size // 153)) for size in (460, 611, 612, 613, 764, 765, 766, 917, 918, 919)]
WIDE = [(size, -(-size // 67) if size > 70 else 1) for size in (1, 69, 70, 71, 133, 134, 135, 200, 201, 202, 268, 269)]
WIDE += [(67 * count + more, count + (more > 0)) for count in range(5, 14) for more in (0, 1)]
FRAGMENTS = [
    *(("a" * size, count) for size, count in NARROW),
    *(("é" * size, count) for size, count in NARROW[1:]),
    *(("ŵ" + "a" * (size - 1), count) for size, count in WIDE),
    *(("ệ" * size, count) for size, count in WIDE),
    *((mark * 80, 1) for mark in sorted(GSM_EXTENDED)),
    *((mark * 81, 2) for mark in sorted(GSM_EXTENDED)),
    *(("a" * 159 + mark, 2) for mark in sorted(GSM_EXTENDED)),
    ("🙂" * 35, 1),
    ("🙂" * 36, 2),
]


@pytest.mark.parametrize(("text", "count"), FRAGMENTS, ids=lambda value: f"{str(value)[:2]}-{len(str(value))}")
def test_fragments(text, count):
    assert fragments(text) == count


def test_length_counts_code_units():
    assert (length("a€ŵ"), length("🙂")) == (3, 2)
    assert len(GSM_BASIC) == 127


def test_tables_are_long_enough():
    tables = {
        "phone": len(PHONES) + len(BAD_PHONES),
        "email": len(EMAILS) + len(BAD_EMAILS),
        "postal": len(POSTAL_ENDS) + len(BAD_CODES) + len(COUNTRIES),
        "placeholder": len(GAPS) + len(NO_GAPS),
        "conditional": len(CONDITIONS) * len(TEXTS),
        "list": len(LISTS),
        "gsm": len(KEPT) + len(SAMPLES),
        "fragments": len(FRAGMENTS),
    }
    assert {name: rows for name, rows in tables.items() if rows < 100} == {}
