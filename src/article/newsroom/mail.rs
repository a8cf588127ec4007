//! Newsletters by mail: the part in HTML, else the one in plain text, under the subject. Nothing that a mail names is fetched: a
//! picture from afar would tell the sender that the mail was opened.

use super::super::ReadOptions;
use super::super::decode::{self, Decoded};
use super::super::details::Details;
use super::super::draft::Draft;
use super::super::html;
use super::super::reason::Reason;
use super::super::shape::fold;
use super::mime::{self, Text};
use super::wire::Wire;
use crate::article::BlockKind;
use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// Lines of a head that are looked at.
const MOST_LINES: usize = 200;
/// Fields that only a mail on its way has.
const OF_POST: [&str; 9] = [
    "mime-version",
    "received",
    "return-path",
    "delivered-to",
    "dkim-signature",
    "message-id",
    "x-mailer",
    "list-unsubscribe",
    "arc-seal",
];
/// Fields of any mail, and of notes that look like one.
const OF_LETTERS: [&str; 5] = ["from", "to", "subject", "date", "reply-to"];
/// What mail programs put before the subject of a mail that is passed on.
const PREFIXES: [&str; 6] = ["re:", "fw:", "fwd:", "aw:", "wg:", "tr:"];

/// Whether bytes begin like a mail. What is named so needs less: any field of a letter.
pub(super) fn is_mail(bytes: &[u8], is_named: bool) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut post, mut letter) = (0, 0);
    let lines = bytes.split(|byte| *byte == b'\n').take(MOST_LINES);
    for (number, line) in lines.enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        // The line of a mailbox, and the rest of a folded field.
        if (number == 0 && line.starts_with(b"From ")) || (number > 0 && matches!(line[0], b' ' | b'\t')) {
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
        let name = String::from_utf8_lossy(&line[..colon]).trim_end().to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        post += usize::from(OF_POST.contains(&name.as_str()));
        letter += usize::from(OF_LETTERS.contains(&name.as_str()));
    }
    letter > 0 && (is_named || (post > 0 && letter > 1))
}

/// The draft of the newsletter in a mail, and the bytes of it that were no text.
pub(super) fn read(bytes: &[u8], name: &str, options: ReadOptions) -> Result<(Draft, usize)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = without_mailbox_line(bytes);
    let texts = mime::texts(bytes, name)?;
    let head = mime::head(bytes);
    let subject = head.as_ref().and_then(|head| head.subject()).map(subject_of).unwrap_or_default();
    let (is_page, chosen) = if texts.html.is_empty() { (false, &texts.plain) } else { (true, &texts.html) };
    if chosen.is_empty() {
        return Err(match texts.damaged {
            0 => Error::new(ErrorKind::Empty, format!("{name} is a mail without a text"))
                .at(Place::file(name))
                .with_cure(Cure::GiveArticle),
            _ => Error::new(
                ErrorKind::Encoding,
                format!("{name} is a mail whose text is damaged: its base64 is broken"),
            )
            .at(Place::file(name))
            .with_cure(Cure::AskForWholeFile),
        });
    }
    let (text, bad_bytes) = joined(chosen, is_page, name, options)?;
    let mut draft = if is_page {
        html::read_titled(&text, Some(&subject).filter(|subject| !subject.is_empty()).map(String::as_str))
            .map_err(|error| error.at(Place::file(name)))?
    } else {
        let begins = text.lines().find(|line| !line.trim().is_empty()).map(fold);
        let text = if subject.is_empty() || begins == Some(fold(&subject)) {
            text
        } else {
            format!("{subject}\n\n{text}")
        };
        let (text, signature) = without_signature(&text);
        let mut draft = Draft::from_plain_text(text.to_owned());
        for line in signature.lines() {
            draft.add(line, BlockKind::Paragraph, Some(Reason::PageFurniture));
        }
        draft
    };
    if !subject.is_empty() && fold(&draft.text).starts_with(&fold(&subject)) {
        name_first_line(&mut draft, &subject);
    }
    draft.set_title(&subject);
    keep_deck(&mut draft);
    let mut details = Details::default();
    if let Some(head) = &head {
        let sender = head.from().and_then(|from| from.first()).and_then(|sender| sender.name());
        if let Some(sender) = sender {
            Details::set(&mut details.publication, sender);
        }
        details.date = head.date().filter(|date| date.is_valid()).map(mail_parser::DateTime::to_rfc3339);
        details.language = head
            .header_raw("Content-Language")
            .map(|tag| tag.split(',').next().unwrap_or_default().trim().to_owned())
            .filter(|tag| !tag.is_empty());
    }
    let of_page = std::mem::take(&mut draft.details);
    // What the page of a mail says of a picture or an address is for the sender's ends.
    draft.details =
        Details { image: None, canonical: None, source: None, is_amp: false, ..details.or(of_page) };
    draft.wire = Some(Wire {
        guid: head.as_ref().and_then(|head| head.message_id()).map(str::to_owned),
        ..Wire::default()
    });
    Ok((draft, bad_bytes))
}

