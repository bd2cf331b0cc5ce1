"""Transcribing: 16-bit mono samples into words, by Vosk and without a network."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kiosk.terms import ModelError, Reading, Recogniser, Transcript, Utterance
from kiosk.transcribe.trigrams import Trigrams
from kiosk.upkeep import memory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALTERNATIVES: Final = 5
"""Readings asked of the recogniser of all words: a mishearing is often put right by the second or third."""
RANKED: Final = 12
"""Readings asked of the recogniser that expects the questions."""
TRIGRAMS_COUNT: Final = 0.5
"""How much the logarithm of a reading's probability by `Trigrams` counts beside Vosk's; docs/decisions/0044."""
DOUBT: Final = 2.0
"""By how much Vosk is too sure of itself: its logarithms of likelihoods are divided by it; docs/decisions/0045."""
UNEXPECTED: Final = 0.12
"""How likely the words are those that the recogniser of all words heard, and none that the other one expects."""
LEAST_CHANCE: Final = 0.04
"""Readings less likely than this are left out."""
SAMPLE: Final = 2
"""Bytes of one 16-bit sample."""
PIECE: Final = 0.25
"""Seconds of a sound file fed at a time."""
MOST_LENT: Final = 3
"""Utterances after which a recogniser of all words is dropped: each adds 10 MB (docs/decisions/0043)."""
MOST_GUIDED: Final = 12
"""The same for one that expects the questions: 25 add 20 MB, 240 would add 60."""
LEAST_RATE: Final = 16_000
"""Samples a second that models are made for; Vosk refuses less unless the model says otherwise."""
NOISES: Final = frozenset(
    {"a", "ah", "eh", "er", "erm", "ha", "he", "hm", "hmm", "huh", "mhm", "mm", "oh", "ooh", "the", "uh", "um"}
)
"""Words that Vosk makes of white and pink noise, coughs and hums (measured: mostly "huh" and "the")."""

V2_FILES: Final = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
V2_GRAPHS: Final = (("graph/HCLG.fst", "graph/words.txt"), ("graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int"))
V1_FILES: Final = ("final.mdl", "mfcc.conf")
V1_GRAPHS: Final = (("HCLG.fst", "words.txt"), ("HCLr.fst", "Gr.fst", "disambig_tid.int"))
IVECTOR_FILES: Final = ("final.dubm", "final.ie", "final.mat", "global_cmvn.stats", "online_cmvn.conf", "splice.conf")
"""A model may do without the folder `ivector`, but not with a part of it."""
NEEDED_LINES: Final = {
    "conf/model.conf": r"--endpoint\.silence-phones=\S",
    "ivector/splice.conf": r"(?s)(?=.*--left-context=\d)(?=.*--right-context=\d)",
    "graph/disambig_tid.int": r"\A(\d+\n)+\Z",
    "disambig_tid.int": r"\A(\d+\n)+\Z",
}
"""What text files must hold: Vosk ends the whole process over these where it raises over others (measured)."""
WORD: Final = re.compile(r"[a-z']+")
UNKNOWN: Final = "[unk]"
"""What Vosk writes where a word is none of its grammar; without it, noise would become words."""
INSTALL: Final = "Install it with: kiosk model install"


class VoskRecogniser:
    """Vosk with one model, kept in memory for as long as this object lives (about 160 MB)."""

    def __init__(self, model_dir: Path, *, alternatives: int = ALTERNATIVES) -> None:
        """Load the model in `model_dir` (0.6 s); up to `alternatives` readings are kept of what is heard.

        Raises `ModelError` if the model is missing or damaged.
        """
        _check(model_dir)
        try:
            import vosk  # noqa: PLC0415 - text mode starts without it
        except (ImportError, OSError) as error:
            raise ModelError(f"The recogniser Vosk cannot be loaded: {error}.", "Run the set-up again.") from error
        vosk.SetLogLevel(-1)
        self._new = vosk.KaldiRecognizer
        self._free = _Pool(lambda rate: self._made(rate, alternatives), MOST_LENT)
        self._least_rate = _least_rate(model_dir)
        self._guide: _Guide | None = None
        try:
            # Always a path: without one Vosk looks for a model on the network.
            self._model = vosk.Model(str(model_dir))
            self._new(self._model, float(self._least_rate))
        except Exception as error:  # vosk raises nothing narrower
            raise ModelError(f"The speech model in {model_dir} is damaged.", INSTALL) from error

    def expect(self, questions: tuple[str, ...]) -> None:
        """Have every utterance from now on also be read as if people spoke like these questions.

        Where they do, that second reading has a third fewer wrong words (docs/decisions/0007).
        """
        # Answers change more often than questions: what expects the same is kept.
        if self._guide is None or self._guide.questions != questions:
            self._guide = _Guide(questions, self.unknown_words, self._made)

    def utterance(self, rate: int) -> Utterance:
        """Begin an utterance whose samples come at `rate` per second."""
        used = max(rate, self._least_rate)
        upsampler = _Upsampler(rate, self._least_rate) if rate < self._least_rate else None
        return _VoskUtterance(_Pass(self._free, used), _Guided(self._guide, used) if self._guide else None, upsampler)

    def warm(self, rate: int) -> None:
        """Make ready what the first utterance at `rate` would wait for (0.3 s)."""
        utterance = self.utterance(rate)
        utterance.feed(bytes(SAMPLE * round(rate * PIECE)))
        utterance.finish()

    def _made(self, rate: int, alternatives: int, *grammar: str) -> Any:  # noqa: ANN401 - Vosk has no types
        recogniser = self._new(self._model, float(rate), *grammar)
        recogniser.SetMaxAlternatives(alternatives)
        return recogniser

    def spotter(self, rate: int, phrases: Sequence[str]) -> Spotter:
        """Begin to look out for some phrases, at a small part of the work of recognising all words."""
        # Words that the model does not know Vosk leaves out without a word.
        recogniser = self._new(self._model, float(max(rate, self._least_rate)), json.dumps([*phrases, UNKNOWN]))
        return Spotter(recogniser, _Upsampler(rate, self._least_rate) if rate < self._least_rate else None)

    def unknown_words(self, words: Iterable[str]) -> set[str]:
        """Return those of `words` that the model can never hear."""
        return {word for word in words if self._model.vosk_model_find_word(word.lower()) < 0}


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and when it was said: seconds since the first sample."""

    text: str
    start: float
    end: float


