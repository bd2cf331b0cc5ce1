"""Staff keep the answers right: what the page and the terminal do to the files of `intents/`.

The files stay the truth. A form is read from them (`Editor.intent` and so on), a changed form becomes a
`Draft` (texts of files, nothing written), a draft is weighed (`Weighing`: which known questions would get
another answer), and `Editor.save` makes it so: all of its files or none.

    editor.py    forms in, drafts out, save, history, bring back
    effect.py    what a draft would change for patients
    history.py   earlier versions
    written.py   YAML with its comments, order and style (ruamel.yaml)
"""

from kiosk.staff.editor import Conflict, Draft, Editor, FactsForm, IntentForm, ListForm, Lost
from kiosk.staff.effect import Change, Effect, Stage, Weighing
from kiosk.staff.history import Version

__all__ = [
    "Change", "Conflict", "Draft", "Editor", "Effect", "FactsForm", "IntentForm", "ListForm", "Lost", "Stage",
    "Version", "Weighing",
]  # fmt: skip
