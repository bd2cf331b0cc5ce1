"""Question files are read as they are written, and faults are told."""

import pytest

from evaluation.questions import OWN, Question, read
from kiosk.terms import KioskError

LINE = '{"id": "a-1", "text": "it tingles", "topics": ["tingling"], "also_ok": ["numbness"], "style": "terse"}\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.jsonl").write_text(LINE, encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('\n{"id": "b-1", "text": "who won", "topics": ["none"]}\n\n', encoding="utf-8")
    return tmp_path


def test_reads_every_file_of_a_folder(folder):
    assert read([folder]) == [
        Question("a-1", "it tingles", frozenset({"tingling"}), frozenset({"numbness"}), "terse"),
        Question("b-1", "who won", frozenset({"none"})),
    ]


def test_reads_single_files(folder):
    assert [question.id for question in read([folder / "b.jsonl", folder / "a.jsonl"])] == ["b-1", "a-1"]


def test_none_is_out_of_scope(folder):
    assert [question.in_scope for question in read([folder])] == [True, False]


@pytest.mark.parametrize("line", ["hello", "[]", '{"id": "x"}', '{"id": "x", "text": "y", "topics": 3}', '"x"'])
def test_tells_the_line_that_is_no_question(folder, line):
    (folder / "a.jsonl").write_text(LINE + line, encoding="utf-8")
    with pytest.raises(KioskError, match=r"a\.jsonl, line 2"):
        read([folder])


def test_no_questions_at_all_is_told(tmp_path):
    with pytest.raises(KioskError, match="no questions"):
        read([tmp_path])
    with pytest.raises(KioskError, match="cannot be read"):
        read([tmp_path / "missing.jsonl"])


def test_the_projects_own_questions_can_be_read():
    assert len(read()) > 1000
    assert all((OWN / f"{question.id.rpartition('-')[0]}.jsonl").is_file() for question in read())
