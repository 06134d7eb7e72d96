#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Validates CycloneDX 1.6 JSON strictly against the published schema; exit 1 with the first fault.

Usage: .build/test-python/bin/python scripts/validate-cyclonedx.py FILE…     (- reads standard input)
"""

import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    for name in sys.argv[1:]:
        text = sys.stdin.read() if name == "-" else open(name, encoding="utf-8").read()
        fault = validator.validate_str(text)
        if fault is not None:
            sys.exit(f"{name}: {fault.data.message} at {list(fault.data.absolute_path)}")
        document = json.loads(text)
        if "component" not in document["metadata"]:
            check_assessments(name, document)
            continue
        references = {entry["bom-ref"] for entry in document["components"]}
        references.add(document["metadata"]["component"]["bom-ref"])
        entries = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}
        for reference, targets in entries.items():
            for target in [reference, *targets]:
                if target not in references:
                    sys.exit(f"{name}: dependency on {target}, which is no component")
        if len(references) != len(document["components"]) + 1:
            sys.exit(f"{name}: a bom-ref is there twice")
        seen, queue = set(), [document["metadata"]["component"]["bom-ref"]]
        while queue:
            reference = queue.pop()
            if reference not in seen:
                seen.add(reference)
                queue.extend(entries.get(reference, []))
        if seen != references:
            sys.exit(f"{name}: not reachable from the root: {sorted(references - seen)[:5]}")
        print(f"{name}: valid, {len(document['components'])} components, all reachable from the root")


def check_assessments(name, document):
    """A document of nothing but assessments: each is about components that are there, by references that are there once."""
    references = []
    for entry in document["components"]:
        references += [entry["bom-ref"], *(part["bom-ref"] for part in entry.get("components", []))]
    if len(set(references)) != len(references):
        sys.exit(f"{name}: a bom-ref is there twice")
    for vulnerability in document["vulnerabilities"]:
        for affected in vulnerability["affects"]:
            if affected["ref"] not in references:
                sys.exit(f"{name}: {vulnerability['id']} is about {affected['ref']}, which is no component")
    print(f"{name}: valid, {len(document['vulnerabilities'])} assessments of {len(references)} components")


if __name__ == "__main__":
    main()
