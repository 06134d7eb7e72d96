# SPDX-License-Identifier: EUPL-1.2
"""The benchmarks behind `make bench`. Run by scripts/bench, which builds and prepares the Python environment."""

import base64
import gzip
import json
import os
import pathlib
import re
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile

import bench_registry
import bench_scale

root = pathlib.Path(__file__).resolve().parent.parent
kontor = root / ".build/release/kontor"
syft = pathlib.Path(sys.executable).parent / "syft"
cache = root / ".build/bench"
failures = []


def children(pid):
    """The process and all below it."""
    found = [pid]
    for current in found:
        try:
            for task in os.listdir(f"/proc/{current}/task"):
                with open(f"/proc/{current}/task/{task}/children") as file:
                    found += [int(child) for child in file.read().split()]
        except OSError:
            pass
    return found


def resident(pid):
    total = 0
    for current in children(pid):
        try:
            with open(f"/proc/{current}/statm") as file:
                total += int(file.read().split()[1]) * 4096
        except (OSError, IndexError):
            pass
    return total


def run(command, environment=None):
    """Wall seconds, peak resident bytes of the process tree (sampled every 5 ms), standard output."""
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        peak = 0

        def watch():
            nonlocal peak
            while process.poll() is None:
                peak = max(peak, resident(process.pid))
                time.sleep(0.005)

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait()
        wall = time.monotonic() - start
        watcher.join()
        output.seek(0)
        if code != 0:
            sys.exit(f"bench: {' '.join(map(str, command))} ended with {code}")
        return wall, peak, output.read()


def minbase():
    """Debian 12 minbase as an OCI layout, made once."""
    layout = cache / "minbase"
    if not (layout / "index.json").exists():
        cache.mkdir(parents=True, exist_ok=True)
        tar = cache / "minbase.tar"
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", str(tar)], check=True)
        shutil.rmtree(layout, ignore_errors=True)
        subprocess.run(["skopeo", "copy", "--quiet", f"tarball:{tar}", f"oci:{layout}:minbase"], check=True)
    return layout


def packages(bom):
    return {(c["name"], c["version"]) for c in json.loads(bom)["components"] if c["type"] == "library" and c.get("purl", "").startswith("pkg:deb/")}


def against_syft(rounds=5):
    layout = minbase()
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(run([kontor, "sbom", f"oci:{layout}"]))
        theirs.append(run([syft, "scan", f"oci-dir:{layout}", "-q", "-o", "cyclonedx-json"], {"SYFT_CHECK_FOR_APP_UPDATE": "false"}))
    mine, other = packages(ours[-1][2]), packages(theirs[-1][2])
    if mine != other:
        failures.append(f"packages differ from syft's: missing {sorted(other - mine)[:5]}, extra {sorted(mine - other)[:5]}")
    wall = [statistics.median(r[0] for r in runs) for runs in (ours, theirs)]
    peak = [statistics.median(r[1] for r in runs) for runs in (ours, theirs)]
    print(f"inventory, Debian 12 minbase: {len(mine & other)} of {len(other)} packages as syft 1.18.1")
    print(f"  time    kontor {wall[0]:6.2f} s     syft {wall[1]:6.2f} s     {wall[1] / wall[0]:.1f} times faster (target 4)")
    print(f"  memory  kontor {peak[0] / 2**20:6.0f} MiB   syft {peak[1] / 2**20:6.0f} MiB   {peak[1] / peak[0]:.1f} times less")
    if wall[1] / wall[0] < 4:
        failures.append("less than 4 times as fast as syft")
    if peak[0] >= peak[1]:
        failures.append("more memory than syft")


