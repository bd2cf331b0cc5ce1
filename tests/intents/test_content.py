"""The folder `intents/` is read as staff wrote it, and every fault in it is told with file and line."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import places
from kiosk.intents import content
from kiosk.terms import ContentError, Example, Fault, Group, KioskError

ICE = """\
id: ice
title: Ice
answer: Put ice on it. Ask at {desk}.
urgent: no
source: Aftercare
related: [heat]
questions:
  - can i use ice
  - is it 12:30
"""
HEAT = """\
id: heat
title: Heat
answer: >-
  Keep it warm,
  but not hot.
urgent: yes
source: Aftercare
questions:
  - Yes
"""
REPLIES = dict.fromkeys(content.REPLIES, "Please ask.") | {"unknown": "Ask at {desk}.", "clarify": "Was it {choices}?"}
GOOD: Mapping[str, str] = {
    "clinic.yaml": "name: The Clinic\ncity: Pune\ndesk: the desk\n",
    "replies.yaml": "".join(f"{reply}: {text}\n" for reply, text in REPLIES.items()),
    "screen.yaml": "".join(f"{key}: Please ask.\n" for key in content.SCREEN),
    "groups.yaml": "aftercare: Looking after yourself\n",
    "compound.yaml": "- question: ice or heat\n  intents: [ice, heat]\n",
    "vocabulary.yaml": "pain: [ache, it hurts]\n",
    "out_of_scope/other.yaml": "title: Other things\nquestions:\n  - what is the time\n",
    "aftercare/ice.yaml": ICE,
    "aftercare/heat.yaml": HEAT,
    "misheard.txt": "# made by a program\nice\tcan i use eyes\n-\tthe the\nice+heat\tnice or heat\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of intents without any fault."""
    root = tmp_path / "intents"
    for name, text in GOOD.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, "the table's own fault"
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


# --- what is read ---
def test_reads_all_that_stands_there(folder):
    book = content.load(folder)
    assert book.clinic["city"] == "Pune"
    assert book.groups == (Group("aftercare", "Looking after yourself"),)
    assert list(book.intents) == ["heat", "ice"]
    assert book.intents["heat"].urgent
    assert book.intents["ice"].related == ("heat",)
    assert book.concepts[0].expressions == ("ache", "it hurts")
    assert [example for example in book.examples if not example.misheard] == [
        Example("Yes", ("heat",)),
        Example("can i use ice", ("ice",)),
        Example("is it 12:30", ("ice",)),
        Example("ice or heat", ("ice", "heat")),
        Example("what is the time", ()),
    ]
    assert [example.text for example in book.examples if example.misheard] == [
        "can i use eyes",
        "the the",
        "nice or heat",
    ]


def test_puts_the_clinics_facts_into_answers_and_replies(folder):
    book = content.load(folder)
    assert book.intents["ice"].answer == "Put ice on it. Ask at the desk."
    assert book.replies["unknown"] == "Ask at the desk."
    assert book.replies["clarify"] == "Was it {choices}?"


def test_an_answer_may_run_over_several_lines(folder):
    assert content.load(folder).intents["heat"].answer == "Keep it warm, but not hot."


@pytest.mark.parametrize(
    "text", ["no", "12:30", "1_000", "0x10", "2024-01-01", "null", "1e3", "3.10", "'it''s #1: ok'"]
)
def test_text_stays_as_it_was_typed(folder, text):
    edit(folder, "aftercare/ice.yaml", "can i use ice", text)
    typed = text.strip("'").replace("''", "'")
    assert content.load(folder).intents["ice"].questions[0] == typed


@pytest.mark.parametrize("windows", ["\ufeff", "\r\n"])
def test_files_written_on_windows_are_read(folder, windows):
    text = f"\ufeff{ICE}" if windows == "\ufeff" else ICE.replace("\n", windows)
    (folder / "aftercare/ice.yaml").write_text(text, encoding="utf-8", newline="")
    assert content.check(folder)[1] == []