class Spotter:
    """Looks out for a few phrases; everything else is unknown to it."""

    def __init__(self, recogniser: Any, upsampler: _Upsampler | None) -> None:  # noqa: ANN401 - Vosk has no types
        self._recogniser = recogniser
        self._recogniser.SetWords(True)  # noqa: FBT003 - Vosk's own
        self._upsampler = upsampler

    def feed(self, pcm: bytes) -> tuple[Word, ...] | None:
        """Take 16-bit mono samples; return what was said once somebody falls silent, None until then."""
        if self._upsampler:
            pcm = self._upsampler.feed(pcm)
        if not self._recogniser.AcceptWaveform(pcm):
            return None
        heard = json.loads(self._recogniser.Result()).get("result", ())
        return tuple(Word(each["word"], each["start"], each["end"]) for each in heard)


class _VoskUtterance:
    """One utterance, read by two recognisers at once: one that knows all words, one that expects the sample questions.

    When an utterance ends is decided in `kiosk.hear.endpoint`.
    """

    def __init__(self, free: _Pass, guided: _Guided | None, upsampler: _Upsampler | None) -> None:
        self._free = free
        self._guided = guided
        self._upsampler = upsampler
        # Beside each other: what takes longer is all that is waited for.
        self._aside = ThreadPoolExecutor(1, "guided") if guided else None
        self._fed: deque[Future[str]] = deque()
        self._expected = ""
        """The words so far by the recogniser that expects the sample questions."""

    def feed(self, pcm: bytes) -> Transcript:
        """Take 16-bit mono samples in the machine's byte order; return what was heard so far, the best of each kind."""
        if self._upsampler:
            pcm = self._upsampler.feed(pcm)
        if self._aside and self._guided:
            self._fed.append(self._aside.submit(self._guided.feed, pcm))
        words = self._free.feed(pcm)
        while self._fed and self._fed[0].done():
            self._expected = self._fed.popleft().result()
        return _transcript([Reading(words)], [Reading(self._expected)] if self._expected else [])

    def finish(self) -> Transcript:
        """Return what was said. To be called once, after the last `feed`."""
        finishing = self._aside.submit(self._guided.readings) if self._aside and self._guided else None
        free = self._free.readings()
        for fed in self._fed:
            fed.result()  # raises what went wrong on the way
        guided = finishing.result() if finishing else []
        if self._aside:
            self._aside.shutdown(wait=False)
        return _transcript(free, guided)


