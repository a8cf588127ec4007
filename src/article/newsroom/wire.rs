//! What an agency says of its story beside the text: who it is, whether it may be published, and from when.

use serde::Serialize;

use super::super::ReadOptions;
use super::time::Moment;
use crate::calendar::now;
use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};

/// Characters of an embargo that can't be read, as a message shows it.
const SHOWN: usize = 40;

/// The account of an agency, as a store of published stories needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Wire {
    /// The name of the story, the same for all its versions.
    pub(crate) guid: Option<String>,
    /// The version of it.
    pub(crate) version: Option<String>,
    /// Whether it may be published.
    pub(crate) status: Status,
    /// From when on.
    pub(crate) embargo: Option<Embargo>,
    /// Where the story was written, as the format tells it apart from the text.
    pub(crate) dateline: Option<String>,
}

/// Whether a story may be published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// It may.
    #[default]
    Usable,
    /// Not until further notice.
    Withheld,
    /// Never, and what was published has to go.
    Canceled,
}

/// The hour before which a story may not be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Embargo {
    /// As it is shown to people.
    pub(crate) shown: String,
    /// Seconds since 1970; `None` where the hour is not known.
    pub(crate) seconds: Option<i64>,
}

impl Status {
    /// Reads `stat:canceled`, `http://cv.iptc.org/newscodes/pubstatusg2/withheld`, `usable`. What nobody knows does not stop a story.
    pub(super) fn of(code: &str) -> Self {
        let code = code.trim().rsplit([':', '/']).next().unwrap_or_default().to_ascii_lowercase();
        match code.as_str() {
            "canceled" | "cancelled" | "killed" | "kill" | "withdrawn" => Self::Canceled,
            "withheld" | "embargoed" => Self::Withheld,
            _ => Self::Usable,
        }
    }
}

impl Embargo {
    /// Reads an hour. One that can't be read never comes; so does an element without text, which says that the hour is not set yet.
    pub(super) fn of(text: &str) -> Self {
        match Moment::parse(text) {
            Some(moment) => Self { shown: moment.shown(), seconds: Some(moment.seconds()) },
            None => Self { shown: shorten(text, SHOWN), seconds: None },
        }
    }
}

impl Wire {
    /// Refuses a story that was cancelled, and one whose hour has not come unless that is wanted.
    pub(super) fn check(&self, name: &str, options: ReadOptions) -> Result<()> {
        self.check_at(name, options, now())
    }

    fn check_at(&self, name: &str, options: ReadOptions, now: i64) -> Result<()> {
        let embargoed = |what: String, until: Option<i64>| {
            let error = Error::new(ErrorKind::Embargoed, what).at(Place::file(name));
            Err(error.with_cure(Cure::AwaitEmbargo { until }))
        };
        match (&self.embargo, self.status) {
            (_, Status::Canceled) => {
                let named = self.guid.as_ref().map(|guid| format!(" (its name is {})", shorten(guid, 120)));
                let what = format!("the agency has cancelled this story{}", named.unwrap_or_default());
                let error = Error::new(ErrorKind::Canceled, what).at(Place::file(name));
                Err(error.with_cure(Cure::Withdraw { guid: self.guid.clone() }))
            }
            _ if options.ignore_embargo => Ok(()),
            (Some(Embargo { shown, seconds: Some(seconds) }), _) if *seconds > now => {
                embargoed(format!("this story is embargoed until {shown}"), Some(*seconds))
            }
            (Some(Embargo { shown, seconds: None }), _) if shown.is_empty() => {
                embargoed("this story is embargoed, and its hour is not set yet".to_owned(), None)
            }
            (Some(Embargo { shown, seconds: None }), _) => {
                embargoed(format!("this story is embargoed, and its hour can't be read: “{shown}”"), None)
            }
            // An embargo that has passed lifts what the status says of it.
            (None, Status::Withheld) => {
                embargoed("the agency withholds this story until further notice".to_owned(), None)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn an_embargo_holds_until_its_hour() {
        use Status::{Canceled, Usable, Withheld};
        const NOW: i64 = 1_796_104_800;
        let rows = [
            (Usable, None, None),
            (Usable, Some("2026-12-01T06:00:00Z"), None),
            (Usable, Some("2026-12-01T06:00:01Z"), Some(("2026-12-01 06:00 UTC", ErrorKind::Embargoed))),
            (Usable, Some("2026-12-01T07:59:59+02:00"), None),
            (Usable, Some("2026-12-01T06:00:00"), Some(("every time zone", ErrorKind::Embargoed))),
            (Usable, Some(""), Some(("not set yet", ErrorKind::Embargoed))),
            (Usable, Some("soon"), Some(("“soon”", ErrorKind::Embargoed))),
            (Withheld, None, Some(("withholds", ErrorKind::Embargoed))),
            (Withheld, Some("2026-11-01T06:00:00Z"), None),
            (Canceled, None, Some(("cancelled", ErrorKind::Canceled))),
            (Canceled, Some("2099-12-01T06:00:00Z"), Some(("cancelled", ErrorKind::Canceled))),
        ];
        each(rows, |(status, embargo, want)| {
            let guid = Some("urn:a:1".to_owned());
            let wire = Wire { guid, status, embargo: embargo.map(Embargo::of), ..Wire::default() };
            let mut options = ReadOptions::default();
            let error = wire.check_at("a.xml", options, NOW).err();
            let found = error.as_ref().map(Error::kind);
            assert_eq!(found, want.map(|(_, kind)| kind), "{status:?} {embargo:?}");
            if let (Some(error), Some((words, _))) = (error, want) {
                assert!(error.what().contains(words), "{}", error.what());
            }
            options.ignore_embargo = true;
            assert_eq!(wire.check_at("a.xml", options, NOW).is_err(), status == Canceled);
        });
        let codes = [
            ("stat:canceled", Canceled),
            ("stat:usable", Usable),
            ("http://cv.iptc.org/newscodes/pubstatusg2/withheld", Withheld),
            ("CANCELED", Canceled),
            ("", Usable),
        ];
        each(codes, |(code, want)| assert_eq!(Status::of(code), want, "{code}"));
    }
}