def test_misheard_questions_need_not_exist(folder):
    (folder / "misheard.txt").unlink()
    assert content.check(folder)[1] == []


def test_notes_beside_the_files_are_left_alone(folder):
    for name in ("README.md", "aftercare/README.md", "aftercare/.ice.yaml.swp", ".git/x.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    assert content.check(folder)[1] == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("aftercare/ice.yaml", "can i use ice", "can i use snow"),
        ("compound.yaml", "ice or heat", "ice or warmth"),
        ("out_of_scope/other.yaml", "what is the time", "what is the date"),
        ("vocabulary.yaml", "it hurts", "it aches"),
        ("misheard.txt", "can i use eyes", "can i use rice"),
    ],
)
def test_the_fingerprint_changes_with_what_is_learned_from(folder, name, old, new):
    before = content.load(folder).fingerprint
    edit(folder, name, old, new)
    assert content.load(folder).fingerprint != before


def test_the_fingerprint_stays_when_only_what_is_told_changes(folder):
    before = content.load(folder).fingerprint
    edit(folder, "aftercare/ice.yaml", "Put ice on it", "Put some ice on it")
    edit(folder, "clinic.yaml", "Pune", "Goa")
    edit(folder, "replies.yaml", "Ask at", "Please ask at")
    for name in GOOD:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("# a remark\n")
    assert content.load(folder).fingerprint == before


# --- what is wrong ---
LONG = " ".join(["word"] * 70)

