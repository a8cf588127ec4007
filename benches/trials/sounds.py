"""Sound files that nobody made, for `play`."""
import struct
import sys

from samples import tone_sound
from tally import trial

# A loudspeaker that takes everything and is not heard.
SILENT_DEVICE = "pcm.!default { type null }\nctl.!default { type null }\n"


def made(right):
    """Yields names and bytes of sound files that are wrong in some way."""
    yield "empty RIFF", b"RIFF"
    yield "RIFF alone", b"RIFF\x04\0\0\0WAVE"
    for magic in (b"fLaC", b"OggS", b"ID3\x04\0\0", b"\xff\xfb\x90\x00", b"\0\0\0\x18ftypM4A ", b"RIFF\xff\xff\xff\xffWAVE"):
        for name, tail in (("alone", b""), ("zeros", bytes(5000)), ("ones", b"\xff" * 5000), ("text", b"The port reopened. " * 300)):
            yield f"{magic[:4]!r}, {name}", magic + tail
    yield "fLaC of 4 GiB", b"fLaC\x80\xff\xff\xff" + bytes(40)
    yield "ID3 of 256 MiB", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(40)
    yield "ftyp of all", struct.pack(">I4s", 0xFFFFFFFF, b"ftyp") + b"M4A " + bytes(100)
    yield "moov in moov", struct.pack(">I4s4sI", 16, b"ftyp", b"M4A ", 0) + struct.pack(">I4s", 0, b"moov") * 20_000
    for name, rate, channels, bits in (("rate 0", 0, 1, 16), ("rate 4 GHz", 0xFFFFFFFF, 1, 16), ("no channel", 24000, 0, 16),
                                       ("65,535 channels", 24000, 65535, 16), ("0 bits", 24000, 1, 0), ("7 bits", 24000, 1, 7)):
        yield name, right[:22] + struct.pack("<HIIHH", channels, rate, rate * 2 & 0xFFFFFFFF, 2, bits) + right[36:2000]
    yield "cut", right[:len(right) // 100]


@trial("sounds", "damaged sound files played", "told, played", "silent, large")
def damaged_sound_files(lab, tally):
    """Made and mutated WAV, FLAC, Ogg, MP3 and MPEG-4 files through `play`, on a silent device. A fault: a panic, a hang, an end
    without a message, more than 500 MiB."""
    if sys.platform != "linux":
        tally.skip("all", "noise would come out of the loudspeaker")
        return
    right = tone_sound(lab).read_bytes()
    with lab.scratch() as work:
        silence = work / "asound.conf"
        silence.write_text(SILENT_DEVICE)
        sounds = [("as it should be", right), *made(right)]
        for number in range(lab.repeats(60, 10)):
            mutant = bytearray(right[:20_000])
            for _ in range(lab.random.randrange(1, 6)):
                mutant[lab.random.randrange(60)] = lab.random.randrange(256)
            sounds.append((f"mutant {number}", bytes(mutant)))
        path = work / "sound.wav"
        for name, data in sounds:
            path.write_bytes(data)
            # Four bytes are an article, and no voice is to be fetched for it.
            run = lab.run("play", "--offline", path, env={"ALSA_CONFIG_PATH": silence}, cpu=10, limit=30)
            word = "large" if run.peak_mib > 500 else "played" if run.code == 0 else "told" if run.err.strip() else "silent"
            tally.add(name, run.crash or word, run.brief())
