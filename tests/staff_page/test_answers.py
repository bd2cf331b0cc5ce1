"""Staff keep the answers right, as they do it: on forms, in two minutes between patients."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.converse.turn import Asked
from kiosk.speak.voice import Pyttsx3Voice
from kiosk.terms import Transcript, VoiceError
from tests.screen.kiosk import Lips, Notes
from tests.waiting import until

TINGLING = "normal_sensations/tingling.yaml"
NEW = "A short tingle is nothing to worry about. It passes soon. Please tell {desk} if it stays."


class Letters:
    """A voice that writes down what it is asked to say."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self._path = folder / "said.wav"
        self._path.write_bytes(
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"
        )

    def synthesise(self, text: str) -> Path:
        self.said.append(text)
        return self._path


class Hoarse:
    def synthesise(self, text: str) -> Path:
        raise VoiceError(f"The speech engine makes no sound of {text[:9]}.", "Choose another voice in the settings.")


def asked(there, question: str) -> str:
    """What a patient gets for a question, at the kiosk itself; it is written down by then, if it is to be."""
    turn, record = there.session.state.turn, there.desk.asked

    def counted() -> int:
        return sum(day.questions for day in record.use(2))  # two days: it may be midnight

    before = counted()
    there.session.post(Asked(Transcript(question)))
    until(lambda: there.session.state.turn > turn and there.session.state.answer)
    until(lambda: counted() > before)
    answer = there.session.state.answer
    if record.keeping and answer.outcome != "answer":
        assert any(question in each.wordings for each in record.in_vain())
    return answer.text


# --- finding ---
def test_answers_are_listed_by_group_and_found_by_any_word_in_them(visit):
    staff = visit()
    assert staff.page.locator(".shelf a").count() == 15
    assert staff.see("#group-seeking_help").inner_text() == "When to seek help"
    staff.page.fill("#q", "fizzy")
    staff.page.keyboard.press("Enter")
    staff.see("[role=status]", "fizzy")
    assert "Tingling" in staff.page.locator(".shelf").inner_text()
    assert "Soreness" not in staff.text()


# --- the kiosk's sound ---
def test_staff_see_what_is_wrong_with_microphone_and_loudspeaker(visit):
    ears, mouth = Notes(complaint="is turned up too far"), Lips()
    staff = visit(ears=ears, mouth=mouth)
    assert staff.see("#troubles").inner_text().count("microphone") == 1
    assert "turned up too far" in staff.see("#troubles").inner_text()
    assert staff.axe() == []
    ears.complaint, ears.present, mouth.broken = "", False, True
    staff.go()
    assert "Nothing can be heard" in staff.see("#troubles").inner_text()
    assert "Nothing can be said aloud" in staff.see("#troubles").inner_text()
    ears.present, mouth.broken = True, False
    staff.go().see("h1")
    assert staff.page.locator("#troubles").count() == 0


# --- changing ---
def test_an_answer_is_changed_and_patients_get_it_with_their_next_question(visit):
    staff = visit("answers/tingling")
    before = staff.there.file(TINGLING).read_text()
    staff.page.fill("#answer", NEW)
    staff.weigh()
    assert "No known question would get another answer" in staff.text()
    assert staff.there.file(TINGLING).read_text() == before
    staff.save("said it more simply")
    assert "It passes soon" in staff.there.file(TINGLING).read_text()
    told = NEW.replace("{desk}", "the reception desk")
    until(lambda: staff.there.live("tingling").answer == told)
    assert asked(staff.there, "my fingers are tingling") == told
    assert staff.faults == []


def test_words_and_seconds_are_counted_and_the_patients_view_follows_while_typing(visit):
    staff = visit("answers/tingling")
    staff.page.fill("#answer", "One two three at {desk}.")
    assert staff.page.inner_text("#words") == "7 words"
    assert staff.page.inner_text("#seconds") == "about 3 seconds"
    assert staff.page.inner_text("#preview-text") == "One two three at the reception desk."
    staff.page.fill("#answer", "word " * 61)
    assert "lose the thread" in staff.page.inner_text("#words")
    staff.page.check("[name=urgent]")
    staff.see("#preview.urgent")


