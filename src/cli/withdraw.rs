//! `withdraw`: articles that are taken back.

use super::approve::{check_folder, is_meant};
use super::args::WithdrawArgs;
use super::ledger::known_of;
use super::terminal::{self, count};
use super::{DONE, NOTHING_DONE, SOME_FAILED, batch, cache, interrupt};
use crate::error::{Cure, Error, ErrorKind};
use crate::net::{Address, is_address};
use crate::store::manifest::Known;

/// Runs `withdraw`: sound, page, captions and the feed's item go, the kept sound is cleared, and the article is never made again.
pub(crate) fn run(args: &WithdrawArgs) -> anyhow::Result<u8> {
    check_folder(&args.folder)?;
    let manifest = batch::open(&args.folder, args.no_wait, &interrupt::watch()?)?;
    let known = known_of(&manifest)?;
    let (mut taken, mut files, mut failed) = (0, 0, 0);
    for name in &args.names {
        let meant: Vec<&Known> = known.iter().filter(|known| is_meant(known, name)).collect();
        let address = Address::parse(name).ok().filter(|_| is_address(name.as_ref()));
        if meant.is_empty() && address.is_none() {
            failed += 1;
            terminal::report(
                &Error::new(ErrorKind::Input, format!("no report here is called “{name}”"))
                    .with_cure(Cure::other("audio-report status DIR --json names them: give a guid, a source or the address of a page")),
            );
            continue;
        }
        taken += 1;
        for known in &meant {
            files += known.files.len();
            manifest.withdraw(&known.source, None)?;
        }
        // Neither is a page that was not made yet.
        if let Some(address) = address {
            manifest.withdraw(&address.without_trackers().to_string(), None)?;
        }
    }
    if taken > 0 {
        cache::clear()?;
    }
    batch::finish(manifest)?;
    if taken == 0 {
        return Ok(NOTHING_DONE);
    }
    terminal::show(&format!("{} taken back, {} removed\n", count(taken, "article"), count(files, "file")))?;
    Ok(if failed == 0 { DONE } else { SOME_FAILED })
}