class _Pool:
    """Recognisers of one kind, lent from utterance to utterance.

    Vosk unfolds its graph of words where it is first needed: a recogniser that has heard some utterances needs a third
    of the time of a new one, and finds the last words in half of it (docs/decisions/0043).
    """

    def __init__(self, make: Callable[[int], Any], most: int) -> None:
        """Take what makes a recogniser for so many samples a second, and how many utterances it may hear."""
        self._make = make
        self._most = most
        self._idle: dict[int, tuple[Any, int]] = {}
        """By rate, with the number of utterances that it has heard; of two that are given back the last is kept."""

    def lend(self, rate: int) -> tuple[Any, int]:
        """Return a recogniser of which `take_back` is told when it is free again, and how often it was lent."""
        if kept := self._idle.pop(rate, None):
            return kept
        memory.give_back()  # what the last one took
        return self._make(rate), 0

    def take_back(self, rate: int, recogniser: Any, lent: int) -> None:  # noqa: ANN401 - Vosk has no types
        """Keep a recogniser for the next utterance, unless what it unfolded by now is too large."""
        if lent + 1 < self._most:
            recogniser.Reset()
            self._idle[rate] = (recogniser, lent + 1)


class _Guide(_Pool):
    """Recognisers that expect some questions; to make one takes 0.2 s.

    Vosk makes of the questions a model of which word follows which, so what is like them is expected, too.
    """

    def __init__(
        self,
        questions: tuple[str, ...],
        unknown: Callable[[Iterable[str]], set[str]],
        make: Callable[[int, int, str], Any],
    ) -> None:
        super().__init__(lambda rate: make(rate, RANKED, self._both[0]), MOST_GUIDED)
        self.questions = questions
        self._unknown = unknown

    @property
    def trigrams(self) -> Trigrams:
        """Which words follow which two in the questions."""
        return self._both[1]

    @cached_property
    def _both(self) -> tuple[str, Trigrams]:
        """The grammar and the trigrams, of the questions without words that can never be heard."""
        # Made when somebody first speaks, not while the kiosk starts: it takes 0.3 s.
        strange = self._unknown({word for question in self.questions for word in WORD.findall(question.lower())})
        said = (WORD.findall(question.lower()) for question in self.questions)
        known = dict.fromkeys(" ".join(word for word in words if word not in strange) for words in said)
        grammar = json.dumps([*filter(None, known), UNKNOWN])
        return grammar, Trigrams(map(str.split, known))


