"""Real workbooks, written here member by member as their formats say, become messages."""

import io
import struct
import zipfile
from datetime import date

import pytest

from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification
from gaap_notify.services import spreadsheets
from gaap_notify.services.jobs import JobOrder, create_job, write_due_chunks
from gaap_notify.services.spreadsheets import SpreadsheetError, read_rows
from gaap_notify.services.templates import current_version

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
#: Headings, a name with every kind of letter, a number, a date, yes or no, an empty cell and an empty row.
ROWS = [
    ["phone number", "name", "born", "amount", "member"],
    ["07700900123", "Ngọc <&> Łódź", date(1990, 2, 28), 10, True],
    [None, None, None, None, None],
    ["07700900456", "Ann\nLee", date(2024, 2, 29), 10.5, False],
    ["07700900789", "  Bob ", None, 0, True],
]
READ = [
    ["phone number", "name", "born", "amount", "member"],
    ["07700900123", "Ngọc <&> Łódź", "1990-02-28", "10", "yes"],
    ["07700900456", "Ann\nLee", "2024-02-29", "10.5", "no"],
    ["07700900789", "Bob", "", "0", "yes"],
]


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def packed(members, *, stored=()):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, text, compress_type=kind)
    return data.getvalue()


def xlsx_cell(place, value):
    """Return a cell as ECMA-376, part 1, 18.3.1.4 has it; dates are days since 1899-12-30 in a style of dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escaped(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def xlsx_row(number, row):
    cells = "".join(xlsx_cell(f"{letter}{number}", cell) for letter, cell in zip("ABCDE", row, strict=True))
    return f'<row r="{number}">{cells}</row>'


def xlsx(rows):
    """Return a workbook with ``rows`` on its first sheet, and a second sheet that nobody reads."""
    lines = "".join(xlsx_row(number, row) for number, row in enumerate(rows, start=1))
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{{}}</sheetData></worksheet>'
    other = '<row r="1"><c r="A1" t="inlineStr"><is><t>not this</t></is></c></row>'
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return packed(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/>'
            f'<Override PartName="/xl/worksheets/one.xml" ContentType="{kinds}.worksheet+xml"/>'
            f'<Override PartName="/xl/worksheets/two.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{DOCUMENT}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>'
            '<sheet name="People" sheetId="1" r:id="a"/><sheet name="Notes" sheetId="2" r:id="b"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">'
            f'<Relationship Id="a" Type="{DOCUMENT}/worksheet" Target="worksheets/one.xml"/>'
            f'<Relationship Id="b" Type="{DOCUMENT}/worksheet" Target="worksheets/two.xml"/>'
            f'<Relationship Id="s" Type="{DOCUMENT}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
            '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
            "xl/worksheets/one.xml": sheet.format(lines),
            "xl/worksheets/two.xml": sheet.format(other),
        }
    )


def ods_cell(value):
    """Return a cell as OpenDocument 1.3, part 3, 19.385 has it."""
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, str):
        lines = "".join(f"<text:p>{escaped(line)}</text:p>" for line in value.split("\n"))
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def ods(rows):
    """Return an OpenDocument spreadsheet with ``rows`` on its first sheet, and a second sheet that nobody reads."""
    lines = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    other = f"<table:table-row>{ods_cell('not this')}</table:table-row>"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    return packed(
        {
            "mimetype": ODS,
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{manifest}">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
            "content.xml": f'<office:document-content {spaces} office:version="1.3"><office:body><office:spreadsheet>'
            f'<table:table table:name="People">{lines}</table:table>'
            f'<table:table table:name="Notes">{other}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        },
        stored=("mimetype",),
    )


WRITERS = {"people.xlsx": xlsx, "PEOPLE.XLSM": xlsx, "people.ods": ods}


@pytest.mark.parametrize("name", WRITERS)
def test_cells_are_read_as_people_see_them(name):
    assert list(read_rows(io.BytesIO(WRITERS[name](ROWS)), filename=name)) == READ


@pytest.mark.parametrize("name", WRITERS)
def test_empty_workbook_has_no_rows(name):
    assert list(read_rows(io.BytesIO(WRITERS[name]([])), filename=name)) == []


def bomb(size, *, told=None):
    """A workbook's archive with one more file of so many zeros; its table of contents may tell another size."""
    file = io.BytesIO(xlsx(ROWS))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * size)
    data = file.getvalue()
    return data if told is None else data.replace(struct.pack("<I", size), struct.pack("<I", told))


def test_an_archive_is_measured_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED_BYTES", 1_000_000)
    monkeypatch.setattr(spreadsheets, "_unpack", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(SpreadsheetError, match="too large"):
        list(read_rows(io.BytesIO(bomb(1_000_001)), filename="a.xlsx"))


def test_an_archive_that_lies_about_its_size_is_refused(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(SpreadsheetError):
        list(read_rows(io.BytesIO(bomb(1_000_001, told=7)), filename="a.xlsx"))


def test_an_archive_of_many_files_is_refused(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_FILES", 2)
    with pytest.raises(SpreadsheetError, match="too large"):
        list(read_rows(io.BytesIO(xlsx(ROWS)), filename="a.xlsx"))


def test_a_large_picture_within_the_limit_is_let_pass():
    assert list(read_rows(io.BytesIO(bomb(3_000_000)), filename="a.xlsx")) == READ


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_cut_workbook_is_refused(name, share):
    whole = WRITERS[name](ROWS)
    with pytest.raises(SpreadsheetError):
        list(read_rows(io.BytesIO(whole[: int(len(whole) * share)]), filename=name))


@pytest.mark.django_db
@pytest.mark.parametrize("name", WRITERS)
def test_workbook_becomes_messages(service, sms_template, name):
    rows = read_rows(io.BytesIO(WRITERS[name](ROWS)), filename=name)
    order = JobOrder(service=service, version=current_version(sms_template), name=name, key_type="test")
    job = create_job(order, rows, by=TESTER)
    assert write_due_chunks() == 1
    found = Notification.objects.filter(job=job).order_by("job_row")
    assert [(row.recipient, row.body) for row in found] == [
        ("07700900123", "Hello Ngoc <&> Lódz"),
        ("07700900456", "Hello Ann\nLee"),
        ("07700900789", "Hello Bob"),
    ]
