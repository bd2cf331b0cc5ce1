"""How long the kiosk goes on: thousands of questions in one process, faults on purpose, and what is not a question.

    python -m reliability soak --questions 5000
    python -m reliability faults
    python -m reliability fuzz --cases 2000

Each prints what it did and found, and ends with status 1 where something did not hold.
"""