def test_the_answer_is_heard_in_the_kiosks_voice_before_it_is_saved(visit, tmp_path):
    voice = Letters(tmp_path)
    staff = visit("answers/tingling", voice=voice)
    staff.page.fill("#answer", "Ask at {desk}.")
    staff.press("Hear it")
    staff.see("#sound")
    assert voice.said == ["Ask at the reception desk."]
    sound = staff.page.evaluate(
        "async () => (await fetch(document.querySelector('#sound').src)).headers.get('content-type')"
    )
    assert sound == "audio/wav"


def test_a_voice_that_fails_is_told_in_plain_words(visit):
    staff = visit("answers/tingling", voice=Hoarse())
    staff.press("Hear it")
    staff.see("#hear-message", "makes no sound")


def test_a_question_is_tried_with_the_change_that_is_not_saved(visit):
    staff = visit("answers/tingling")
    question = "there is a mongoose dancing in my elbow"
    lines = staff.page.input_value("#questions")
    staff.page.fill("#question", question)
    staff.press("Ask")
    assert staff.see("#trial strong").inner_text() != "Tingling"
    staff.page.fill("#questions", f"{lines}\n{question}")
    staff.press("Ask")
    staff.see("#trial strong", "Tingling")
    staff.page.locator("#trial .hint").wait_for(state="detached", timeout=20_000)
    staff.page.click("#trial summary")
    assert "mongoose" in staff.see("#trial table", "Understood as").inner_text()
    assert question not in staff.there.file(TINGLING).read_text()


def test_without_any_script_an_answer_is_tried_and_changed_all_the_same(visit):
    staff = visit("answers/tingling", scripts=False)
    staff.page.fill("#answer", NEW)
    staff.press("Look at it")
    assert "tell the reception desk if it stays" in staff.see("#preview-text").inner_text()
    staff.page.fill("#question", "my fingers are tingling")
    staff.press_until("#trial strong", "Ask", "Ask").see("#trial strong", "Tingling")
    staff.press_until("#effect-title", "See the effect", "Look again").save()
    assert "It passes soon" in staff.there.file(TINGLING).read_text()


def test_the_effect_names_the_questions_that_get_another_answer(visit):
    staff = visit("answers/numbness")
    stolen = "my fingers are tingling"
    tingling = visit("answers/tingling", staff.there)
    lines = tingling.page.input_value("#questions")
    tingling.page.fill("#questions", lines.replace(f"{stolen}\n", ""))
    tingling.weigh().save("it belongs to numbness")
    until(lambda: stolen not in staff.there.live("tingling").questions)
    staff.page.fill("#questions", f"{staff.page.input_value('#questions')}\n{stolen}")
    staff.weigh()
    row = staff.see("#effect-title ~ .scroll tr", stolen)
    assert row.locator("td").all_inner_texts()[::2] == [stolen, "Numbness"]


def test_a_lost_warning_sign_is_refused_with_the_question_that_shows_it(visit):
    staff = visit("answers/infection_signs")
    before = staff.there.file("seeking_help/infection_signs.yaml").read_text()
    staff.page.uncheck("[name=urgent]")
    staff.weigh()
    assert "cannot be saved" in staff.see("#lost-title").inner_text()
    assert staff.page.locator("button[value=save]").count() == 0
    assert staff.page.locator("#lost-title ~ ul li").count() > 0
    staff.press("Back to the form")
    assert not staff.page.is_checked("[name=urgent]")
    assert staff.there.file("seeking_help/infection_signs.yaml").read_text() == before


