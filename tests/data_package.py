"""What the Frictionless specifications (Data Package, Tabular Data Resource, Table Schema, v1) demand, as checks.

Written from the text of the specifications; what they only recommend is not here.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping

NAME = re.compile(r"[-a-z0-9._/]+")
TYPES = frozenset(
    ["string", "number", "integer", "boolean", "object", "array", "date", "time", "datetime", "year", "yearmonth", "duration", "geopoint", "geojson", "any"]
)
VALUES = {
    "integer": re.compile(r"-?\d+"),
    "number": re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "boolean": re.compile(r"true|True|TRUE|1|false|False|FALSE|0"),
    "string": re.compile(r".*", re.DOTALL),
}
DIALECT = {"delimiter": str, "lineTerminator": str, "quoteChar": str, "doubleQuote": bool, "skipInitialSpace": bool, "header": bool}


def package_faults(package: Mapping, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what is wrong with a descriptor beside the files it names; nothing for a valid package."""
    if package.get("profile", "tabular-data-package") != "tabular-data-package":
        yield "profile"
    yield from _text_faults(package, ("name", "title", "description", "version", "homepage", "created", "id"))
    if not NAME.fullmatch(str(package.get("name", "x"))):
        yield "name"
    for licence in package.get("licenses", ()):
        if not (licence.get("name") or licence.get("path")):
            yield "licenses: neither name nor path"
    if any(not source.get("title") for source in package.get("sources", ())):
        yield "sources: no title"
    resources = package.get("resources")
    if not isinstance(resources, list) or not resources:
        yield "resources: none"
        return
    names = [resource.get("name") for resource in resources]
    if len(set(names)) < len(names):
        yield "resources: a name twice"
    for resource in resources:
        yield from (f"{resource.get('name')}: {fault}" for fault in _resource_faults(resource, files))


def _text_faults(holder: Mapping, keys: tuple[str, ...]) -> Iterator[str]:
    yield from (key for key in keys if key in holder and not (isinstance(holder[key], str) and holder[key]))


def _resource_faults(resource: Mapping, files: Mapping[str, bytes]) -> Iterator[str]:
    yield from _text_faults(resource, ("name", "title", "description", "format", "mediatype", "encoding", "hash"))
    if not NAME.fullmatch(str(resource.get("name", ""))):
        yield "name"
    if ("path" in resource) == ("data" in resource):
        yield "path or data, one of them"
    path = str(resource.get("path", ""))
    if path.startswith(("/", "\\")) or ".." in path.split("/") or path not in files:
        yield "path"
        return
    content = files[path]
    if resource.get("profile") != "tabular-data-resource":
        yield "profile"
    if "bytes" in resource and resource["bytes"] != len(content):
        yield "bytes"
    if "hash" in resource and resource["hash"] != f"sha256:{hashlib.sha256(content).hexdigest()}":
        yield "hash"
    yield from (f"dialect {key}" for key, value in resource.get("dialect", {}).items() if not isinstance(value, DIALECT[key]))
    yield from _schema_faults(resource.get("schema"), content)


def _schema_faults(schema: Mapping | None, content: bytes) -> Iterator[str]:
    if not schema or not isinstance(schema.get("fields"), list) or not schema["fields"]:
        yield "schema: no fields"
        return
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    fields = {field.get("name"): field for field in schema["fields"]}
    if len(fields) < len(schema["fields"]) or None in fields:
        yield "fields: a name missing or twice"
    if [field.get("name") for field in schema["fields"]] != header:
        yield "fields are not the header"
        return
    missing = schema.get("missingValues", [""])
    if not (isinstance(missing, list) and all(isinstance(value, str) for value in missing)):
        yield "missingValues"
    keys = schema.get("primaryKey", [])
    keys = [keys] if isinstance(keys, str) else keys
    if not set(keys) <= set(fields):
        yield "primaryKey: no such field"
        return
    places = [header.index(key) for key in keys]
    told = [tuple(row[place] for place in places) for row in rows]
    if len(set(told)) < len(told) or any(row[place] in missing for row in rows for place in places):
        yield "primaryKey: not a key"
    for place, name in enumerate(header):
        yield from (f"{name}: {fault}" for fault in _field_faults(fields[name], [row[place] for row in rows], missing))


def _field_faults(field: Mapping, cells: list[str], missing: list[str]) -> Iterator[str]:
    yield from _text_faults(field, ("title", "description", "type", "format"))
    kind = field.get("type", "string")
    if kind not in TYPES:
        yield "type"
    elif any(cell not in missing and not VALUES[kind].fullmatch(cell) for cell in cells):
        yield f"a cell is no {kind}"
