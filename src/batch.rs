//! Many articles through one narrator.
//!
//! The workers of a narrator are shared by all articles: while the last chunks of one are spoken the next one begins.
//! Only as many are open as keep the workers busy, plus one that is read but not begun. The earlier article always
//! goes first, so the results are complete one after the other, the first one early. Each article keeps its own sink
//! and its own failures.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};

use crate::article::Article;
use crate::audio::{Sink, Speed};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::report::{Announcements, Narration, NarrationSettings, Narrator, Progress, Summary};
use crate::synth::Flow;

/// Events that may wait to be observed.
const EVENTS_AHEAD: usize = 64;

/// Opens what an article is read into; called when a worker is free for the article, and not before.
pub type OpenSink = Box<dyn FnOnce(&Narrator) -> Result<Box<dyn Sink>> + Send>;

/// One article of a batch.
pub struct Item {
    /// The article.
    pub article: Arc<Article>,
    /// Opens what it is read into.
    pub open: OpenSink,
}

/// One article that becomes more than a sound.
pub(crate) struct Production {
    /// The article.
    pub article: Arc<Article>,
    /// The sentences around it.
    pub announcements: Announcements,
    /// Opens what takes the voice's sound, with peaks as the voice made them.
    pub open: OpenSink,
    /// Makes the result when the sound is complete, while later articles are spoken.
    pub complete: Complete,
    /// Who reads it, made from the narrator of the others, where somebody else does.
    pub narrator: Option<Recast>,
}

/// Makes the narrator of one article.
pub(crate) type Recast = Box<dyn FnOnce(&Narrator) -> Result<Narrator> + Send>;

/// The last step of a production.
pub(crate) type Complete = Box<dyn FnOnce(&mut Summary) -> Result<()> + Send>;

impl From<Item> for Production {
    fn from(Item { article, open }: Item) -> Self {
        let limited =
            move |narrator: &Narrator| Ok(Box::new(narrator.limited(open(narrator)?)) as Box<dyn Sink>);
        let announcements = Announcements::default();
        Self {
            article,
            announcements,
            open: Box::new(limited),
            complete: Box::new(|_| Ok(())),
            narrator: None,
        }
    }
}

/// The events of a batch. Articles are numbered from zero in the order in which they come.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// An article begins to be spoken.
    Began(usize),
    /// How far it is.
    Progressed(usize, Progress),
    /// How it ended. These come in the order of the articles, even when a later one is complete first.
    Ended(usize, Result<Summary>),
}

/// Narrates articles at a speed and reports the events to `observe` on the calling thread. A function prepares each
/// article as soon as the one before it was begun; an article that is an error ends at once. Every article that was
/// prepared comes to an [`Event::Ended`], and one failure does not touch the others. When `observe` asks to stop, the
/// effect is that of `cancel`: incomplete articles end as interrupted. If the thread that begins the articles can't be
/// started, the result is an error, without any event.
pub fn narrate_all<I, P>(
    narrator: &Narrator,
    articles: I,
    speed: Speed,
    cancel: &Cancel,
    observe: &mut dyn FnMut(Event) -> Flow,
) -> Result<()>
where
    I: Iterator<Item = P> + Send,
    P: FnOnce() -> Result<Item> + Send,
{
    let productions = articles.map(|prepare| || Ok(Production::from(prepare()?)));
    produce_all(narrator, productions, speed, cancel, observe)
}

/// The same for productions, each of which ends when it is complete.
pub(crate) fn produce_all<I, P>(
    narrator: &Narrator,
    articles: I,
    speed: Speed,
    cancel: &Cancel,
    observe: &mut dyn FnMut(Event) -> Flow,
) -> Result<()>
where
    I: Iterator<Item = P> + Send,
    P: FnOnce() -> Result<Production> + Send,
{
    let (sender, events) = sync_channel(EVENTS_AHEAD);
    thread::scope(|scope| {
        let opener = Opener { scope, narrator, speed, cancel, events: sender };
        let beginning = thread::Builder::new().name("batch".to_string());
        beginning
            .spawn_scoped(scope, move || opener.run(articles))
            .map_err(|cause| no_thread("begins the articles", cause))?;
        let mut ended = BTreeMap::new();
        let mut next = 0;
        let mut tell = |event| {
            if observe(event) == Flow::Stop {
                cancel.cancel();
            }
        };
        for event in events {
            match event {
                Event::Ended(number, outcome) => {
                    ended.insert(number, outcome);
                    while let Some(outcome) = ended.remove(&next) {
                        tell(Event::Ended(next, outcome));
                        next += 1;
                    }
                }
                other => tell(other),
            }
        }
        Ok(())
    })
}

