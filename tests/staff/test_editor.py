"""Staff change the files by forms: all or nothing, with comments kept, nothing overwritten and nothing lost."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import places
from kiosk.intents import content
from kiosk.staff import Conflict, Editor, Effect, FactsForm, IntentForm, ListForm, Lost, Stage, Weighing, written
from kiosk.staff.effect import Change
from kiosk.terms import ContentError, KioskError
from tests import folder as small
from tests.folder import change

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    return small.understander(small.make(tmp_path_factory.mktemp("small") / "intents"))


@pytest.fixture
def folder(tmp_path):
    return small.make(tmp_path / "intents")


@pytest.fixture
def editor(folder, tmp_path):
    return Editor(folder, tmp_path / "data" / "history")


@pytest.fixture
def weigh(editor, before, tmp_path):
    """Weigh a draft with the small folder's test questions."""
    tests = tmp_path / "questions"
    tests.mkdir()
    (tests / "hot.jsonl").write_text('{"id": "1", "text": "there is a blister on me", "topics": ["hot"]}\n')
    return lambda draft: Weighing(editor, draft, before, tmp_path / "cache", tests)


def save(editor, draft, reason="because"):
    return editor.save(draft, Effect(draft.digest), reason)


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("[!.]*") if path.is_file()}


# --- what is written ---
def test_every_shipped_file_is_written_as_it_was_read():
    for path in places.intents_dir().rglob("*.yaml"):
        if path.name != "vocabulary.yaml":  # it takes as long as all the others; the next test has its form
            text = path.read_text(encoding="utf-8")
            assert written.dumped(written.parse(text), text) == text, path


@pytest.mark.parametrize(
    "text", ["# a\nnumb:\n  - numb\n\n# b\npain:\n  - ache # c\n", "a: no\r\nb: 1_000\r\n", "\ufeffa: ~\n"]
)
def test_comments_values_and_line_ends_stay(text):
    assert written.dumped(written.parse(text), text) == text


