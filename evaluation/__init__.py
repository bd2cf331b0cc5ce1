"""Measures how well the kiosk understands; for developers, not shipped.

`python -m evaluation` (or `make evaluate`) asks the kiosk every question of `tests/questions/`, typed
and aloud, and writes `docs/evaluation.md`. The way: `questions` reads them, `hearing` has them spoken
(`voices`) in a noisy room (`rooms`) and transcribed, `answerers` and `rivals` answer, `judge` compares,
`tables` and `plots` show, `report` writes.
"""
