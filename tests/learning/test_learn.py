"""Weights are learned from the intent files once, and kept until the files change."""

import hashlib
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from kiosk.learning import learn, shelf
from kiosk.terms import Concept, Example, Group, Intent, KioskError, Phrasebook
from kiosk.understand import Understander
from kiosk.understand.normalise import words
from kiosk.understand.weights import NONE, STRANGE

ROOT = Path(__file__).parents[2]
NUMB = ("my leg is numb", "my arm has gone to sleep", "i can't feel my hand", "the foot feels dead")
SORE = ("my leg is sore", "my arm aches a bit", "the spot feels bruised", "it is tender to touch")
NEITHER = ("who won the match", "where is the toilet", "what is the price", "it rains again")


def phrasebook(fingerprint="0" * 64, numb=NUMB):
    examples = [Example(text, ("numb",)) for text in numb]
    examples += [Example(text, ("sore",)) for text in SORE]
    examples += [Example(text, ()) for text in NEITHER]
    examples.append(Example("my leg is numb and also a bit sore", ("numb", "sore")))
    intents = (Intent(name, name, "all", name, (), urgent=name == "numb") for name in ("numb", "sore"))
    return Phrasebook(
        clinic={},
        groups=(Group("all", "All"),),
        intents={intent.id: intent for intent in intents},
        replies={},
        examples=tuple(examples),
        concepts=(Concept("numb", ("numb", "dead", "gone to sleep")), Concept("sore", ("sore", "ache", "tender"))),
        fingerprint=fingerprint,
    )


def learned_for(phrasebook, cache, **rest):
    """Learn in this process: it is the same, and sooner done for so few questions."""
    return learn.learned_for(phrasebook, cache, teach=learn.learn, **rest)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "some" / "cache"


@pytest.fixture
def kept(cache):
    """The file in which the weights are kept."""
    learned_for(phrasebook(), cache)
    (file,) = cache.iterdir()
    return file


def best(weights, said, of=None):
    scores = Understander(of or phrasebook(), weights).scores(words(said))
    return max(scores, key=scores.__getitem__)


def relearned(file):
    """Ask for the weights again; tell whether they were learned anew, and check that they are the right ones."""
    before = file.read_bytes() if file.is_file() else None
    weights = learned_for(phrasebook(), file.parent)
    assert weights == learn.learn(phrasebook())
    return file.read_bytes() != before


# --- what is learned ---
@pytest.mark.parametrize(
    ("said", "label"),
    [("the leg feels numb", "numb"), ("a bit tender and aching", "sore"), ("what is the price of a match", NONE)],
)
def test_learns_from_the_sample_questions(said, label):
    assert best(learn.learn(phrasebook()), said) == label


def test_a_new_sample_question_takes_effect():
    more = phrasebook(numb=(*NUMB, "my thumb is taking a siesta", "a siesta in the knee"))
    assert best(learn.learn(phrasebook()), "siesta in my foot") != "numb"
    assert best(learn.learn(more), "siesta in my foot", more) == "numb"


def test_a_new_expression_takes_effect():
    more = replace(phrasebook(), concepts=(Concept("numb", ("numb", "dead", "gone to sleep", "on strike")),))
    before = Understander(phrasebook(), learn.learn(phrasebook())).scores(words("on strike"))
    after = Understander(more, learn.learn(more)).scores(words("on strike"))
    assert after["numb"] > before["numb"]


def test_a_question_with_two_topics_is_an_example_of_both():
    scores = Understander(phrasebook(), learn.learn(phrasebook())).scores(words("numb and also a bit sore"))
    assert min(scores["numb"], scores["sore"]) > scores[NONE]


def test_learning_again_gives_the_same():
    assert learn.learn(phrasebook()) == learn.learn(phrasebook())


def scores_in_another_process(seed):
    program = """
        from kiosk.learning import learn, shelf
        from kiosk.understand import Understander
        from tests.learning.test_learn import phrasebook
        scores = Understander(phrasebook(), learn.learn(phrasebook())).scores(["my", "leg", "feels", "numb"])
        print(*(f"{score:.5f}" for score in scores.values()))
    """
    return subprocess.run(
        [sys.executable, "-c", dedent(program)],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_learning_in_another_process_gives_the_same():
    assert scores_in_another_process("1") == scores_in_another_process("2") != ""


# --- keeping ---
def test_what_was_kept_is_what_was_learned(kept):
    assert not relearned(kept)
    loaded = learned_for(phrasebook(), kept.parent)
    assert Understander(phrasebook(), loaded).scores(["numb"]) == Understander(
        phrasebook(), learn.learn(phrasebook())
    ).scores(["numb"])


def test_changed_files_are_learned_anew_and_the_old_weights_go(kept):
    learned_for(phrasebook("1" * 64), kept.parent)
    assert not kept.exists()
    assert len(list(kept.parent.iterdir())) == 1


def test_drafts_that_are_tried_push_out_each_other_and_never_what_is_in_use(kept):
    for source in ("1", "2"):
        learned_for(phrasebook(source * 64), kept.parent, draft=True)
    assert kept.exists()
    assert len(list(kept.parent.iterdir())) == 2


def test_what_was_learned_for_a_draft_serves_when_it_is_saved(kept):
    learned_for(phrasebook("1" * 64), kept.parent, draft=True)
    learn.learned_for(phrasebook("1" * 64), kept.parent, teach=lambda _: pytest.fail("it was learned already"))
    assert not kept.exists()
    assert (kept.parent / f"{learn.KIND}-{'1' * 16}.bin").exists()


def test_something_else_in_the_folder_stays(kept):
    other = kept.parent / "voice.wav"
    other.write_bytes(b"hello")
    learned_for(phrasebook("1" * 64), kept.parent)
    assert other.read_bytes() == b"hello"


@pytest.mark.parametrize("place", [0, 100, -33, -1])
def test_damaged_weights_are_learned_anew(kept, place):
    damaged = bytearray(kept.read_bytes())
    damaged[place] ^= 1
    kept.write_bytes(damaged)
    assert relearned(kept)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 500, -1])
