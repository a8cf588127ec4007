use http_body_util::BodyExt;

use super::*;
use crate::table_test::each;

const TEXT: &[u8] = b"0123456789";
const TAG: &str = "\"abc\"";

fn fields(list: &[(&str, &str)]) -> HeaderMap {
    let field = |(name, value): &(&str, &str)| {
        (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
    };
    list.iter().map(field).collect()
}

fn part(first: u64, length: u64) -> Wanted {
    Wanted::Part(Part { first, length })
}

#[test]
fn one_range_is_understood_and_others_are_not_heeded() {
    let rows = [
        ("bytes=0-0", part(0, 1)),
        ("bytes=0-3", part(0, 4)),
        ("bytes=4-", part(4, 6)),
        ("bytes=9-9", part(9, 1)),
        ("bytes=-3", part(7, 3)),
        ("bytes=-30", part(0, 10)),
        ("bytes=2-99", part(2, 8)),
        ("BYTES = 2-3", part(2, 2)),
        ("bytes=2-99999999999999999999999", part(2, 8)),
        ("bytes=10-", Wanted::NoSuchPart),
        ("bytes=10-12", Wanted::NoSuchPart),
        ("bytes=99999999999999999999999-", Wanted::NoSuchPart),
        ("bytes=-0", Wanted::NoSuchPart),
        ("bytes=3-2", Wanted::Whole),
        ("bytes=12-11", Wanted::Whole),
        ("bytes=0-1,3-4", Wanted::Whole),
        ("bytes=-", Wanted::Whole),
        ("bytes=", Wanted::Whole),
        ("bytes=a-b", Wanted::Whole),
        ("bytes=+1-2", Wanted::Whole),
        ("bytes=1--2", Wanted::Whole),
        ("lines=0-1", Wanted::Whole),
        ("0-1", Wanted::Whole),
        ("", Wanted::Whole),
    ];
    each(rows, |(range, want)| assert_eq!(part_of(range, 10), want, "{range}"));
    each(["bytes=0-", "bytes=0-0", "bytes=-1"], |range| {
        assert_eq!(part_of(range, 0), Wanted::NoSuchPart, "{range} of nothing");
    });
}

#[test]
fn a_file_from_before_1970_has_no_date() {
    let file = tempfile::tempfile().unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).unwrap();
    let (path, name, media_type) = (PathBuf::new(), "a.mp3".to_owned(), "audio/mpeg".to_owned());
    let sent = Sendable { path, name, media_type, tag: None, is_saved: false };
    let mut fields = HeaderMap::new();
    Version::of(&sent, &file.metadata().unwrap()).tell(&mut fields);
    assert!(fields.contains_key(header::ETAG) && !fields.contains_key(header::LAST_MODIFIED), "{fields:?}");
    // Some disks hold such times, too.
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    assert!(can_be_told(last) && !can_be_told(last + Duration::from_secs(1)));
}

#[test]
fn questions_are_answered_in_the_order_of_the_rfc() {
    let changed = SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000_000_500);
    let at = |seconds| httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    let (earlier, date, later) = (at(999_999_990), at(1_000_000_000), at(1_000_000_060));
    let version = Version { tag: TAG.to_string(), changed: Some(changed) };
    let range = ("range", "bytes=1-2");
    let rows: [(&[(&str, &str)], Wanted); 24] = [
        (&[], Wanted::Whole),
        (&[range], part(1, 2)),
        (&[("if-none-match", TAG)], Wanted::Nothing),
        (&[("if-none-match", "W/\"abc\"")], Wanted::Nothing),
        (&[("if-none-match", "\"x\", \"abc\"")], Wanted::Nothing),
        (&[("if-none-match", "\"x\""), ("if-none-match", TAG)], Wanted::Nothing),
        (&[("if-none-match", "*")], Wanted::Nothing),
        (&[("if-none-match", "\"x\"")], Wanted::Whole),
        (&[("if-none-match", "abc")], Wanted::Whole),
        (&[("if-none-match", TAG), range], Wanted::Nothing),
        (&[("if-none-match", "\"x\""), ("if-modified-since", &later)], Wanted::Whole),
        (&[("if-modified-since", &date)], Wanted::Nothing),
        (&[("if-modified-since", &earlier)], Wanted::Whole),
        (&[("if-modified-since", "yesterday")], Wanted::Whole),
        (&[("if-match", TAG), range], part(1, 2)),
        (&[("if-match", "W/\"abc\"")], Wanted::Another),
        (&[("if-match", "\"x\""), ("if-none-match", TAG)], Wanted::Another),
        (&[("if-unmodified-since", &earlier)], Wanted::Another),
        (&[("if-unmodified-since", &date)], Wanted::Whole),
        (&[("if-range", TAG), range], part(1, 2)),
        (&[("if-range", "W/\"abc\""), range], Wanted::Whole),
        (&[("if-range", "\"x\""), range], Wanted::Whole),
        (&[("if-range", &date), range], part(1, 2)),
        (&[("if-range", &later), range], Wanted::Whole),
    ];
    let now = changed + Duration::from_mins(1);
    each(rows, |(asked, want)| {
        assert_eq!(wanted(&Method::GET, &fields(asked), &version, 10, now), want, "{asked:?}");
    });
    let asked = fields(&[("if-range", &date), range]);
    let at_once = wanted(&Method::GET, &asked, &version, 10, changed + Duration::from_millis(300));
    assert_eq!(at_once, Wanted::Whole, "it may change again in this second");
    assert_eq!(wanted(&Method::HEAD, &fields(&[range]), &version, 10, now), Wanted::Whole);
}