# Ten images as teams build them: name, suite, Debian packages, and what a hook adds.
PIP = 'python3 -m pip install --quiet --no-warn-script-location --target="$1/usr/local/lib/python3.11/dist-packages" flask requests sqlalchemy jinja2 pyyaml click attrs'
IMAGES = [
    ("python12", "bookworm", "python3,python3-requests,python3-yaml,python3-jinja2,python3-cryptography", None),
    ("wheels12", "bookworm", "python3", PIP),
    ("node12", "bookworm", "nodejs,npm", None),
    ("ruby12", "bookworm", "ruby,ruby-sinatra,ruby-nokogiri,bundler", None),
    ("go12", "bookworm", "restic,rclone,skopeo", None),
    ("java12", "bookworm", "default-jre-headless,maven", None),
    ("python13", "trixie", "python3,python3-requests,python3-django", None),
    ("node13", "trixie", "nodejs,node-express,npm", None),
    ("go13", "trixie", "caddy,gh,oras", None),
    ("java13", "trixie", "default-jre-headless,libtomcat10-java,libspring-core-java,libjetty9-java", None),
]


def argued(purl, mine, theirs_at, mine_at):
    """What syft names otherwise than Kontor, each argued in docs/inventory.md.

    A folder's package.json without a version is no installed package. Where no pom.properties tells it, the group of a Java archive is a
    guess, and the two guess differently. Where a Go program's own module is (devel), it has no version. A Java archive that Debian renamed
    (maven3-core.jar) is named by syft after its file, here by the pom.properties in it: the same file, under its real name.
    """
    if purl.startswith("pkg:npm/") and "@" not in purl[8:]:
        return True
    if purl.startswith("pkg:golang/") and purl.split("@")[0] in mine:
        return True
    if not purl.startswith("pkg:maven/"):
        return False
    name = purl.rsplit("/", 1)[-1]
    if any(other.startswith("pkg:maven/") and other.rsplit("/", 1)[-1] == name for other in mine):
        return True
    return any(mine_at.get(path) or mine_at.get((path, purl.split("@")[0])) for path in theirs_at.get(purl, ()))


def image(name, suite, included, hook):
    """A root file system of Debian packages as an OCI layout, made once."""
    layout = pathlib.Path(os.environ.get("KONTOR_BENCH_IMAGES") or cache) / name
    if not (layout / "index.json").exists():
        cache.mkdir(parents=True, exist_ok=True)
        tar = cache / f"{name}.tar"
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={included}"]
        subprocess.run(command + ([f"--customize-hook={hook}"] if hook else []) + [suite, str(tar)], check=True)
        shutil.rmtree(layout, ignore_errors=True)
        subprocess.run(["skopeo", "copy", "--quiet", f"tarball:{tar}", f"oci:{layout}:v"], check=True)
        tar.unlink()
    return layout


def proven(bom):
    """The purls of a bill of materials, in lower case and without qualifiers: those are compared by the tests of each cataloguer.

    syft writes Go's "(devel)" as a version; it is none.
    """
    purls = (component.get("purl", "") for component in json.loads(bom)["components"])
    return {purl.split("?")[0].split("#")[0].replace("@(devel)", "").replace("%28devel%29", "").lower() for purl in purls if purl}


def java_files(bom):
    """Java packages by the files that prove them, both ways: purl to paths, path to purls; only what is sure of its name counts for the latter."""
    paths, purls = {}, {}
    for component in json.loads(bom)["components"]:
        purl = component.get("purl", "").split("?")[0].split("#")[0].lower()
        if not purl.startswith("pkg:maven/"):
            continue
        found = [p["value"].lstrip("/") for p in component.get("properties", ()) if p["name"].startswith("syft:location:") and p["name"].endswith(":path")]
        found += [o["location"] for o in component.get("evidence", {}).get("occurrences", ())]
        identity = component.get("evidence", {}).get("identity", ())
        for path in found:
            paths.setdefault(purl, set()).add(path)
            if any(entry.get("confidence", 0) == 1 for entry in identity):
                purls.setdefault(path, set()).add(purl)
            # The manifest's version instead of the file name's: `spring3-core-3.x.jar` is 4.3.30.
            purls.setdefault((path, purl.split("@")[0]), set()).add(purl)
    return paths, purls