def test_one_changed_title_changes_one_line(editor, folder):
    form = editor.intent("hot")
    version = save(editor, editor.change_intent(replace(form, title="Far too hot")))
    changed = [line for line in version.compare().splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == ["-title: Too hot", "+title: Far too hot"]
    assert "# Staff see this remark." in (folder / form.file).read_text(encoding="utf-8")


def test_a_form_with_everything_changed_reads_back_as_it_was_filled_in(editor):
    wanted = replace(
        editor.intent("ice"),
        title="Yes: no #1",
        answer=" ".join(["Ask at {desk}, or 'here'."] * 8),
        questions=("null", "is it: cold", "- dash", "can i use ice", "12:30"),
        related=("hot", "heat"),
        urgent=True,
        reassuring=True,
    )
    save(editor, editor.change_intent(wanted))
    assert replace(editor.intent("ice"), digest=wanted.digest) == wanted


def test_adds_an_intent_a_concept_facts_and_a_question_to_refuse(editor, folder):
    mud = IntentForm("mud", "aftercare", "Mud", "Leave it.", "Aftercare", ("is mud good",))
    save(editor, editor.add_intent(mud))
    save(editor, editor.change_concept(ListForm("mud", "", ("mud", "clay"), editor.concepts()[0].digest)))
    save(editor, editor.change_refused(ListForm("more", "More", ("how tall are you",))))
    facts = editor.facts()
    save(editor, editor.change_facts(FactsForm({**facts.facts, "phone": "12 34"}, facts.digest)))
    book = content.load(folder)
    assert book.intents["mud"].answer == "Leave it."
    assert [concept.id for concept in book.concepts] == ["pain", "mud"]
    assert book.clinic["phone"] == "12 34"
    assert any(example.text == "how tall are you" and not example.intents for example in book.examples)


def test_renames_an_intent_wherever_it_is_named(editor, folder):
    save(editor, editor.rename_intent(editor.intent("heat"), "warmth"))
    book = content.load(folder)
    assert book.intents["ice"].related == ("warmth",)
    assert {("ice", "warmth")} == {example.intents for example in book.examples if len(example.intents) == 2}
    assert "ice+warmth" in (folder / "misheard.txt").read_text(encoding="utf-8")


def test_retires_an_intent_and_brings_it_back(editor, folder):
    before = everything(folder)
    version = save(editor, editor.retire_intent(editor.intent("heat")), "nobody asks")
    assert "heat" not in content.load(folder).intents
    save(editor, editor.bring_back(editor.version(version.id)))
    assert everything(folder) == before


def test_renames_and_retires_a_concept(editor, folder):
    form = editor.concepts()[0]
    save(editor, editor.rename_concept(form, "ache"))
    assert [concept.id for concept in content.load(folder).concepts] == ["ache"]


def test_renames_and_retires_a_list_of_refused_questions(editor, folder):
    (form,) = editor.refused()
    save(editor, editor.rename_refused(form, "weather"))
    (renamed,) = editor.refused()
    assert (renamed.name, renamed.title, renamed.lines) == ("weather", form.title, form.lines)
    with pytest.raises(KioskError, match="already a list"):
        editor.rename_refused(renamed, "weather")
    save(editor, editor.change_refused(replace(form, name="more", lines=("is it raining",), digest="")))
    save(editor, editor.retire_refused(renamed))
    assert [path.name for path in (folder / "out_of_scope").iterdir()] == ["more.yaml"]


def test_every_save_is_kept_with_time_and_reason(editor):
    for title in ("A", "B"):
        save(editor, editor.change_intent(replace(editor.intent("ice"), title=title)), f"{title}  is better")
    newest, oldest = editor.versions("aftercare/ice.yaml")
    assert (newest.reason, oldest.reason) == ("B is better", "A is better")
    assert "-title: A\n+title: B" in newest.compare()
    assert editor.versions("aftercare/hot.yaml") == ()


# --- what is refused ---
@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", "x.yaml", "..", "a\0b", "/etc/passwd"])
def test_a_wrong_name_reaches_no_file(editor, name):
    mud = IntentForm(name, "aftercare", "Mud", "Leave it.", "Aftercare", ("is mud good",))
    for attempt in (
        lambda: editor.intent(name),
        lambda: editor.add_intent(mud),
        lambda: editor.add_intent(replace(mud, id="mud", group=name)),
        lambda: editor.change_refused(ListForm(name, "x", ("y",))),
        lambda: editor.change_concept(ListForm(name, "", ("y",))),
        lambda: editor.rename_intent(editor.intent("ice"), name),
        lambda: editor.version(name),
    ):
        with pytest.raises(KioskError):
            attempt()


def test_two_editors_at_once_the_second_is_shown_both_versions(editor, folder):
    first, second = editor.intent("ice"), editor.intent("ice")
    save(editor, editor.change_intent(replace(first, title="Mine")))
    with pytest.raises(Conflict) as caught:
        save(editor, editor.change_intent(replace(second, title="Yours")))
    assert "title: Yours" in caught.value.mine
    assert caught.value.theirs == (folder / first.file).read_text(encoding="utf-8")


def test_a_file_edited_by_hand_meanwhile_is_never_overwritten(editor, folder):
    draft = editor.change_intent(replace(editor.intent("ice"), title="Mine"))
    change(folder / "aftercare/ice.yaml", lambda text: f"{text}# by hand\n")
    before = everything(folder)
    with pytest.raises(Conflict):
        save(editor, draft)
    assert everything(folder) == before


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"questions": ("Yes",)}, "also stands under 'heat'"),
        ({"answer": "Ask {disk}."}, "is no fact"),
        ({"related": ("haet",)}, "no intent 'haet'"),
        ({"answer": "It takes three weeks."}, "'three weeks' is not in the section"),
        ({"questions": ()}, "the key 'questions' is missing"),
        ({"title": ""}, "there is nothing here"),
    ],
)
def test_a_change_with_a_fault_is_not_saved(editor, folder, wrong, told):
    before = everything(folder)
    with pytest.raises(ContentError, match=told):
        save(editor, editor.change_intent(replace(editor.intent("ice"), **wrong)))
    assert everything(folder) == before


