"""How long the kiosk goes on: thousands of questions in one process, many pages at once, and what is not a question.

    python -m reliability soak --questions 5000
    python -m reliability fuzz --cases 2000
    python -m reliability load

Faults on purpose are with the tests that have a sound card: `python -m tests.sound.faults`. Each
prints what it did and found, and ends with status 1 where something did not hold.
"""
