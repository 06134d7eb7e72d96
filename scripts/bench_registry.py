# SPDX-License-Identifier: EUPL-1.2
"""The registry beside Debian's docker-registry: requests per second of small reads, measured with wrk, alternating, medians."""

import base64
import contextlib
import crypt
import hashlib
import io
import json
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
TARGETS = {"manifest": 8, "blob": 10}


def basic(login):
    return {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()} if login else {}


def request(method, url, login=None, body=None, headers=None):
    asked = urllib.request.Request(url, data=body, method=method, headers={**basic(login), **(headers or {})})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.status, answer.headers, answer.read()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def push(base, login, layer=None):
    """A small image, byte for byte the same everywhere; returns path and bytes of what is then read."""
    # Not compressible, as layers are not.
    layer = layer or b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(320))
    rootfs = {"type": "layers", "diff_ids": [digest(layer)]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs, "config": {}}).encode()
    for blob in (config, layer):
        _, headers, _ = request("POST", f"{base}/v2/bench/small/blobs/uploads/", login, b"")
        location = urllib.parse.urljoin(base, headers["Location"])
        location += ("&" if "?" in location else "?") + "digest=" + digest(blob)
        request("PUT", location, login, blob, {"Content-Type": "application/octet-stream"})
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(layer), "size": len(layer)}],
    }).encode()
    request("PUT", f"{base}/v2/bench/small/manifests/1.0", login, manifest, {"Content-Type": MANIFEST})
    return {"manifest": ("/v2/bench/small/manifests/1.0", manifest), "blob": (f"/v2/bench/small/blobs/{digest(layer)}", layer)}


@contextlib.contextmanager
def docker_registry(login):
    """Debian's docker-registry as its package configures it, in a folder of its own; with an account if `login` names one."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kontor-bench-peer-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = [
        "version: 0.1", "log: {level: error, accesslog: {disabled: true}}",
        f"storage: {{cache: {{blobdescriptor: inmemory}}, filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}",
        f"http: {{addr: '127.0.0.1:{port}'}}",
    ]
    if login:
        name, secret = login.split(":", 1)
        # The cost that htpasswd takes; docker-registry accepts bcrypt alone.
        (folder / "htpasswd").write_text(f"{name}:{crypt.crypt(secret, '$2b$05$' + 'kontorkontorkontoruuuu')}\n")
        lines.append(f"auth: {{htpasswd: {{realm: bench, path: {folder}/htpasswd}}}}")
    (folder / "config.yml").write_text("\n".join(lines) + "\n")
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(["docker-registry", "serve", str(folder / "config.yml")], stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                request("GET", base + "/v2/", login)
                break
            except OSError:
                time.sleep(0.05)
        else:
            raise SystemExit("bench: docker-registry did not start\n" + (folder / "log").read_text())
        yield base
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wrk(url, login, seconds):
    """Requests per second; ends the benchmark when an answer is no success."""
    command = ["wrk", "-t", "2", "-c", "32", "-d", f"{seconds}s"]
    for name, value in {**basic(login), "Accept": MANIFEST}.items():
        command += ["-H", f"{name}: {value}"]
    output = subprocess.run(command + [url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"bench: wrk on {url}\n{output}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


def compare(base, admin, failures, rounds=5, seconds=3):
    """Measures a node that runs at `base`, allows anonymous pulls and knows the account `admin` ("name:secret")."""
    paths = push(base, admin)
    for who, login in (("authenticated", admin), ("anonymous", None)):
        with docker_registry(login) as peer:
            if push(peer, login) != paths:
                raise SystemExit("bench: the two registries hold different images")
            for what, (path, expected) in paths.items():
                for address in (base, peer):
                    if request("GET", address + path, login, headers={"Accept": MANIFEST})[2] != expected:
                        raise SystemExit(f"bench: {address}{path} is not what was pushed")
                ours, theirs = [], []
                for _ in range(rounds):
                    ours.append(wrk(base + path, login, seconds))
                    theirs.append(wrk(peer + path, login, seconds))
                mine, other = statistics.median(ours), statistics.median(theirs)
                name = "GET manifest by tag" if what == "manifest" else "GET blob of 10 KiB"
                print(f"{name}, {who}: kontor {mine:8.0f}/s   docker-registry {other:8.0f}/s   {mine / other:.1f} times (target {TARGETS[what]})")
                if mine / other < TARGETS[what]:
                    failures.append(f"{name}, {who}: less than {TARGETS[what]} times docker-registry")
    # What asking for rights costs: the same requests to the same node, alternating.
    for what, (path, _) in paths.items():
        ratios = []
        for _ in range(rounds):
            known = wrk(base + path, admin, seconds)
            ratios.append(known / wrk(base + path, None, seconds))
        ratio = statistics.median(ratios)
        print(f"GET {what}: authenticated {ratio:.2f} of anonymous (target 0.8)")
        if ratio < 0.8:
            failures.append(f"GET {what}: authenticated less than 0.8 of anonymous")


def tar():
    """A layer that can be read: one file of noise."""
    content = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(320))
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as layer:
        entry = tarfile.TarInfo("noise")
        entry.size = len(content)
        layer.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def gate(base, admin, failures, rounds=5, seconds=3):
    """What a rule on pulls costs a manifest that it lets through: the same requests with the rule and without it, alternating."""
    organisation = json.dumps({"title": "Bench", "kind": "federal"}).encode()
    kind = {"Content-Type": "application/json"}
    request("PUT", f"{base}/api/v1/organisations/bench", admin, organisation, kind)
    request("PUT", f"{base}/api/v1/namespaces/bench", admin, json.dumps({"organisation": "bench", "public": True}).encode(), kind)
    path, expected = push(base, admin, tar())["manifest"]
    revision = 0

    def rule(pull):
        nonlocal revision
        body = {"policy": {"pull": pull}, "expectedRevision": revision, "reason": "bench"}
        request("PUT", f"{base}/api/v1/namespaces/bench/policy", admin, json.dumps(body).encode(), kind)
        revision += 1

    image = f"{base}/api/v1/images/bench/small@{digest(expected)}/verdict"
    for _ in range(300):
        if request("GET", image, admin)[0] == 200:
            break
        time.sleep(0.1)
    else:
        raise SystemExit("bench: the image has no verdict")
    rule([{"refuseExploited": True}])
    _, headers, found = request("GET", base + path, admin, headers={"Accept": MANIFEST})
    if found != expected or headers["Warning"]:
        raise SystemExit(f"bench: the rule is against the image: {headers['Warning']}")
    ratios = []
    for _ in range(rounds):
        rule([{"refuseExploited": True}])
        ruled = wrk(base + path, admin, seconds)
        rule([])
        ratios.append(ruled / wrk(base + path, admin, seconds))
    ratio = statistics.median(ratios)
    print(f"GET manifest by tag through a gate: {ratio:.2f} of without one (target 0.9)")
    if ratio < 0.9:
        failures.append("the gate costs a manifest more than 10 %")
