"""Feeds as podcast apps in Python read them: feedparser, and podcastparser, which is gPodder's.

    python3 benches/podcast_check/check.py FOLDER

FOLDER holds folders, each with podcast.xml and expected.json: what every field should be. Prints a line a fault; the exit code is
1 when there is one. `make podcast-check` writes the folders and installs the parsers.
"""

import calendar
import json
import pathlib
import sys
import uuid

import feedparser
import podcastparser

PODCASTS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
faults = 0
values = 0


def tell(name, what, got, want):
    global faults, values
    values += 1
    if got != want:
        faults += 1
        print(f"FAIL {name}: {what} is {got!r}, not {want!r}")


def by_feedparser(name, path, want):
    read = feedparser.parse(path.read_bytes(), sanitize_html=False, resolve_relative_uris=False)
    tell(name, "bozo", (bool(read.bozo), str(read.get("bozo_exception", ""))), (False, ""))
    tell(name, "version", read.version, "rss20")
    show = read.feed
    for key in ("title", "language", "author"):
        tell(name, key, show.get(key), want[key])
    tell(name, "description", show.get("subtitle"), want["description"])
    tell(name, "copyright", show.get("rights"), want["copyright"])
    tell(name, "link", [link.href for link in show.links if link.rel == "alternate"], [want["link"]])
    tell(name, "self", [link.href for link in show.links if link.rel == "self"], [want["self"]])
    tell(name, "image", show.image.href, want["image"])
    tell(name, "owner", dict(show.publisher_detail), want["owner"])
    tell(name, "block", bool(show.get("itunes_block")), want["private"])
    tell(name, "categories", [tag.term for tag in show.tags], ["News", "Daily News"])
    tell(name, "guid of the show", show.get("podcast_guid"), want["guid"])
    tell(name, "medium", show.get("podcast_medium"), want["medium"])
    tell(name, "txt", show.get("podcast_txt"), {"purpose": "ai-content"})
    tell(name, "items", len(read.entries), len(want["items"]))
    for item, expected in zip(read.entries, want["items"]):
        at = f"{name}, {expected['guid']}"
        for key in ("title", "link"):
            tell(at, key, item.get(key), expected[key])
        tell(at, "guid", (item.id, item.guidislink), (expected["guid"], False))
        tell(at, "description", item.summary, expected["description"])
        contents = [content.value for content in item.get("content", []) if content.value != expected["description"]]
        tell(at, "whole text", contents, [expected["encoded"]] if expected["encoded"] else [])
        tell(at, "published", calendar.timegm(item.published_parsed), expected["published"])
        sounds = [(sound.href, int(sound.length), sound.type) for sound in item.enclosures]
        tell(at, "enclosures", sounds, [(expected["url"], expected["length"], expected["type"])])
        tell(at, "duration", item.itunes_duration, str(expected["duration"]))
        tell(at, "picture", item.image.href if "image" in item else None, expected["image"])
        # Of tags that it does not know it gives the last one's attributes.
        person = {key: value for key, value in expected["person"].items() if key != "name"}
        tell(at, "person", item.get("podcast_person"), person)
        tell(at, "chapters", item.get("podcast_chapters"), expected["chapters"])
        transcript = [{key: value for key, value in one.items() if value} for one in expected["transcripts"]]
        tell(at, "transcript", item.get("podcast_transcript"), transcript[-1] if transcript else None)
        tell(at, "alternate", item.get("podcast_source"), {"uri": expected["alternate"]["uri"]})


def by_podcastparser(name, path, want):
    with path.open("rb") as file:
        show = podcastparser.parse(want["self"], file)
    for key in ("title", "link", "language"):
        tell(name, key, show.get(key), want[key])
    tell(name, "description", show.get("description"), want["description"])
    tell(name, "author", show.get("itunes_author"), want["author"])
    tell(name, "owner", show.get("itunes_owner"), want["owner"])
    tell(name, "picture", show.get("cover_url"), want["image"])
    tell(name, "explicit", show.get("explicit"), False)
    tell(name, "generator", show.get("generator"), "audio-report")
    tell(name, "categories", show.get("itunes_categories"), [["News", "Daily News"]])
    tell(name, "items", len(show["episodes"]), len(want["items"]))
    for item, expected in zip(show["episodes"], want["items"]):
        at = f"{name}, {expected['guid']}"
        for key in ("guid", "title", "link", "published"):
            tell(at, key, item.get(key), expected[key])
        tell(at, "description", item["description"], expected["description"])
        sounds = [(sound["url"], sound["file_size"], sound["mime_type"]) for sound in item["enclosures"]]
        tell(at, "enclosures", sounds, [(expected["url"], expected["length"], expected["type"])])
        tell(at, "duration", item["total_time"], expected["duration"])
        tell(at, "explicit", item["explicit"], expected["explicit"])
        tell(at, "picture", item.get("episode_art_url"), expected["image"])
        tell(at, "whole text", item.get("description_html", ""), expected["encoded"] or "")


folder = pathlib.Path(sys.argv[1])
feeds = sorted(folder.glob("*/podcast.xml"))
for path in feeds:
    expected = json.loads(path.with_name("expected.json").read_text(encoding="utf-8"))
    tell(path, "guid by Python's own uuid5", expected["guid"], str(uuid.uuid5(PODCASTS, expected["self"].split("://")[1])))
    by_feedparser(f"feedparser, {path.parent.name}", path, expected)
    by_podcastparser(f"podcastparser, {path.parent.name}", path, expected)
if not feeds:
    sys.exit(f"no feeds in {folder}")
print(f"Python: {len(feeds)} feeds, {values} values by 2 parsers, {faults} faults")
sys.exit(1 if faults else 0)
