"""The staff page in the hands of a member of staff."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.screen.page import AXE, RULES
from tests.staff_page.clinic import PIN, Clinic

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator

LONG = 20_000
"""Milliseconds within which a small clinic has surely learned a change, on a busy machine too."""


class Staff:
    """A browser with the staff page; everything that staff do has a method."""

    def __init__(self, there: Clinic, context: BrowserContext) -> None:
        self.there = there
        self.context = context
        context.set_default_timeout(10_000)
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._said)

    def _said(self, message) -> None:
        # The browser remarks on every page that is told with a status of its own, such as the question for the PIN.
        if message.type == "error" and "responded with a status of 4" not in message.text:
            self.faults.append(message.text)

    def go(self, path: str = "") -> Staff:
        self.page.goto(self.there.address + path)
        return self

    def enter(self, pin: str = PIN) -> Staff:
        self.page.fill("#pin", pin)
        self.page.click("text=Enter >> nth=-1")
        self.page.locator("nav").wait_for()
        self.page.wait_for_load_state()  # only then the page's script hears what is typed
        return self

    def see(self, selector: str, text: str = "") -> Locator:
        seen = self.page.locator(f"{selector}:visible", has_text=text).first
        seen.wait_for(timeout=LONG)
        self.page.wait_for_load_state()  # it may be there before its style and what follows it
        return seen

    def text(self) -> str:
        return self.page.inner_text("main")

    def press(self, name: str) -> Staff:
        self.page.locator("button:visible, a:visible", has_text=name).first.click()
        return self

    def press_until(self, wanted: str, name: str, again: str) -> Staff:
        """Press a button on a page without scripts, and `again` on each page that comes, until `wanted` is there."""
        while True:
            with self.page.expect_navigation():
                self.press(name)
            if self.page.locator(wanted).count():
                return self
            name = again

    def keep_asked(self) -> Staff:
        """Have the questions that are asked in vain be kept."""
        self.press("Switch it on").see("button", "Switch it off")
        return self

    def weigh(self) -> Staff:
        """See the effect of what is in the form."""
        self.press("See the effect")
        return self.effect()

    def effect(self) -> Staff:
        """Wait until the effect is known."""
        self.see("#effect-title, #lost-title")
        return self

    def save(self, reason: str = "because") -> Staff:
        if not self.page.input_value("#reason").strip():
            self.page.fill("#reason", reason)
        self.page.click("button[value=save]")
        self.see(".good", "Saved")
        return self

    def axe(self) -> list[str]:
        """What axe-core finds wrong by all of WCAG 2.2 AA and the good practices."""
        self.page.evaluate(AXE)
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        found: dict[str, Any] = self.page.evaluate(f"axe.run(document, {json.dumps(options)})")
        return [
            f"{fault['id']}: {node['html'][:120]} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]

    def too_small(self) -> list[str]:
        """Which buttons and fields are smaller than a finger needs."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll("button, input, select, textarea, nav a, .button, summary")]
              .filter((each) => each.checkVisibility() && !each.matches(".unseen, [type=checkbox]"))
              .filter((each) => each.offsetHeight < 44)
              .map((each) => each.outerHTML)"""
        )