FAULTS = [
    # file, old and new text, line of the fault, part of what is said
    ("clinic.yaml", ("desk: the desk\n", ""), 1, "the fact 'desk' is missing"),
    ("clinic.yaml", ("Pune", ""), 2, "there is nothing here"),
    ("clinic.yaml", ("city: Pune", "city: Pune\ncity: Goa"), 3, "'city' stands twice"),
    ("replies.yaml", ("not_heard: Please ask.\n", ""), 1, "the reply 'not_heard' is missing"),
    ("replies.yaml", ("unknown", "hello: Hello\nunknown"), 1, "'hello' is no reply"),
    ("replies.yaml", ("{choices}", "that"), 2, "needs {choices} in it"),
    ("replies.yaml", ("{desk}", "{choices}"), 1, "{choices} is no fact"),
    ("screen.yaml", ("stop: Please ask.\n", ""), 1, "the text 'stop' is missing"),
    ("screen.yaml", ("stop:", "halt: Halt\nstop:"), 12, "'halt' is no text of the screen"),
    ("screen.yaml", ("stop: Please", "stop: Please {disk}"), 12, "{disk} is no fact"),
    ("clinic.yaml", ("city: Pune", "city: Pune\ncolour: teal"), 3, "'teal' is no colour"),
    ("clinic.yaml", ("city: Pune", "city: Pune\ncolour: '#ffcc00'"), 3, "white letters on #ffcc00 are hard to read"),
    ("groups.yaml", ("aftercare", "before: Before\naftercare"), 1, "there is no folder 'before'"),
    ("groups.yaml", ("aftercare: Looking after yourself", "- aftercare"), 1, "of the form 'key: value'"),
    ("compound.yaml", ("[ice, heat]", "[ice, haet]"), 2, "there is no intent 'haet'"),
    ("compound.yaml", ("[ice, heat]", "[ice]"), 2, "has two intents or more"),
    ("compound.yaml", ("  intents: [ice, heat]\n", ""), 1, "each entry has two keys"),
    (
        "compound.yaml",
        ("ice or heat", "can i use ice"),
        1,
        "'can i use ice' also stands under 'ice' (aftercare/ice.yaml",
    ),
    ("vocabulary.yaml", ("pain", "Much Pain"), 1, "a concept's name is small letters"),
    ("vocabulary.yaml", ("[ache, it hurts]", "ache"), 1, "here should stand a list"),
    ("out_of_scope/other.yaml", ("title: Other things\n", ""), 1, "this file has two keys"),
    ("out_of_scope/other.yaml", ("what is the time", "Yes!"), 3, "'Yes!' also stands under 'heat'"),
    ("misheard.txt", ("can i use eyes", ""), 2, "this line is not an intent, a tab and words"),
    ("misheard.txt", ("ice+heat", "ice+haet"), 4, "this line is not an intent, a tab and words"),
    # an intent's keys
    ("aftercare/ice.yaml", ("urgent: no", "urgnet: no"), 4, "'urgnet' is not a known key. The keys are: id, title"),
    ("aftercare/ice.yaml", ("answer: Put ice on it. Ask at {desk}.\n", ""), 1, "the key 'answer' is missing"),
    ("aftercare/ice.yaml", ("Put ice on it. Ask at {desk}.", ""), 3, "there is nothing here"),
    ("aftercare/ice.yaml", ("title: Ice", "title: Ice\ntitle: Cold"), 3, "'title' stands twice"),
    ("aftercare/ice.yaml", ("urgent: no", "urgent: maybe"), 4, "urgent is 'maybe'. Write yes or no."),
    ("aftercare/ice.yaml", ("id: ice", "id: Ice pack"), 1, "an id is small letters"),
    ("aftercare/ice.yaml", ("id: ice", "id: cold"), 1, "the id is 'cold' but the file is called"),
    ("aftercare/ice.yaml", ("[heat]", "[haet]"), 6, "there is no intent 'haet' to relate to"),
    ("aftercare/ice.yaml", ("[heat]", "heat"), 6, "here should stand a list"),
    (
        "aftercare/ice.yaml",
        ("{desk}", "{disk}"),
        3,
        "{disk} is no fact of clinic.yaml. The facts are: name, city, desk.",
    ),
    ("aftercare/ice.yaml", ("{desk}", "{desk"), 3, "a { or } stands alone"),
    # sample questions
    ("aftercare/ice.yaml", ("is it 12:30", "Can I use ice?"), 9, "also stands under the same intent"),
    ("aftercare/ice.yaml", ("is it 12:30", "yes"), 9, "'yes' also stands under 'heat' (aftercare/heat.yaml, line 9)"),
    ("aftercare/ice.yaml", ("is it 12:30", "'?!'"), 9, "has no letters"),
    ("aftercare/ice.yaml", ("is it 12:30", "a " * 300), 9, "this question has 599 characters"),
    ("aftercare/ice.yaml", ("  - can i use ice\n  - is it 12:30\n", ""), 7, "here should stand a list"),
    ("aftercare/ice.yaml", ("\n  - can i use ice\n  - is it 12:30\n", " []\n"), 7, "there is no sample question"),
    ("aftercare/ice.yaml", ("is it 12:30", "is it: cold"), 9, "here should stand a text"),
    ("aftercare/ice.yaml", ("- is it 12:30", "-"), 9, "there is nothing here"),
    # text that YAML would drop or change
    ("aftercare/ice.yaml", ("Ask at", "Ask # at"), 3, "everything from the # on would be lost: '# at {desk}.'"),
    ("aftercare/ice.yaml", ("is it 12:30", "is it # cold"), 9, "everything from the # on would be lost"),
    ("aftercare/ice.yaml", ("answer: Put", "answer: &Put"), 3, "starts with & or ! loses its first word"),
    ("aftercare/ice.yaml", ("answer: Put", "answer: !Put"), 3, "starts with & or ! loses its first word"),
    ("aftercare/ice.yaml", ("  - is it", "    - is it"), 9, "would be joined to the one above"),
    ("aftercare/ice.yaml", ("  - is it", "   -is it"), 9, "would be joined to the one above"),
    # what is no YAML
    ("aftercare/ice.yaml", ("  - is it", "\t- is it"), 9, "starts with a tab"),
    ("aftercare/ice.yaml", ("  - can i", "\t- can i"), 8, "starts with a tab"),
    ("aftercare/ice.yaml", ("  - is it", "  -is it"), 9, "neither 'key: value' nor '- item'"),
    ("aftercare/ice.yaml", ("source: Aftercare", "source:Aftercare"), 5, "neither 'key: value' nor '- item'"),
    ("aftercare/ice.yaml", ("source:", "  source:"), 5, "or is not indented like those above"),
    ("aftercare/ice.yaml", ("Put ice on it", "Put: ice on it"), 3, "a colon followed by a space"),
    ("aftercare/ice.yaml", ("Put ice on it", "@Put ice on it"), 3, "a sign that has a meaning of its own"),
    ("aftercare/ice.yaml", ("Put ice on it", "*Put* ice on it"), 3, "starts with * or & must be put in quotes"),
    ("aftercare/ice.yaml", ("Put ice on it", "* Put ice on it"), 3, "starts with * or & must be put in quotes"),
    ("aftercare/ice.yaml", ("Put ice on it", "> Put ice on it"), 3, "starts with > or | must be put in quotes"),
    ("aftercare/ice.yaml", ("Put ice on it", "? Put ice on it"), 3, "starts with ? must be put in quotes"),
    ("aftercare/ice.yaml", ("Put ice on it", "- Put ice on it"), 3, "starts with - must be put in quotes"),
    ("aftercare/ice.yaml", ("Put ice on it", '"Put" ice on it'), 3, "goes on after a closing quote or bracket"),
    (
        "aftercare/ice.yaml",
        ("Put ice on it. Ask at {desk}.", "{desk} knows"),
        3,
        "goes on after a closing quote or bracket",
    ),
    ("aftercare/ice.yaml", ("can i use ice", "'can' i use ice"), 8, "goes on after a closing quote or bracket"),
    ("aftercare/ice.yaml", ("Put ice on it", "'tis cold"), 3, "a quote that opens here is never closed"),
    ("aftercare/ice.yaml", ("[heat]", "[heat"), 6, "a bracket that opens here is never closed"),
    ("aftercare/ice.yaml", ("questions:", "---\nquestions:"), 7, "starts a second document"),
    ("aftercare/ice.yaml", ("questions:", "...\nquestions:"), 8, "ends the file"),
    ("aftercare/ice.yaml", ("source", "sou\x07rce"), 5, "a control character"),
    ("aftercare/ice.yaml", (ICE, "# nothing yet\n"), 1, "this file is empty"),
    ("aftercare/ice.yaml", (ICE, "put ice on it"), 1, "of the form 'key: value'"),
    ("aftercare/ice.yaml", ("[heat]", "[" * 100_000), 1, "lines or brackets without end"),
    ("aftercare/ice.yaml", ("[heat]", "\n" + "- " * 100_000), 1, "lines or brackets without end"),
]


