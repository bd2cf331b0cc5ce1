"""Writes the staff page's HTML, and what the browser is told about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    # A form must tell whose it is, which it does not under the patients' page's "no-referrer".
    "Referrer-Policy": "same-origin",
}
"""What differs from the patients' page: there are forms here."""


class Paper:
    """The templates, and what stands on every page."""

    def __init__(self, common: Callable[[], Mapping[str, Any]]) -> None:
        """Take what gives the values that every page shows: the clinic, the faults and so on."""
        self._common = common
        self._templates = Environment(
            loader=PackageLoader("kiosk.staff_page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["counted"] = counted

    def page(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return the page that the template `name` makes of `values`."""
        html = self._templates.get_template(name).render({**self._common(), **values})
        return HTMLResponse(html, status)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 question, 2 questions."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"
