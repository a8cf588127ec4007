//! Somebody waits for all of a programme, because its sound is sent when it is whole.

use std::time::Duration;

use crate::stream::Audience;

/// Counts as a listener who has one second of sound left. So this work goes before that for files, and for listeners who have more.
pub(super) struct Awaited;

impl Audience for Awaited {
    fn can_wait(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn can_rest(&self) -> Duration {
        Duration::MAX
    }
}