def test_a_forged_save_of_a_lost_warning_sign_is_refused_too(visit):
    staff = visit("answers/infection_signs")
    staff.page.uncheck("[name=urgent]")
    staff.weigh()
    staff.page.evaluate(
        """() => {
          const form = document.querySelector("#change");
          for (const [name, value] of [["do", "save"], ["reason", "because"]]) {
            const field = document.createElement("input");
            [field.name, field.value] = [name, value];
            form.append(field);
          }
          form.submit();
        }"""
    )
    staff.see(".warn", "a warning sign would be missed")
    assert "urgent: yes" in staff.there.file("seeking_help/infection_signs.yaml").read_text().replace("'", "")


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("#answer", "Ask at {dsk}.", "is no fact"),
        ("#questions", "what is the fee for first time patient\nmy fingers are tingling\n...", "has no letters"),
    ],
)
def test_a_fault_is_told_on_the_form_and_nothing_typed_is_lost(visit, field, text, told):
    staff = visit("answers/tingling")
    staff.page.fill(field, text)
    staff.press("See the effect")
    staff.see("#found", told)
    assert staff.page.input_value(field) == text


def test_what_is_offered_next_keeps_its_order(visit):
    """Only the first three are offered, so the order is somebody's choice."""
    staff = visit("answers/tingling")
    before = staff.there.live("tingling").related
    staff.page.click("text=Offered next, and source")
    staff.page.check("[name=related-soreness]")
    staff.weigh().save()
    until(lambda: staff.there.live("tingling").related == (*before, "soreness"))


def test_what_was_typed_is_not_left_by_a_slip_but_is_on_purpose(visit):
    staff = visit("answers/tingling")
    asked_back = []
    staff.page.on("dialog", lambda dialog: asked_back.append(dialog.type) or dialog.dismiss())
    staff.page.fill("#answer", NEW)
    staff.page.click("nav >> text=History")
    until(lambda: asked_back == ["beforeunload"])
    assert staff.page.input_value("#answer") == NEW
    staff.press("Leave it as it was")
    staff.see(".shelf")
    assert asked_back == ["beforeunload"]


def test_nothing_changed_is_told(visit):
    staff = visit("answers/tingling").press("See the effect")
    staff.see("#found", "Nothing was changed")


def test_a_reason_is_asked_for(visit):
    staff = visit("answers/tingling", scripts=False)
    staff.page.fill("#answer", NEW)
    staff.press_until("#reason", "See the effect", "Look again")
    staff.page.fill("#reason", "   ")
    staff.page.click("button[value=save]")
    staff.see(".warn", "Please write why")
    staff.save("now with a reason")


# --- adding, renaming, retiring ---
def test_an_answer_is_added_and_found_by_what_it_is_called(visit):
    staff = visit("answers/new")
    staff.page.fill("#title", "Driving & Riding")
    staff.page.fill("#answer", "You can drive home.")
    staff.page.fill("#questions", "can i drive home\nis driving okay after it\nmay i take the car")
    staff.page.click("text=Offered next, and source")
    staff.page.fill("#source", "Soreness After Dry Needling")
    staff.weigh().save("patients ask about driving")
    assert staff.page.url.endswith("/staff/answers/driving_riding?saved=1")
    assert staff.there.file("normal_sensations/driving_riding.yaml").is_file()


def test_an_answer_is_renamed_in_all_files_that_name_it(visit):
    staff = visit("answers/tingling")
    staff.page.click("summary >> text=Rename it")
    staff.page.fill("#new", "prickling")
    staff.press("Rename it").effect().save()
    assert staff.there.file("normal_sensations/prickling.yaml").is_file()
    assert not staff.there.file(TINGLING).exists()
    assert "tingling]" not in staff.there.file("normal_sensations/numbness.yaml").read_text()


def test_an_answer_is_retired_and_brought_back_with_its_history(visit):
    staff = visit("answers/muscle_twitch")
    before = staff.there.file("normal_sensations/muscle_twitch.yaml").read_text()
    staff.page.click("summary >> text=Rename it")
    staff.press("Retire this answer").effect().save("not asked any more")
    assert not staff.there.file("normal_sensations/muscle_twitch.yaml").exists()
    until(lambda: "muscle_twitch" not in staff.there.desk.live.understander.phrasebook.intents)
    staff.go("history")
    staff.see("td", "not asked any more")
    staff.page.click("td a")
    staff.see(".diff del")
    staff.press("Bring back what was before").effect().save()
    assert staff.there.file("normal_sensations/muscle_twitch.yaml").read_text() == before
    staff.go("history")
    assert staff.page.locator("tbody tr").count() == 2


