"""Counts what trials saw, and shows it."""
import collections
import dataclasses
import typing

# Faults of any trial.
CRASHES = ("panicked", "crashed", "hung")
# Faults of a trial that are listed one by one.
MOST_SHOWN = 8
# Faults of a trial that are shown though none of them happened.
MOST_ZEROS = 2


@dataclasses.dataclass
class Trial:
    """One row of the table."""

    name: str
    title: str
    good: tuple
    bad: tuple
    function: typing.Callable

    @property
    def about(self):
        return " ".join((self.function.__doc__ or "").split())


TRIALS = []


def trial(name, title, good, bad):
    """Registers a function `(lab, tally)` as a trial; `good` and `bad` are the words for what can happen in a case."""

    def register(function):
        TRIALS.append(Trial(name, title, tuple(good.split(", ")), tuple(bad.split(", ")), function))
        return function

    return register


class Tally:
    """The cases of a trial."""

    def __init__(self, trial):
        self.trial = trial
        self.tried = 0
        self.counts = collections.Counter()
        self.faults = []
        self.notes = []
        self.untried = []
        self.lacks_voice = False
        self.seconds = 0.0

    def add(self, case, words, detail=""):
        """A case was tried; `words` is one outcome or several."""
        self.tried += 1
        for word in [words] if isinstance(words, str) else words:
            self.counts[word] += 1
            if word in self.trial.bad or word in CRASHES:
                self.faults.append({"case": case, "outcome": word, "detail": detail})
            elif word not in self.trial.good:
                raise ValueError(f"{self.trial.name}: “{word}” is declared neither good nor bad")

    def break_off(self, why):
        """The trial itself failed."""
        self.faults.append({"case": "the trial", "outcome": "broken off", "detail": why})

    def note(self, text):
        """Something worth reading that is no fault."""
        self.notes.append(text)

    def skip(self, case, why):
        """A case could not be tried here."""
        self.untried.append({"case": case, "why": why})

    def skip_without_voice(self, case, voice):
        """A case needs a voice that is not here."""
        self.lacks_voice = True
        self.skip(case, f"it is not installed: audio-report voices install {voice}")

    def line(self):
        # A long list of things that did not happen is not read.
        always = [*self.trial.good[:1], *self.trial.bad[:MOST_ZEROS]]
        words = dict.fromkeys([*self.trial.good, *self.trial.bad, *CRASHES])
        shown = [f"{self.counts[word]} {word}" for word in words if self.counts[word] or word in always]
        line = f"{self.trial.name} {self.trial.title}: " + ", ".join([f"{self.tried} tried", *shown])
        if self.untried:
            line += f", {len(self.untried)} not tried"
        return line + (f"   FAULTS {len(self.faults)}" if self.faults else "")

    def details(self):
        for fault in self.faults[:MOST_SHOWN]:
            yield f"    {fault['outcome']}: {fault['case']}" + (f" ({fault['detail']})" if fault["detail"] else "")
        if len(self.faults) > MOST_SHOWN:
            yield f"    and {len(self.faults) - MOST_SHOWN} more"
        for note, times in collections.Counter(self.notes).items():
            yield f"    note: {note}" + (f" ({times} times)" if times > 1 else "")
        for reason, cases in grouped(self.untried).items():
            yield f"    not tried: {', '.join(cases)} ({reason})"

    def as_json(self):
        return {
            "name": self.trial.name, "title": self.trial.title, "about": self.trial.about, "tried": self.tried,
            "counts": dict(self.counts), "faults": self.faults, "notes": self.notes, "not_tried": self.untried,
            "seconds": round(self.seconds, 1),
        }


def grouped(untried):
    groups = {}
    for entry in untried:
        groups.setdefault(entry["why"], []).append(entry["case"])
    return groups


def table(tallies):
    """A Markdown table of all trials."""
    rows = [("trial", "tried", "outcomes", "faults", "s")]
    for tally in tallies:
        words = ", ".join(f"{count} {word}" for word, count in sorted(tally.counts.items(), key=lambda item: -item[1]))
        rows.append((f"{tally.trial.name} {tally.trial.title}", str(tally.tried), words or "none",
                     str(len(tally.faults)) if tally.tried or tally.faults else "not tried", f"{tally.seconds:.0f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