def ten_images(rounds=3):
    print("inventory of ten images beside syft 1.18.1 (targets: every package it proves; 5 times faster; half the memory)")
    speeds, memories = [], []
    for definition in IMAGES:
        layout = image(*definition)
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(run([kontor, "sbom", f"oci:{layout}"]))
            theirs.append(run([syft, "scan", f"oci-dir:{layout}", "-q", "-o", "cyclonedx-json"], {"SYFT_CHECK_FOR_APP_UPDATE": "false"}))
        mine, other = proven(ours[-1][2]), proven(theirs[-1][2])
        theirs_at, mine_at = java_files(theirs[-1][2])[0], java_files(ours[-1][2])[1]
        missing = {purl for purl in other - mine if not argued(purl, mine, theirs_at, mine_at)}
        wall = [statistics.median(r[0] for r in runs) for runs in (ours, theirs)]
        peak = [statistics.median(r[1] for r in runs) for runs in (ours, theirs)]
        speeds.append(wall[1] / wall[0])
        memories.append(peak[1] / peak[0])
        print(
            f"  {definition[0]:9} {len(other):4} named by syft, {len(missing)} missing, {len(mine - other)} more;"
            f" {wall[0]:5.2f} s / {wall[1]:6.2f} s = {speeds[-1]:4.1f} times; {peak[0] / 2**20:4.0f} / {peak[1] / 2**20:4.0f} MiB = {memories[-1]:3.1f} times"
        )
        if missing:
            failures.append(f"{definition[0]}: missing {sorted(missing)[:12]}")
    print(f"  median {statistics.median(speeds):.1f} times faster, least {min(speeds):.1f}; memory {statistics.median(memories):.1f} times less, least {min(memories):.1f}")
    if min(speeds) < 5:
        failures.append("an image less than 5 times as fast as syft")
    if min(memories) < 2:
        failures.append("an image with more than half of syft's memory")


class Node:
    def __init__(self, feeds, *options):
        self.folder = tempfile.mkdtemp(prefix="kontor-bench-")
        data = f"{self.folder}/data"
        if feeds:
            subprocess.run([kontor, "feeds", "import", feeds, "--data", data, "--as-of", "2026-10-22"], check=True, stdout=subprocess.DEVNULL)
        self.options = options
        self.begin()

    def begin(self):
        """Starts the node; once more after its process ended."""
        data = f"{self.folder}/data"
        self.log = open(f"{self.folder}/log", "w+")
        self.process = subprocess.Popen(
            [kontor, "serve", "--data", data, "--listen", "127.0.0.1:0", *self.options], stdout=self.log, stderr=self.log
        )
        # Only whether it answers is asked here, of this very process.
        trusting = ssl._create_unverified_context()
        for _ in range(300):
            text = pathlib.Path(f"{self.folder}/log").read_text()
            found = re.search(r"(https?)://(127\.0\.0\.1:\d+)", text)
            if found:
                self.registry = found.group(2)
                try:
                    urllib.request.urlopen(f"{found.group(1)}://{self.registry}/readyz", context=trusting)
                    break
                except OSError:
                    pass
            time.sleep(0.05)
        else:
            sys.exit("bench: the node did not start\n" + text)
        self.secret = pathlib.Path(f"{data}/admin-secret").read_text().strip()

    def get(self, path):
        token = base64.b64encode(f"admin:{self.secret}".encode()).decode()
        request = urllib.request.Request(f"http://{self.registry}{path}", headers={"Authorization": f"Basic {token}"})
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def push_to_verdict(rounds=3):
    layout = minbase()
    feeds = os.environ.get("KONTOR_FEEDS") or str(root.parent / "shared/feeds")
    feeds = feeds if os.path.isdir(feeds) else None
    pushes, verdicts = [], []
    for _ in range(rounds):
        node = Node(feeds)
        start = time.monotonic()
        subprocess.run(
            ["skopeo", "copy", "--quiet", "--dest-tls-verify=false", "--dest-creds", f"admin:{node.secret}",
             f"oci:{layout}:minbase", f"docker://{node.registry}/bench/minbase:1"], check=True)
        pushed = time.monotonic()
        while True:
            status, body = node.get("/api/v1/images/bench/minbase:1/verdict")
            if status == 200:
                break
            time.sleep(0.02)
        done = time.monotonic()
        if not json.loads(body)["criteria"]:
            failures.append("the verdict has no criteria")
        pushes.append(pushed - start)
        verdicts.append(done - start)
        node.close()
    total = statistics.median(verdicts)
    print(f"push to verdict, Debian 12 minbase: {total:.2f} s, of which the push {statistics.median(pushes):.2f} s (target 10 s)")
    if total > 10:
        failures.append("push to verdict takes more than 10 s")


