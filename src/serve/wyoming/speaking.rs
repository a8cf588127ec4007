//! Requests become sound: a whole text, or one that comes in pieces.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::conversation::Coming;
use super::fault::Fault;
use super::info;
use super::sound::{Out, Sound};
use super::text::{Passage, Pieces};
use super::wire::{Asked, Event, bare};
use crate::article::Article;
use crate::error::{Error, ErrorKind};
use crate::lexicon::user::Given;
use crate::serve::Server;
use crate::serve::admission::Permit;
use crate::serve::outlet::is_gone;
use crate::serve::speech::{Form, Speech, Wanted, article_of};
use crate::serve::voices::Choice;

/// How long a request waits for its turn. Who asks by voice does not wait longer.
const TURN: Duration = Duration::from_secs(30);
/// A text that does not go on for so long, and stands at a stop, is spoken: whoever writes it does something else before it goes on.
const STANDSTILL: Duration = Duration::from_millis(400);
/// Silence of a speech's own between its first sample and its first sound, and after its last one: what a pause already has.
const OWN_SILENCE: Duration = Duration::from_millis(175);

/// Why a request is not spoken to its end.
pub(super) enum End {
    /// The client is told.
    Fault(Fault),
    /// It is gone, or as good as gone.
    Gone,
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        if is_gone(&error) { Self::Gone } else { Self::Fault(Fault::of(&error)) }
    }
}

/// What requests of one connection need.
pub(super) struct Speaker<'a, W> {
    pub(super) server: &'a Arc<Server>,
    pub(super) out: &'a Out<W>,
}

impl<W: AsyncWrite + Unpin> Speaker<'_, W> {
    /// Speaks a whole text.
    pub(super) async fn text(&self, asked: Asked, text: &str) -> Result<(), End> {
        if text.chars().count() > self.server.limits.characters {
            return Err(Fault::too_long(self.server.limits.characters).into());
        }
        let voice = self.voice(asked).await?;
        let mut sound = Sound::new(self.out);
        if let Some(article) = spoken(article_of(text))? {
            let permit = self.permit().await?;
            let mut speech = self.begin(article, &voice, &permit).await?;
            while let Some(bytes) = speech.next().await {
                let Some(bytes) = spoken(bytes)? else { break };
                sound.play(speech.rate(), &bytes).await?;
            }
        }
        Ok(sound.end(self.server.voices.rate()).await?)
    }

    /// Speaks a text that comes in pieces: what is whole while more comes.
    pub(super) async fn pieces(&self, asked: Asked, coming: &mut Coming) -> Result<(), End> {
        let mut stream = Stream {
            voice: self.voice(asked).await?,
            pieces: Pieces::default(),
            characters: 0,
            most: self.server.limits.characters,
            is_whole: false,
            since: Instant::now(),
        };
        let mut sound = Sound::new(self.out);
        let mut permit = None;
        // One is heard; when it is made the next one is begun, so that there is no gap. Earlier it might wait too long to be taken.
        let (mut heard, mut next): (Option<Heard>, Option<Heard>) = (None, None);
        let mut stands_still = false;
        loop {
            stream.take_what_is_there(coming).await?;
            let is_still = std::mem::take(&mut stands_still);
            let is_next_due = next.is_none() && heard.as_ref().is_none_or(|heard| heard.speech.is_made());
            if is_next_due && let Some(passage) = stream.passage(is_still) {
                next = self.passage(&passage, &stream.voice, &mut permit).await?;
                // One without anything to be spoken is passed over.
                continue;
            }
            if heard.is_none() {
                heard = next.take();
            }
            if heard.is_none() && stream.is_whole {
                break;
            }
            tokio::select! {
                event = coming.next(), if !stream.is_whole => stream.take(event.ok_or(End::Gone)?)?,
                bytes = bytes_of(&mut heard) => match (bytes.map(spoken).transpose()?.flatten(), &mut heard) {
                    (Some(bytes), Some(heard)) => {
                        heard.has_begun = true;
                        sound.play(heard.speech.rate(), &bytes).await?;
                    }
                    _ => {
                        if let Some(heard) = heard.take().filter(|heard| heard.has_begun) {
                            sound.owe(heard.pause);
                        }
                        stream.since = Instant::now();
                    }
                },
                () = sleep(STANDSTILL), if heard.is_none() && stream.pieces.ends_a_sentence() => {
                    stands_still = true;
                }
                () = sleep_until(stream.since + self.server.limits.upload), if heard.is_none() => {
                    return Err(Fault::silent().into());
                }
            }
        }
        drop(permit);
        sound.end(self.server.voices.rate()).await?;
        Ok(self.out.send(&bare("synthesize-stopped")).await?)
    }

    /// Begins to speak a passage; `None` when there is nothing in it to be spoken.
    async fn passage(
        &self,
        passage: &Passage,
        voice: &Choice,
        permit: &mut Option<Arc<Permit>>,
    ) -> Result<Option<Heard>, End> {
        let Some(article) = spoken(article_of(&passage.text))? else { return Ok(None) };
        let permit = match permit {
            Some(permit) => permit,
            None => permit.insert(self.permit().await?),
        };
        let pause = passage.pause(&self.server.voices.pauses()).saturating_sub(OWN_SILENCE);
        Ok(Some(Heard { speech: self.begin(article, voice, permit).await?, pause, has_begun: false }))
    }

    async fn begin(&self, article: Article, voice: &Choice, permit: &Arc<Permit>) -> Result<Speech, End> {
        let article = Arc::new(article);
        let wanted = Wanted {
            article,
            voice: voice.clone(),
            speed: self.server.limits.speed,
            form: Form::Samples,
            given: Given::default(),
            places: None,
        };
        match timeout(TURN, self.server.speak(wanted, permit.clone())).await {
            Ok(speech) => Ok(speech?),
            Err(_) => Err(Fault::busy().into()),
        }
    }

    async fn permit(&self) -> Result<Arc<Permit>, Fault> {
        let place = self.server.admission.enter().map_err(|_| Fault::busy())?;
        match timeout(TURN, place.turn()).await {
            Ok(Ok(permit)) => Ok(Arc::new(permit)),
            Ok(Err(_)) => Err(Fault::stopping()),
            Err(_) => Err(Fault::busy()),
        }
    }

    async fn voice(&self, asked: Asked) -> Result<Choice, Fault> {
        let format = asked.format.as_deref().unwrap_or("text");
        if format != "text" {
            return Err(Fault::format(format));
        }
        let voices = self.server.voices.clone();
        let choice = tokio::task::spawn_blocking(move || info::choice(&voices, &asked.voice)).await;
        choice.unwrap_or_else(|_| Err(Fault::stopping()))
    }
}

