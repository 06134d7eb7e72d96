# SPDX-License-Identifier: EUPL-1.2
"""What must not grow: memory with the number of clients that pull at once, time with the length of a list."""

import hashlib
import json
import pathlib
import sqlite3
import statistics
import subprocess
import time
import urllib.parse

from bench_registry import digest, push, request

CLIENTS = 64
GIBIBYTE = 1 << 30
LENGTH = 100_000


def certificate(folder):
    """Paths of a certificate for 127.0.0.1 and its key."""
    paths = [str(pathlib.Path(folder) / name) for name in ("cert.pem", "key.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


def memory(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"bench: no {name} of process {pid}")


def many_clients(start, folder, failures):
    """64 clients pull the same GiB at once, in clear and by TLS; `start` starts a node with options."""
    blob = pathlib.Path(folder) / "blob"
    with open(blob, "wb") as file:
        piece = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(1 << 15))
        for _ in range(GIBIBYTE // len(piece)):
            file.write(piece)
    name = "sha256:" + subprocess.run(["sha256sum", str(blob)], check=True, capture_output=True, text=True).stdout.split()[0]
    paths = certificate(folder)
    for scheme, options in (("http", []), ("https", ["--tls-cert", paths[0], "--tls-key", paths[1]])):
        node = start(*options)
        try:
            login = f"admin:{node.secret}"
            base = f"{scheme}://{node.registry}"
            curl = ["curl", "--silent", "--show-error", "--fail", "--user", login, "--cacert", paths[0]]
            begun = subprocess.run(
                [*curl, "--request", "POST", "--output", "/dev/null", "--write-out", "%header{location}", f"{base}/v2/bench/large/blobs/uploads/"],
                check=True, capture_output=True, text=True).stdout
            location = urllib.parse.urljoin(base, begun)
            location += ("&" if "?" in location else "?") + "digest=" + name
            subprocess.run([*curl, "--header", "Content-Type: application/octet-stream", "--upload-file", str(blob), location], check=True)
            url = f"{base}/v2/bench/large/blobs/{name}"
            pull = [*curl, "--output", "/dev/null", "--write-out", "%{size_download}", url]
            subprocess.run(pull, check=True, capture_output=True)
            time.sleep(2)
            idle = memory(node.process.pid, "VmRSS")
            # From here on the peak counts.
            pathlib.Path(f"/proc/{node.process.pid}/clear_refs").write_text("5")
            begin = time.monotonic()
            pulls = [subprocess.Popen(pull, stdout=subprocess.PIPE, text=True) for _ in range(CLIENTS)]
            sizes = [process.communicate()[0] for process in pulls]
            took = time.monotonic() - begin
            if any(process.returncode != 0 for process in pulls) or set(sizes) != {str(GIBIBYTE)}:
                failures.append(f"{CLIENTS} clients by {scheme}: not everybody got everything")
            above = memory(node.process.pid, "VmHWM") - idle
            print(f"{CLIENTS} clients pull 1 GiB by {scheme}: {above / 2**20:.0f} MiB above idle ({idle / 2**20:.0f} MiB), {CLIENTS / took:.2f} GiB/s (target 128 MiB)")
            if above > 128 << 20:
                failures.append(f"{CLIENTS} clients by {scheme}: the node needs more than 128 MiB above idle")
        finally:
            node.close()


def fill(data, length):
    """Makes lists of a length by rows like those that a push wrote."""
    database = sqlite3.connect(f"{data}/kontor.db")
    database.row_factory = sqlite3.Row

    def insert(table, rows):
        rows = iter(rows)
        first = next(rows)
        marks = ", ".join("?" * len(first))
        database.execute(f"INSERT INTO {table} ({', '.join(first)}) VALUES ({marks})", list(first.values()))
        database.executemany(f"INSERT INTO {table} ({', '.join(first)}) VALUES ({marks})", (list(row.values()) for row in rows))

    def one(table, where):
        return dict(database.execute(f"SELECT * FROM {table} WHERE {where}").fetchone())

    with database:
        tag = one("tags", "name = '1.0'")
        insert("tags", ({**tag, "name": f"t{number:06}"} for number in range(length)))
        referrer = one("manifests", "subject_digest IS NOT NULL")
        content = json.loads(referrer["content"])

        def referrers():
            for number in range(length):
                bytes_ = json.dumps({**content, "annotations": {"number": str(number)}}).encode()
                row = {**referrer, "content": bytes_, "size": len(bytes_), "digest": hashlib.sha256(bytes_).digest()}
                if "annotations" in row:
                    row["annotations"] = json.dumps({"number": str(number)})
                del row["id"]
                yield row

        insert("manifests", referrers())
        repository = one("repositories", "name = 'bench/small'")
        manifest = one("manifests", f"id = {tag['manifest_id']}")
        assessed = one("assessed_images", "repository = 'bench/small'")
        del assessed["id"]
        first = database.execute("SELECT MAX(id) FROM repositories").fetchone()[0] + 1
        insert("repositories", ({**repository, "id": first + number, "name": f"many/r{number:06}"} for number in range(length)))
        last = database.execute("SELECT MAX(id) FROM manifests").fetchone()[0] + 1
        insert("manifests", ({**manifest, "id": last + number, "repository_id": first + number} for number in range(length)))
        insert("tags", (
            {**tag, "repository_id": first + number, "manifest_id": last + number, "name": "1.0"} for number in range(length)))
        insert("assessed_images", ({**assessed, "repository": f"many/r{number:06}"} for number in range(length)))
    database.close()


def large_lists(start, restart, failures):
    """First pages and pages in the middle, of lists of ten and of a hundred thousand; `restart` starts a node on the data of another."""
    times = {}
    for length in (10, LENGTH):
        node = start()
        login = f"admin:{node.secret}"
        base = f"http://{node.registry}"
        manifest = push(base, login)["manifest"][1]
        subject = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(manifest), "size": len(manifest)}
        referrer = json.dumps({**json.loads(manifest), "artifactType": "application/vnd.example", "subject": subject}).encode()
        request("PUT", f"{base}/v2/bench/small/manifests/{digest(referrer)}", login, referrer, {"Content-Type": subject["mediaType"]})
        while True:
            if request("GET", f"{base}/api/v1/images/bench/small:1.0/verdict", login)[0] == 200:
                break
            time.sleep(0.1)
        node = restart(node, lambda data: fill(data, length))
        base = f"http://{node.registry}"
        middle = f"t{length // 2:06}"
        try:
            for what, path in {
                "tags, first page": "/v2/bench/small/tags/list?n=100",
                "tags, from the middle": f"/v2/bench/small/tags/list?n=100&last={middle}",
                "referrers, first page": f"/v2/bench/small/referrers/{digest(manifest)}?n=100",
                "repositories, first page": "/v2/_catalog?n=100",
                "repositories, from the middle": f"/v2/_catalog?n=100&last=many/r{length // 2:06}",
                "repositories by the API": "/api/v1/repositories?limit=100",
                "directory": "/",
            }.items():
                samples = []
                for _ in range(21):
                    begin = time.monotonic()
                    status, _, body = request("GET", base + path, login)
                    samples.append((time.monotonic() - begin) * 1000)
                    if status != 200 or not body:
                        failures.append(f"{what}: {status}")
                times.setdefault(what, []).append(statistics.median(samples))
        finally:
            node.close()
    for what, (short, long) in times.items():
        print(f"{what}: {long:.1f} ms of {LENGTH}, {short:.1f} ms of 10 (target 10 ms)")
        if long > 10:
            failures.append(f"{what}: more than 10 ms of {LENGTH}")