# --- the other files ---
def test_a_word_is_added_to_an_idea(visit):
    staff = visit("words?q=numb")
    staff.page.click(".card >> text=numb >> nth=0")
    lines = staff.page.input_value("#lines")
    staff.page.fill("#lines", f"{lines}\nlike a wooden leg")
    staff.weigh().save("they say it here")
    assert "- like a wooden leg" in staff.there.file("vocabulary.yaml").read_text()


def test_a_refused_question_is_added(visit):
    staff = visit("refused")
    staff.page.click(".card >> nth=0")
    staff.page.fill("#lines", f"{staff.page.input_value('#lines')}\nwho won the cricket last night")
    staff.weigh().save("cricket")
    assert "who won the cricket" in "".join(path.read_text() for path in staff.there.file("out_of_scope").iterdir())


def test_a_list_of_refused_questions_is_renamed_and_retired(visit):
    staff = visit("refused/mixed")
    staff.page.click("summary >> text=Rename or retire it")
    staff.page.fill("#new", "many_things")
    staff.press("Rename it").effect().save()
    assert staff.page.url.endswith("/staff/refused/many_things?saved=1")
    assert not staff.there.file("out_of_scope/mixed.yaml").exists()
    staff.page.click("summary >> text=Rename or retire it")
    staff.press("Retire it").effect().save("others refuse them, too")
    assert not staff.there.file("out_of_scope/many_things.yaml").exists()


def test_a_fact_of_the_clinic_is_changed_and_one_is_added(visit):
    staff = visit("clinic")
    staff.page.fill("#fact-desk", "the front desk")
    staff.page.fill("#new-name", "phone")
    staff.page.fill("#new-value", "12345")
    staff.weigh().save("the desk has moved")
    text = staff.there.file("clinic.yaml").read_text()
    assert "desk: the front desk" in text
    assert "phone: " in text
    staff.page.fill("#fact-colour", "#ffff00")
    staff.press("See the effect")
    staff.see("#found", "hard to read")


# --- two editors, and a text editor ---
@pytest.mark.parametrize("moment", ["before the effect", "before saving"])
def test_of_two_who_change_one_answer_neither_overwrites_the_other(visit, moment):
    first = visit("answers/tingling")
    second = visit("answers/tingling", first.there)
    first.page.fill("#answer", "The first was here.")
    second.page.fill("#answer", NEW)
    if moment == "before saving":
        second.weigh()
    first.weigh().save("first")
    if moment == "before saving":
        second.page.fill("#reason", "second")
        second.page.click("button[value=save]")
    else:
        second.press("See the effect")
    seen = second.see("main", "Somebody else changed this meanwhile").inner_text()
    assert "The first was here." in seen
    assert "It passes soon." in seen
    assert "The first was here." in first.there.file(TINGLING).read_text()
    second.press("Go on with what I typed")
    assert second.page.input_value("#answer") == NEW
    second.weigh().save("second, having seen the first")
    assert "It passes soon." in first.there.file(TINGLING).read_text()


def test_a_file_edited_by_hand_meanwhile_is_not_overwritten(visit):
    staff = visit("answers/tingling")
    path = staff.there.file(TINGLING)
    staff.page.fill("#answer", NEW)
    path.write_text(path.read_text().replace("title: Tingling", "title: Tingles  # by hand"))
    staff.press("See the effect")
    staff.see("main", "Tingles  # by hand")
    staff.press("Take the version in the file")
    assert staff.page.input_value("#title") == "Tingles"