def test_truncated_weights_are_learned_anew(kept, length):
    kept.write_bytes(kept.read_bytes()[:length])
    assert relearned(kept)


def signed(body):
    return body + hashlib.sha256(body).digest()


HEAD = f"{shelf.FORMAT} {learn.KIND} {'0' * 64}\n".encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        HEAD,
        *(HEAD + rest for rest in (b"{}\n", b"[]\n", b"[1]\n{", b"no json\n", b"\xff\n", b"[2, 2, 2]\n[]")),
        b"xyz",
    ],
)
def test_a_file_that_is_something_else_is_learned_anew(kept, body):
    kept.write_bytes(signed(body))
    assert relearned(kept)


def test_weights_of_another_version_are_learned_anew(kept):
    body = kept.read_bytes()[:-32]
    assert shelf.FORMAT.encode() in body
    kept.write_bytes(signed(body.replace(shelf.FORMAT.encode(), b"clinic-kiosk 0, kiosk 0.0", 1)))
    assert relearned(kept)


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path):
    """A file stands where the folder should be: even root cannot write there."""
    (tmp_path / "file").write_text("")
    assert learned_for(phrasebook(), tmp_path / "file" / "cache") == learn.learn(phrasebook())
    assert learned_for(phrasebook(), tmp_path / "file") == learn.learn(phrasebook())


def test_a_folder_in_the_place_of_the_file_costs_only_time(kept):
    kept.unlink()
    kept.mkdir()
    assert learned_for(phrasebook(), kept.parent) == learn.learn(phrasebook())
    assert list(kept.parent.iterdir()) == [kept], "nothing may be left lying about"


def test_answering_needs_neither_numpy_nor_scikit_learn(kept):
    program = f"""
        import sys
        from pathlib import Path
        from kiosk.learning import learn, shelf
        from tests.learning.test_learn import phrasebook
        weights = learn.learned_for(phrasebook(), Path({str(kept.parent)!r})).typed
        assert weights.scores({{"word": {{"numb"}}, "letter": (), "concept": {{"numb"}}, "novelty": ()}})["numb"] > 0
        print(*sorted({{name.partition(".")[0] for name in sys.modules}} & {{"numpy", "scipy", "sklearn"}}))
    """
    done = subprocess.run([sys.executable, "-c", dedent(program)], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "\n"


def test_learning_from_many_questions_again_gives_the_same(understander):
    many = replace(understander.phrasebook, examples=understander.phrasebook.examples[::5])
    assert learn.learn(many) == learn.learn(many)


# --- in processes of its own ---
def test_learning_elsewhere_teaches_the_same_and_loads_nothing_heavy_here():
    program = """
        import sys
        from kiosk.learning import learn
        from tests.learning.test_learn import phrasebook
        given = phrasebook(numb=("my leg is numb", "i can't feel my hand", "the foot feels dead"))
        learned = learn.elsewhere(given)
        print(*sorted({name.partition(".")[0] for name in sys.modules} & {"numpy", "scipy", "sklearn"}))
        assert learned == learn.learn(given)
    """
    done = subprocess.run([sys.executable, "-c", dedent(program)], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "\n"


def test_misheard_questions_are_learned_from_for_what_is_heard_alone():
    slips = tuple(Example(f"my leg is gnome {word}", ("numb",), misheard=True) for word in ("now", "here", "still"))
    more = replace(phrasebook(), examples=(*phrasebook().examples, *slips))
    learned = learn.elsewhere(more)
    row = learned.typed.table.index["word"]["gnome"]
    assert learned.heard.rarity[row] != STRANGE
    assert learned.typed.rarity[row] == STRANGE
    width = len(learned.typed.labels)
    assert any(learned.heard.rows[row * width : (row + 1) * width])
    assert not any(learned.typed.rows[row * width : (row + 1) * width])


def test_a_learner_that_fails_is_told_of(monkeypatch):
    monkeypatch.setattr(learn, "LEARNER", "raise SystemExit(1)")
    with pytest.raises(KioskError, match="could not be learned"):
        learn.elsewhere(phrasebook())


def test_an_interrupted_learning_ends_its_processes(monkeypatch, tmp_path):
    """Both tell their numbers and then hang; whoever waits for them is interrupted, as by Ctrl-C."""
    hang = f"import os, pathlib, time; (pathlib.Path({str(tmp_path)!r}) / str(os.getpid())).touch(); time.sleep(60)"
    monkeypatch.setattr(learn, "LEARNER", hang)

    def interrupt(_learner):
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.learning.learn._Learner.result", interrupt)
    with pytest.raises(KeyboardInterrupt):
        learn.elsewhere(phrasebook())
    for file in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(file.name), 0)
