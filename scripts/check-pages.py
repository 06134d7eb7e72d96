#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Looks at a node's pages as people do: in a real browser, and with axe-core.

Usage: python3 scripts/check-pages.py --browser PROGRAM [--shots DIRECTORY] < PLAN

PLAN is a JSON object: "origin" (http://127.0.0.1:PORT), "account" and "password" of somebody who signs in, "public" and "private" (paths;
the private ones are looked at after signing in), and "forbidden" (texts of which no element, attribute or script may be made).

Every page is opened in both languages, in light and in dark colours, 1280 and 320 pixels wide and at 200 %, with JavaScript; and once
without it. It must load without an error on the console and without a request to another host, must not scroll sideways, and axe-core must
find no violation of WCAG 2.1 AA. The sign-in is done by keyboard alone. One line of JSON for each thing that is wrong goes to standard
output; the end of standard error says how much was looked at. Exit code 1 when anything was wrong.
"""

import argparse
import json
import pathlib
import re
import sys
import urllib.parse

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}, "resultTypes": ["violations"]}
# Name, width and height in CSS pixels, colours, whether axe looks too. 200 % of 1280 pixels is what 640 of them are.
VIEWS = [
    ("light", 1280, 900, "light", True),
    ("dark", 1280, 900, "dark", True),
    ("zoom", 640, 450, "light", False),
    ("narrow", 320, 640, "light", True),
]


class Watch:
    """What is wrong, page by page."""

    def __init__(self, origin):
        self.origin = origin
        self.wrong = []
        self.looked = 0
        self.place = ""

    def add(self, kind, detail):
        entry = {"page": self.place, "kind": kind, "detail": detail}
        self.wrong.append(entry)
        print(json.dumps(entry, ensure_ascii=False), flush=True)

    def follow(self, page):
        page.on("console", lambda message: message.type in ("error", "warning") and self.add("console", message.text))
        page.on("pageerror", lambda error: self.add("script", str(error)))
        page.on("dialog", lambda dialog: (self.add("dialog", dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.request(request.url))
        page.on("requestfailed", lambda request: self.add("request failed", f"{request.url} {request.failure}"))

    def request(self, url):
        if not url.startswith(self.origin + "/") and not url.startswith("data:"):
            self.add("another host", url)


def address(origin, path, language):
    path, mark, fragment = path.partition("#")
    return origin + path + ("&" if "?" in path else "?") + "lang=" + language + mark + fragment


def shot_name(path, language, view):
    return re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[:80] + f"-{language}-{view}.png" if path != "/" else f"start-{language}-{view}.png"


def look(watch, page, axe, path, language, view, with_axe, plan, shots):
    watch.place = f"{path} {language} {view}"
    response = page.goto(address(plan["origin"], path, language), wait_until="load")
    watch.looked += 1
    if response is None or response.status >= 400:
        watch.add("status", str(response.status if response else "none"))
        return
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wide = page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.wide'))"
            ".slice(0, 3).map(e => e.outerHTML.slice(0, 120))"
        )
        watch.add("scrolls sideways", wide)
    if page.evaluate("document.documentElement.lang") != language:
        watch.add("language", page.evaluate("document.documentElement.lang"))
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
    # What axe finds at 320 pixels it finds in each language.
    if with_axe and (view != "narrow" or language == "de"):
        for violation in axe.run(page, options=RULES).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            watch.add("axe " + violation["id"], {"help": violation["help"], "nodes": nodes})
    if shots is not None and (view == "light" or (view in ("narrow", "dark") and language == "de")):
        page.screenshot(path=str(shots / shot_name(path, language, view)))


def sign_in_by_keyboard(watch, page, plan):
    """Tab and typing alone: skip link, fields, button."""
    watch.place = "/login by keyboard"
    page.goto(plan["origin"] + "/login?next=/work&lang=en")
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.className") != "skip":
        watch.add("keyboard", "the first stop is not the skip link")
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || ''")
        if name == "name":
            page.keyboard.type(plan["account"])
        elif name == "password":
            page.keyboard.type(plan["password"])
            with page.expect_navigation():
                page.keyboard.press("Enter")
            break
    if urllib.parse.urlparse(page.url).path != "/work":
        watch.add("keyboard", f"signing in led to {page.url}")


def focus_is_seen(watch, page, plan):
    """Every stop of the keyboard on the start page shows where it is."""
    watch.place = "/ focus"
    page.goto(plan["origin"] + "/?lang=de")
    seen = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        state = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.tagName, e.outerHTML.slice(0, 100), s.outlineStyle, parseFloat(s.outlineWidth)]; })()"
        )
        if state[0] == "BODY" or state[1] in seen:
            break
        seen.add(state[1])
        if state[2] == "none" or state[3] < 1:
            watch.add("focus is not seen", state[1])
    if len(seen) < 8:
        watch.add("keyboard", f"only {len(seen)} stops on the start page")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", required=True)
    parser.add_argument("--shots")
    options = parser.parse_args()
    plan = json.load(sys.stdin)
    shots = pathlib.Path(options.shots) if options.shots else None
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
    watch = Watch(plan["origin"])
    axe = Axe()
    with sync_playwright() as playwright:
        # The sandbox needs rights that root in a container lacks; the pages are our own.
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox", "--disable-gpu"])
        for signed_in in (False, True):
            paths = plan["private"] if signed_in else plan["public"]
            state = None
            if signed_in:
                context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=False)
                page = context.new_page()
                watch.follow(page)
                sign_in_by_keyboard(watch, page, plan)
                state = context.storage_state()
                context.close()
            for view, width, height, colours, with_axe in VIEWS:
                # axe is put into the page by the browser's own tools, past the page's policy; the policy itself holds in the run without.
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=colours, storage_state=state, bypass_csp=with_axe
                )
                page = context.new_page()
                watch.follow(page)
                for path in paths:
                    for language in ("de", "en"):
                        look(watch, page, axe, path, language, view, with_axe, plan, shots)
                context.close()
            context = browser.new_context(
                viewport={"width": 1280, "height": 900}, java_script_enabled=False, storage_state=state
            )
            page = context.new_page()
            watch.follow(page)
            for path in paths:
                watch.place = f"{path} without JavaScript"
                response = page.goto(address(plan["origin"], path, "de"))
                watch.looked += 1
                if response is None or response.status >= 400:
                    watch.add("status", str(response.status if response else "none"))
                elif not page.locator("main h1").count():
                    watch.add("no heading", path)
            context.close()
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        watch.follow(page)
        focus_is_seen(watch, page, plan)
        version = browser.version
        browser.close()
    print(f"{watch.looked} views of {len(plan['public']) + len(plan['private'])} pages, {len(watch.wrong)} wrong, browser {version}", file=sys.stderr)
    sys.exit(1 if watch.wrong else 0)


if __name__ == "__main__":
    main()
