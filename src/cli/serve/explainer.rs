//! Finds the stories of texts and pages for the server, as the other commands do.

use std::sync::Arc;

use crate::article::{Article, ReadOptions, Served, read_served};
use crate::cancel::Cancel;
use crate::cli::input::Reading;
use crate::cli::web;
use crate::error::Result;
use crate::net::{Fetcher, shown};
use crate::serve::{Explainer, Source};

/// What messages call a text that has no name.
const TEXT: &str = "the input";

/// Reads texts, and pages by a fetcher with a guard.
pub(super) struct Explaining(Reading);

impl Explaining {
    pub(super) fn new(fetcher: Arc<Fetcher>) -> Self {
        Self(Reading {
            options: ReadOptions::default(),
            fetcher,
            sites: Arc::default(),
            wants_picture: false,
            opens_messages: false,
        })
    }
}

impl Explainer for Explaining {
    fn article(&self, source: &Source, cancel: &Cancel) -> Result<Arc<Article>> {
        let reading = &self.0;
        match source {
            Source::Text(text, format) => {
                // JSON is in UTF-8, whatever a page says that stands in it.
                let served = Served { charset: Some("utf-8"), media_type: None, format: *format };
                read_served(text.as_bytes(), TEXT, served, reading.options).map(Arc::new)
            }
            Source::Address(typed) => {
                let fetcher = Arc::new(reading.fetcher.with_cancel(cancel.clone()));
                let page = web::fetch(typed, &fetcher)?;
                Ok(web::load(page, &shown(typed), &Reading { fetcher, ..reading.clone() })?.0)
            }
        }
    }
}
