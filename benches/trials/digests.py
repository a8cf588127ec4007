"""Digests of few and of many stories: what one more costs in memory, and that none is spoken twice."""
import re

from samples import TONE, article
from tally import trial

# So many stories; the smallest digest has what any needs, the larger ones show what a story adds.
STORIES = (10, 100, 300)
# Bytes of an article: two sentences.
SIZE = 60
# What a story may add to the peak, in KiB: its row in the manifest, its headline, its chapter. 3,000 stories took 1 KiB each; the rest is
# for chance, which makes a mebibyte between two runs. The sound of one story would be 500.
MOST_EACH = 8.0
# The same with captions, whose words are known until the end: 3,000 stories took 4 KiB each.
MOST_EACH_SHOWN = 16.0
# Runs of each kind, of which the smallest peak counts.
RUNS = 3
# Beside the sound of the largest kind of digest.
SHOWN = ("--captions", "vtt,srt,json", "--chapters", "--page")


def folder_of(lab, count):
    """A folder with the reports of so many stories."""
    articles, out = lab.folder(f"stories-{count}"), lab.folder(f"reports-{count}")
    for number in range(count):
        (articles / f"story{number:03}.txt").write_bytes(article(number, SIZE))
    run = lab.run("batch", articles, "-o", out, *TONE, limit=600)
    if run.code != 0:
        raise RuntimeError(f"a batch without any trouble failed: {run.brief()}")
    return out


@trial("digest", "memory of long digests", "flat", "grows, spoken twice, failed")
def digests(lab, tally):
    """Joins 10, 100 and 300 short reports in the tone voice, as WAV and as MP3, and once with everything beside it. A fault: a story
    adds more than 8 KiB to the peak of memory (16 with captions and a page), or is spoken again."""
    folders = [(count, folder_of(lab, count)) for count in STORIES]
    for name, more, most in (("wav", (), MOST_EACH), ("mp3", (), MOST_EACH), ("wav", SHOWN, MOST_EACH_SHOWN)):
        peaks = {}
        what = f"{name} with captions" if more else name
        for count, out, number in ((*folder, number) for folder in folders for number in range(RUNS)):
            sound = out / f"day{len(more)}-{number}.{name}"
            run = lab.run("digest", out, "-o", sound, *TONE, *more, limit=600)
            spoken = re.search(rb"(\d+) chunks? spoken", run.out)
            if run.code != 0 or not spoken:
                tally.add(f"{what}, {count}", run.crash or "failed", run.brief())
                return
            # The rundown is all that is new, and it names twelve headlines at most.
            if int(spoken[1]) > 12:
                tally.add(f"{what}, {count}", "spoken twice", f"{int(spoken[1])} chunks")
            peaks[count] = min(peaks.get(count, run.peak_mib), run.peak_mib)
        each = 1024 * (peaks[300] - peaks[100]) / 200
        shown = ", ".join(f"{count}: {peak:.1f} MiB" for count, peak in peaks.items())
        tally.note(f"{what}: {shown}; {each:.1f} KiB a story")
        tally.add(what, "flat" if each <= most else "grows", f"{shown}; {each:.1f} KiB a story")
