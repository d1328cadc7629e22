"""Writes small workbooks for the tests: .xls by xlwt, .ods by hand, .xlsx from raw parts. Same bytes every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

import xlwt

_NAMES = "".join(
    f' xmlns:{part}="urn:oasis:names:tc:opendocument:xmlns:{part}:1.0"'
    for part in ("office", "table", "text", "style")
)
_STYLES = (
    '<style:style style:name="struck" style:family="table-cell"><style:text-properties'
    ' style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>'
)


def zip_bytes(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file with fixed times."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, (2026, 2, 2, 9, 0, 0))
            packing = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, text, compress_type=packing)
    return content.getvalue()


def ods_cell(value: object, attributes: str = "") -> str:
    if value in (None, ""):
        return f"<table:table-cell{attributes}/>"
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    if isinstance(value, int | float):
        kind = f' office:value-type="float" office:value="{value}"'
    else:
        kind = ' office:value-type="string"'
    return f"<table:table-cell{kind}{attributes}>{text}</table:table-cell>"


def ods_row(cells: str, attributes: str = "") -> str:
    return f"<table:table-row{attributes}>{cells}</table:table-row>"


def ods_bytes(sheets: Mapping[str, list[list] | str], hidden: tuple[str, ...] = ()) -> bytes:
    """Return an .ods workbook; a sheet is rows of values, or ready-made rows as XML."""
    tables = []
    for name, rows in sheets.items():
        body = (
            rows if isinstance(rows, str) else "".join(ods_row("".join(map(ods_cell, row))) for row in rows)
        )
        style = ' table:style-name="hidden"' if name in hidden else ""
        tables.append(f"<table:table table:name={quoteattr(name)}{style}>{body}</table:table>")
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{_NAMES} office:version="1.2">'
        f"<office:automatic-styles>{_STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    names = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entries = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest {names}>{entries}</manifest:manifest>'
    )
    return zip_bytes({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def xls_bytes(sheets: Mapping[str, list[list]], change=None) -> bytes:
    """Return an .xls workbook; ``change`` gets the xlwt workbook before it is saved."""
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value not in (None, ""):
                    sheet.write(r, c, value)
    if change:
        change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def xlsx_parts(sheet_data: str, after: str = "") -> dict[str, str]:
    """Return the parts of an xlsx workbook with one sheet 入力 of the given XML."""
    main, office = (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://schemas.openxmlformats.org/",
    )
    relations, kinds = f"{office}officeDocument/2006/relationships", f"{office}package/2006/"
    head, sheet = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        "application/vnd.openxmlformats-officedocument.spreadsheetml",
    )
    return {
        "[Content_Types].xml": f'{head}<Types xmlns="{kinds}content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{sheet}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{sheet}.worksheet+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{kinds}relationships"><Relationship Id="rId1"'
        f' Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="入力" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{kinds}relationships"><Relationship Id="rId1"'
        f' Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{main}"><sheetData>{sheet_data}</sheetData>{after}</worksheet>',
    }


def xlsx_text(place: str, text: str) -> str:
    """Return one cell of a sheet's XML."""
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def renamed_stream(name: str) -> bytes:
    """Return a compound file whose only stream is called ``name``, e.g. EncryptedPackage."""
    content = bytearray(xls_bytes({"s": [[1]]}))
    place = content.index("Workbook".encode("utf-16-le"))
    content[place : place + 66] = name.encode("utf-16-le").ljust(64, b"\0") + bytes([2 * len(name) + 2, 0])
    return bytes(content)