class _Pass:
    """One recogniser's course through an utterance; Vosk cuts at every pause of half a second, here it is joined."""

    def __init__(self, pool: _Pool, rate: int) -> None:
        self._pool = pool
        self._rate = rate
        self._lent: tuple[Any, int] | None = None
        """The recogniser, lent when sound comes."""
        self._parts: list[list[tuple[str, float]]] = []

    def feed(self, pcm: bytes) -> str:
        """Take samples; return the words so far."""
        self._lent = self._lent or self._pool.lend(self._rate)
        recogniser, _ = self._lent
        if recogniser.AcceptWaveform(pcm):
            self._take(recogniser.Result())
            now = ""
        else:
            now = json.loads(recogniser.PartialResult()).get("partial", "")
        return " ".join(filter(None, [*(part[0][0] for part in self._parts), now.strip()]))

    def readings(self) -> list[Reading]:
        """Return what was said, likeliest first, maybe nothing. To be called once, after the last `feed`."""
        return _by_chance(self._finished())

    def _finished(self) -> dict[str, float]:
        """Return the readings that say something, and the logarithms of their likelihoods."""
        if self._lent:
            (recogniser, lent), self._lent = self._lent, None
            # Where Vosk has just cut, it would keep the sound of this utterance unless it begins another one.
            recogniser.AcceptWaveform(b"")
            self._take(recogniser.FinalResult())
            self._pool.take_back(self._rate, recogniser, lent)
        readings: dict[str, float] = {}
        for words, likelihood in _joined(self._parts):
            if known := _known(words):
                readings.setdefault(known, likelihood)
        return readings

    def _take(self, result: str) -> None:
        """Keep a part's readings with their likelihoods, unless its best reading is that nothing was said."""
        heard = json.loads(result)
        readings = [(each["text"].strip(), each["confidence"]) for each in heard.get("alternatives", ())]
        if not readings:  # asked for no alternatives, Vosk answers in another form
            readings = [(heard.get("text", "").strip(), 0.0)]
        if readings[0][0]:
            self._parts.append(readings)


class _Guided(_Pass):
    """The course through an utterance of a recogniser that expects some questions."""

    def __init__(self, guide: _Guide, rate: int) -> None:
        super().__init__(guide, rate)
        self._guide = guide

    def feed(self, pcm: bytes) -> str:
        """Take samples; return the words so far, nothing while the last one is none of the questions'."""
        words = super().feed(pcm)
        return "" if words.endswith(UNKNOWN) else _known(words)

    def readings(self) -> list[Reading]:
        """Return what was said, by how likely it is for Vosk and among the questions."""
        by_threes = self._guide.trigrams.log_probability
        return _by_chance(
            {words: seen + TRIGRAMS_COUNT * by_threes(words.split()) for words, seen in self._finished().items()}
        )


def _by_chance(likelihoods: Mapping[str, float]) -> list[Reading]:
    """Return readings, likeliest first, of the logarithms of their likelihoods."""
    best = max(likelihoods.values(), default=0.0)
    odds = {words: exp((likelihood - best) / DOUBT) for words, likelihood in likelihoods.items()}
    least = LEAST_CHANCE * sum(odds.values())
    kept = {words: each for words, each in odds.items() if each >= least}
    whole = sum(kept.values())
    return sorted((Reading(words, each / whole) for words, each in kept.items()), key=_unlikely)


def _transcript(free: Sequence[Reading], guided: Sequence[Reading]) -> Transcript:
    """Return what both recognisers made of an utterance: one of all words, and one that expects the questions."""
    text = free[0].words if free else ""
    if not guided:
        return Transcript(text, tuple(free), heard=True)
    chances = {each.words: (1 - UNEXPECTED) * each.chance for each in guided}
    # Its other readings are no likelier than what the expecting one left out.
    chances[text] = chances.get(text, 0.0) + UNEXPECTED
    readings = (Reading(words, chance) for words, chance in chances.items() if words)
    return Transcript(text, tuple(sorted(readings, key=_unlikely)), heard=True)


def _unlikely(reading: Reading) -> float:
    return -reading.chance


def _known(reading: str) -> str:
    """Return a reading without the places of words that are none of the expected questions'."""
    return " ".join(reading.replace(UNKNOWN, " ").split())


