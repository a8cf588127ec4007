"""Stories that no two requests share, as long as they are wanted."""

import itertools

TOWNS = ("Rotterdam", "Bergen", "Gdansk", "Marseille", "Halifax", "Santos", "Busan", "Durban")
DOINGS = ("reopened its harbour after a strike of three weeks", "will close two bridges for repairs until the spring",
          "asked the government for help with the cost of the flood", "chose a new mayor by a margin of nine votes",
          "counted more visitors than in any year before", "sold its old power station to a museum")
REMARKS = ("Officials said that the work would be done by Friday.", "Nobody was hurt, and the trains run again.",
           "The council meets on Tuesday to talk about the money.", "A spokeswoman called it a good day for the town.")
_numbers = itertools.count(1)


def sentences():
    """Endless news, a sentence at a time."""
    for number in _numbers:
        yield f"{TOWNS[number % len(TOWNS)]} {DOINGS[number % len(DOINGS)]}, said report {number}."
        yield REMARKS[number % len(REMARKS)]


def story(words):
    """News of at least so many words, none of it told before."""
    told = []
    count = 0
    for sentence in sentences():
        told.append(sentence)
        count += len(sentence.split())
        if count >= words:
            return " ".join(told)
