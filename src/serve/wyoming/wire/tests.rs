use proptest::prelude::*;

use super::*;
use crate::table_test::each;

/// Bytes that the data of an event may have here.
const DATA: usize = 200;

fn parsed(bytes: &[u8]) -> (Vec<Event>, Option<Malformed>, bool) {
    parsed_in_parts(&[bytes])
}

fn parsed_in_parts(parts: &[&[u8]]) -> (Vec<Event>, Option<Malformed>, bool) {
    let mut parser = Parser::new(DATA);
    let mut events = Vec::new();
    for part in parts {
        let mut input = *part;
        loop {
            match parser.next(&mut input) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(malformed) => return (events, Some(malformed), false),
            }
            assert!(parser.held.len() <= LINE.max(DATA));
        }
        assert!(input.is_empty());
    }
    (events, None, parser.is_between())
}

fn asked(name: &str) -> Asked {
    Asked { voice: Voice { name: Some(name.to_string()), ..Voice::default() }, format: None }
}

#[test]
fn events_are_read_as_the_library_writes_them() {
    let say = |text: &str| Event::Synthesize(Asked::default(), text.to_string());
    let rows: [(&str, Vec<Event>); 17] = [
        ("", vec![]),
        ("\n \n\r\n", vec![]),
        ("{\"type\": \"describe\", \"version\": \"1.10.2\"}\n", vec![Event::Describe]),
        ("{\"type\":\"describe\"}\r\n{\"type\":\"ping\"}\n", vec![Event::Describe, Event::Ping(None)]),
        ("{\"type\":\"ping\",\"data_length\":14}\n{\"text\": \"hi\"}", vec![Event::Ping(Some("hi".into()))]),
        ("{\"type\":\"ping\",\"data_length\":14}\n{\"text\": null}", vec![Event::Ping(None)]),
        ("{\"type\":\"synthesize\",\"data\":{\"text\":\"Hä\"}}\n", vec![say("Hä")]),
        (
            "{\"type\":\"synthesize\",\"data\":{\"text\":\"no\"},\"data_length\":14}\n{\"text\":\"yes\"}",
            vec![say("yes")],
        ),
        (
            "{\"type\":\"synthesize\",\"data_length\":52}\n{\"text\":\"\",\"voice\":{\"name\":\"af_heart\"},\"context\":{}}",
            vec![Event::Synthesize(asked("af_heart"), String::new())],
        ),
        (
            "{\"type\":\"synthesize-start\",\"data\":{\"voice\":{\"language\":\"en\",\"more\":[1]},\"text_format\":\"ssml\"}}\n",
            vec![Event::Start(Asked {
                voice: Voice { language: Some("en".into()), ..Voice::default() },
                format: Some("ssml".into()),
            })],
        ),
        ("{\"type\":\"synthesize-start\",\"data\":{\"voice\":null}}\n", vec![Event::Start(Asked::default())]),
        ("{\"type\":\"synthesize-chunk\",\"data\":{\"text\":\"a\"}}\n", vec![Event::Chunk("a".into())]),
        ("{\"type\":\"synthesize-stop\",\"data_length\":null,\"payload_length\":0}\n", vec![Event::Stop]),
        ("{\"type\":\"synthesize-stop\",\"data_length\":-1,\"payload_length\":-5}\n", vec![Event::Stop]),
        (
            "{\"type\":\"describe\",\"payload_length\":3}\n\n{}{\"type\":\"synthesize-stop\"}\n",
            vec![Event::Describe, Event::Stop],
        ),
        (
            "{\"type\":\"audio-chunk\",\"data\":[1],\"data_length\":3,\"payload_length\":5}\n{{{\n\n\n\n\n{\"type\":\"describe\"}\n",
            vec![Event::Describe],
        ),
        ("{\"type\":\"select-program\",\"data_length\":15}\n{\"name\": \"kaz\"}", vec![]),
    ];
    each(rows, |(bytes, want)| {
        assert_eq!(parsed(bytes.as_bytes()), (want, None, true), "{bytes}");
    });
}

