//! How words are said: as the server's lexicons have it, as clients have saved it, as one request wants it. The latter counts more.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tracing::warn;

use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::lexicon::user::{Given, Saved, Unsaved};

/// The words of a server.
pub(super) struct Words {
    /// With what the server began.
    base: Arc<Lexicon>,
    /// The same with the saved words, where there is a file for them.
    current: RwLock<Option<Arc<Lexicon>>>,
    saved: Option<Mutex<Saved>>,
}

impl Words {
    pub(super) fn new(base: Arc<Lexicon>) -> Self {
        Self { base, current: RwLock::default(), saved: None }
    }

    /// The same with a file in which words can be saved.
    pub(super) fn saving(self, file: &Path) -> Result<Self> {
        let saved = Saved::open(file)?;
        let current = RwLock::new(Some(self.above(&saved)?));
        Ok(Self { current, saved: Some(Mutex::new(saved)), ..self })
    }

    fn above(&self, saved: &Saved) -> Result<Arc<Lexicon>> {
        let user = saved.lexicon(self.base.user().clone())?;
        Ok(Arc::new(Lexicon::clone(&self.base).with_user(user)))
    }

    /// The lexicon of a request, where it is not that with which the server began.
    pub(super) fn changed(&self, given: &Given) -> Option<Arc<Lexicon>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if given.is_empty() {
            return current;
        }
        Some(Arc::new(current.as_ref().unwrap_or(&self.base).with_given(given)))
    }

    /// Whether words can be saved.
    pub(super) fn can_save(&self) -> bool {
        self.saved.is_some()
    }

    /// The file of saved words as it is now; `None` where there is none.
    #[cfg(feature = "cluster")]
    pub(super) fn saved_text(&self) -> Result<Option<String>> {
        self.saved().map(|saved| saved.text()).transpose()
    }

    /// The saved words that have a plain pronunciation. Reads the file.
    pub(super) fn list(&self) -> Result<Vec<(String, String)>> {
        self.saved().map_or_else(|| Ok(Vec::new()), |saved| saved.list())
    }

    /// Changes the file; the next request is spoken with the change. `None` where there is no file.
    pub(super) fn change(
        &self,
        change: impl FnOnce(&Saved) -> Result<(), Unsaved>,
    ) -> Option<Result<(), Unsaved>> {
        let saved = self.saved()?;
        let changed = change(&saved).and_then(|()| Ok(self.above(&saved)?));
        Some(match changed {
            Ok(lexicon) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(lexicon);
                Ok(())
            }
            Err(unsaved) => {
                if let Unsaved::Failed(error) = &unsaved {
                    warn!(error = error.causes(), "the saved words can't be changed");
                }
                Err(unsaved)
            }
        })
    }

    fn saved(&self) -> Option<MutexGuard<'_, Saved>> {
        // It holds nothing but the name of a file.
        Some(self.saved.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
