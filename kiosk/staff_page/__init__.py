"""The staff page: staff keep the answers right in a browser, behind a PIN. Mounted at /staff.

Pages are forms made on the kiosk, which work without any script; small scripts add what is alive. A
change lives in its form, so that nothing typed is lost. What is done with the files is `kiosk.staff`'s.

    door.py      the PIN, the visit, and forms that come after its end
    app.py       the addresses
    answers.py, lists.py, facts.py, vain.py, use.py, versions.py, trying.py, saying.py   the pages
    changing.py  from a form to its effect, to a reason, to saving
    network.py   the same page for the clinic's own network, by TLS
"""

from kiosk.staff_page.app import Entrance, StaffPage, staff_page
from kiosk.staff_page.desk import Desk

__all__ = ["Desk", "Entrance", "StaffPage", "staff_page"]