def secret_scan():
    layout = minbase()
    tar = cache / "minbase.tar"
    if not tar.exists():
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", str(tar)], check=True)
    _, _, output = run([root / ".build/release/kontor-bench", "secrets", str(tar)])
    result = json.loads(output)
    print(f"secret scan: {result['megabytesPerSecond']:.0f} MB/s on one core over {result['bytes'] / 1e6:.0f} MB, {result['hits']} hits (target 200 MB/s)")
    if result["megabytesPerSecond"] < 200:
        failures.append("the secret scan is slower than 200 MB/s")


def transparency_log(entries=20_000, writers=1_500):
    """Durable entries per second, and how long a receipt takes, verified by the program itself and then by `kontor log verify`."""
    with tempfile.TemporaryDirectory(prefix="kontor-bench.", dir=cache.parent) as folder:
        _, _, output = run([root / ".build/release/kontor-bench", "log", folder, str(entries), str(writers)])
        result = json.loads(output)
        _, _, verdict = run([kontor, "log", "verify", f"{folder}/log", "--key", result["vkey"], "--format", "json"])
        if json.loads(verdict)["size"] != entries:
            failures.append("the log has lost entries")
    print(f"log: {result['entriesPerSecond']:.0f} durable entries/s (target 2000), {writers} at once; durable after {result['durableP95'] * 1e3:.0f} ms, "
          f"receipt after {result['receiptP95'] * 1e3:.0f} ms (95 of 100; target 1000)")
    if result["entriesPerSecond"] < 2_000:
        failures.append("the log takes less than 2000 entries a second")
    if result["receiptP95"] > 1:
        failures.append("a receipt takes more than a second")


def against_docker_registry():
    node = Node(None, "--anonymous-pull")
    try:
        bench_registry.compare(f"http://{node.registry}", f"admin:{node.secret}", failures)
    finally:
        node.close()


def gate_on_pull():
    node = Node(None, "--anonymous-pull")
    try:
        bench_registry.gate(f"http://{node.registry}", f"admin:{node.secret}", failures)
    finally:
        node.close()


def feeds_import(rounds=3):
    """All feeds at hand into an empty folder: wall time, peak memory."""
    feeds = os.environ.get("KONTOR_FEEDS") or str(root.parent / "shared/feeds")
    if not os.path.isdir(feeds):
        print("feeds import: not measured, no feeds at hand (KONTOR_FEEDS)")
        return
    runs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as data:
            runs.append(run([kontor, "feeds", "import", feeds, "--data", data, "--as-of", "2026-10-22"]))
    wall, peak = (statistics.median(r[index] for r in runs) for index in (0, 1))
    print(f"feeds import: {wall:.1f} s (target 10 s), {peak / 2**20:.0f} MiB (target 300 MiB)")
    if wall > 10:
        failures.append("the import of all feeds takes more than 10 s")
    if peak > 300 << 20:
        failures.append("the import of all feeds needs more than 300 MiB")


