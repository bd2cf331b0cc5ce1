"""Changes of the intent files reach patients while the kiosk runs; broken files do not."""

import logging
import threading
from functools import partial
from queue import Queue

import pytest

from kiosk.converse.conversation import Memory, reply
from kiosk.converse.session import Session
from kiosk.converse.turn import Asked, Phase, Stopped
from kiosk.learning import reload
from kiosk.learning.reload import Reloader, fitted
from kiosk.terms import Answer, Transcript
from kiosk.understand.weights import NONE
from tests import folder as small
from tests.converse.test_session import Mouth
from tests.folder import change, put
from tests.intents.test_content import FAULTS, GOOD
from tests.waiting import until as waits_until

PATIENCE = 60.0
GLANCE = 0.01
until = partial(waits_until, limit=PATIENCE)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    return small.understander(small.make(tmp_path_factory.mktemp("small") / "intents"))


@pytest.fixture
def folder(tmp_path):
    return small.make(tmp_path / "intents")


@pytest.fixture
def running(folder, tmp_path, learned, monkeypatch):
    """A reloader at work, and what it has given so far."""
    monkeypatch.setattr(reload, "GLANCE", GLANCE)
    monkeypatch.setattr(reload, "SOON", GLANCE)
    given = Queue()
    with Reloader(folder, tmp_path / "cache", learned, given.put) as reloader:
        reloader.given = given
        yield reloader


def ask(understander, question):
    return reply(Transcript(question), Memory(), understander)[0]


def test_a_new_answer_is_live_without_learning(folder, running, monkeypatch):
    monkeypatch.setattr(reload.learn, "learned_for", lambda *_: pytest.fail("nothing is to be learned"))
    change(folder / "aftercare/ice.yaml", lambda text: text.replace("Put ice on it", "Put snow on it"))
    given = running.given.get(timeout=PATIENCE)
    assert ask(given, "can i use ice").text == "Put snow on it. Ask at the desk."
    assert given.learned is running.understander.learned
    assert not running.learning


def test_a_new_question_is_answered_at_once_and_then_learned(folder, running, monkeypatch):
    let = threading.Event()
    learn = reload.learn.learned_for
    monkeypatch.setattr(reload.learn, "learned_for", lambda *what: let.wait(PATIENCE) and learn(*what))
    change(folder / "aftercare/ice.yaml", lambda text: f"{text}  - may i chill the calf\n")
    first = running.given.get(timeout=PATIENCE)
    assert ask(first, "may i chill the calf").intents == ("ice",)
    assert running.learning
    change(folder / "clinic.yaml", lambda text: text.replace("the desk", "the counter"))
    assert "counter" in ask(running.given.get(timeout=PATIENCE), "can i use ice").text, "answers do not wait for it"
    let.set()
    last = running.given.get(timeout=PATIENCE)
    assert "calf" in last.learned.typed.table.counts
    assert "counter" in ask(last, "can i use ice").text
    assert not running.learning


def test_a_new_intent_is_live_when_it_is_learned(folder, running):
    text = GOOD["aftercare/ice.yaml"].replace("id: ice", "id: mud").replace("can i use ice", "does mud do good")
    (folder / "aftercare/mud.yaml").write_text(text.replace("is it 12:30", "mud bath"))
    given = running.given.get(timeout=PATIENCE)
    assert set(given.learned.typed.labels) == {"heat", "hot", "ice", "mud", NONE}
    assert ask(given, "mud bath").intents == ("mud",)


def test_a_retired_intent_is_gone_at_once(folder, running):
    (folder / "aftercare/hot.yaml").unlink()
    given = running.given.get(timeout=PATIENCE)
    assert set(given.learned.typed.labels) == {"heat", "ice", NONE}
    assert "hot" not in ask(given, "my skin is burnt").intents


def test_weights_fit_intents_that_come_and_go(learned):
    typed = fitted(learned.learned, ["ice", "new", "heat"]).typed
    scores = typed.scores(learned.features(["can", "i", "use", "ice"]))
    before = learned.scores(["can", "i", "use", "ice"])
    assert {name: scores[name] for name in ("ice", "heat", NONE)} == {
        name: before[name] for name in ("ice", "heat", NONE)
    }
    assert min(scores, key=scores.__getitem__) == "new"


