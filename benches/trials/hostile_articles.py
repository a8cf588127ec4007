"""A generator of articles that nobody writes: nests, endless words, entities, bombs."""
import random

PARAGRAPH = b"The mayor opened the new bridge on Monday, and the council paid $1.2 million for it. "


def one_word(length):
    """A word of so many letters, not all the same."""
    return (b"supercalifragilistic" * (length // 20 + 1))[:length]


def nested(opening, closing=b"", inside=b"The port reopened on Monday."):
    """Elements within elements."""
    return lambda times: opening * times + inside + closing * times


def page(body, head=b""):
    return b"<!doctype html><html><head><title>News</title>" + head + b"</head><body>" + body + b"</body></html>"


def prose(size):
    return (PARAGRAPH * (size // len(PARAGRAPH) + 1))[:size]


def noise(size, alphabet=None):
    chooser = random.Random(size)
    return bytes(chooser.choices(alphabet, k=size)) if alphabet else chooser.randbytes(size)


def repeated(text):
    """A piece of text again and again, to about the number of bytes that is asked for."""
    return lambda size: (text * (size // len(text) + 1))[:size + len(text)]


def front_matter_of_aliases():
    """Lists of lists of lists, eight of each: a billion laughs in YAML."""
    names = "bcdefghij"
    lists = [f"{name}: &{name} [{', '.join(['*' + chr(ord(name) - 1)] * 8)}]" for name in names]
    return "\n".join(["---", "a: &a [x, x]", *lists, "---", "The port reopened.", ""]).encode()


# Each takes the number of elements, of the texts the number of bytes.
ELEMENTS = {
    f"nest-{name}": nested(f"<{name}>".encode(), f"</{name}>".encode())
    for name in ("div", "b", "a", "p", "li", "table", "td", "span", "section", "article", "blockquote", "font", "button", "form",
                 "select", "option", "ruby", "rt", "template", "math", "svg", "mi", "foreignObject", "noscript", "object", "dl",
                 "dt", "h1", "nobr", "frameset", "details", "summary", "figure", "figcaption", "em", "marquee")
}
PIECES = {
    "table-in-table": nested(b"<table><tr><td>"),
    "list-in-list": nested(b"<ul><li>"),
    "svg-math": nested(b"<svg><math><mi>"),
    "math-svg": nested(b"<math><annotation-xml encoding='text/html'><svg><desc>"),
    "open-only": nested(b"<div><p><b><i><a>"),
    "close-only": lambda n: b"</div></p></b>" * n + PARAGRAPH,
    "format-storm": lambda n: b"<b><i><u><p>x</b>" * n,
    "adoption": lambda n: b"<a><p><a><div>" * n,
    "attributes": lambda n: b"<p " + b" ".join(b"a%d=1" % i for i in range(n)) + b">" + PARAGRAPH,
    "long-attribute": lambda n: b"<p class='" + b"x" * (n * 10) + b"'>" + PARAGRAPH,
    "comments": lambda n: b"<!-- x -->" * n + PARAGRAPH,
    "open-comment": lambda n: PARAGRAPH + b"<!--" + b"-" * n * 4,
    "cdata": lambda n: b"<![CDATA[" * n + PARAGRAPH,
    "processing": lambda n: b"<?x " * n + PARAGRAPH,
    "script": lambda n: b"<script>" + b"</scrip" * n + b"</script>" + PARAGRAPH,
    "style": lambda n: b"<style>" + b"a{}" * n + b"</style>" + PARAGRAPH,
    "json-ld": lambda n: b"<script type='application/ld+json'>" + b'{"a":' * n + b"1" + b"}" * n + b"</script><p>" + PARAGRAPH * 9,
    "json-ld-list": lambda n: b"<script type='application/ld+json'>" + b"[" * n + b"]" * n + b"</script><p>" + PARAGRAPH * 9,
    "entities": lambda n: b"<p>" + b"&amp;&#x41;&nbsp;&notit;" * n,
    "entity-open": lambda n: b"<p>" + b"&" * n,
    "entity-huge": lambda n: b"<p>&#" + b"9" * n + b";" + PARAGRAPH,
    "paragraphs": lambda n: b"<p>Yes.</p>" * n,
    "lines": lambda n: b"<p>" + b"a<br>" * n,
    "cells": lambda n: b"<table>" + b"<tr><td>1<td>2" * n + b"</table>",
    "links": lambda n: b"<p>" + b"<a href=/x>more</a> " * n,
    "images": lambda n: b"<img src=x alt='a boat'>" * n + PARAGRAPH,
    "metas": lambda n: b"<meta property='og:title' content='x'>" * n + PARAGRAPH,
    "null-bytes": lambda n: b"<p>" + b"a\0" * n,
}
MARKDOWN = {
    "quotes": lambda n: b">" * n + b" text\n",
    "bullets": lambda n: b"- " * n + b"text\n",
    "numbers": lambda n: b"1. " * n + b"text\n",
    "stars": lambda n: b"*" * n + b"a" + b"*" * n,
    "star-a": lambda n: b"*a " * n,
    "star-pairs": lambda n: b"*a_ " * n,
    "brackets": lambda n: b"[" * n + b"a" + b"]" * n,
    "bracket-open": lambda n: b"[" * n,
    "images": lambda n: b"![" * n,
    "links": lambda n: b"[a](" * n,
    "link-nest": lambda n: b"[" * n + b"a" + b"](b)" * n,
    "angle-link": lambda n: b"[a](<" * n,
    "backticks": lambda n: b"".join(b"a" + b"`" * (i % 200) for i in range(n // 20)),
    "tilde": lambda n: b"~~a " * n,
    "html": lambda n: b"<" * n,
    "html-blocks": lambda n: b"<div>\n\n" * n,
    "references": lambda n: b"".join(b"[r%d]: /x\n" % i for i in range(n)),
    "reference-use": lambda n: b"[r]: /" + b"x" * 1000 + b"\n\n" + b"[r] " * n,
    "footnotes": lambda n: b"".join(b"[^%d]: x\n" % i for i in range(n)),
    "tables": lambda n: b"|a" * 200 + b"|\n" + b"|-" * 200 + b"|\n" + b"|b\n" * (n // 10),
    "rules": lambda n: b"* * *\n" * n,
    "headings": lambda n: b"# a\n" * n,
    "setext": lambda n: b"a\n" * n + b"===\n",
    "entities": lambda n: b"&copy;" * n,
    "front-depth": lambda n: b"---\na: " + b"[" * n + b"]" * n + b"\n---\nThe port reopened.\n",
    "front-alias": lambda n: front_matter_of_aliases(),
    "front-toml": lambda n: b"+++\n" + b"a." * n + b"a = 1\n+++\nThe port reopened.\n",
    "front-open": lambda n: b"---\n" + b"a: b\n" * n,
}
TEXTS = {
    "abbreviations": repeated(b"U.S. "),
    "initials": repeated(b"J. R. "),
    "capitals": repeated(b"NATO "),
    "numbers": repeated(b"1,234,567.89 "),
    "one-number": repeated(b"9"),
    "phone": repeated(b"555-0199 "),
    "dates": repeated(b"Nov. 18, 2026, "),
    "money": repeated(b"$1.2 billion "),
    "roman": repeated(b"MCMXCIV "),
    "commas": repeated(b"a, "),
    "stops": repeated(b"."),
    "quotes": repeated(b"\"'\xe2\x80\x9c"),
    "parentheses": repeated(b"("),
    "hyphens": repeated(b"well-known-"),
    "urls": repeated(b"https://a.b/c?d=e&f "),
    "one-url": lambda n: b"https://" + b"a/" * (n // 2),
    "emails": repeated(b"a@b.co "),
    "emoji": repeated("👩‍👩‍👧‍👦".encode()),
    "accents": repeated("a\u0301\u0302\u0303".encode()),
    "one-accent": lambda n: b"a" + "\u0301".encode() * (n // 2),
    "han": repeated("北京".encode()),
    "arabic": repeated("السلام ".encode()),
    "bidi": repeated("\u202e\u2066a".encode()),
    "zero-width": repeated("a\u200b".encode()),
    "spaces": lambda n: b"a" + b" " * n + b"b",
    "newlines": lambda n: b"a" + b"\n" * n + b"b",
    "tabs": lambda n: b"\t" * n + b"a",
    "returns": lambda n: b"a\r" * (n // 2),
    "noise": noise,
    "letters": lambda n: noise(n, b"abcdefghijklmnopqrstuvwxyz ,.!?'\n"),
    "zeros": lambda n: bytes(n),
    "byte-order-marks": repeated("\ufeff".encode()),
    "bad-utf8": lambda n: b"\xc3\x28\xa0\xa1 word " * (n // 10),
    "utf16": lambda n: b"\xff\xfe" + prose(n // 2).decode().encode("utf-16-le"),
    "half-utf16": lambda n: b"\xff\xfe" + prose(n // 2).decode().encode("utf-16-le") + b"\x00",
    "one-line": prose,
    "short-lines": lambda n: prose(n).replace(b" ", b"\n"),
    "same-line": repeated(b"Share this article\n"),
    "captions": repeated(b"Photo: a boat (AP)\n\n"),
    "acronyms": repeated(b"the World Trade Organization (WTO) "),
    "signs": repeated(b"%$#@^&*~|"),
    "fractions": repeated("½⅓ 3/4 ".encode()),
    "speakers": repeated(b"REPORTER: Yes? "),
    "one-word": one_word,
    "words-in-capitals": repeated(b"BREAKING NEWS "),
}


SPOKEN = {"text abbreviations", "text capitals", "text commas", "text money", "text accents", "text emoji", "text one-word",
          "text zero-width", "text signs", "text numbers", "html entities", "html paragraphs", "markdown stars"}
SHOWN = ("article", "phonemes")


def articles(is_quick):
    """Yields name, file ending and bytes of every article, and what is done with it: stages that are shown, or “read”."""
    times, size = (2_000, 20_000) if is_quick else (20_000, 300_000)
    for group, ending, makers, amount, wrap in (
            ("html", "html", {**ELEMENTS, **PIECES}, times, page), ("markdown", "md", MARKDOWN, 2 * times, bytes),
            ("text", "txt", TEXTS, size, bytes)):
        for name, make in makers.items():
            # F9 has the full size.
            yield f"{group} {name}", ending, wrap(make(amount // 4 if name in ("svg-math", "math-svg") else amount)), SHOWN
            if f"{group} {name}" in SPOKEN:
                # A fifth, for it becomes hours of sound.
                yield f"{group} {name}", ending, wrap(make(amount // 5)), ("read",)
