//! What stands between the network and the routes, and how its files are read again.

use std::sync::Arc;

use tracing::{error, info};

use super::access::Access;
use super::systemd;
use super::tls::Tls;
use crate::error::{Error, Result};

/// The rules of a server, and its certificate. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Guard {
    pub(super) access: Arc<Access>,
    pub(super) tls: Option<Arc<Tls>>,
}

impl Guard {
    /// Rules, and TLS where there is a certificate.
    pub(crate) fn new(access: Access, tls: Option<Tls>) -> Self {
        Self { access: Arc::new(access), tls: tls.map(Arc::new) }
    }

    /// A code that opens the page once, for whoever starts the server; `None` where nobody needs one.
    pub(crate) fn one_time_code(&self) -> Result<Option<String>> {
        self.access.one_time_code()
    }

    /// Reads the files of tokens and of the certificate again. One with a fault is reported, and what was read before goes on to count.
    pub(crate) fn reload(&self) {
        systemd::reloading();
        match self.access.reload() {
            Ok(Some(count)) => info!(count, "the token file was read again"),
            Ok(None) => {}
            Err(error) => report(&error, "the tokens stay as they were"),
        }
        match self.tls.as_ref().map(|tls| tls.reload()) {
            Some(Ok(())) => info!("certificate and key were read again"),
            None => {}
            Some(Err(error)) => report(&error, "certificate and key stay as they were"),
        }
        systemd::reloaded();
    }
}

fn report(error: &Error, so: &str) {
    error!(error = error.story(), "{so}");
}
