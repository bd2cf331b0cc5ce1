"""What a speech model can hear is read from its own files, in either of the two forms."""

import pytest

from kiosk.transcribe.lexicon import LISTED, PACKED, lexicon


@pytest.mark.speech
def test_a_small_models_words_are_those_that_it_knows(model_dir, recogniser):
    found = lexicon(model_dir)
    assert {"needling", "physiotherapist", "tingling"} <= set(found)
    assert len(found) > 100_000
    sample = found[::5000]
    assert recogniser.unknown_words(sample) == set()
    assert recogniser.unknown_words(["myofascial"]) == {"myofascial"} - set(found)


def test_a_large_model_lists_its_words(tmp_path):
    (tmp_path / LISTED).parent.mkdir()
    (tmp_path / LISTED).write_text("<eps> 0\nnumb 1\ntingling 2\n#0 3\n", encoding="utf-8")
    assert lexicon(tmp_path) == ("numb", "tingling")


@pytest.mark.parametrize("raw", [b"", b"no table", b"\x74\xfb\xb2\x7e\xff\xff\xff\xff", b"\x74\xfb\xb2\x7e\x01\0\0\0a"])
def test_a_model_that_keeps_them_in_another_way_gives_none(tmp_path, raw):
    assert lexicon(tmp_path) == ()
    (tmp_path / PACKED).parent.mkdir()
    (tmp_path / PACKED).write_bytes(raw)
    assert lexicon(tmp_path) == ()
