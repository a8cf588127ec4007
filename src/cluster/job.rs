//! A job: the order of one report, its article, and the key under which its result will lie.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Cure, Error, ErrorKind, Result};
use crate::hash::{Fields, hex};
use crate::order::{Finish, Order, Page, Source};

/// The version of the message. A worker leaves messages of later versions to later workers.
const VERSION: u32 = 2;
/// What the first workers understand: orders that say nothing of manner or finish.
const PLAIN: u32 = 1;
/// The version of this program.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// Names the way in which a key is made; another way needs another name.
const KEY: &str = "audio-report result 1";
/// Larger articles lie on the shelf instead of in the message. A server of NATS takes messages of 1 MiB, and JSON may write a character of
/// a text in six.
pub(crate) const MOST_INLINE: usize = 64 << 10;

/// A report to be made by whoever is free.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    version: u32,
    /// Where its result will lie.
    pub key: Key,
    /// What messages call its article.
    pub name: String,
    /// The instructions for processors that its samples are made by.
    pub kernel: Kernel,
    /// The version of the program, on which its samples depend; empty in the first jobs that there were, as is the next one.
    #[serde(default)]
    program: String,
    /// The engine, its version, and the files of the voice.
    #[serde(default)]
    pub engine: String,
    /// What is asked for.
    pub order: Order,
    /// The article.
    pub text: Text,
}

/// The name of a result: a hash of all that it depends on, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Key(String);

/// A family of kernels. Each makes other samples of the same text, so a report is made by one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Kernel(String);

/// The bytes of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Text {
    /// A text.
    Utf8(String),
    /// Other bytes, in Base64.
    Bytes(String),
    /// Bytes on the shelf, by their SHA-256.
    Shelved(String),
}

/// What the samples of a report depend on beside its order and its article.
pub(crate) struct Making<'a> {
    /// The engine, its version, and the files of the voice.
    pub engine: &'a str,
    /// The kernels.
    pub kernel: &'a Kernel,
}

impl Job {
    /// The job that makes a report of an article.
    pub(crate) fn new(name: &str, order: Order, making: &Making<'_>, article: &[u8]) -> Self {
        let key = Key::of(&order, making, article);
        let text = match std::str::from_utf8(article) {
            _ if article.len() > MOST_INLINE => Text::Shelved(hex(&Sha256::digest(article))),
            Ok(text) => Text::Utf8(text.to_string()),
            Err(_) => Text::Bytes(STANDARD.encode(article)),
        };
        let is_plain = order.finish == Finish::default() && order.manner.is_plain();
        let version = if is_plain { PLAIN } else { VERSION };
        let (program, engine) = (PROGRAM.to_string(), making.engine.to_string());
        Self {
            version,
            key,
            name: name.to_string(),
            kernel: making.kernel.clone(),
            program,
            engine,
            order,
            text,
        }
    }

    /// Whether this program makes the result that its key names. Of one that names no version it is taken to.
    pub(crate) fn is_for_this_program(&self) -> bool {
        self.program.is_empty() || self.program == PROGRAM
    }

    /// The key that a message names, whatever else a later program has put into it.
    pub(crate) fn key_in(message: &[u8]) -> Option<Key> {
        #[derive(Deserialize)]
        struct Named {
            key: Key,
        }
        serde_json::from_slice(message).ok().map(|Named { key }| key)
    }

    /// As it is sent.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let failed = |cause| Error::new(ErrorKind::Output, "a job can't be written").because(cause);
        serde_json::to_vec(self).map_err(failed)
    }

    /// Reads what was sent.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for what is no job, [`ErrorKind::Usage`] for one of a later version.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let wrong = |cause| Error::new(ErrorKind::Input, "a message of the queue is no job").because(cause);
        let Version { version } = serde_json::from_slice(bytes).map_err(wrong)?;
        if version > VERSION {
            return Err(Error::new(ErrorKind::Usage, "a job was sent by a later version of the program")
                .with_cure(Cure::UpdateProgram));
        }
        serde_json::from_slice(bytes).map_err(wrong)
    }
}

