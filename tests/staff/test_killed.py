"""A save that is killed at any point leaves the old content or the new, whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_save_that_is_killed_at_any_call_into_the_system_leaves_the_old_or_the_new_whole(tmp_path):
    """The whole of `Editor.save`: reading, judging, writing aside, the journal, the renames and the kept version."""
    script = [sys.executable, "-m", "tests.staff.killed", str(tmp_path)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    told = subprocess.run(script, check=True, capture_output=True, timeout=900, cwd=ROOT, env=environment).stdout
    seen = json.loads(told)
    assert seen["trials"] > 200
    assert "mixed" not in seen, seen
    assert min(seen["old"], seen["new"]) > 20, "both sides of the moment from which it counts were met"
