"""Reads the folder `intents/`: what the kiosk understands and says, written by the clinic's staff.

Reading and judging are one walk over the YAML nodes, because every fault must be told with its file
and line, and all of them at once. Nodes, not values: YAML would turn `no` into false, `12:30` into
750, and cut `Call us # at the desk` in half; what staff type must be what patients hear, so every
scalar is taken as the text it is, and text that YAML would drop is a fault.

The folder:

    clinic.yaml            facts about the clinic, put into answers by name: {desk}
    replies.yaml           what is said when no intent's answer fits
    screen.yaml            the words on the screen's buttons and headings
    groups.yaml            the headings, in the order shown; each has a folder of its name
    GROUP/INTENT.yaml      one intent: title, answer, sample questions and so on
    compound.yaml          sample questions that ask two things
    out_of_scope/*.yaml    sample questions that must be refused
    vocabulary.yaml        concepts and their expressions
    sources.yaml           the article's sections and their numbers (read by `kiosk.intents.sense`)
    misheard.txt           what the recogniser makes of sample questions (generated; may be absent)
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from kiosk.intents import journal
from kiosk.terms import Concept, ContentError, Example, Fault, Group, Intent, KioskError, Phrasebook

INTENT_KEYS: Final = ("id", "title", "answer", "urgent", "reassuring", "source", "related", "questions")
REQUIRED_KEYS: Final = ("id", "title", "answer", "source", "questions")
REQUIRED_FACTS: Final = ("name", "city", "desk")
REPLIES: Final = ("unknown", "clarify", "not_heard", "cannot_hear", "failed", "about_the_rest")
SLOTS: Final = {"clarify": "choices"}
"""What the program itself puts into a reply, beside the clinic's facts."""
SCREEN: Final = (
    "welcome", "ask", "ask_hint", "topics", "back", "listening", "listening_hint", "listening_done", "thinking",
    "you_asked", "heard", "stop", "again", "ask_else", "related", "clarify_else",
    "unknown_topics", "urgent", "urgent_done", "help_now", "type", "type_label", "type_send", "cancel",
    "finish", "text_size", "contrast", "quieter", "louder", "volume", "leaving", "stay",
    "cannot_hear", "cannot_speak", "try_microphone", "offline", "offline_hint", "say",
)  # fmt: skip
"""The texts of the page, all of which it needs."""
_SAID: Final = {"phrase": "{phrase}"}
"""What the program itself puts into the screen's texts, beside the clinic's facts: the wake phrase."""
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
LEAST_CONTRAST: Final = 4.5
"""To one, of white letters on the clinic's colour: what WCAG 2.2 AA asks for."""
ID: Final = re.compile(r"[a-z][a-z0-9_]*")
FACT: Final = re.compile(r"\{([^{}]*)\}")
CURLY: Final = dict.fromkeys("\u2018\u2019\u201a\u201b", "'") | dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
"""Quotes that word processors make, and what to type instead."""
YES_NO: Final = {"yes": True, "true": True, "no": False, "false": False}
LONGEST_LINE: Final = 500
"""Characters; no patient says more in one breath, so a longer question is a slip of the pen."""
LONGEST_ANSWER: Final = 60
"""Words; patients lose the thread of longer ones."""
UNSPEAKABLE: Final = re.compile(r"[^\w\s.,;:?!'\"\u2018\u2019\u201c\u201d()\u2013\u2014-]|_")
"""Signs that a voice reads in its own way, or not at all."""
DEEPEST: Final = 5_000
"""Brackets in a file, or characters in a line: far beyond these the YAML library crashes."""
FILES: Final = (
    "clinic.yaml",
    "compound.yaml",
    "groups.yaml",
    "replies.yaml",
    "screen.yaml",
    "sources.yaml",
    "vocabulary.yaml",
)
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNCLOSED: Final = {
    "found unexpected end of stream": "a quote that opens here is never closed.",
    "could not find expected ':'": "this line is neither 'key: value' nor '- item', or is indented wrongly.",
    "did not find expected ',' or": "a bracket that opens here is never closed. If it is part of a text, use quotes.",
}
"""The YAML library's words for what began on an earlier line, and ours."""
TAB: Final = "this line starts with a tab. Use spaces."
ENDED: Final = ("did not find expected key", "did not find expected '-' indicator")
"""The YAML library's words for text behind what it takes for the end of a text, or for a wrong line."""
MALFORMED: Final = {
    "mapping values are not allowed": "this line has a colon followed by a space, or is not indented like those "
    "above it. If the colon is part of the text, put it all in quotes.",
    "found a tab character": TAB,
    "cannot start any token": "this line starts with a sign that has a meaning of its own. Put the text in quotes.",
    "found undefined alias": "a text that starts with * must be put in quotes.",
    "did not find expected alphabetic": "a text that starts with * or & must be put in quotes.",
    "expected comment or line break": "a text that starts with > or | must be put in quotes.",
    "mapping keys are not allowed": "a text that starts with ? must be put in quotes.",
    "block sequence entries are not allowed": "a text that starts with - must be put in quotes.",
    "did not find expected key": "this line is not indented like those above it, or a quote is left open before it.",
    "did not find expected '-' indicator": "this line should start with '- ' like those above it.",
    "another document": "a line --- starts a second document. Remove it.",
    "expected <document start>": "a line ... above this one ends the file. Remove it.",
}
"""The YAML library's words for a fault, and ours."""