/// The texts one below the other. Each is in an encoding of its own.
fn joined(texts: &[Text], is_page: bool, name: &str, options: ReadOptions) -> Result<(String, usize)> {
    let (mut all, mut bad) = (String::new(), 0);
    for text in texts {
        if text.bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let lossy = options.lossy || is_page;
        let Decoded { text, bad_bytes } = decode::decode(&text.bytes, name, text.charset.as_deref(), lossy)?;
        if !all.is_empty() {
            all.push_str("\n\n");
        }
        all.push_str(&text);
        bad += bad_bytes;
    }
    Ok((super::super::text_of(all.into()).0, bad))
}

/// The first line is the headline where the subject is: a mail says so.
fn name_first_line(draft: &mut Draft, subject: &str) {
    let has_title = draft.pieces.iter().any(|piece| piece.kind == BlockKind::Title);
    let subject = fold(subject);
    let first = draft.pieces.iter_mut().find(|piece| fold(piece.body.of(&draft.text)) == subject);
    if let Some(first) = first.filter(|_| !has_title) {
        (first.kind, first.reason) = (BlockKind::Title, None);
    }
}

/// A text and what stands below the line `-- ` (RFC 3676, 4.3), which is no part of it.
fn without_signature(text: &str) -> (&str, &str) {
    /// Lines of the longest signature.
    const LONGEST: usize = 15;
    let mut at = text.len();
    for line in text.split_inclusive('\n').rev().take(LONGEST) {
        at -= line.len();
        if line.trim_end_matches(['\r', '\n']) == "-- " {
            return (&text[..at], &text[at + line.len()..]);
        }
    }
    (text, "")
}

/// The heading right below the headline is the line under it, although its cell lies outside that of the story.
fn keep_deck(draft: &mut Draft) {
    /// Words of the shortest; fewer are a label.
    const SHORTEST: usize = 4;
    let title = draft.pieces.iter().position(|piece| piece.kind == BlockKind::Title);
    let Some(below) = title.and_then(|title| draft.pieces.get_mut(title + 1)) else { return };
    let is_long = below.body.of(&draft.text).split_whitespace().count() >= SHORTEST;
    if below.kind == BlockKind::Heading && below.reason == Some(Reason::OutsideStory) && is_long {
        (below.kind, below.reason) = (BlockKind::Paragraph, None);
    }
}

/// A subject without `Fwd:` and its like.
fn subject_of(subject: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let prefix = PREFIXES
            .iter()
            .find(|prefix| rest.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix)));
        match prefix {
            Some(prefix) => rest = rest[prefix.len()..].trim_start(),
            None => return crate::error::shorten(rest, usize::MAX),
        }
    }
}

