#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Makes a Python environment with the packages of python-requirements.txt, once, and prints the folder of its programs.

Usage: python3 scripts/python-environment.py DIRECTORY

Safe to call from several processes at a time: the first one makes it, the others wait. It is made again when the requirements change.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

REQUIREMENTS = pathlib.Path(__file__).resolve().parent / "python-requirements.txt"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1]).resolve()
    directory.parent.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    stamp = directory / "requirements.sha256"
    with open(f"{directory}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
            shutil.rmtree(directory, ignore_errors=True)
            venv.create(directory, with_pip=True)
            command = [str(directory / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            result = subprocess.run(
                [*command, "--requirement", str(REQUIREMENTS)], stdout=sys.stderr, env={**os.environ, "PYTHONPATH": ""}
            )
            if result.returncode != 0:
                sys.exit(f"pip could not install {REQUIREMENTS}; its messages are above, a package index must be reachable")
            stamp.write_text(wanted, encoding="ascii")
    print(directory / "bin")


if __name__ == "__main__":
    main()