# Nodes of PyYAML: the library has no type for "any node" that mypy could narrow.
Node = yaml.nodes.Node


def load(folder: Path) -> Phrasebook:
    """Return the phrasebook in `folder`; raises `ContentError` with every fault, or `KioskError`."""
    phrasebook, faults = check(folder)
    errors = [fault for fault in faults if not fault.warning]
    if errors or phrasebook is None:
        raise ContentError(errors)
    return phrasebook


def check(folder: Path) -> tuple[Phrasebook | None, list[Fault]]:
    """Return the phrasebook (None if it cannot be used) and every fault, sorted by place."""
    seen = survey(folder)
    return seen.phrasebook, list(seen.faults)


@dataclass(frozen=True, slots=True)
class Survey:
    """A folder of intents, read and judged by its form."""

    phrasebook: Phrasebook | None
    """None if it cannot be used."""
    faults: tuple[Fault, ...]
    """Sorted by place."""
    asked: Mapping[str, tuple[str, str, int]]
    """Every sample question in its `normal` form → what it stands under (an id, two joined by " + ", or "out of
    scope"), its file and its line."""
    lines: Mapping[tuple[str, str], int]
    """The line of each key of each intent's file, by file and key; and of each expression, by "concept: expression"."""


def survey(folder: Path) -> Survey:
    """Return all that can be told of a folder by reading it; raises `KioskError` where there is none."""
    if not folder.is_dir():
        raise KioskError(f"There is no folder of intents at {folder}.", "Name the right one with --intents DIR.")
    journal.recover(folder)
    reading = _Reading(folder)
    phrasebook = reading.phrasebook()
    faults = tuple(sorted(set(reading.faults)))
    usable = not any(not fault.warning for fault in faults)
    return Survey(phrasebook if usable else None, faults, reading.asked, reading.lines)