fn no_thread(task: &str, cause: io::Error) -> Error {
    Error::new(ErrorKind::Output, format!("no thread can be started that {task}"))
        .because(cause)
        .with_cure(Cure::FreeProcesses)
}

/// An article that was begun.
struct Delivery {
    narration: Narration,
    sink: Box<dyn Sink>,
    complete: Complete,
}

/// Begins one article after the other.
struct Opener<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    narrator: &'env Narrator,
    speed: Speed,
    cancel: &'env Cancel,
    events: SyncSender<Event>,
}

impl Opener<'_, '_> {
    fn run<P: FnOnce() -> Result<Production>>(self, articles: impl Iterator<Item = P>) {
        let mut articles = articles.peekable();
        let most = most_open(self.narrator.workers().count);
        let open = Arc::new(OpenReports::default());
        let mut more = Some(self.narrator.expect_more());
        for number in 0.. {
            let Some(prepare) = articles.next() else { return };
            let production = prepare();
            if articles.peek().is_none() {
                drop(more.take());
            }
            let begun = production.and_then(|production| {
                open.wait_for_room(most, self.cancel)?;
                self.begin(production)
            });
            let outcome = begun.and_then(|delivery| {
                self.tell(Event::Began(number));
                self.deliver(number, delivery, &open)
            });
            if let Err(error) = outcome {
                let is_over = error.kind() == ErrorKind::Interrupted;
                self.tell(Event::Ended(number, Err(error)));
                if is_over {
                    return;
                }
            }
        }
    }

    /// Begins an article as soon as a worker would idle without it.
    fn begin(&self, production: Production) -> Result<Delivery> {
        self.narrator.wait_until_hungry(self.cancel)?;
        let Production { article, announcements, open, complete, narrator } = production;
        let own = narrator.map(|recast| recast(self.narrator)).transpose()?;
        let narrator = own.as_ref().unwrap_or(self.narrator);
        let sink = open(narrator)?;
        let settings = NarrationSettings::default().with_speed(self.speed);
        let narration = narrator.begin(&article, &announcements, settings, self.cancel)?;
        Ok(Delivery { narration, sink, complete })
    }

    /// Delivers an article's sound on a thread of its own: its disk may be slow.
    fn deliver(&self, number: usize, delivery: Delivery, open: &Arc<OpenReports>) -> Result<()> {
        let events = self.events.clone();
        let place = OpenReports::take_place(open);
        let write = move || {
            let mut observe = |progress| {
                let _ = events.send(Event::Progressed(number, progress));
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let mut summary = delivery.narration.write_to(delivery.sink, &mut observe)?;
                (delivery.complete)(&mut summary)?;
                Ok(summary)
            }));
            let outcome = outcome
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Output, "writing the report broke off")));
            // A receiver that is gone does not wait.
            let _ = events.send(Event::Ended(number, outcome));
            drop(place);
        };
        let started =
            thread::Builder::new().name(format!("report {}", number + 1)).spawn_scoped(self.scope, write);
        started.map(|_| ()).map_err(|cause| no_thread("writes the report", cause))
    }

    fn tell(&self, event: Event) {
        // The observer is gone only when it panicked.
        let _ = self.events.send(event);
    }
}

/// Articles that may be open at once. Each worker may be busy with the last chunk of another article, while as many others are
/// being completed on disk.
fn most_open(workers: NonZeroUsize) -> usize {
    2 * workers.get()
}

/// Number of articles that are begun and not yet complete on disk.
#[derive(Default)]
struct OpenReports {
    count: Mutex<usize>,
    left: Condvar,
}

/// The place of one of them; left when it is dropped.
struct Place(Arc<OpenReports>);

impl OpenReports {
    fn take_place(reports: &Arc<Self>) -> Place {
        *reports.count() += 1;
        Place(reports.clone())
    }

    /// Waits until fewer than `most` articles are open.
    fn wait_for_room(self: &Arc<Self>, most: usize, cancel: &Cancel) -> Result<()> {
        let reports = self.clone();
        let _woken = cancel.on_cancel(move || {
            drop(reports.count());
            reports.left.notify_all();
        });
        let mut count = self.count();
        while *count >= most && !cancel.is_cancelled() {
            count = self.left.wait(count).unwrap_or_else(PoisonError::into_inner);
        }
        if cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
        Ok(())
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        // A number is valid after any panic.
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.left.notify_all();
    }
}

#[cfg(test)]
mod tests;