def twenty_fold(feeds, folder):
    """The feeds with every record of OSV, Debian and EPSS twenty times, under other names."""
    target = pathlib.Path(folder) / "feeds"
    for source in sorted(pathlib.Path(feeds).glob("osv/*/all.zip")):
        copy = target / source.relative_to(feeds)
        copy.parent.mkdir(parents=True)
        with zipfile.ZipFile(source) as read, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
            for name in read.namelist():
                record = read.read(name).decode()
                identifier = json.loads(record)["id"]
                for number in range(20):
                    written.writestr(f"{number}-{name}", record.replace(identifier, f"{identifier}-{number}"))
    tracker = json.loads(gzip.decompress((pathlib.Path(feeds) / "debian/security-tracker.json.gz").read_bytes()))
    (target / "debian").mkdir()
    with gzip.open(target / "debian/security-tracker.json.gz", "wt", compresslevel=1) as written:
        json.dump({f"{name}-{number}": entries for number in range(20) for name, entries in tracker.items()}, written)
    (target / "epss").mkdir()
    for source in pathlib.Path(feeds).glob("epss/*.csv.gz"):
        with gzip.open(source, "rt") as read, gzip.open(target / "epss" / source.name, "wt", compresslevel=1) as written:
            for line in read:
                if line.startswith("CVE-"):
                    identifier, rest = line.split(",", 1)
                    written.writelines(f"{identifier}{number:02},{rest}" for number in range(20))
                else:
                    written.write(line)
    return target


def feeds_twenty_fold():
    """Feeds twenty times as large: the memory stays bounded."""
    feeds = os.environ.get("KONTOR_FEEDS") or str(root.parent / "shared/feeds")
    if not os.path.isdir(feeds):
        print("feeds twenty times as large: not measured, no feeds at hand (KONTOR_FEEDS)")
        return
    with tempfile.TemporaryDirectory() as folder:
        large = twenty_fold(feeds, folder)
        small = run([kontor, "feeds", "import", feeds, "--data", f"{folder}/small", "--as-of", "2026-10-22"])
        wall, peak, output = run([kontor, "feeds", "import", str(large), "--data", f"{folder}/large", "--as-of", "2026-10-22"])
        size = sum(path.stat().st_size for path in large.rglob("*") if path.is_file())
        print(f"feeds twenty times as large ({size / 2**20:.0f} MiB packed): {wall:.0f} s ({wall / small[0]:.1f} times as long), {peak / 2**20:.0f} MiB (bound 300 MiB)")
        print("  " + output.decode().strip().replace("\n", "\n  "))
    if peak > 300 << 20:
        failures.append("twenty-fold feeds need more than 300 MiB")


def shared_base(rounds=5):
    """A second image on a base that was read before, against the first reading of the base."""
    base = minbase()
    layout = cache / "minbase-app"
    if not (layout / "index.json").exists():
        shutil.copytree(base, layout)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "app.py").write_text("print('hello')\n")
            subprocess.run(["umoci", "insert", "--image", f"{layout}:minbase", f"{folder}/app.py", "/opt/app.py"], check=True)
    first, second = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as data:
            first.append(run([kontor, "sbom", f"oci:{base}:minbase"], {"KONTOR_DATA": data}))
            second.append(run([kontor, "sbom", f"oci:{layout}:minbase"], {"KONTOR_DATA": data}))
    if len(packages(second[-1][2])) != len(packages(first[-1][2])):
        failures.append("the second image on a base has other packages")
    wall = [statistics.median(r[0] for r in runs) for runs in (first, second)]
    print(f"second image on the same base: {wall[1]:.2f} s after {wall[0]:.2f} s = {wall[0] / wall[1]:.1f} times faster (target 5)")
    if wall[0] / wall[1] < 5:
        failures.append("the second image on a base is less than 5 times faster")


def many_clients():
    with tempfile.TemporaryDirectory(prefix="kontor-bench.", dir=cache.parent) as folder:
        bench_scale.many_clients(lambda *options: Node(None, *options), folder, failures)


def large_lists():
    def restart(node, change):
        node.process.terminate()
        node.process.wait()
        change(f"{node.folder}/data")
        node.begin()
        return node

    bench_scale.large_lists(lambda: Node(None), restart, failures)


BENCHMARKS = [
    against_syft, ten_images, shared_base, feeds_import, feeds_twenty_fold, push_to_verdict, against_docker_registry, secret_scan, many_clients,
    large_lists, transparency_log, gate_on_pull,
]

if __name__ == "__main__":
    chosen = set(sys.argv[1:])
    for benchmark in BENCHMARKS:
        if not chosen or benchmark.__name__ in chosen:
            benchmark()
    for failure in failures:
        print(f"MISSED: {failure}")
    sys.exit(1 if failures else 0)