/// A mail that was taken out of a mailbox begins with a line that belongs to the mailbox.
fn without_mailbox_line(bytes: &[u8]) -> &[u8] {
    if !bytes.starts_with(b"From ") {
        return bytes;
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
    &bytes[end..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::Article;
    use crate::table_test::each;

    const HEAD: &str = "From: =?utf-8?q?Harbor_Caf=C3=A9?= <news@harbor.example>\r\nTo: a@b.example\r\n\
        Subject: =?UTF-8?B?UG9ydCByZW9wZW5zIOKAkyBhdCBsYXN0?=\r\nDate: Mon, 30 Nov 2026 08:15:00 +0900\r\n\
        Message-ID: <7@harbor.example>\r\nMIME-Version: 1.0\r\n";
    const TEXT: &str = "The port of Busan reopened on Monday after a storm had closed it for a week.\r\n\r\n\
        Ships came back at noon, and the harbor master said that the pilots were glad to be at work again.\r\n";

    fn article(mail: &[u8]) -> Result<Article> {
        let options = ReadOptions::default();
        Ok(read(mail, "a.eml", options)?.0.finish(options))
    }

    fn blocks(article: &Article) -> Vec<&str> {
        article.blocks().iter().map(|block| block.span.of(article.text())).collect()
    }

    fn paragraphs() -> Vec<String> {
        TEXT.split("\r\n\r\n").map(|text| text.trim().to_owned()).collect()
    }

    #[test]
    fn each_way_to_send_a_text_is_read() {
        let page = format!("<p>{}</p>", paragraphs().join("</p><p>"));
        let quoted = page.replace('=', "=3D").replace("noon", "no=\r\non");
        let base64 = "VGhlIHBvcnQgb2YgQnVzYW4gcmVvcGVuZWQgb24gTW9uZGF5IGFmdGVyIGEgc3Rvcm0gaGFkIGNs\r\nb3NlZCBpdCBmb3IgYSB3ZWVrLg0KDQpTaGlwcyBjYW1lIGJhY2sgYXQgbm9vbiwgYW5kIHRoZSBo\r\nYXJib3IgbWFzdGVyIHNhaWQgdGhhdCB0aGUgcGlsb3RzIHdlcmUgZ2xhZCB0byBiZSBhdCB3b3Jr\r\nIGFnYWluLg0K\r\n";
        let both = format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\n--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n\
             --i\r\nContent-Type: text/plain\r\n\r\nView in browser.\r\n--i\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n--i--\r\n\
             --o\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nAttached words.\r\n--o--\r\n"
        );
        let rows = [
            format!("{HEAD}\r\n{TEXT}"),
            format!("From x@y Mon Nov 30\n{HEAD}\r\n{TEXT}"),
            format!(
                "{HEAD}Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}"
            ),
            format!("{HEAD}Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}"),
            both,
        ];
        each(rows, |mail| {
            assert!(is_mail(mail.as_bytes(), false), "{mail}");
            let article = article(mail.as_bytes()).unwrap();
            let want: Vec<String> =
                std::iter::once("Port reopens – at last".to_owned()).chain(paragraphs()).collect();
            assert_eq!(blocks(&article), want, "{mail}");
            assert_eq!(article.publication(), Some("Harbor Café"));
            assert_eq!(article.date(), Some("2026-11-30T08:15:00+09:00"));
            assert_eq!(article.wire().and_then(|wire| wire.guid.as_deref()), Some("7@harbor.example"));
        });
    }

    #[test]
    fn a_wrong_charset_is_seen_through() {
        let rows: [(&str, &[u8]); 3] = [
            ("utf-8", b"The caf\xe9 reopened on Monday, and guests came back for lunch."),
            ("no-such-thing", b"The caf\xe9 reopened on Monday, and guests came back for lunch."),
            ("iso-8859-1", "The café reopened on Monday, and guests came back for lunch.".as_bytes()),
        ];
        each(rows, |(charset, body)| {
            let head = format!("{HEAD}Content-Type: text/plain; charset={charset}\r\n\r\n");
            let article = article(&[head.as_bytes(), body].concat()).unwrap();
            assert_eq!(blocks(&article)[1], "The café reopened on Monday, and guests came back for lunch.");
        });
    }

    #[test]
    fn hostile_mails_have_one_message() {
        let parts = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n".repeat(10_000);
        let mut deep = format!("{HEAD}Content-Type: multipart/mixed; boundary=b0\r\n\r\n");
        for level in 0..5000 {
            deep.push_str(&format!(
                "--b{level}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n",
                level + 1
            ));
        }
        let forwarded = "Content-Type: message/rfc822\r\n\r\n".repeat(50_000);
        let rows = [
            (
                format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--"),
                ErrorKind::Input,
                "1000 parts",
            ),
            (deep, ErrorKind::Input, "nested"),
            (format!("{HEAD}{forwarded}"), ErrorKind::Empty, "without a text"),
            (
                format!("{HEAD}Content-Transfer-Encoding: base64\r\n\r\nVGhl!!##IHBv"),
                ErrorKind::Encoding,
                "base64 is broken",
            ),
            (format!("{HEAD}Content-Type: application/pdf\r\n\r\nx"), ErrorKind::Empty, "without a text"),
            (format!("{HEAD}Content-Type: multipart/mixed\r\n\r\nx"), ErrorKind::Empty, "without a text"),
        ];
        each(rows, |(mail, kind, words)| {
            let error = article(mail.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), kind, "{}", error.story());
            assert!(error.what().contains(words), "{}", error.what());
        });
    }

    #[test]
    fn a_note_that_begins_like_a_letter_is_no_mail() {
        let rows = [
            ("From: the desk\nSubject: Port\n\nThe port reopened.", false, false),
            ("From: the desk\nSubject: Port\n\nThe port reopened.", true, true),
            ("Received: by a\nFrom: a@b\nDate: x\n\nText", false, true),
            ("Port reopens\n\nFrom: Busan", true, false),
            ("Note: the port\nreopened.", true, false),
            ("", true, false),
        ];
        each(rows, |(text, is_named, want)| assert_eq!(is_mail(text.as_bytes(), is_named), want, "{text}"));
        assert_eq!(without_signature("One.\r\n-- \r\nJo\r\n"), ("One.\r\n", "Jo\r\n"));
        assert_eq!(without_signature("One. -- \nTwo"), ("One. -- \nTwo", ""));
        assert_eq!(subject_of("Fwd: RE: Port  reopens"), "Port reopens");
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(body in proptest::collection::vec(any::<u8>(), 0..200), kind in "[a-z/=; -]{0,30}") {
            let mail = [HEAD.as_bytes(), b"Content-Type: ", kind.as_bytes(), b"\r\n\r\n", &body].concat();
            let _ = article(&mail);
            let _ = article(&body);
        }
    }
}
