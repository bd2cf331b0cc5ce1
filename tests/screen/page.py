"""The page in a patient's hands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator

    from kiosk.screen import Screen
    from tests.screen.kiosk import Kiosk

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Page:
    """A kiosk and its page; everything a patient can do with it has a method."""

    def __init__(self, kiosk: Kiosk, context: BrowserContext) -> None:
        self.kiosk = kiosk
        self.page = context.new_page()
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)

    def open(self, screen: Screen | None = None) -> Page:
        self.page.goto((screen or self.kiosk.screen).address)
        self.wait_for("welcome")
        return self

    # --- what is seen ---
    def wait_for(self, view: str) -> Page:
        self.page.wait_for_selector(f'html[data-view="{view}"]', timeout=10_000)
        return self

    def see(self, selector: str) -> Locator:
        seen = self.page.locator(f"{selector}:visible").first
        seen.wait_for(timeout=10_000)
        return seen

    def text(self) -> str:
        """All the text a patient can see, and what a screen reader was told."""
        return self.page.inner_text("body") + self.page.inner_text("#said")

    def axe(self) -> list[str]:
        """What axe-core finds wrong by all of WCAG 2.2 AA and the good practices."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        found: dict[str, Any] = self.page.evaluate(f"axe.run(document, {json.dumps(options)})")
        return [
            f"{fault['id']}: {node['html'][:120]} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]

    # --- what is done ---
    def touch(self, selector: str) -> Page:
        # A patient needs longer than a view that has just come takes to settle; a test need not wait for it.
        self.page.evaluate("document.querySelector('main').classList.remove('settling')")
        self.page.locator(f"{selector}:visible").first.click(timeout=10_000)
        return self

    def ask(self, words: str = "") -> Page:
        """Touch the circle, and say something without coming to its end."""
        self.touch(".talk")
        self.wait_for("listening")
        assert self.kiosk.ears
        assert self.kiosk.ears.listening.wait(5)
        if words:
            self.kiosk.ears.hear(words)
            self.page.locator("#words", has_text=words).wait_for()
        return self

    def fall_silent(self) -> Page:
        assert self.kiosk.ears
        self.kiosk.ears.fall_silent()
        return self

    def type(self, words: str) -> Page:
        self.touch("#type")
        self.page.fill("#typed", words)
        self.page.keyboard.press("Enter")
        return self