/// A passage that is made, and goes out.
struct Heard {
    speech: Speech,
    /// The pause after it.
    pause: Duration,
    has_begun: bool,
}

/// The next bytes of what is heard; waits for ever where nothing is.
async fn bytes_of(heard: &mut Option<Heard>) -> Option<crate::error::Result<Bytes>> {
    match heard {
        Some(heard) => heard.speech.next().await,
        None => std::future::pending().await,
    }
}

/// Nothing is wrong with a text in which there is nothing to be spoken: a lone picture, say.
fn spoken<T>(result: crate::error::Result<T>) -> Result<Option<T>, End> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::Empty => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A text that comes in pieces.
struct Stream {
    voice: Choice,
    pieces: Pieces,
    characters: usize,
    most: usize,
    is_whole: bool,
    /// When its last piece came.
    since: Instant,
}

impl Stream {
    /// Takes all events that wait, so that sentences that came together are spoken together.
    async fn take_what_is_there(&mut self, coming: &mut Coming) -> Result<(), End> {
        tokio::task::yield_now().await;
        while !self.is_whole {
            let Some(event) = coming.try_next() else { break };
            self.take(event)?;
        }
        Ok(())
    }

    fn take(&mut self, event: Result<Event, Fault>) -> Result<(), End> {
        self.since = Instant::now();
        match event? {
            Event::Chunk(piece) => {
                self.characters += piece.chars().count();
                if self.characters > self.most {
                    return Err(Fault::too_long(self.most).into());
                }
                self.pieces.push(&piece);
            }
            Event::Stop => self.is_whole = true,
            // Home Assistant sends the whole text once more, for servers that know no pieces.
            Event::Synthesize(..) => {}
            Event::Start(_) => {
                return Err(Fault::out_of_order(
                    "A text that comes in pieces begins before the last one ended.",
                )
                .into());
            }
            // These are answered as soon as they come.
            Event::Describe | Event::Ping(_) => {}
        }
        Ok(())
    }

    fn passage(&mut self, stands_still: bool) -> Option<Passage> {
        if self.is_whole || stands_still { self.pieces.take_all() } else { self.pieces.take_whole() }
    }
}