def normal(text: str) -> str:
    """Return `text` in the form in which two questions count as the same."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower().replace("\u2019", "'")))


@dataclass(slots=True)
class _File:
    """One YAML file: its nodes, and the source lines that faults point into."""

    name: str
    lines: list[str]
    root: Node | None


@dataclass(slots=True)
class _Reading:
    """One walk over the folder, collecting faults as it goes."""

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    asked: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    """Every sample question met so far → the intents it stands under, its file and its line."""
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    """The line of each key of the intents' files, by file and key."""
    unread: set[str] = field(default_factory=set)
    """Intents whose files must be mended first; that other files name them is no fault."""

    # --- the whole folder ---
    def phrasebook(self) -> Phrasebook:
        clinic = self.clinic()
        replies = self.replies(clinic)
        screen = self.screen(clinic)
        groups = self.groups()
        intents = self.intents(groups, clinic)
        examples = [Example(question, (intent.id,)) for intent in intents.values() for question in intent.questions]
        examples += self.compound(intents)
        examples += self.out_of_scope()
        examples += self.misheard(intents)
        concepts = self.vocabulary()
        lesson = _digest(tuple(intents), examples, concepts)
        return Phrasebook(clinic, groups, intents, replies, tuple(examples), concepts, screen, lesson)

    def clinic(self) -> dict[str, str]:
        file = self.open("clinic.yaml")
        facts = {}
        for key, _, value in self.pairs(file, file.root):
            facts[key] = self.text(file, value)
            if key == "colour":
                self.check_colour(file, value, facts[key])
        for name in REQUIRED_FACTS:
            if file.root is not None and not facts.get(name):
                self.fault(file, file.root, f"the fact {name!r} is missing. Add a line such as: {name}: ...")
        return facts

    def replies(self, clinic: Mapping[str, str]) -> dict[str, str]:
        file = self.open("replies.yaml")
        replies = {}
        for key, node, value in self.pairs(file, file.root):
            if key not in REPLIES:
                self.fault(file, node, f"{key!r} is no reply. The replies are: {', '.join(REPLIES)}.")
                continue
            slot = SLOTS.get(key)
            facts = {**clinic, slot: f"{{{slot}}}"} if slot else clinic
            replies[key] = self.with_facts(file, value, self.text(file, value), facts)
            if slot and f"{{{slot}}}" not in replies[key]:
                self.fault(file, value, f"the reply {key!r} needs {{{slot}}} in it.")
        for key in REPLIES:
            if file.root is not None and key not in replies:
                self.fault(file, file.root, f"the reply {key!r} is missing. Add a line such as: {key}: ...")
        return replies

    def screen(self, clinic: Mapping[str, str]) -> dict[str, str]:
        file = self.open("screen.yaml")
        texts = {}
        for key, node, value in self.pairs(file, file.root):
            if key not in SCREEN:
                self.fault(file, node, f"{key!r} is no text of the screen. They are: {', '.join(SCREEN)}.")
                continue
            texts[key] = self.with_facts(file, value, self.text(file, value), {**clinic, **_SAID})
        for key in SCREEN:
            if file.root is not None and key not in texts:
                self.fault(file, file.root, f"the text {key!r} is missing. Add a line such as: {key}: ...")
        return texts

    def check_colour(self, file: _File, node: Node, colour: str) -> None:
        """Report a colour that cannot be shown, or on which white letters cannot be read."""
        if not COLOUR.fullmatch(colour):
            self.fault(file, node, f'{colour!r} is no colour. Write it in quotes, such as: colour: "#0b5563"')
        elif (contrast := 1.05 / (_luminance(colour) + 0.05)) < LEAST_CONTRAST:
            message = f"white letters on {colour} are hard to read (contrast {contrast:.1f}). Take a darker colour."
            self.fault(file, node, message)

    def groups(self) -> tuple[Group, ...]:
        file = self.open("groups.yaml")
        groups = []
        for key, node, value in self.pairs(file, file.root):
            if not (self.folder / key).is_dir():
                self.fault(file, node, f"there is no folder {key!r} for this group. Make it, or remove the line.")
            groups.append(Group(key, self.text(file, value)))
        if not groups:
            self.unread |= {path.stem for path in self.folder.glob("*/*.yaml")}
            return ()
        known = {group.id for group in groups} | {"out_of_scope"}
        for path in sorted(self.folder.iterdir()):
            if path.is_dir() and path.name not in known and not path.name.startswith("."):
                self.add(path.name, 1, "this folder is no group of groups.yaml. Add it there, or remove the folder.")
            elif path.suffix in (".yaml", ".yml") and path.name not in FILES:
                self.add(path.name, 1, "this file is not read. Move it to the folder of its group.", warning=True)
        return tuple(groups)

    def intents(self, groups: Iterable[Group], clinic: Mapping[str, str]) -> dict[str, Intent]:
        found: dict[str, Intent] = {}
        related: list[tuple[_File, Node, str]] = []
        for group in groups:
            for name in self.files(group.id):
                file = self.open(name)
                intent, mentions = self.intent(file, group.id, clinic)
                related += mentions
                if intent is None or intent.id != Path(name).stem:
                    self.unread.add(Path(name).stem)
                if intent is None:
                    continue
                if intent.id in found:
                    other = found[intent.id].group
                    self.add(file.name, 1, f"the id {intent.id!r} is already used in the group {other!r}.")
                    continue
                found[intent.id] = intent
        for file, node, name in related:
            if not self.exists(name, found):
                self.fault(file, node, f"there is no intent {name!r} to relate to. Check the spelling.")
        if not found and not self.faults:
            self.add("groups.yaml", 1, "no intent was found in any group's folder.")
        return found

    def intent(
        self, file: _File, group: str, clinic: Mapping[str, str]
    ) -> tuple[Intent | None, list[tuple[_File, Node, str]]]:
        values: dict[str, Node] = {}
        for key, node, value in self.pairs(file, file.root):
            if key not in INTENT_KEYS:
                self.fault(file, node, f"{key!r} is not a known key. The keys are: {', '.join(INTENT_KEYS)}.")
            else:
                values[key] = value
                self.lines[file.name, key] = node.start_mark.line + 1
        if file.root is None:
            return None, []
        for key in REQUIRED_KEYS:
            if key not in values:
                self.fault(file, file.root, f"the key {key!r} is missing. Add a line such as: {key}: ...")
        text = {key: self.text(file, values[key]) for key in ("id", "title", "answer", "source") if key in values}
        intent_id = text.get("id", "")
        self.check_id(file, values.get("id"), intent_id)
        related = [(file, item, self.text(file, item)) for item in self.items(file, values.get("related"))]
        questions = self.questions(file, values.get("questions"), intent_id)
        intent = Intent(
            id=intent_id,
            title=text.get("title", ""),
            group=group,
            answer=self.with_facts(file, values.get("answer"), text.get("answer", ""), clinic),
            questions=questions,
            urgent=self.yes_no(file, "urgent", values.get("urgent")),
            reassuring=self.yes_no(file, "reassuring", values.get("reassuring")),
            source=text.get("source", ""),
            related=tuple(name for _, _, name in related),
        )
        return (intent if intent_id else None), related

    def compound(self, intents: Mapping[str, Intent]) -> Iterator[Example]:
        file = self.open("compound.yaml")
        for item in self.items(file, file.root):
            values = {key: value for key, _, value in self.pairs(file, item)}
            if set(values) != {"question", "intents"}:
                self.fault(file, item, "each entry has two keys: question, and intents (a list of two ids).")
                continue
            ids = tuple(self.text(file, node) for node in self.items(file, values["intents"]))
            if len(set(ids)) < 2:  # noqa: PLR2004  two are what a compound question is
                self.fault(file, values["intents"], "a compound question has two intents or more. Add one.")
            for name in ids:
                if not self.exists(name, intents):
                    self.fault(file, values["intents"], f"there is no intent {name!r}. Check the spelling.")
            for question in self.one_question(file, values["question"], " + ".join(ids)):
                yield Example(question, ids)

    def out_of_scope(self) -> Iterator[Example]:
        for name in self.files("out_of_scope"):
            file = self.open(name)
            values = {key: value for key, _, value in self.pairs(file, file.root)}
            if file.root is not None and set(values) != {"title", "questions"}:
                self.fault(file, file.root, "this file has two keys: title, and questions (a list).")
                continue
            for question in self.questions(file, values.get("questions"), "out of scope"):
                yield Example(question, ())

    def misheard(self, intents: Mapping[str, Intent]) -> Iterator[Example]:
        """Lines of `intent[+intent]<TAB>words`; `-` for out of scope. A generated file: wrong lines are faults."""
        path = self.folder / "misheard.txt"
        if not path.is_file():
            return
        raw = path.read_bytes()
        for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
            if not line or line.startswith("#"):
                continue
            label, tab, words = line.partition("\t")
            ids = () if label == "-" else tuple(label.split("+"))
            if not tab or not words or not all(self.exists(name, intents) for name in ids):
                self.add("misheard.txt", number, "this line is not an intent, a tab and words. Make the file anew.")
                continue
            yield Example(words, ids, misheard=True)

    def vocabulary(self) -> tuple[Concept, ...]:
        file = self.open("vocabulary.yaml")
        concepts = []
        for key, node, value in self.pairs(file, file.root):
            if not ID.fullmatch(key):
                self.fault(file, node, f"{key!r}: a concept's name is small letters, digits and _ only.")
            expressions = tuple(self.text(file, item) for item in self.items(file, value))
            for item, expression in zip(self.items(file, value), expressions, strict=True):
                self.lines[file.name, f"{key}: {expression}"] = item.start_mark.line + 1
                if expressions.count(expression) > 1:
                    self.fault(file, item, f"{expression!r} stands twice under {key!r}.", warning=True)
            concepts.append(Concept(key, expressions))
        return tuple(concepts)

    def exists(self, name: str, intents: Mapping[str, Intent]) -> bool:
        """Tell whether an intent of that name is there, be it in need of mending; an empty name is told elsewhere."""
        return not name or name in intents or name in self.unread

    # --- parts of an intent ---
    def check_id(self, file: _File, node: Node | None, intent_id: str) -> None:
        if node is None:
            return
        if not ID.fullmatch(intent_id):
            self.fault(file, node, f"{intent_id!r}: an id is small letters, digits and _ only, such as ice_or_heat.")
        elif intent_id != Path(file.name).stem:
            self.fault(file, node, f"the id is {intent_id!r} but the file is called {file.name!r}. Make them the same.")

    def with_facts(self, file: _File, node: Node | None, answer: str, clinic: Mapping[str, str]) -> str:
        if node is None:
            return answer
        for name in FACT.findall(answer):
            if name not in clinic and name not in REQUIRED_FACTS:
                facts = ", ".join(clinic) or "none"
                self.fault(file, node, f"{{{name}}} is no fact of clinic.yaml. The facts are: {facts}.")
        rest = FACT.sub("", answer)
        if "{" in rest or "}" in rest:
            self.fault(file, node, "a { or } stands alone. Facts are written like {desk}.")
        told = FACT.sub(lambda found: clinic.get(found[1], ""), answer)
        if (words := len(told.split())) > LONGEST_ANSWER:
            message = f"this has {words} words; patients lose the thread after {LONGEST_ANSWER}. Make it shorter."
            self.fault(file, node, message, warning=True)
        if sign := UNSPEAKABLE.search(rest):
            self.fault(file, node, f"{sign[0]!r} is not spoken as it is read. Write it as a word.", warning=True)
        return told

    def yes_no(self, file: _File, key: str, node: Node | None) -> bool:
        if node is None:
            return False
        word = self.text(file, node).lower()
        if word not in YES_NO:
            self.fault(file, node, f"{key} is {word!r}. Write yes or no.")
        return YES_NO.get(word, False)

    def questions(self, file: _File, node: Node | None, owner: str) -> tuple[str, ...]:
        items = list(self.items(file, node))
        if isinstance(node, yaml.SequenceNode) and not items:
            self.fault(file, node, "there is no sample question. Write at least one, on a line that starts with '- '.")
        return tuple(question for item in items for question in self.one_question(file, item, owner))

    def one_question(self, file: _File, node: Node, owner: str) -> Iterator[str]:
        question = self.text(file, node)
        key = normal(question)
        line = node.start_mark.line + 1
        if not question:
            return
        if not key:
            self.fault(file, node, f"{question!r} has no letters, so nobody can say it.")
        elif len(question) > LONGEST_LINE:
            self.fault(file, node, f"this question has {len(question)} characters; {LONGEST_LINE} are the most.")
        elif key in self.asked:
            other, where, there = self.asked[key]
            who = "the same intent" if other == owner else f"{other!r}"
            self.fault(file, node, f"{question!r} also stands under {who} ({where}, line {there}). Keep one of them.")
        else:
            self.asked[key] = (owner, file.name, line)
            yield question

    # --- files and YAML nodes ---
    def files(self, folder: str) -> Iterator[str]:
        """Yield the YAML files of a folder by name; tell which others stand there unread."""
        for path in sorted((self.folder / folder).glob("*")):
            if path.suffix == ".yaml" and not path.name.startswith("."):
                yield f"{folder}/{path.name}"
            elif path.suffix != ".md" and not path.name.startswith("."):
                message = "this is not read, because its name does not end in .yaml. Rename it, or move it away."
                self.add(f"{folder}/{path.name}", 1, message, warning=True)

    def open(self, name: str) -> _File:
        path = self.folder / name
        file = _File(name, [], None)
        try:
            raw = path.read_bytes()
            text = raw.decode("utf-8-sig")
            file.lines = text.splitlines()
            if text.count("[") + text.count("{") > DEEPEST or max(map(len, file.lines), default=0) > DEEPEST:
                self.add(name, 1, "this is no file for the kiosk: it has lines or brackets without end.")
                return file
            file.root = yaml.compose(text, Loader=LOADER)
            if file.root is None:
                self.add(name, 1, "this file is empty.")
        except FileNotFoundError:
            self.add(name, 1, "this file is missing.")
        except OSError as error:
            self.add(name, 1, f"this file cannot be read: {error.strerror}.")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self.add(name, line, "this is not text in UTF-8. Save the file as UTF-8.")
        except yaml.reader.ReaderError as error:
            line = text.encode()[: error.position].count(b"\n") + 1
            self.add(name, line, "there is a control character here. Type the text anew.")
        except yaml.MarkedYAMLError as error:
            self.add(name, *_in_plain_words(error, file.lines))
        return file

    def pairs(self, file: _File, node: Node | None) -> Iterator[tuple[str, Node, Node]]:
        """Yield (key, its node, the value's node) of a mapping; anything else is a fault."""
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self.fault(file, node, "here should stand lines of the form 'key: value'.")
            return
        seen: set[str] = set()
        for key_node, value in node.value:
            key = self.text(file, key_node)
            if key in seen:
                self.fault(file, key_node, f"{key!r} stands twice here; one of the two would be lost.")
                continue
            seen.add(key)
            yield key, key_node, value

    def items(self, file: _File, node: Node | None) -> Iterator[Node]:
        """Yield the nodes of a list; anything else is a fault."""
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            self.fault(file, node, "here should stand a list: lines that start with '- '.")
            return
        yield from node.value

    def text(self, file: _File, node: Node) -> str:
        """Return a scalar's text as it was typed; report what YAML would drop or change."""
        if not isinstance(node, yaml.ScalarNode):
            self.fault(file, node, "here should stand a text, not a list or a block. If it has ': ' in it, use quotes.")
            return ""
        if _at(file.lines, node.start_mark).startswith(("&", "!")):
            self.fault(file, node, "a text that starts with & or ! loses its first word. Put it all in quotes.")
        if node.style in ("", None):
            self.check_plain(file, node)
        if not node.value.strip():
            self.fault(file, node, "there is nothing here. Write the text, or remove the line.")
        if not node.value.isascii():
            self.check_letters(file, node)
        return " ".join(node.value.split())

    def check_plain(self, file: _File, node: yaml.ScalarNode) -> None:
        """Report what YAML drops from, or joins to, a text without quotes."""
        rest = _at(file.lines, node.end_mark).strip()
        if rest.startswith("#"):
            self.fault(file, node, f"everything from the # on would be lost: {rest!r}. Put it all in quotes.")
        for number in range(node.start_mark.line + 1, node.end_mark.line + 1):
            if file.lines[number].lstrip().startswith("-"):
                message = "this line would be joined to the one above it. Start both with '- ' in the same column."
                self.add(file.name, number + 1, message)

    def check_letters(self, file: _File, node: yaml.ScalarNode) -> None:
        """Report letters that only look like those the recogniser writes, and signs that nobody sees."""
        for sign in node.value:
            if sign in CURLY:
                message = f"there is a curly quote of a word processor here: {sign}  Type {CURLY[sign]} instead."
                self.fault(file, node, message, warning=True)
                return
            name = unicodedata.name(sign, "unnamed")
            if unicodedata.category(sign) == "Cf" or (sign.isalpha() and not name.startswith("LATIN")):
                message = f"there is a foreign or unseen letter here: {name.lower()}. Type the text anew."
                self.fault(file, node, message, warning=True)
                return

    # --- faults ---
    def fault(self, file: _File, node: Node, message: str, *, warning: bool = False) -> None:
        self.add(file.name, node.start_mark.line + 1, message, warning=warning)

    def add(self, file: str, line: int, message: str, *, warning: bool = False) -> None:
        self.faults.append(Fault(file, line, message, warning))