#[test]
fn what_is_no_event_ends_the_conversation() {
    let long = format!("{{\"type\":\"describe\",\"more\":\"{}\"}}\n", "x".repeat(LINE));
    let rows: [(&str, Malformed); 17] = [
        ("GET / HTTP/1.1\r\n\r\n", Malformed::Json),
        ("\u{16}\u{3}\u{1}\n", Malformed::Json),
        ("null\n", Malformed::Json),
        ("{}\n", Malformed::Json),
        ("{\"type\":7}\n", Malformed::Json),
        ("{\"type\":\"ping\",\"data_length\":1.5}\n", Malformed::Json),
        ("{\"type\":\"ping\",\"data_length\":\"4\"}\n", Malformed::Json),
        ("{\"type\":\"ping\",\"data_length\":99999999999999999999}\n", Malformed::Json),
        ("{\"type\":\"ping\",\"data_length\":2}\n[]", Malformed::Json),
        ("{\"type\":\"ping\",\"data_length\":12}\n{\"text\": 100}", Malformed::Json),
        ("{\"type\":\"ping\",\"data\":{\"text\":[]}}\n", Malformed::Json),
        ("{\"type\":\"synthesize\"}\n", Malformed::Json),
        ("{\"type\":\"synthesize-chunk\",\"data\":{\"text\":null}}\n", Malformed::Json),
        ("{\"type\":\"synthesize\",\"data_length\":201}\n", Malformed::Data),
        ("{\"type\":\"describe\",\"payload_length\":67108865}\n", Malformed::Payload),
        (
            "{\"type\":\"audio-chunk\",\"data_length\":9223372036854775807,\"payload_length\":9223372036854775807}\n",
            Malformed::Payload,
        ),
        (&long, Malformed::Line),
    ];
    each(rows, |(bytes, want)| {
        assert_eq!(parsed(bytes.as_bytes()), (vec![], Some(want), false), "{bytes}");
        // It stays so.
        let mut parser = Parser::new(DATA);
        let _ = parser.next(&mut bytes.as_bytes());
        assert_eq!(parser.next(&mut &b"{\"type\":\"describe\"}\n"[..]), Err(want), "{bytes}");
    });
    let nested = format!("{{\"type\":\"describe\",\"data\":{}\n", "[".repeat(LINE - 40));
    assert_eq!(parsed(nested.as_bytes()).1, Some(Malformed::Json));
}

#[test]
fn a_line_may_be_as_long_as_the_limit() {
    let filled = |length: usize| {
        let (begin, end) = ("{\"type\":\"describe\",\"more\":\"", "\"}");
        format!("{begin}{}{end}\n", "x".repeat(length - begin.len() - end.len()))
    };
    assert_eq!(parsed(filled(LINE).as_bytes()).0, [Event::Describe]);
    assert_eq!(parsed(filled(LINE + 1).as_bytes()).1, Some(Malformed::Line));
}

#[test]
fn what_is_written_can_be_read() {
    let rows = [
        (bare("synthesize-stop"), "{\"type\":\"synthesize-stop\",\"version\":\"1.10.2\"}\n"),
        (
            event("pong", &serde_json::json!({ "text": "ü" }), b""),
            "{\"type\":\"pong\",\"version\":\"1.10.2\",\"data_length\":13}\n{\"text\":\"ü\"}",
        ),
        (
            event("audio-chunk", &serde_json::json!({ "rate": 1 }), b"ab"),
            "{\"type\":\"audio-chunk\",\"version\":\"1.10.2\",\"data_length\":10,\"payload_length\":2}\n{\"rate\":1}ab",
        ),
    ];
    each(rows, |(bytes, want)| assert_eq!(String::from_utf8_lossy(&bytes), want));
}

fn any_event() -> impl Strategy<Value = (Vec<u8>, Option<Event>)> {
    let text = "[ -~é\n😀]{0,30}";
    prop_oneof![
        Just((bare("describe"), Some(Event::Describe))),
        Just((bare("synthesize-stop"), Some(Event::Stop))),
        text.prop_map(|text| {
            (event("ping", &serde_json::json!({ "text": text }), b""), Some(Event::Ping(Some(text))))
        }),
        (text, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(text, payload)| {
            let bytes = event("synthesize", &serde_json::json!({ "text": text }), &payload);
            (bytes, Some(Event::Synthesize(Asked::default(), text)))
        }),
        (text, "[a-z]{1,8}").prop_map(|(text, kind)| {
            (event(&format!("x-{kind}"), &serde_json::json!({ "text": text }), text.as_bytes()), None)
        }),
    ]
}

proptest! {
    #[test]
    fn events_come_out_as_they_went_in_however_they_are_cut(
        events in proptest::collection::vec(any_event(), 0..6),
        cuts in proptest::collection::vec(1_usize..60, 1..80),
    ) {
        let bytes: Vec<u8> = events.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        let want: Vec<Event> = events.into_iter().filter_map(|(_, event)| event).collect();
        let mut parts = Vec::new();
        let (mut rest, mut cuts) = (&bytes[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (part, after) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            parts.push(part);
            rest = after;
        }
        prop_assert_eq!(parsed_in_parts(&parts), (want.clone(), None, true));
        // Cut off anywhere, the events before the cut are there, and the end is seen to be in the middle.
        for end in 0..bytes.len() {
            let (events, malformed, _) = parsed(&bytes[..end]);
            prop_assert_eq!(malformed, None);
            prop_assert!(want.starts_with(&events));
        }
    }

    #[test]
    fn garbage_is_no_event_and_holds_no_memory(bytes: Vec<u8>, line in "\\PC{0,60}") {
        parsed(&bytes);
        parsed(format!("{line}\n{line}").as_bytes());
        parsed(format!("{{\"type\":\"synthesize\",\"data_length\":{}}}\n{line}", line.len()).as_bytes());
    }
}
