# SPDX-License-Identifier: EUPL-1.2
"""What is wrong with pages, kept and told; for check-pages.py and page_errands.py."""

import json
import urllib.parse


def address(origin, path, language):
    path, mark, fragment = path.partition("#")
    return origin + path + ("&" if "?" in path else "?") + "lang=" + language + mark + fragment


def has_focus(page, selector):
    """Whether an element has the focus; a page sets it with the first picture that it draws, which may be after it was loaded."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement?.matches(selector) === true", selector):
            return True
        page.wait_for_timeout(50)
    return False


class Watch:
    """What is wrong, page by page, and what was looked at."""

    def __init__(self, origin):
        self.origin = origin
        self.wrong = []
        self.looked = 0
        self.place = ""
        # Paths that the browser asked for, with what pages asked for themselves; templates that came back.
        self.visited = set()
        self.templates = set()
        self.largest = (0, 0, "")

    def add(self, kind, detail):
        entry = {"page": self.place, "kind": kind, "detail": detail}
        self.wrong.append(entry)
        print(json.dumps(entry, ensure_ascii=False), flush=True)

    def follow(self, page):
        page.on("console", lambda message: self.console(page, message))
        page.on("pageerror", lambda error: self.add("script", str(error)))
        page.on("dialog", lambda dialog: (self.add("dialog", dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.request(request.url))
        page.on("requestfailed", lambda request: self.add("request failed", f"{request.url} {request.failure}"))

    def console(self, page, message):
        if message.type not in ("error", "warning"):
            return
        # The browser notes each page that says no; that is not a fault of the page. A missing picture or style sheet would be.
        is_page = urllib.parse.urlsplit(message.location.get("url", "")).path.find("/assets/") < 0
        if is_page and message.text.startswith("Failed to load resource: the server responded with a status of 4"):
            return
        self.add("console", message.text)

    def request(self, url):
        if not url.startswith(self.origin + "/") and not url.startswith("data:"):
            self.add("another host", url)
        else:
            self.visited.add(urllib.parse.urlsplit(url).path)

    def seen(self, page):
        """Notes which template made a page."""
        self.templates.add(page.evaluate("document.querySelector('main')?.dataset.page ?? ''"))


def sign_in(watch, browser, plan, name):
    """The state of a browser in which somebody has signed in."""
    context = browser.new_context()
    page = context.new_page()
    watch.place = f"sign-in of {name}"
    watch.follow(page)
    page.goto(plan["origin"] + "/login?next=/account")
    page.fill("#name", name)
    page.fill("#password", plan["people"][name])
    page.click("main button[type=submit]")
    if urllib.parse.urlsplit(page.url).path != "/account":
        watch.add("sign-in", f"led to {page.url}")
    state = context.storage_state()
    context.close()
    return state
