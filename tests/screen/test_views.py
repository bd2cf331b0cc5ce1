"""Every view: reached by what a patient does, usable by everyone, whole on each of the three screens."""

from __future__ import annotations

import pytest

from tests.screen.ways import VIEWS

SIZES = {"landscape": (1280, 800), "portrait": (1080, 1920), "seven inches": (800, 480)}
LEAST_TARGET = 48
SCROLLED = (".groups .tile", ".related .tile", ".topics .tile", ".trouble", "main .waiting", "#waiting", "#notice")
"""What may have to be scrolled to where the letters are largest."""


@pytest.mark.parametrize("reach", VIEWS, ids=lambda reach: reach.__name__)
def test_every_view_is_reached_and_is_for_everyone(visit, reach):
    page = reach(visit)
    page.see("main:not(.settling)")
    for contrast in ("high", "usual"):
        for text_size in ("3", "1"):
            page.page.evaluate("chosen => Object.assign(document.documentElement.dataset, chosen)",
                               {"contrast": contrast, "size": text_size})  # fmt: skip
            assert page.axe() == [], f"{contrast} contrast, text size {text_size}"
    for text_size in ("1", "3"):
        page.page.evaluate("size => document.documentElement.dataset.size = size", text_size)
        for name, (width, height) in SIZES.items():
            page.page.set_viewport_size({"width": width, "height": height})
            main = VIEWS[reach] if text_size == "1" else [each for each in VIEWS[reach] if each not in SCROLLED]
            lost = _out_of_reach(page, main)
            assert lost == [], f"{name}, text size {text_size}"
            if text_size == "1":
                assert _too_small(page) == [], name
    assert [fault for fault in page.faults if "ERR_CONNECTION" not in fault and "ERR_INCOMPLETE" not in fault] == []


def _out_of_reach(page, selectors) -> list[str]:
    """Which of the main things are not wholly on the screen without scrolling, or lie under something else."""
    return page.page.evaluate(
        """selectors => {
          const lost = [];
          const root = document.documentElement;
          if (root.scrollHeight > innerHeight || root.scrollWidth > innerWidth) lost.push("the page scrolls");
          for (const part of document.querySelectorAll(".view, .stage, .reading, .beside, .choices, .text")) {
            const free = getComputedStyle(part).overflowY === "visible";
            if (part.checkVisibility() && free && part.scrollHeight > part.clientHeight + 8 && part.clientHeight)
              lost.push(`${part.className} runs over: ${part.scrollHeight} > ${part.clientHeight}`);
            if (part.matches(".text") && part.checkVisibility() && part.clientHeight < 24)
              lost.push(`${part.className} has no room: ${part.clientHeight}`);
          }
          for (const selector of selectors) {
            const found = [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
            if (!found.length) lost.push(`${selector} is not there`);
            for (const each of found) {
              const box = each.getBoundingClientRect();
              const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              const [right, bottom] = [innerWidth + 0.5, innerHeight + 0.5];
              const whole = box.x >= 0 && box.y >= 0 && box.right <= right && box.bottom <= bottom;
              if (!whole || !each.contains(top))
                lost.push(`${selector}: ${each.textContent.trim()} ${JSON.stringify(box)}`);
            }
          }
          return lost;
        }""",
        list(selectors),
    )


def _too_small(page) -> list[str]:
    """Which buttons and fields are smaller than a shaking finger needs."""
    return page.page.evaluate(
        """least => [...document.querySelectorAll("button, input")]
          .filter((each) => each.checkVisibility({ checkVisibilityCSS: true }))
          .filter((each) => each.offsetWidth < least || each.offsetHeight < least)
          .map((each) => `${each.textContent.trim()}: ${each.offsetWidth} x ${each.offsetHeight}`)""",
        LEAST_TARGET,
    )