class _Upsampler:
    """Brings sound of a low rate (8 kHz headsets, telephones) up to a higher one, by straight lines."""

    def __init__(self, rate: int, wanted: int) -> None:
        self._step = rate / wanted
        self._next = 0.0
        """Where the next sample is to be read, counted from the last one of the former block."""
        self._last: NDArray[np.int16] | None = None

    def feed(self, pcm: bytes) -> bytes:
        import numpy as np  # noqa: PLC0415 - text mode starts without it

        samples = np.frombuffer(pcm, np.int16)
        if self._last is not None:
            samples = np.concatenate((self._last, samples))
        if samples.size == 0:
            return b""
        last = samples.size - 1
        places = np.arange(self._next, last, self._step)
        self._last = samples[-1:]
        self._next += places.size * self._step - last
        between: NDArray[np.int16] = np.interp(places, np.arange(samples.size), samples).astype(np.int16)
        return between.tobytes()


def transcribe(recogniser: Recogniser, pcm: bytes, rate: int) -> Transcript:
    """Return the words in a whole recording of 16-bit mono samples."""
    utterance = recogniser.utterance(rate)
    step = SAMPLE * round(rate * PIECE)
    for start in range(0, len(pcm), step):
        utterance.feed(pcm[start : start + step])
    return utterance.finish()


def without_noise(transcript: Transcript) -> Transcript:
    """Return `transcript`, or an empty one if all its words are such as recognisers make of noise."""
    return transcript if says_something(transcript.text) else Transcript("", heard=True)


def says_something(words: str) -> bool:
    """Tell whether `words` hold more than noise and hesitation."""
    return not NOISES.issuperset(words.split())


def _joined(parts: Sequence[Sequence[tuple[str, float]]]) -> list[tuple[str, float]]:
    """Return the readings of consecutive parts as whole sentences with their likelihoods, likeliest first.

    Vosk's likelihoods are logarithms: those of the parts add up.
    """
    whole: list[tuple[str, float]] = [("", 0.0)]
    for part in parts:
        pairs = [(f"{before} {text}".strip(), a + b) for before, a in whole for text, b in part]
        whole = sorted(pairs, key=lambda pair: -pair[1])[: max(len(part), len(whole))]
    return whole


def _check(model_dir: Path) -> None:
    """Raise `ModelError` unless the files of a Vosk model are there: bad ones end the process from C++."""
    if not model_dir.is_dir():
        raise ModelError(f"There is no speech model in {model_dir}.", INSTALL)
    new = (model_dir / "am").is_dir()
    needed = [*(V2_FILES if new else V1_FILES)]
    graphs = V2_GRAPHS if new else V1_GRAPHS
    needed += graphs[0] if (model_dir / graphs[0][0]).exists() else graphs[1]
    if (model_dir / "ivector").is_dir():
        needed += [f"ivector/{name}" for name in IVECTOR_FILES]
    for name in needed:
        if not _whole(model_dir / name, NEEDED_LINES.get(name, "")):
            raise ModelError(f"The speech model in {model_dir} is damaged: {name} is missing or not whole.", INSTALL)


def _whole(file: Path, pattern: str) -> bool:
    """Tell whether `file` has something in it, and if a `pattern` is given, that."""
    try:
        if pattern:
            return bool(re.search(pattern, file.read_text(encoding="utf-8", errors="replace")))
        with file.open("rb") as opened:
            return bool(opened.read(1))
    except OSError:
        return False


def _least_rate(model_dir: Path) -> int:
    """Return the samples a second that the model was made for."""
    folder = model_dir / "conf" if (model_dir / "conf").is_dir() else model_dir
    found = re.search(r"--sample-frequency=(\d+)", (folder / "mfcc.conf").read_text(encoding="utf-8", errors="replace"))
    return int(found[1]) if found else LEAST_RATE
