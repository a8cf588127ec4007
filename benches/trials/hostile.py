"""Articles that nobody writes, through the front end and the tone voice."""
from hostile_articles import articles
from samples import TONE
from tally import trial
from wav import is_whole

# CPU seconds that one command may take; a page of 300 kB of prose takes about two.
LONGEST = 20
# A fifth of the page read by the tone voice, hours of sound: about 25.
LONGEST_READ = 60
# MiB that one command may take.
LARGEST = 500


@trial("hostile", "hostile articles", "done, told", "slow, large, silent, half a result")
def hostile_articles(lab, tally):
    """More than 120 generated articles (nests of 36 elements, storms of tags, JSON-LD, Markdown bombs, front matter, endless words,
    numbers, accents, spaces, noise, encodings) through `explain --stage article` and `--stage phonemes`, some through `read`. A
    fault: a panic, an end without a message, more than 20 seconds of CPU time (60 for `read`), more than 500 MiB of memory."""
    slowest, largest = (0.0, ""), (0.0, "")
    with lab.scratch() as work:
        # A quick run takes every third one.
        for name, ending, data, kinds in list(articles(lab.is_quick))[::lab.repeats(1, 3)]:
            path = work / f"story.{ending}"
            path.write_bytes(data)
            for kind in kinds:
                is_read = kind == "read"
                command = ["read", path, "-o", work / "x.wav", "--force", *TONE] if is_read else ["explain", path, "--stage", kind]
                run = lab.run(*command, cpu=LONGEST_READ if is_read else LONGEST, limit=1200)
                if run.crash == "hung":
                    word = "slow"
                elif run.peak_mib > LARGEST:
                    word = "large"
                elif is_read and run.code == 0 and not is_whole(work / "x.wav"):
                    word = "half a result"
                elif run.code != 0:
                    word = "told" if run.err.strip() else "silent"
                else:
                    word = "done"
                tally.add(f"{name} of {len(data):,} bytes, {kind}", word if word == "slow" else run.crash or word, run.brief())
                slowest = max(slowest, (run.cpu, f"{name}, {kind}"))
                largest = max(largest, (run.peak_mib, f"{name}, {kind}"))
    tally.note(f"slowest {slowest[0]:.1f} s CPU ({slowest[1]}), largest {largest[0]:.0f} MiB ({largest[1]})")
