"""What was read and learned is kept, and counts only as long as no file is other than then."""

import shutil

import pytest

from kiosk import places
from kiosk.intents import content
from kiosk.learning import packed, ready
from kiosk.terms import ContentError


@pytest.fixture
def intents(tmp_path):
    return shutil.copytree(places.intents_dir(), tmp_path / "intents")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def unreadable(monkeypatch):
    """Let nothing be read any more that was not kept."""

    def fail(_folder):
        raise AssertionError("the files were read again")

    return lambda: monkeypatch.setattr(content, "check", fail)


def test_what_was_packed_is_unpacked(phrasebook):
    assert packed.read_phrasebook(packed.phrasebook_bytes(phrasebook)) == phrasebook


def test_unchanged_files_are_not_read_again(intents, cache, unreadable):
    read = ready.phrasebook(intents, cache)
    unreadable()
    assert ready.phrasebook(intents, cache) == read


def test_what_is_wrong_in_the_files_is_kept_with_them(intents, cache, unreadable):
    with (intents / "vocabulary.yaml").open("a") as file:
        file.write("twice:\n- numb\n- numb\n")
    read, faults = ready.check(intents, cache)
    assert faults
    unreadable()
    assert ready.check(intents, cache) == (read, faults)
    assert [fault.warning for fault in ready.check(intents, cache)[1]] == [fault.warning for fault in faults]


def test_a_reading_of_files_that_were_changed_meanwhile_is_not_kept(intents, cache, monkeypatch):
    def changing(folder):
        file = folder / "clinic.yaml"
        file.write_text(file.read_text() + "\n")
        return read(folder)

    read = content.check
    monkeypatch.setattr(content, "check", changing)
    ready.check(intents, cache)
    assert not cache.exists()


def test_a_changed_file_counts_even_if_it_claims_to_be_as_old_and_as_long(intents, cache):
    ready.phrasebook(intents, cache)
    file = intents / "replies.yaml"
    before = file.stat()
    file.write_text(file.read_text().replace("not hear", "not bear", 1))
    shutil.copystat(places.intents_dir() / "replies.yaml", file)
    assert file.stat().st_size == before.st_size
    assert "not bear" in str(ready.phrasebook(intents, cache).replies)


def test_a_new_fault_is_told_though_an_older_reading_is_kept(intents, cache):
    ready.phrasebook(intents, cache)
    (intents / "clinic.yaml").write_text("")
    with pytest.raises(ContentError):
        ready.phrasebook(intents, cache)


def test_a_file_that_is_gone_counts(intents, cache):
    before = ready.phrasebook(intents, cache)
    (intents / "misheard.txt").unlink()
    assert len(ready.phrasebook(intents, cache).examples) < len(before.examples)


def test_a_damaged_reading_is_made_anew(intents, cache):
    read = ready.phrasebook(intents, cache)
    (kept,) = cache.iterdir()
    damaged = bytearray(kept.read_bytes())
    damaged[500] ^= 1
    kept.write_bytes(damaged)
    assert ready.phrasebook(intents, cache) == read
    assert kept.read_bytes() != damaged


def test_where_nothing_can_be_kept_all_is_read_each_time(intents, tmp_path):
    (tmp_path / "file").write_text("")
    assert ready.phrasebook(intents, tmp_path / "file") == ready.phrasebook(intents, tmp_path / "file" / "cache")