@pytest.mark.parametrize(("name", "change", "line", "said"), FAULTS)
def test_tells_the_fault(folder, name, change, line, said):
    edit(folder, name, *change)
    book, faults = content.check(folder)
    assert book is None
    assert [fault for fault in faults if (fault.file, fault.line) == (name, line) and said in fault.message], faults
    assert {fault.file for fault in faults} == {name}, "a fault is told where it is, not where it shows"


WARNINGS = [
    ("aftercare/ice.yaml", ("can i use", "can \u0456 use"), 8, "cyrillic small letter"),
    ("aftercare/ice.yaml", ("can i use", "can\u200bi use"), 8, "zero width space"),
    ("aftercare/ice.yaml", ("can i use ice", "what\u2019s ice for"), 8, "a curly quote of a word processor"),
    ("aftercare/ice.yaml", ("Put ice on it", "Put \u201cice\u201d on it"), 3, "a curly quote of a word processor"),
    ("aftercare/ice.yaml", ("on it", "& heat on it"), 3, "'&' is not spoken as it is read"),
    ("aftercare/ice.yaml", ("on it", LONG), 3, "patients lose the thread"),
    ("vocabulary.yaml", ("it hurts", "ache"), 1, "'ache' stands twice under 'pain'"),
]


@pytest.mark.parametrize(("name", "change", "line", "said"), WARNINGS)
def test_warns_and_goes_on(folder, name, change, line, said):
    edit(folder, name, *change)
    book, (fault,) = content.check(folder)
    assert book
    assert fault.warning
    assert (fault.file, fault.line) == (name, line)
    assert said in fault.message


