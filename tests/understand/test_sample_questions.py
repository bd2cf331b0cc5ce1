"""Every sample question is understood as what it stands under: no intent takes another's."""


def test_every_sample_question_gets_its_own_intent(phrasebook, ask):
    strays = [
        f"{text!r} of {name} got {said.intents or said.outcome}"
        for name, intent in phrasebook.intents.items()
        for text in intent.questions
        if (said := ask(text)).intents != (name,)
    ]
    assert not strays


def test_every_compound_question_gets_both_answers_the_urgent_one_first(phrasebook, ask):
    def is_urgent(name):
        return phrasebook.intents[name].urgent

    def is_told(name, intents):
        """A calming answer is not told beside a warning sign."""
        return not (phrasebook.intents[name].reassuring and any(is_urgent(other) for other in intents))

    for example in phrasebook.examples:
        if len(example.intents) < 2 or example.misheard:
            continue
        said = ask(example.text)
        assert set(said.intents) == {name for name in example.intents if is_told(name, example.intents)}, example.text
        assert [is_urgent(name) for name in said.intents] == sorted(map(is_urgent, said.intents), reverse=True)
        assert said.urgent == any(is_urgent(name) for name in example.intents), example.text


def test_every_out_of_scope_question_is_refused(phrasebook, ask):
    refused = [example.text for example in phrasebook.examples if not (example.intents or example.misheard)]
    answered = [text for text in refused if ask(text).outcome != "unknown"]
    assert not answered
