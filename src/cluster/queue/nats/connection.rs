//! How a server of NATS is reached. Texts travel that are not published yet, so off this machine it takes TLS and credentials.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;
use tracing::{debug, warn};

use super::credentials::{self, Credentials};
use crate::cluster::choose_ring;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};

/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// Where a server is, and by what it knows us.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection {
    /// `nats://HOST:PORT`, `tls://HOST:PORT`, with `USER:PASSWORD@` or `TOKEN@` before the host; several behind commas are servers of one cluster.
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
            let wrong = || {
                let what = format!("“{}” is no address of a NATS server", shown(text));
                Error::new(ErrorKind::Usage, what).with_cure(Cure::GiveNatsAddress)
            };
            let address: ServerAddr = text.trim().parse().map_err(|cause| wrong().because(cause))?;
            if !["nats", "tls"].contains(&address.scheme()) || address.host().is_empty() {
                return Err(wrong());
            }
            Ok(address)
        };
        let servers = self.address.split(',').map(parse).collect::<Result<Vec<_>>>()?;
        for server in servers.iter().filter(|server| self.must_be_secret(server)) {
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

    fn must_be_secret(&self, server: &ServerAddr) -> bool {
        !self.is_insecure && !is_loopback(server.host())
    }

    /// The address for people, without passwords.
    pub(crate) fn shown(&self) -> String {
        shown(&self.address)
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

    /// Says who we are, at each connection anew.
    fn known(&self) -> Result<ConnectOptions> {
        let Some(path) = self.credentials.clone() else { return Ok(ConnectOptions::new()) };
        // What is wrong with the file is told now, and not when a server refuses it.
        Credentials::read(&path)?;
        Ok(ConnectOptions::with_auth_callback(move |nonce| {
            let answer = credentials::answer(&path, &nonce);
            async { answer }
        }))
    }

    async fn open_with(&self, change: impl FnOnce(ConnectOptions) -> ConnectOptions) -> Result<Client> {
        let servers = self.check()?;
        choose_ring();
        let must_be_secret = servers.iter().any(|server| self.must_be_secret(server));
        let mut options = self
            .known()?
            .name("audio-report")
            // A server names others of its cluster in the clear. Nobody has looked whether texts may travel there.
            .ignore_discovered_servers()
            .require_tls(must_be_secret)
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
        // The client does not take them from an address.
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        if let Some((user, server)) = servers.iter().find_map(|server| Some((server.username()?, server))) {
            options = match server.password() {
                Some(password) => options.user_and_password(plain(user), plain(password)),
                None => options.token(plain(user)),
            };
        }
        if let Some(authority) = &self.authority {
            readable(authority, "the certificate of the authority can't be read")?;
            options = options.add_root_certificates(authority.clone()).require_tls(true);
        }
        change(options).connect(servers).await.map_err(|cause| {
            Error::new(ErrorKind::Network, "the queue can't be reached")
                .because(cause)
                .with_cure(Cure::StartQueue)
        })
    }
}

/// Addresses without user and password.
fn shown(addresses: &str) -> String {
    let one = |address: &str| match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_string(),
        (_, None) => address.to_string(),
    };
    printable(&addresses.split(',').map(one).collect::<Vec<_>>().join(","))
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
    fn no_password_is_shown() {
        let rows = [
            ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
            ("nats://ann:pa55@queue.example", "nats://queue.example"),
            ("tls://ann:p@/5#5?@queue.example:4222", "tls://queue.example:4222"),
            ("ann:pa55@queue.example", "queue.example"),
            (
                "nats://ann:pa55@one.example,nats://ann:pa55@two.example",
                "nats://one.example,nats://two.example",
            ),
        ];
        each(rows, |(address, wanted)| {
            let connection = Connection { address: address.to_string(), ..Connection::default() };
            assert_eq!(connection.shown(), wanted);
            let told = connection.check().map_or_else(|error| error.causes(), |_| String::new());
            assert!(!told.contains("55"), "{told}");
        });
    }

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