@pytest.mark.parametrize("name", ["aftercare/stretch.yml", "aftercare/ice.yaml~", "out_of_scope/a.txt", "stretch.yaml"])
def test_warns_of_files_that_are_not_read(folder, name):
    (folder / name).write_text(ICE, encoding="utf-8")
    book, (fault,) = content.check(folder)
    assert book
    assert fault.warning
    assert fault.file == name


@pytest.mark.parametrize("name", sorted(set(GOOD) - {"misheard.txt", "out_of_scope/other.yaml"}))
def test_tells_what_is_missing(folder, name):
    (folder / name).unlink()
    assert [fault for fault in content.check(folder)[1] if not fault.warning]


def test_tells_a_folder_that_is_no_group(folder):
    (folder / "stretching").mkdir()
    assert content.check(folder)[1] == [
        Fault("stretching", 1, "this folder is no group of groups.yaml. Add it there, or remove the folder.")
    ]


def test_tells_an_id_that_stands_in_two_groups(folder):
    edit(folder, "groups.yaml", "aftercare", "more: More\naftercare")
    (folder / "more").mkdir()
    (folder / "more/ice.yaml").write_text(ICE.replace("can i use ice", "cold").replace("is it 12:30", "chill"))
    (fault,) = content.check(folder)[1]
    assert "already used" in fault.message


def test_tells_text_in_another_encoding(folder):
    (folder / "aftercare/ice.yaml").write_bytes(ICE.replace("Put", "P\xe9t").encode("latin-1"))
    assert content.check(folder)[1] == [
        Fault("aftercare/ice.yaml", 3, "this is not text in UTF-8. Save the file as UTF-8.")
    ]


def test_tells_a_folder_where_a_file_should_be(folder):
    (folder / "aftercare/cold.yaml").mkdir()
    (fault,) = content.check(folder)[1]
    assert "cannot be read" in fault.message


def test_tells_all_faults_at_once_in_the_order_of_the_files(folder):
    edit(folder, "aftercare/ice.yaml", "urgent: no", "urgnet: no")
    edit(folder, "aftercare/ice.yaml", "{desk}", "{disk}")
    edit(folder, "clinic.yaml", "city: Pune\n", "")
    with pytest.raises(ContentError) as caught:
        content.load(folder)
    places_told = [(fault.file, fault.line) for fault in caught.value.faults]
    assert places_told == [("aftercare/ice.yaml", 3), ("aftercare/ice.yaml", 4), ("clinic.yaml", 1)]
    assert "3 faults" in str(caught.value)
    assert "aftercare/ice.yaml, line 4: 'urgnet' is not a known key" in str(caught.value)


def test_says_when_there_is_no_such_folder(tmp_path):
    with pytest.raises(KioskError, match="no folder of intents"):
        content.load(tmp_path / "nowhere")


ODD = ("  - x: y", "- 'a", "\t", "answer: >-", "  foo # bar", "&a b", "*a", "{a: [b", "]}", "? k", ": v", "---", "...")
LINES = st.sampled_from((*ICE.splitlines(), *ODD, "# c", "!x", "", "  ", "%TAG ! x", "questions: &q", "<<: *q", '"'))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | st.lists(LINES | st.text(max_size=5)).map("\n".join), name=st.sampled_from(sorted(GOOD)))
def test_whatever_a_file_holds_is_read_or_told(folder, text, name):
    (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    _, faults = content.check(folder)
    for fault in faults:
        assert fault.line >= 1
        assert "\n" not in fault.message
    (folder / name).write_text(GOOD[name], encoding="utf-8")


def test_the_kiosks_own_intents_have_no_fault():
    assert content.check(places.intents_dir())[1] == []