#[test]
fn names_are_safe_and_come_whole() {
    let rows = [
        ("port.mp3", true, "attachment; filename=\"port.mp3\""),
        ("a story.html", false, "inline; filename=\"a story.html\""),
        ("항구.mp3", true, "attachment; filename=\"__.mp3\"; filename*=UTF-8''%ED%95%AD%EA%B5%AC.mp3"),
        (
            "a\"; x=\\\r\nb%41.mp3",
            true,
            "attachment; filename=\"a__ x=___b_41.mp3\"; filename*=UTF-8''a%22%3B%20x%3D%5C%0D%0Ab%2541.mp3",
        ),
        ("../x", true, "attachment; filename=\".._x\"; filename*=UTF-8''..%2Fx"),
    ];
    each(rows, |(name, is_saved, want)| {
        let found = disposition(name, is_saved);
        assert_eq!(found, want, "{name:?}");
        assert!(HeaderValue::from_str(&found).is_ok());
    });
}

/// A method, fields, and of the answer: status, body, the part that it is, and its length.
type Row<'a> = (Method, &'a [(&'a str, &'a str)], u16, &'a [u8], Option<&'a str>, &'a str);

#[tokio::test]
async fn a_file_is_sent_as_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.vtt");
    fs::write(&path, TEXT).unwrap();
    let file = Sendable {
        path: path.clone(),
        name: "a.vtt".to_string(),
        media_type: "text/vtt".to_string(),
        tag: Some("abc".to_string()),
        is_saved: true,
    };
    let ask = async |file: &Sendable, method: Method, asked: &[(&str, &str)]| {
        let answer = match send(file.clone(), &method, &fields(asked)).await {
            Ok(answer) => answer,
            Err(fault) => fault.answer(),
        };
        let (head, body) = answer.into_parts();
        (head, body.collect().await.unwrap().to_bytes())
    };
    let rows: [Row; 6] = [
        (Method::GET, &[], 200, TEXT, None, "10"),
        (Method::HEAD, &[("range", "bytes=0-1")], 200, b"", None, "10"),
        (Method::GET, &[("range", "bytes=2-4")], 206, b"234", Some("bytes 2-4/10"), "3"),
        (Method::GET, &[("range", "bytes=-1")], 206, b"9", Some("bytes 9-9/10"), "1"),
        (Method::GET, &[("if-none-match", TAG)], 304, b"", None, ""),
        (Method::GET, &[("range", "bytes=0-1"), ("if-range", "\"old\"")], 200, TEXT, None, "10"),
    ];
    for (method, asked, status, want, range, length) in rows {
        let (head, body) = ask(&file, method, asked).await;
        let field = |name: HeaderName| head.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!((head.status.as_u16(), &*body), (status, want), "{asked:?}");
        assert_eq!(field(header::CONTENT_RANGE), range, "{asked:?}");
        assert_eq!(field(header::CONTENT_LENGTH).unwrap_or_default(), length, "{asked:?}");
        assert_eq!(field(header::ETAG), Some(TAG), "{asked:?}");
        assert_eq!(field(header::ACCEPT_RANGES), Some("bytes"), "{asked:?}");
        assert!(head.headers.contains_key(header::LAST_MODIFIED));
    }
    let (head, body) = ask(&file, Method::GET, &[("range", "bytes=10-")]).await;
    assert_eq!(
        (head.status.as_u16(), &head.headers[header::CONTENT_RANGE]),
        (416, &HeaderValue::from_static("bytes */10"))
    );
    let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(told["error"]["code"], "range_not_satisfiable");
    // Without a hash another content is another tag.
    let untagged = Sendable { tag: None, ..file.clone() };
    let (before, _) = ask(&untagged, Method::GET, &[]).await;
    let (same, _) = ask(&untagged, Method::GET, &[]).await;
    fs::write(&path, b"longer than it was").unwrap();
    let (after, _) = ask(&untagged, Method::GET, &[]).await;
    assert_eq!(before.headers[header::ETAG], same.headers[header::ETAG]);
    assert_ne!(before.headers[header::ETAG], after.headers[header::ETAG]);
    for gone in
        [folder.path().to_path_buf(), folder.path().join("b"), path.join("c"), folder.path().join("a\0b")]
    {
        let (head, body) = ask(&Sendable { path: gone, ..file.clone() }, Method::GET, &[]).await;
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(head.status.as_u16(), 404, "{text}");
        assert!(!text.contains(&*folder.path().to_string_lossy()), "{text}");
    }
}

#[tokio::test]
async fn a_large_file_comes_in_blocks_and_one_that_shrinks_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    let all: Vec<u8> = (0..3 * BLOCK + 7).map(|number| (number % 251) as u8).collect();
    fs::write(&path, &all).unwrap();
    let part = Part { first: 5, length: all.len() as u64 - 5 };
    let mut body = FileBody::new(File::open(&path).unwrap(), part);
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let block = frame.unwrap().into_data().unwrap();
        assert!(block.len() as u64 <= BLOCK);
        read.extend_from_slice(&block);
    }
    assert!(read == all[5..]);
    let mut body = FileBody::new(File::open(&path).unwrap(), part);
    assert!(body.frame().await.unwrap().is_ok());
    fs::write(&path, b"short").unwrap();
    assert!(body.frame().await.unwrap().is_err());
    assert!(body.frame().await.is_none());
}
