"""Looks into WAV files: whether one is whole, and how far two sounds are apart."""
import array
import hashlib
import io
import math
import struct
import sys


def places(file):
    """The chunks of a RIFF file by name, each with its place and length; None when the file is not whole."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(12)
    if len(start) < 12 or start[:4] != b"RIFF" or start[8:] != b"WAVE" or struct.unpack("<I", start[4:8])[0] != size - 8:
        return None
    found, place = {}, 12
    while place + 8 <= size:
        file.seek(place)
        name, length = struct.unpack("<4sI", file.read(8))
        if place + 8 + length > size:
            return None
        found[name] = (place + 8, length)
        place += 8 + length + length % 2
    return found if b"fmt " in found and b"data" in found else None


def is_whole(path):
    """Whether a file is a complete WAV."""
    with open(path, "rb") as file:
        return places(file) is not None


def sound(path):
    """The bytes of the samples; none when the file is not whole."""
    with open(path, "rb") as file:
        place, length = (places(file) or {}).get(b"data", (0, 0))
        file.seek(place)
        return file.read(length)


def samples(path):
    """The samples of a 16-bit file."""
    numbers = array.array("h")
    numbers.frombytes(sound(path))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def rms(numbers):
    return math.sqrt(sum(number * number for number in numbers) / max(len(numbers), 1))


def distance(path, wanted):
    """How far a sound is from the wanted one, in words."""
    have, want = samples(path), samples(wanted)
    if len(have) != len(want):
        return f"{len(have)} samples for {len(want)}, rms {rms(have):.0f} for {rms(want):.0f}"
    difference = rms([a - b for a, b in zip(have, want)])
    return f"rms of the difference {difference:.0f}, of the signal {rms(want):.0f}"


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
