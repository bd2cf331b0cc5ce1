"""Whose turn it is, and what happens next: the rules of the conversation, one by one."""

from __future__ import annotations

import pytest

from kiosk.converse import turn
from kiosk.converse.conversation import Memory
from kiosk.converse.turn import Phase, State, step
from kiosk.terms import Answer, Candidate, Match, Transcript, Unknown
from tests.converse.test_conversation import PHRASEBOOK, Script

SCRIPT = Script({"ice": Match((Candidate("ice", 90.0),)), "fever": Match((Candidate("fever", 90.0),)), "x": Unknown()})
ICE = Answer("About ice.", "answer", ("ice",), score=90.0)
FEVER = Answer("About fever.", "answer", ("fever",), urgent=True)


def after(state, *events):
    """Return the state after all of the events, and the effects of the last."""
    effects = ()
    for event in events:
        state, effects = step(state, event, SCRIPT)
    return state, tuple(effects)


def answered(answer=ICE):
    return State(Phase.ANSWERED, words="ice", answer=answer, turn=3, memory=Memory(last=answer))


def test_asking_hushes_before_it_listens():
    state, effects = after(State(), turn.Asking())
    assert state.phase is Phase.LISTENING
    assert effects == (turn.Hush(), turn.Listen(1))


def test_a_question_is_answered_and_spoken():
    asked = turn.Asked(Transcript("ice"), 1)
    state, effects = after(State(), turn.Asking(), turn.Hearing(1, "ic", -20.0), turn.Released(), asked)
    assert (state.phase, state.words, state.answer.intents) == (Phase.SPEAKING, "ice", ("ice",))
    assert effects == (turn.Hush(), turn.Speak(2, ("About ice.",)))
    state, _ = after(state, turn.Saying(2, 0), turn.Said(2))
    assert (state.phase, state.sentence) == (Phase.ANSWERED, -1)


def test_what_comes_late_from_an_earlier_turn_is_ignored():
    state, _ = after(State(), turn.Asking(), turn.Stopped())
    late = (turn.Hearing(1, "x", -1.0), turn.Asked(Transcript("ice"), 1), turn.NothingHeard(1, "x"), turn.Saying(1, 0))
    assert after(state, *late) == (state, ())


def test_stopping_while_listening_forgets_the_words():
    state, effects = after(State(), turn.Asking(), turn.Hearing(1, "my secret", -20.0), turn.Stopped())
    assert (state.phase, state.words) == (Phase.IDLE, "")
    assert effects == (turn.Hush(),)


def test_ears_and_mouth_that_fail_are_told_until_they_work_again():
    state, _ = after(State(), turn.Asking(), turn.NothingHeard(1, "Please type.", deaf=True))
    assert (state.can_hear, state.notice) == (False, "Please type.")
    state, _ = after(state, turn.Chosen("ice"), turn.Said(2, mute=True))
    assert (state.can_hear, state.can_speak) == (False, False)
    state, _ = after(state, turn.Again(), turn.Saying(3, 0), turn.Sensed(can_hear=True, can_speak=True))
    assert (state.can_hear, state.can_speak) == (True, True)


def test_who_leaves_is_warned_then_forgotten_and_the_volume_is_as_before():
    state, _ = after(answered(), turn.Louder(-1))
    state, effects = after(state, turn.Waited())
    assert state.leaving
    assert effects == ()
    state, effects = after(state, turn.Left())
    assert state.blank
    assert effects == (turn.Hush(), turn.SetVolume(turn.USUAL_VOLUME))


@pytest.mark.parametrize("sign", [turn.Stirred(), turn.Again(), turn.Louder(1), turn.Asking()])
def test_any_sign_of_life_ends_the_warning(sign):
    state, _ = after(answered(), turn.Waited(), sign)
    assert not state.leaving
    assert state.memory.last == ICE


@pytest.mark.parametrize("phase", [Phase.LISTENING, Phase.THINKING, Phase.SPEAKING])
def test_nobody_is_cut_off_in_the_middle_of_a_turn(phase):
    state = State(phase, words="ice", turn=1)
    assert after(state, turn.Waited(), turn.Left()) == (state, ())


def test_an_urgent_answer_stays_until_it_is_acknowledged():
    assert after(answered(FEVER), turn.Waited(), turn.Left(), turn.Woken()) == (answered(FEVER), ())
    state, _ = after(answered(FEVER), turn.Finished())
    assert state.blank


def test_the_wake_phrase_asks_when_it_is_nobodys_turn():
    assert after(State(), turn.Woken())[1] == (turn.Hush(), turn.Listen(1))
    speaking = State(Phase.SPEAKING, answer=ICE)
    assert after(speaking, turn.Woken()) == (speaking, ())


def test_the_volume_has_ends_and_lasts_over_the_turns_of_a_patient():
    state, effects = after(State(), *[turn.Louder(1)] * 9)
    assert effects == (turn.SetVolume(turn.LOUDEST),)
    assert after(state, turn.Chosen("ice"), turn.Asking())[0].volume == turn.LOUDEST
    assert after(state, *[turn.Louder(-1)] * 9)[1] == (turn.SetVolume(0),)


def test_a_new_kiosk_is_blank_and_stays_so():
    assert State().blank
    assert PHRASEBOOK.intents
    assert after(State(can_hear=False), turn.Waited(), turn.Stirred())[0].blank