impl Text {
    /// The bytes, where the message has them.
    pub(crate) fn inline(&self) -> Option<Result<Vec<u8>>> {
        let wrong = |cause| Error::new(ErrorKind::Input, "the article of a job is damaged").because(cause);
        match self {
            Self::Utf8(text) => Some(Ok(text.clone().into_bytes())),
            Self::Bytes(coded) => Some(STANDARD.decode(coded).map_err(wrong)),
            Self::Shelved(_) => None,
        }
    }
}

impl Key {
    /// The key of a report. Every field has its length before it, so none is mistaken for a part of its neighbour.
    fn of(order: &Order, making: &Making<'_>, article: &[u8]) -> Self {
        let flag = |is: bool| [u8::from(is)];
        let mut fields = Fields::of(KEY)
            .with(PROGRAM.as_bytes())
            .with(making.engine.as_bytes())
            .with(making.kernel.0.as_bytes())
            .with(order.voice.as_bytes())
            .with(&order.speed().factor().to_bits().to_le_bytes())
            .with(order.format().ending().as_bytes())
            .with(&flag(order.page))
            .with(format!("{:?}", order.kind).as_bytes())
            .with(order.title.as_deref().unwrap_or_default().as_bytes())
            .with(format!("{:?}", order.around).as_bytes())
            .with(format!("{:?}", order.manner).as_bytes())
            .with(format!("{:?}", order.finish).as_bytes());
        let mut captions: Vec<String> = order.captions.iter().map(|form| format!("{form:?}")).collect();
        captions.sort();
        captions.dedup();
        fields = fields.with(captions.join(",").as_bytes());
        fields = match &order.source {
            Source::Text => fields.with(b"text"),
            // The same article under two names is one report, but for an ending that tells its format.
            Source::File(name) => fields.with(b"file").with(ending(name).as_bytes()),
            Source::Address(address) => fields.with(b"address").with(address.as_bytes()),
            Source::Page(Page { address, charset, media_type }) => fields
                .with(b"page")
                .with(address.as_bytes())
                .with(format!("{charset:?} {media_type:?}").as_bytes()),
        };
        Self(hex(&fields.with(&Sha256::digest(article)).finish()))
    }

    /// What stands for the key of a message that is no job.
    pub(crate) fn of_bytes(message: &[u8]) -> Self {
        Self(hex(&Sha256::digest(message)))
    }

    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Key {
    type Error = &'static str;

    /// A key is part of paths and subjects, so nothing else may stand in one.
    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(is_digit) {
            return Ok(Self(text));
        }
        Err("a key has 64 hexadecimal digits")
    }
}

impl Kernel {
    /// The kernels of a name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Kernel {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&text.len()) && text.bytes().all(is_plain) {
            return Ok(Self(text));
        }
        Err("the name of kernels has small letters, digits and hyphens")
    }
}

