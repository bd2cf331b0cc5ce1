"""Types a question on the page of the kiosk that runs on this computer, prints the view of the answer as JSON."""

import json
import sys

from tests.sound.alone import Page


def main() -> None:
    page = Page(8757)
    page.wait(bool)
    page.wish(wish="type", text=sys.argv[1])
    json.dump(page.wait(lambda view: bool(view.get("sentences"))), sys.stdout)
    page.wish(wish="finish")


if __name__ == "__main__":
    main()