def test_a_file_broken_by_hand_is_told_with_its_line_and_patients_keep_the_earlier_one(visit):
    staff = visit("answers/tingling")
    path = staff.there.file(TINGLING)
    staff.page.fill("#answer", NEW)
    path.write_text(path.read_text().replace("title: Tingling", "title: Tingling # and more"))
    until(lambda: staff.there.desk.live.faults)
    staff.press("See the effect")
    assert "tingling.yaml, line 2" in staff.see("#faults").inner_text()
    assert "Put it all in quotes" in staff.see("#faults").inner_text()
    assert "tingle" in asked(staff.there, "my fingers are tingling")
    staff.see("main", "Somebody else changed this meanwhile")
    staff.press("Go on with what I typed")
    assert staff.page.input_value("#answer") == NEW


def test_a_full_disk_is_told_and_changes_nothing(visit):
    staff = visit("answers/tingling")
    before = staff.there.file(TINGLING).read_text()
    staff.page.fill("#answer", NEW)
    staff.weigh()
    history = staff.there.desk.editor._history  # noqa: SLF001 - what stands in the way of writing, also of root
    history.write_text("a file where the folder should be")
    staff.page.fill("#reason", "because")
    staff.page.click("button[value=save]")
    staff.see(".warn", "could not be saved")
    assert staff.there.file(TINGLING).read_text() == before
    history.unlink()
    staff.save()


# --- what patients asked ---
def test_a_question_asked_in_vain_is_added_to_an_answer_with_one_touch(visit):
    staff = visit("asked")
    staff.there.desk.asked.days = 45
    staff.go("asked")
    assert "switched off" in staff.text()
    assert "for 45 days" in staff.text()
    staff.keep_asked()
    question = "does the parrot over there sing opera"
    asked(staff.there, question)
    staff.go("asked")
    staff.see("h2", question)
    staff.page.select_option("select", "tingling")
    staff.press("Add to this one").effect().save()
    assert question in staff.there.file(TINGLING).read_text()
    staff.go("asked")
    assert question not in staff.text()


def test_a_question_asked_in_vain_is_added_to_the_refused(visit):
    staff = visit("asked").keep_asked()
    asked(staff.there, "do you sell balloons")
    staff.go("asked").press("Add to the refused").effect().save()
    assert "do you sell balloons" in staff.there.file("out_of_scope/patients_ask.yaml").read_text()


def test_one_or_all_are_deleted(visit):
    staff = visit("asked").keep_asked()
    for question in ("do you sell balloons", "which planet is the largest"):
        asked(staff.there, question)
    staff.go("asked")
    assert staff.page.locator("h2[id^=group]").count() == 2
    staff.press("Delete").see(".good", "Done")
    assert staff.page.locator("h2[id^=group]").count() == 1
    staff.page.click("summary >> text=Delete everything")
    staff.page.click("button[value=forget-all]")
    staff.see(".warn", "Tick the box")
    staff.page.click("summary >> text=Delete everything")
    staff.page.check("[name=sure]")
    staff.page.click("button[value=forget-all]")
    staff.see(".good", "Done")
    assert staff.there.desk.asked.in_vain() == ()


def test_use_is_seen_at_a_glance_with_the_numbers(visit):
    staff = visit("use")
    asked(staff.there, "my fingers are tingling")
    staff.go("use?days=7")
    staff.see(".plot rect")
    assert "1\nquestions" in staff.see(".figures").inner_text().replace(" questions", "\nquestions")
    assert "Tingling" in staff.see("#topics-title ~ table").inner_text()
    staff.page.click("summary >> text=The numbers")
    assert staff.page.locator("[aria-label='Numbers by day'] tbody tr").count() == 1


def test_the_real_voice_says_it(visit, tmp_path):
    with Pyttsx3Voice(cache_dir=tmp_path / "voice") as voice:
        staff = visit("answers/tingling", voice=voice)
        staff.press("Hear it")
        staff.see("#sound")
        until(lambda: staff.page.evaluate("document.querySelector('#sound').duration") > 5)