/// The ending of a file's name, in small letters.
fn ending(name: &str) -> String {
    let ending = std::path::Path::new(name).extension().unwrap_or_default();
    ending.to_string_lossy().to_ascii_lowercase()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::audio::Speed;
    use crate::order::{Captions, Kind, Words};
    use crate::output::encode::Format;
    use crate::table_test::each;

    pub(crate) fn kernel(name: &str) -> Kernel {
        Kernel::try_from(name.to_string()).unwrap()
    }

    pub(crate) fn order() -> Order {
        Order::new(Source::Text, "tone".to_string(), Speed::NORMAL, Format::Mp3)
    }

    pub(crate) fn job(text: &str) -> Job {
        Job::new("port.txt", order(), &Making { engine: "tone 1", kernel: &kernel("avx2") }, text.as_bytes())
    }

    #[test]
    fn a_job_comes_back_from_its_message() {
        let long = "x".repeat(MOST_INLINE + 1);
        let bytes = [0xFF, 0xFE, b'a', 0];
        each([b"Ships came back.".as_slice(), &bytes, long.as_bytes()], |article| {
            let making = Making { engine: "tone 1", kernel: &kernel("avx2") };
            let job = Job::new("port.txt", order(), &making, article);
            let sent = job.to_bytes().unwrap();
            assert!(sent.len() < 128 << 10, "{}", sent.len());
            assert_eq!(Job::from_bytes(&sent).unwrap(), job);
            let inline = job.text.inline().map(Result::unwrap);
            assert_eq!(inline.as_deref(), (article.len() <= MOST_INLINE).then_some(article));
        });
    }

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_changes_the_result_changes_its_key_and_nothing_else_does() {
        let of = |order: &Order, engine: &str, name: &str, text: &str| {
            Key::of(order, &Making { engine, kernel: &kernel(name) }, text.as_bytes())
        };
        let usual = || of(&order(), "tone 1", "avx2", "Ships");
        let changed = |change: &dyn Fn(&mut Order)| {
            let mut order = order();
            change(&mut order);
            of(&order, "tone 1", "avx2", "Ships")
        };
        assert_eq!(usual(), usual());
        let rows = [
            ("text", of(&order(), "tone 1", "avx2", "Ship")),
            ("engine", of(&order(), "tone 2", "avx2", "Ships")),
            ("kernel", of(&order(), "tone 1", "neon", "Ships")),
            ("voice", changed(&|order| order.voice = "af_heart".to_string())),
            ("page", changed(&|order| order.page = true)),
            ("captions", changed(&|order| order.captions = vec![Captions::Vtt])),
            ("kind", changed(&|order| order.kind = Some(Kind::Html))),
            ("title", changed(&|order| order.title = Some("Port".to_string()))),
            ("words", changed(&|order| order.manner.words = vec![Words::Toml("x = \"y\"".to_string())])),
            ("manner", changed(&|order| order.manner = read(r#"{"locale": "en-GB"}"#))),
            ("finish", changed(&|order| order.finish = read(r#"{"bitrate": 64}"#))),
            ("source", changed(&|order| order.source = Source::File("a.md".to_string()))),
        ];
        let known: Vec<Key> = rows.iter().map(|(_, key)| key.clone()).collect();
        each(rows, |(what, key)| {
            assert_ne!(key, usual(), "{what}");
            assert_eq!(known.iter().filter(|other| **other == key).count(), 1, "{what}");
        });
        let named = |name: &str| changed(&|order| order.source = Source::File(name.to_string()));
        assert_eq!(named("a.md"), named("b.MD"));
        let forms = |forms: [Captions; 2]| changed(&|order| order.captions = forms.to_vec());
        assert_eq!(forms([Captions::Vtt, Captions::Srt]), forms([Captions::Srt, Captions::Vtt]));
    }

    #[test]
    fn hostile_messages_are_refused() {
        let sent = String::from_utf8(job("Ships").to_bytes().unwrap()).unwrap();
        let key = job("Ships").key.0;
        let rows = [
            (String::new(), ErrorKind::Input),
            ("{}".to_string(), ErrorKind::Input),
            (format!("{{\"version\":{}}}", VERSION + 1), ErrorKind::Usage),
            (format!("{{\"version\":{VERSION}}}"), ErrorKind::Input),
            (format!("{{\"version\":{PLAIN}}}"), ErrorKind::Input),
            (sent.replace(&key, "../../etc/passwd"), ErrorKind::Input),
            (sent.replace(&key, &key.to_uppercase()), ErrorKind::Input),
            (sent.replace("avx2", "*.>"), ErrorKind::Input),
        ];
        each(rows, |(message, kind)| {
            assert_eq!(Job::from_bytes(message.as_bytes()).unwrap_err().kind(), kind, "{message}");
        });
    }
}