def test_a_broken_file_is_told_with_its_line_and_not_changed(editor, folder):
    change(folder / "aftercare/ice.yaml", lambda text: text.replace("[heat]", "[heat"))
    with pytest.raises(ContentError, match=r"ice\.yaml, line 6"):
        editor.intent("ice")


def test_what_the_program_itself_needs_cannot_be_retired(editor, folder):
    (folder / "aftercare/help.yaml").write_text(small.HOT.replace("id: hot", "id: help"))
    with pytest.raises(KioskError, match="itself needs"):
        editor.retire_intent(editor.intent("help"))


def test_only_what_was_weighed_as_it_is_now_is_saved(editor):
    with pytest.raises(KioskError, match="not looked at as it is now"):
        editor.save(editor.change_intent(replace(editor.intent("ice"), title="X")), Effect("of another"), "")


FULL = """
import resource, signal, sys
from dataclasses import replace
from pathlib import Path
from kiosk.staff import Editor, Effect
from kiosk.terms import KioskError
editor = Editor(Path(sys.argv[1]), Path(sys.argv[2]))
draft = editor.change_intent(replace(editor.intent("ice"), questions=tuple(f"ice number {n}" for n in range(500))))
editor.check = lambda draft: (None, [])  # its copy of the folder is not what is tried here
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    editor.save(draft, Effect(draft.digest), "because")
except KioskError as error:
    print(error)
"""


def test_a_disk_that_is_full_leaves_the_old_and_says_so(editor, folder, tmp_path):
    before = everything(folder)
    script = [sys.executable, "-c", FULL, str(folder), str(tmp_path / "history")]
    told = subprocess.run(script, check=True, capture_output=True, text=True, timeout=60, cwd=ROOT).stdout
    assert "All is as it was" in told
    assert everything(folder) == before
    assert editor.versions() == ()


# --- the effect ---
def test_an_answer_alone_changes_no_question(editor, weigh):
    effect = weigh(editor.change_intent(replace(editor.intent("ice"), answer="Put snow on it."))).wait(60)
    assert effect.changed == ()


def test_tells_which_known_questions_get_another_answer(editor, weigh):
    ice = editor.intent("ice")
    weighing = weigh(editor.change_intent(replace(ice, questions=(*ice.questions, "may i chill the calf"))))
    changed = {each.question: each.after for each in weighing.wait(60).changed}
    assert changed["may i chill the calf"] == ("ice",)
    assert weighing.stage is Stage.DONE
    assert weighing.understander.phrasebook.intents["ice"].questions[-1] == "may i chill the calf"


def test_a_warning_sign_that_would_be_lost_is_refused_with_the_question_that_shows_it(editor, weigh, folder):
    before = everything(folder)
    draft = editor.change_intent(replace(editor.intent("hot"), urgent=False))
    effect = weigh(draft).wait(60)
    assert Change("my skin is burnt", ("hot",), ("hot",)) in effect.changed
    with pytest.raises(Lost, match="there is a blister on me"):
        editor.save(draft, effect, "because")
    assert everything(folder) == before


def test_a_weighing_that_fails_tells_the_faults(editor, weigh):
    weighing = weigh(editor.change_intent(replace(editor.intent("ice"), answer="Ask {disk}.")))
    with pytest.raises(ContentError, match="is no fact"):
        weighing.wait(60)
    assert weighing.stage is Stage.FAILED


def test_a_weighing_can_be_given_up(editor, weigh):
    ice = editor.intent("ice")
    weighing = weigh(editor.change_intent(replace(ice, questions=(*ice.questions, "may i chill the calf"))))
    weighing.cancel()
    assert weighing.stage is Stage.CANCELLED
    with pytest.raises(KioskError, match="given up"):
        weighing.wait(60)
