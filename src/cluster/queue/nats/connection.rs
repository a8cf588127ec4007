//! How a server of NATS is reached. Texts travel that are not published yet, so off this machine it takes TLS and credentials.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, ServerAddr};
use tracing::{debug, warn};

use crate::cluster::choose_ring;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};

/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// Where a server is, and by what it knows us.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection {
    /// `nats://HOST:PORT`, `tls://HOST:PORT`; several behind commas are servers of one cluster.
    pub address: String,
    /// A file of credentials, as `nsc` makes it.
    pub credentials: Option<PathBuf>,
    /// The certificate of an authority of one's own.
    pub authority: Option<PathBuf>,
    /// Whether anybody may read along.
    pub is_insecure: bool,
}

impl Connection {
    /// Checks the address and what it asks for, before anything is read or loaded.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`].
    pub(crate) fn check(&self) -> Result<Vec<ServerAddr>> {
        let parse = |text: &str| {
            let address: ServerAddr = text.trim().parse().map_err(|cause| {
                let what = format!("“{}” is no address of a NATS server", printable(text));
                Error::new(ErrorKind::Usage, what).because(cause).with_cure(Cure::GiveNatsAddress)
            })?;
            if !["nats", "tls"].contains(&address.scheme()) || address.host().is_empty() {
                let what = format!("“{}” is no address of a NATS server", printable(text));
                return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::GiveNatsAddress));
            }
            Ok(address)
        };
        let servers = self.address.split(',').map(parse).collect::<Result<Vec<_>>>()?;
        for server in servers.iter().filter(|server| !self.is_insecure && !is_loopback(server.host())) {
            let is_known = self.credentials.is_some() || server.has_user_pass();
            let is_secret = self.authority.is_some() || server.tls_required();
            if !is_known || !is_secret {
                let what = format!(
                    "texts that are not published would travel to {} where others can read them",
                    printable(server.host())
                );
                return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::SecureQueue));
            }
        }
        Ok(servers)
    }

    /// Connects.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] as of [`check`](Self::check), or for files that can't be read; [`ErrorKind::Network`] when the server can't be
    /// reached.
    pub(crate) async fn open(&self) -> Result<Client> {
        self.open_with(|options| options).await
    }

    /// The same, but a server that can't be reached yet is reached later.
    pub(crate) async fn open_in_time(&self) -> Result<Client> {
        self.open_with(ConnectOptions::retry_on_initial_connect).await
    }

    async fn open_with(&self, change: impl FnOnce(ConnectOptions) -> ConnectOptions) -> Result<Client> {
        let servers = self.check()?;
        choose_ring();
        let mut options = ConnectOptions::new()
            .name("audio-report")
            .connection_timeout(CONNECTING)
            .event_callback(|event| async move {
                match event {
                    async_nats::Event::Connected => debug!("the queue is reached"),
                    // So the program ends.
                    async_nats::Event::Closed => debug!("the queue is left"),
                    async_nats::Event::Disconnected => warn!("the queue is lost; it is tried again"),
                    // One a try: of a server that is away all night, thousands.
                    async_nats::Event::ClientError(error) => debug!(%error, "the queue is not reached"),
                    event => warn!(%event, "the queue"),
                }
            });
        if let Some(authority) = &self.authority {
            readable(authority, "the certificate of the authority can't be read")?;
            options = options.add_root_certificates(authority.clone()).require_tls(true);
        }
        if let Some(credentials) = &self.credentials {
            let unread = |cause| {
                Error::new(ErrorKind::Usage, "the credentials for the queue can't be read")
                    .at(Place::file(credentials))
                    .because(cause)
            };
            options = options.credentials_file(credentials).await.map_err(unread)?;
        }
        change(options).connect(servers).await.map_err(|cause| {
            Error::new(ErrorKind::Network, "the queue can't be reached")
                .because(cause)
                .with_cure(Cure::StartQueue)
        })
    }
}

fn readable(file: &Path, what: &str) -> Result<()> {
    let unread = |cause| Error::new(ErrorKind::Usage, what).at(Place::file(file)).because(cause);
    std::fs::File::open(file).map(drop).map_err(unread)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn texts_leave_this_machine_only_in_secret_and_to_who_knows_us() {
        let file = || Some(PathBuf::from("x"));
        let of = |address: &str, credentials, authority, is_insecure| Connection {
            address: address.to_string(),
            credentials,
            authority,
            is_insecure,
        };
        let rows = [
            (of("nats://127.0.0.1:4222", None, None, false), true),
            (of("127.0.0.1:4222", None, None, false), true),
            (of("nats://localhost", None, None, false), true),
            (of("nats://[::1]:4222", None, None, false), true),
            (of("nats://10.0.0.7:4222", None, None, false), false),
            (of("nats://queue.example", file(), None, false), false),
            (of("tls://queue.example", None, None, false), false),
            (of("tls://queue.example", file(), None, false), true),
            (of("nats://queue.example", file(), file(), false), true),
            (of("nats://127.0.0.1,nats://queue.example", None, None, false), false),
            (of("nats://queue.example", None, None, true), true),
            (of("ws://127.0.0.1:80", None, None, false), false),
            (of("nats://", None, None, true), false),
            (of("", None, None, true), false),
        ];
        each(rows, |(connection, is_taken)| {
            assert_eq!(connection.check().is_ok(), is_taken, "{connection:?}");
        });
    }
}
