#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Looks at a node's pages as people do: in a real browser, and with axe-core.

Usage: python3 scripts/check-pages.py --browser PROGRAM [--shots DIRECTORY] [--only TEXT] < PLAN

PLAN is a JSON object: "origin" (http://127.0.0.1:PORT), "people" (passwords by account), "pages" (each with "path", "visitor" or null,
"status", "shows" and, to look at what a form is answered with, "form"), "downloads", and what "errands" are about (page_errands.py):
where that is missing, there are none.

Every page is opened in both languages, in light and in dark colours, 1280 and 320 pixels wide, at 200 % and with text of twice the size, with
JavaScript; and once without it. It must load without an error on the console and without a request to another host, must not scroll sideways,
must stay under 100 000 bytes of HTML and style sheet before compression, and axe-core must find no violation of WCAG 2.1 AA. Then
the errands are run by keyboard alone. One line of JSON for each thing that is wrong goes to standard output, and a last one with what was
visited; the end of standard error says how much was looked at. Exit code 1 when anything was wrong.
"""

import argparse
import gzip
import itertools
import json
import pathlib
import re
import sys

# The checkout stays as it is.
sys.dont_write_bytecode = True

from axe_playwright_python.sync_playwright import Axe
from page_errands import errands
from page_watch import Watch, address, has_focus, sign_in
from playwright.sync_api import sync_playwright

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
# In other colours only colours can be wrong.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "resultTypes": ["violations"]}
# Name, width and height in CSS pixels, colours, what axe looks for. 200 % of 1280 pixels is what 640 of them are.
VIEWS = [
    ("light", 1280, 900, "light", RULES),
    ("dark", 1280, 900, "dark", COLOURS),
    ("zoom", 640, 450, "light", None),
    ("narrow", 320, 640, "light", RULES),
]
# Bytes of HTML and style sheet, as they are served and before any compression.
BUDGET = 100_000
# WCAG 1.4.4 and 1.4.12: text of twice the size, and spaced.
LARGE_TEXT = (
    "html { font-size: 200% } * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
    " p { margin-block-end: 2em !important }"
)
counter = itertools.count(1)


def shot_name(visit, language, view):
    sent = f"-form-{visit['status']}" if visit.get("form") else ""
    name = visit["path"] + sent + ("-" + visit["visitor"] if visit.get("visitor") else "")
    return (re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:80] or "start") + f"-{language}-{view}.png"


def send(page, form):
    """Fills a form and sends it, also with what the browser would not let through; gives the answer."""
    fields = [[f["name"], f["value"].replace("{count}", str(next(counter)))] for f in form["fields"]]
    with page.expect_navigation() as navigation:
        page.evaluate(
            """([selector, fields, button]) => {
                const form = document.querySelector(selector);
                form.noValidate = true;
                for (const [name, value] of fields) {
                    const field = form.querySelector('#' + CSS.escape(name)) ?? form.elements[name];
                    if (field.type === 'checkbox') field.checked = value === 'yes'; else field.value = value;
                }
                form.querySelector(button ?? 'button[type=submit]').click();
            }""",
            [form["selector"], fields, form["button"]],
        )
    return navigation.value


def weigh(watch, page, response):
    sheets = page.evaluate("[...document.querySelectorAll('link[rel=stylesheet]')].map(e => e.href)")
    parts = [response.body()] + [page.context.request.get(sheet).body() for sheet in sheets]
    size, packed = sum(map(len, parts)), sum(len(gzip.compress(part)) for part in parts)
    watch.largest = max(watch.largest, (size, packed, watch.place))
    if size > BUDGET:
        watch.add("too heavy", f"{size} bytes of HTML and style sheet, {packed} packed")


def wide(watch, page, kind):
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found = page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.wide'))"
            ".slice(0, 3).map(e => e.outerHTML.slice(0, 120))"
        )
        watch.add(kind, found)


def look(watch, page, axe, visit, language, view, rules, plan, shots):
    sent = " (form)" if visit.get("form") else ""
    watch.place = f"{visit['path']}{sent} as {visit['visitor'] or 'stranger'} {language} {view}"
    response = page.goto(address(plan["origin"], visit["path"], language), wait_until="load")
    if visit.get("form"):
        response = send(page, visit["form"])
    watch.looked += 1
    status = response.status if response else "none"
    if status != visit["status"]:
        watch.add("status", f"{status} instead of {visit['status']}")
        return
    watch.seen(page)
    if visit.get("form") and status >= 400 and page.locator("#error").count():
        # Whoever cannot see the page is told first what was wrong.
        if not has_focus(page, "#error"):
            watch.add("focus", "a refused form does not lead to what was wrong")
    wide(watch, page, "scrolls sideways")
    if page.evaluate("document.documentElement.lang") != language:
        watch.add("language", page.evaluate("document.documentElement.lang"))
    text = page.locator("body").inner_text()
    for word in visit["shows"]:
        if word not in text:
            watch.add("is not there", word)
    made = page.evaluate(
        "[...document.querySelectorAll('script, iframe, object, embed, img, style, [style], base')].map(e => e.outerHTML.slice(0, 120))"
    )
    if made:
        watch.add("element that no page has", made[:3])
    handlers = page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).map(e => e.outerHTML.slice(0, 120))"
    )
    if handlers:
        watch.add("handler", handlers[:3])
    if view == "light":
        weigh(watch, page, response)
    if shots is not None and (view == "light" or (view in ("narrow", "dark") and language == "de")):
        page.screenshot(path=str(shots / shot_name(visit, language, view)))
    # What axe finds at 320 pixels it finds in each language.
    if rules and (view != "narrow" or language == "de"):
        # What is folded is looked at as well.
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        for violation in axe.run(page, options=rules).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            watch.add("axe " + violation["id"], {"help": violation["help"], "nodes": nodes})
        wide(watch, page, "scrolls sideways, unfolded")
    if view == "zoom":
        page.add_style_tag(content=LARGE_TEXT)
        wide(watch, page, "scrolls sideways with large text")


def without_script(watch, page, visit, plan):
    watch.place = f"{visit['path']} as {visit['visitor'] or 'stranger'} without JavaScript"
    response = page.goto(address(plan["origin"], visit["path"], "de"))
    watch.looked += 1
    expected = 200 if visit.get("form") else visit["status"]
    if response is None or response.status != expected:
        watch.add("status", str(response.status if response else "none"))
    elif not page.locator("main h1").count():
        watch.add("no heading", visit["path"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", required=True)
    parser.add_argument("--shots")
    parser.add_argument("--only", help="look at pages whose path has this text, and run errands whose name has it")
    options = parser.parse_args()
    plan = json.load(sys.stdin)
    shots = pathlib.Path(options.shots) if options.shots else None
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
    watch = Watch(plan["origin"])
    axe = Axe()
    visits = [visit for visit in plan["pages"] if not options.only or options.only in visit["path"]]
    with sync_playwright() as playwright:
        # The sandbox needs rights that root in a container lacks; the pages are our own.
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox", "--disable-gpu"])
        states = {name: sign_in(watch, browser, plan, name) for name in plan["people"]}
        states[None] = None
        for visitor in dict.fromkeys(visit["visitor"] for visit in visits):
            own = [visit for visit in visits if visit["visitor"] == visitor]
            for view, width, height, colours, rules in VIEWS:
                # axe is put into the page by the browser's own tools, past the page's policy; the policy itself holds in the errands and
                # in the run without.
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=colours,
                    storage_state=states[visitor],
                    bypass_csp=True,
                )
                page = context.new_page()
                watch.follow(page)
                for visit in own:
                    for language in ("de", "en"):
                        look(watch, page, axe, visit, language, view, rules, plan, shots)
                context.close()
            context = browser.new_context(
                viewport={"width": 1280, "height": 900}, java_script_enabled=False, storage_state=states[visitor]
            )
            page = context.new_page()
            watch.follow(page)
            for visit in own:
                without_script(watch, page, visit, plan)
            context.close()
        for download in plan["downloads"]:
            watch.place = download["path"]
            context = browser.new_context(storage_state=states[download["visitor"]])
            response = context.request.get(plan["origin"] + download["path"])
            watch.request(response.url)
            if response.status != 200 or "attachment" not in response.headers.get("content-disposition", ""):
                watch.add("download", f"{response.status} {response.headers}")
            context.close()
        done = errands(watch, browser, plan, states, options.only) if "errands" in plan else []
        version = browser.version
        browser.close()
    size, packed, place = watch.largest
    print(json.dumps({"visited": sorted(watch.visited), "templates": sorted(watch.templates), "errands": done}))
    print(
        f"{watch.looked} views of {len(visits)} pages, {len(done)} errands by keyboard, heaviest {size} bytes ({packed} packed): {place};"
        f" {len(watch.wrong)} wrong, browser {version}",
        file=sys.stderr,
    )
    sys.exit(1 if watch.wrong else 0)


if __name__ == "__main__":
    main()
