"""Lexicons that nobody writes."""
from samples import text_file
from server import Server
from tally import trial

SECRET = "never-to-be-shown"
PLS = b"""<?xml version="1.0" encoding="UTF-8"?>%s
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">%s</lexicon>
"""
LEXEME = b"<lexeme><grapheme>Ishiba</grapheme><phoneme>%s</phoneme></lexeme>"


def pls(body, doctype=b""):
    return PLS % (doctype, body)


def toml(body):
    return b"[words]\n" + body


def laughs(count):
    """Entities of entities of entities."""
    entities = b'<!ENTITY l0 "lol">' + b"".join(
        b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10) for number in range(1, count))
    return b"<!DOCTYPE lexicon [" + entities + b"]>"


def lexicons(url, secret, size):
    """Yields file name and bytes."""
    external = b'<!DOCTYPE lexicon [<!ENTITY x SYSTEM "%s">]>'
    yield "laughs.pls", pls(LEXEME % b"&l9;", laughs(10))
    yield "quadratic.pls", pls(LEXEME % (b"&a;" * size), b'<!DOCTYPE lexicon [<!ENTITY a "%s">]>' % (b"a" * size))
    yield "xxe-file.pls", pls(LEXEME % b"&x;", external % f"file://{secret}".encode())
    yield "xxe-http.pls", pls(LEXEME % b"&x;", external % f"{url}/entity".encode())
    yield "xxe-dtd.pls", pls(LEXEME % b"a", f'<!DOCTYPE lexicon SYSTEM "{url}/lexicon.dtd">'.encode())
    yield "xxe-parameter.pls", pls(LEXEME % b"a", f'<!DOCTYPE lexicon [<!ENTITY % p SYSTEM "{url}/p"> %p;]>'.encode())
    yield "xinclude.pls", pls(f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{secret}" parse="text"/>'.encode())
    yield "stylesheet.pls", f'<?xml-stylesheet href="{url}/style.xsl"?>'.encode() + pls(LEXEME % b"a")[38:]
    yield "schema.pls", pls(LEXEME % b"a").replace(b"<lexicon ", f'<lexicon xsi:schemaLocation="a {url}/a.xsd" xmlns:xsi="a" '.encode())
    yield "deep.pls", pls(b"<a>" * size + b"</a>" * size)
    yield "many.pls", pls(b"".join(b"<lexeme><grapheme>%s</grapheme><phoneme>a</phoneme></lexeme>" % letters(i) for i in range(size)))
    yield "same.pls", pls(LEXEME % b"a" * size)
    yield "graphemes.pls", pls(b"<lexeme>" + b"<grapheme>a</grapheme>" * size + b"<phoneme>a</phoneme></lexeme>")
    yield "aliases.pls", pls(b"".join(b"<lexeme><grapheme>%s</grapheme><alias>%s</alias></lexeme>" % (
        letters(i), letters(i + 1)) for i in range(size // 10)))
    yield "long-text.pls", pls(LEXEME % (b"a" * size * 10))
    yield "long-role.pls", pls(b'<lexeme role="' + b"a:b " * size + b'"><grapheme>a</grapheme><phoneme>a</phoneme></lexeme>')
    yield "open.pls", pls(b"<lexeme>" * size)[:-12]
    yield "cdata.pls", pls(LEXEME % (b"<![CDATA[a]]>" * size))
    yield "comments.pls", pls(b"<!-- a -->" * size + LEXEME % b"a")
    yield "utf7.pls", PLS.replace(b"UTF-8", b"UTF-7") % (b"", b"")
    yield "empty.pls", b""
    yield "zeros.pls", bytes(size)
    yield "circle.toml", toml(b'alpha = { alias = "beta" }\nbeta = { alias = "alpha" }\n')
    yield "itself.toml", toml(b'alpha = { alias = "alpha" }\n')
    yield "doubling.toml", toml(b"".join(b'%s = { alias = "%s %s" }\n' % (letters(i), letters(i + 1), letters(i + 1)) for i in range(60)))
    yield "circles.toml", toml(b"".join(b'%s = { alias = "%s" }\n' % (letters(i), letters(i ^ 1)) for i in range(size // 4)))
    yield "many.toml", toml(b"".join(b'%s = "AY"\n' % letters(i) for i in range(size)))
    yield "same.toml", toml(b'Ishiba = "AY"\n' * size)
    yield "phrase.toml", toml(b'"' + b"a " * size + b'" = "AY"\n')
    yield "long-value.toml", toml(b'a = "' + b"AY-" * size + b'"\n')
    yield "long-ipa.toml", toml(b'a = { ipa = "' + "ˈa".encode() * size + b'" }\n')
    yield "arrays.toml", toml(b"a = " + b"[" * size + b"]" * size + b"\n")
    yield "tables.toml", b"[" + b"a." * size + b"a]\n"
    yield "inline.toml", toml(b"a = " + b"{ a = " * size + b"1" + b"}" * size + b"\n")
    yield "dotted.toml", toml(b"a" + b".a" * size + b' = "AY"\n')
    yield "rules.toml", toml(b'a = { ipa = "a", after = [' + b'"x", ' * size + b"] }\n")
    yield "readings.toml", toml(b"a = [" + b'{ ipa = "a", after = ["in"] }, ' * size + b"]\n")
    yield "errors.toml", toml(b'a1 = { alias = "b2" }\n' * 1 + b"".join(b'%s = { alias = "9" }\n' % letters(i) for i in range(size)))
    yield "open.toml", toml(b'a = "' + b"b" * size)
    yield "multiline.toml", toml(b'a = """' + b"\n" * size + b'"""\n')
    yield "numbers.toml", toml(b"a = " + b"9" * size + b"\n")
    yield "escape.toml", toml(b'"a\\u001b[2Jb" = "\\u001b]0;PWN\\u0007"\n')
    yield "noise.toml", bytes(range(256)) * (size // 256 + 1)
    yield "utf16.toml", "[words]\nIshiba = \"AY\"\n".encode("utf-16")


def letters(number):
    """A word of letters for a number."""
    word = b"wo"
    while number:
        number, rest = divmod(number, 26)
        word += bytes([97 + rest])
    return word + b"q"


@trial("lexicons", "hostile lexicons", "done, told", "slow, large, silent, leaked, fetched, steers")
def hostile_lexicons(lab, tally):
    """Billion laughs, external entities and documents, XInclude, depth, circles and doublings of aliases, 50,000 of everything, through
    `lexicon check` and `explain --lexicon`. A fault: a panic, an end without a message, more than 10 seconds of CPU time, more than
    500 MiB, the content of a file that an entity names, a request at a server of ours, an escape sequence that is printed."""
    size = lab.repeats(50_000, 5_000)
    secret = lab.folder("secret") / "secret.txt"
    secret.write_text(SECRET)
    slowest, largest = (0.0, ""), (0.0, "")
    with Server(None) as server, lab.scratch() as work:
        for name, data in lexicons(server.url, secret, size):
            path = work / name
            path.write_bytes(data)
            for kind, command in (("check", ["lexicon", "check", path]),
                                  ("explain", ["explain", text_file(lab), "--stage", "phonemes", "--lexicon", path])):
                requests = len(server.requests)
                run = lab.run(*command, cpu=10, limit=200)
                said = run.out + run.err
                if run.crash == "hung":
                    word = "slow"
                elif len(server.requests) > requests:
                    word = "fetched"
                elif SECRET.encode() in said:
                    word = "leaked"
                elif b"\x1b[2J" in said or b"\x1b]0" in said:
                    word = "steers"
                elif run.peak_mib > 500:
                    word = "large"
                else:
                    word = "done" if run.code == 0 else "told" if said.strip() else "silent"
                tally.add(f"{name}, {kind}", word if word == "slow" else run.crash or word, run.brief())
                slowest, largest = max(slowest, (run.cpu, f"{name}, {kind}")), max(largest, (run.peak_mib, f"{name}, {kind}"))
            path.unlink()
    tally.note(f"slowest {slowest[0]:.1f} s CPU ({slowest[1]}), largest {largest[0]:.0f} MiB ({largest[1]})")
