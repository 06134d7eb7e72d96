# SPDX-License-Identifier: EUPL-1.2
"""What people come for, done in a browser: by keyboard alone, and by a stranger in three clicks. For check-pages.py.

At every stop of the keyboard something must show where it is, the stop must be on the screen, and stops come in the order of the page.
That a script finds its way in three clicks proves that there is one; whether people find it, only people can tell.
"""

import json
import urllib.parse

from page_watch import has_focus

STATE = """(() => {
    const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return null;
    const s = getComputedStyle(e), r = e.getBoundingClientRect();
    return {
        index: [...document.querySelectorAll('*')].indexOf(e), tag: e.tagName, id: e.id, html: e.outerHTML.slice(0, 120),
        outline: s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth),
        seen: r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
    };
})()"""
# Everything that a keyboard has to reach: what is folded away or hidden is not among it.
STOPS = """[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(
    e => !e.disabled && e.type !== 'hidden' && e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})
).length"""
ORDERED = "[...document.querySelectorAll('[tabindex]')].filter(e => e.tabIndex > 0).map(e => e.outerHTML.slice(0, 100))"


class Keyboard:
    """Somebody who has only keys."""

    def __init__(self, watch, page, origin):
        self.watch = watch
        self.page = page
        self.origin = origin
        self.last = -1

    def open(self, path):
        self.page.goto(self.origin + path)
        self.last = -1

    def state(self):
        return self.page.evaluate(STATE)

    def check(self, state):
        if state["outline"] < 2:
            self.watch.add("focus is not seen", state["html"])
        if not state["seen"]:
            self.watch.add("focus is off the screen", state["html"])

    def tab(self, key="Tab"):
        """The next stop; None past the last one."""
        self.page.keyboard.press(key)
        state = self.state()
        if state is None:
            self.last = -1
            return None
        self.check(state)
        # A field for a date has several stops of its own.
        if key == "Tab" and state["index"] < self.last:
            self.watch.add("order", state["html"])
        self.last = state["index"]
        return state

    def to(self, selector):
        """Goes on until a stop that fits; from the top of the page once more, as people do."""
        ends = 0
        for _ in range(600):
            state = self.tab()
            if state is None:
                ends += 1
                if ends == 2:
                    break
            elif self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return True
        raise Lost(f"{selector} is not reached on {self.page.url}")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def clear(self):
        self.press("Control+a", "Delete")

    def go(self, key="Enter"):
        """Presses a key that leads to another page."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press(key)
        self.last = -1

    def expect(self, path):
        found = urllib.parse.urlsplit(self.page.url).path
        if found != path:
            raise Lost(f"led to {found} instead of {path}")

    def shows(self, text):
        if text not in self.page.locator("main").inner_text():
            self.watch.add("is not shown", text)

    def focus_is(self, selector):
        if not has_focus(self.page, selector):
            state = self.state()
            self.watch.add("focus", f"on {state['html'] if state else 'nothing'} instead of {selector}")
            return
        state = self.state()
        self.check(state)
        self.last = state["index"]


class Lost(Exception):
    """The way ended."""


def sign_in(keys, plan):
    """Skip link, empty fields, a wrong password, the right one."""
    name = plan["errands"]["maintainer"]
    keys.open("/?lang=de")
    if (keys.tab() or {}).get("html", "").find('class="skip"') < 0:
        keys.watch.add("keyboard", "the first stop is not the skip link")
    keys.press("Enter")
    if keys.page.evaluate("document.activeElement.id") != "content":
        keys.watch.add("keyboard", "the skip link does not lead to the content")
    keys.tab()
    if not keys.page.evaluate("document.activeElement.closest('main') !== null"):
        keys.watch.add("keyboard", "after the skip link comes something outside of the content")
    keys.open("/?lang=de")
    keys.to("a[href^='/login']")
    keys.go()
    keys.expect("/login")
    keys.to("#name")
    keys.press("Enter")
    # The browser itself leads to the first field that is wrong.
    keys.focus_is("#name")
    keys.type("niemand-tastatur")
    keys.to("#password")
    keys.type("falsch")
    keys.go()
    keys.focus_is("#error")
    keys.to("#name")
    keys.type(name)
    keys.to("#password")
    keys.type(plan["people"][name])
    keys.go()
    keys.expect("/")
    keys.to("a[href='/account']")


def find_image(keys, plan):
    """Search, and open an image."""
    keys.open("/?lang=en")
    keys.to("#q")
    keys.type(plan["errands"]["image"].partition("/")[2])
    keys.go()
    keys.to(f"main th a[href^='/images/{plan['errands']['image']}']")
    keys.go()
    if plan["errands"]["image"].replace("/", " / ") not in keys.page.locator("h1").inner_text():
        keys.watch.add("keyboard", "the link does not lead to the image")


def why_not_gold(keys, plan):
    """The steps to the next level, each with its advice; unfolded and folded."""
    keys.open(f"/images/{plan['errands']['image']}@{plan['errands']['digest']}?lang=de")
    steps = keys.page.locator(".steps details")
    for index in range(steps.count()):
        keys.to(".steps summary")
        step = steps.nth(index)
        if step.get_attribute("open") is None:
            keys.press("Enter")
        if not step.locator(".advice").is_visible():
            keys.watch.add("keyboard", f"step {index + 1} does not show its advice")
        if index:
            keys.press("Space")
            if step.locator(".advice").is_visible():
                keys.watch.add("keyboard", f"step {index + 1} does not fold")
            keys.press("Enter")
        keys.to(".steps details a")
    keys.go()
    if "/criteria/" not in keys.page.url:
        keys.watch.add("keyboard", "a step does not lead to its criterion")


def page_through(keys, plan):
    """A list of more than one page."""
    keys.open("/namespaces?lang=de")
    first = keys.page.locator("main tbody tr").first.inner_text()
    keys.to("main a[rel=next]")
    keys.go()
    if keys.page.locator("main tbody tr").first.inner_text() == first:
        keys.watch.add("keyboard", "the next page is the same page")


def triage(keys, plan):
    """A finding is assessed: refused without a reason, then taken."""
    about = plan["errands"]
    keys.open(f"/images/{about['image']}@{about['digest']}?lang=en")
    keys.to("a[href^='/triage']")
    keys.go()
    keys.expect("/triage")
    choose(keys, "#status", "not_affected")
    keys.to("#impact")
    keys.to("main form.form button[type=submit]")
    keys.go()
    keys.focus_is("#error")
    choose(keys, "#status", "not_affected")
    choose(keys, "#justification", "vulnerable_code_not_in_execute_path")
    keys.to("#impact")
    keys.type("The server never calls this function; checked in the build of today.")
    keys.to("#expires")
    keys.to("#scope")
    keys.to("main form.form button[type=submit]")
    keys.go()
    keys.expect("/triage")
    keys.shows("The server never calls this function")
    keys.to("form button[aria-label]:not([aria-label=''])")
    keys.go()
    keys.expect("/triage")


def release(keys, plan):
    """An image is released: refused with a tag that is none, then taken."""
    path = f"/images/{plan['errands']['released']}"
    keys.open(f"{path}?lang=en")
    keys.to("a[href='#release']")
    keys.press("Enter")
    keys.to("#release-tag")
    keys.type("NO TAG")
    keys.to("form[action='/releases'] button[type=submit]")
    keys.go()
    keys.focus_is("#error")
    keys.to("#release-tag")
    keys.clear()
    keys.type("2.1")
    keys.to("form[action='/releases'] button[type=submit]")
    keys.go()
    keys.expect(path)
    if not keys.page.locator("section[aria-labelledby=release] tbody th", has_text="2.1").count():
        keys.watch.add("is not shown", "the release of 2.1")


def choose(keys, selector, value):
    """Picks an entry of a list with the arrow keys."""
    keys.to(selector)
    keys.press("Home")
    for _ in range(20):
        if keys.page.evaluate("document.activeElement.value") == value:
            return
        keys.press("ArrowDown")
    raise Lost(f"{selector} has no entry {value}")


def token(keys, plan):
    """A token is made, copied, and pasted."""
    keys.open("/?lang=en")
    keys.to("a[href='/account']")
    keys.go()
    keys.to("main a[href='/account/tokens']")
    keys.go()
    keys.to("#label")
    keys.type("pipeline")
    keys.to("#repositories")
    keys.type("NO NAME")
    keys.to("main form.form button[type=submit]")
    keys.go()
    keys.focus_is("#error")
    keys.to("#repositories")
    keys.clear()
    keys.type("stadt/*")
    keys.to("#right-push")
    keys.press("Space")
    keys.to("#days")
    keys.to("main form.form button[type=submit]")
    keys.go()
    keys.focus_is("#secret")
    secret = keys.page.evaluate("document.activeElement.value")
    if len(secret) < 20:
        keys.watch.add("keyboard", "there is no token to copy")
    keys.press("Control+a", "Control+c")
    keys.to("#label")
    keys.press("Control+v")
    if keys.page.evaluate("document.activeElement.value") != secret:
        keys.watch.add("keyboard", "what was copied is not the token")
    keys.clear()
    keys.to("button[aria-label*='pipeline']")
    keys.go()
    keys.expect("/account/tokens")


def notice(keys, plan):
    """Who is affected, whom to tell, what they get to read, and sending it."""
    about = plan["errands"]
    keys.open("/?lang=de")
    keys.to("a[href='/affected']")
    keys.go()
    keys.to("#q")
    keys.type(about["vulnerability"])
    keys.go()
    keys.shows(about["image"])
    keys.to("a[href^='/notices/draft']")
    keys.go()
    keys.to("#what-de")
    keys.clear()
    keys.type("Es gibt eine neue Version.")
    keys.to("#what-en")
    keys.clear()
    keys.type("There is a new version.")
    keys.to("#except")
    keys.type(about["organisation"])
    keys.to("button[value=preview]")
    keys.go()
    keys.focus_is("main section h2")
    keys.shows("Es gibt eine neue Version.")
    keys.to("button[value=send]")
    keys.go()
    keys.focus_is("#error")
    keys.to("#sure")
    keys.press("Space")
    keys.to("button[value=send]")
    keys.go()
    if urllib.parse.urlsplit(keys.page.url).path in ("/notices/draft", "/notices"):
        raise Lost("the notice was not sent")
    rows = keys.page.locator("main tbody tr")
    if rows.count() != 1 or about["organisation"] + " " in rows.first.locator("th").inner_text():
        keys.watch.add("keyboard", "it went to others than were chosen")


def language(keys, plan):
    """The other language, on the same page."""
    keys.open("/criteria?lang=de")
    keys.to("a[hreflang=en]")
    keys.go()
    keys.expect("/criteria")
    if keys.page.evaluate("document.documentElement.lang") != "en":
        keys.watch.add("keyboard", "the language does not change")
    keys.open("/help")
    if keys.page.evaluate("document.documentElement.lang") != "en":
        keys.watch.add("keyboard", "the language does not stay")


def sign_out(keys, plan):
    """Signing out, and what is not to be seen then."""
    keys.open("/work?lang=de")
    keys.to("form[action='/logout'] button")
    keys.go("Space")
    keys.expect("/")
    keys.to("a[href^='/login']")
    response = keys.page.goto(keys.origin + "/work")
    if response.status != 401:
        keys.watch.add("keyboard", f"after signing out /work answers {response.status}")


def walks(keys, plan):
    """Whole pages from the first stop to the last: everything is reached, in order, and nothing holds the keyboard."""
    about = plan["errands"]
    for path in [
        "/", f"/images/{about['image']}@{about['digest']}", "/account", "/account/tokens", "/namespaces/stadt", "/work",
        f"/triage?image={about['image']}%40{about['digest']}&vulnerability={about['vulnerability']}&source=openssl",
        f"/notices/draft?q={about['vulnerability']}", "/node", "/criteria",
    ]:
        for width in (1280, 320):
            keys.page.set_viewport_size({"width": width, "height": 700})
            keys.open(path)
            keys.watch.place = f"walk over {path} at {width}"
            for odd in keys.page.evaluate(ORDERED):
                keys.watch.add("order by number", odd)
            expected = keys.page.evaluate(STOPS)
            stops = set()
            for _ in range(2_000):
                state = keys.tab()
                if state is None:
                    break
                stops.add(state["index"])
            else:
                keys.watch.add("trap", "the keyboard does not come to the end of the page")
            if len(stops) != expected:
                keys.watch.add("keyboard", f"{len(stops)} stops of {expected} are reached")


def three_clicks(watch, browser, plan):
    """A stranger on the directory page learns why an image is not gold, and what to do, in at most three clicks of a mouse.

    Held for each criterion that keeps the image from its next level, and for each that fails, whatever its level.
    """
    about = plan["errands"]
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    watch.follow(page)
    verdict = context.request.get(f"{plan['origin']}/api/v1/images/{about['image']}:{about['tag']}/verdict").json()
    criteria = {criterion["id"]: criterion for criterion in verdict["criteria"]}
    most, learned = 0, 0

    def learn(place, criterion, language):
        """Unfolds what is folded; then the reason and the advice are to be seen."""
        nonlocal most, learned
        clicks = 1
        for fold in place.locator("xpath=ancestor-or-self::details[not(@open)] | ./details[not(@open)]").all():
            # What is only evidence may stay folded.
            if fold.locator(".advice").count():
                fold.locator("summary").first.click()
                clicks += 1
        shown = " ".join(place.inner_text().split())
        for part in ("explanation", "advice"):
            said = " ".join(criterion[part][language].replace("`", "").split())
            if said not in shown:
                watch.add("three clicks", f"{criterion['id']}: not shown: {said}")
        most, learned = max(most, clicks), learned + 1
        if clicks > 3:
            watch.add("three clicks", f"{criterion['id']} takes {clicks} clicks")

    for language in ("de", "en"):
        watch.place = f"three clicks {language}"

        def start():
            page.goto(f"{plan['origin']}/?lang={language}")
            page.locator(f"main a[href='/images/{about['image']}:{about['tag']}']").click()

        start()
        steps = page.locator(".steps .id").all_inner_texts()
        failed = [id for id, criterion in criteria.items() if criterion["result"] == "fail"]
        if verdict["level"] == "gold" or not steps or not failed:
            watch.add("three clicks", "the image is gold: there is nothing to learn")
        for id in steps:
            start()
            learn(page.locator(".steps li", has_text=id).first, criteria[id], language)
        for id in failed:
            start()
            learn(page.locator("article.result", has=page.locator(f"a[href='/criteria/{id}']")), criteria[id], language)
    context.close()
    return f"three_clicks: {most} at most, {learned} criteria"


# Who does it: a stranger, or somebody by their part in "errands".
ERRANDS = [
    (None, sign_in), (None, find_image), (None, why_not_gold), ("operator", page_through), ("maintainer", triage),
    ("maintainer", release), ("maintainer", token), ("operator", notice), (None, language), ("operator", walks), ("maintainer", sign_out),
]


def errands(watch, browser, plan, states, only=None):
    """Runs them all; gives their names."""
    done = []
    for who, errand in ERRANDS:
        name = errand.__name__
        if only and only not in name:
            continue
        watch.place = f"errand {name}"
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            # A page that is still scrolling cannot be judged.
            reduced_motion="reduce",
            storage_state=states[plan["errands"][who]] if who else None,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch.follow(page)
        try:
            errand(Keyboard(watch, page, plan["origin"]), plan)
            done.append(name)
        except Exception as error:  # noqa: BLE001 - whatever ends the way is what is wrong
            watch.add("lost", json.dumps(str(error)[:500]))
        context.close()
    if not only or only in "three_clicks":
        done.append(three_clicks(watch, browser, plan))
    return done
