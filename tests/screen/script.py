"""What stands in for the understanding of questions: four of them, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.terms import Candidate, Match, Phrasebook, Transcript, Unclear, Unknown

TINGLING = "is it normal that my leg is tingling"
SORE = "my arm is sore and tingles"
WEATHER = "what is the weather tomorrow"
FEVER = "i have a fever since the needling"


@dataclass
class Script:
    """Understands the four questions above, and nothing else."""

    phrasebook: Phrasebook

    def understand(self, transcript: Transcript):
        match transcript.text:
            case t if t == TINGLING:
                return Match((Candidate("tingling", 90.0),))
            case t if t == FEVER:
                return Match((Candidate("infection_signs", 90.0),))
            case t if t == SORE:
                return Unclear((Candidate("soreness", 50.0), Candidate("tingling", 49.0), Candidate("numbness", 48.0)))
        return Unknown()