def test_no_broken_file_stops_a_running_kiosk(folder, running, caplog):
    """Each of the broken files, one after the other; the last good content goes on, and staff can see the fault."""
    assert len(FAULTS) >= 40
    good = {name: (folder / name).read_text(encoding="utf-8") for name in GOOD}
    with caplog.at_level(logging.CRITICAL):
        for name, (old, new), line, said in FAULTS:
            put(folder / name, good[name].replace(old, new))
            until(lambda: any(f.file == name and f.line == line and said in f.message for f in running.faults))  # noqa: B023
            assert ask(running.understander, "can i use ice").text == "Put ice on it. Ask at the desk."
            put(folder / name, good[name])
            until(lambda: not running.faults)
    assert running.given.empty(), "nothing was taken up"
    change(folder / "aftercare/ice.yaml", lambda text: text.replace("on it", "on top"))
    assert "on top" in ask(running.given.get(timeout=PATIENCE), "can i use ice").text


def test_a_fault_is_logged_once_and_no_more_when_it_is_mended(folder, running, caplog):
    with caplog.at_level(logging.WARNING):
        change(folder / "aftercare/ice.yaml", lambda text: text.replace("urgent", "urgnet"))
        until(lambda: running.faults)
        told = running.faults
        change(folder / "clinic.yaml", lambda text: f"{text}# a remark\n")
        until(lambda: running.faults is not told)
    assert caplog.text.count("'urgnet' is not a known key") == 1
    assert "aftercare/ice.yaml, line 4" in caplog.text
    change(folder / "aftercare/ice.yaml", lambda text: text.replace("urgnet", "urgent"))
    until(lambda: not running.faults)


def test_a_folder_that_is_gone_changes_nothing_for_patients(folder, running):
    folder.rename(folder.with_name("elsewhere"))
    until(lambda: running.faults)
    assert "no folder of intents" in running.faults[0].message
    folder.with_name("elsewhere").rename(folder)
    until(lambda: not running.faults)
    assert running.given.empty()


# --- the session ---
@pytest.fixture
def newer(folder):
    """Another understander, in which the answer about ice is another and nothing is known of heat."""
    change(folder / "aftercare/ice.yaml", lambda text: text.replace("on it", "on top").replace("[heat]", "[hot]"))
    change(folder / "compound.yaml", lambda text: text.replace("heat]", "hot]"))
    (folder / "misheard.txt").unlink()
    (folder / "aftercare/heat.yaml").unlink()
    return small.understander(folder)


def test_a_session_takes_up_the_new_between_questions_never_in_the_middle_of_an_answer(learned, newer):
    mouth, adopted = Mouth(slow=True), Queue()
    speaking = threading.Event()
    with Session(learned, None, mouth) as session:
        session.adopted(adopted.put)
        session.show(lambda state: state.phase is Phase.SPEAKING and state.sentence < 0 and speaking.set())
        session.post(Asked(Transcript("can i use ice")))
        assert speaking.wait(PATIENCE)
        speaking.clear()
        session.adopt(newer)
        session.post(Asked(Transcript("can i use ice")))
        assert speaking.wait(PATIENCE)
        assert session.state.answer.text.startswith("Put ice on it"), "the kiosk has been speaking all the time"
        assert adopted.empty()
        session.post(Stopped())
        assert adopted.get(timeout=PATIENCE) is newer.phrasebook
        session.post(Asked(Transcript("can i use ice")))
        until(lambda: session.state.answer and session.state.answer.text.startswith("Put ice on top"))


def test_what_is_remembered_of_a_retired_intent_is_forgotten(learned, newer):
    told = Answer("Keep it warm.", "answer", ("heat",))
    assert Memory(last=told).known_to(learned.phrasebook).last is told
    assert Memory(last=told).known_to(newer.phrasebook) == Memory()
    assert Memory(choices=("ice", "heat")).known_to(newer.phrasebook) == Memory()
