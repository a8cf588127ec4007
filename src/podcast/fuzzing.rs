//! The parsers of what feeds are written of, for `crate::fuzzing`.

use super::clean::{Secrets, block, cut_to_bytes, cut_to_characters, line, link};
use super::guid::Guid;
use super::{date, names};

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("podcast_date", |bytes| {
        if let Ok(time) = date::parse(&String::from_utf8_lossy(bytes)) {
            assert_eq!(date::parse(&date::written(time)).ok(), Some(time));
        }
    }),
    ("podcast_text", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let secrets = Secrets::new(["https://paper.example/secret".to_owned()]);
        for text in [block(&text, &secrets), line(&text, &secrets)] {
            assert!(!text.contains("https://paper.example/secret"), "{text:?}");
            assert!(
                cut_to_characters(&text, 20).chars().count() <= 20 && cut_to_bytes(&text, 20).len() <= 20
            );
        }
        std::hint::black_box((link(&text, &secrets), Guid::parse(&text), names::is_language(&text)));
    }),
];