def _digest(intents: Sequence[str], examples: Iterable[Example], concepts: Iterable[Concept]) -> str:
    """Return a digest of all that the weights are learned from, and of nothing else."""
    lesson = [
        intents,
        [(example.text, example.intents, example.misheard) for example in examples],
        [(concept.id, concept.expressions) for concept in concepts],
    ]
    return hashlib.sha256(json.dumps(lesson).encode()).hexdigest()


def _luminance(colour: str) -> float:
    """Return how light `#rrggbb` is, 0 to 1, as WCAG defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # noqa: PLR2004 - sRGB's definition
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _at(lines: Sequence[str], mark: yaml.Mark) -> str:
    """Return the rest of the line from `mark` on."""
    return lines[mark.line][mark.column :] if mark.line < len(lines) else ""


def _in_plain_words(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[int, str]:
    """Return the line of a fault in YAML, and what to do about it."""
    problem = error.problem or ""
    mark = error.problem_mark or error.context_mark
    for sign, words in UNCLOSED.items():
        if sign in problem and error.context_mark:
            return error.context_mark.line + 1, words
    if mark is None:
        return 1, f"this is not YAML: {problem}."
    before = lines[mark.line][: mark.column].strip() if mark.line < len(lines) else ""
    if problem in ENDED and before.strip("- "):
        return mark.line + 1, "the text goes on after a closing quote or bracket. Put all of it in one pair of quotes."
    if "cannot start any token" in problem and _at(lines, mark).startswith("\t"):
        return mark.line + 1, TAB
    words = next((words for sign, words in MALFORMED.items() if sign in problem), f"this is not YAML: {problem}.")
    return mark.line + 1, words
