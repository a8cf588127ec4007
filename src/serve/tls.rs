//! TLS: a certificate and its key from PEM files, and the handshakes with them.

#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{InconsistentKeys, ServerConfig};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::secrets;
use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// A handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The first byte of a handshake.
const FIRST: u8 = 0x16;
/// What a client hears that speaks without TLS; else it would see the connection end without a word.
const WITHOUT: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 38\r\nConnection: close\r\n\r\n\
    This port wants TLS: begin with https\n";

/// A certificate and its key.
#[derive(Debug)]
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when one of them can't be used, or they don't belong together.
    pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Self> {
        let config = RwLock::new(read(certificate, key)?);
        Ok(Self { certificate: certificate.to_path_buf(), key: key.to_path_buf(), config })
    }

    /// Reads both files again, for connections that come later. Files with a fault change nothing.
    pub(crate) fn reload(&self) -> Result<()> {
        let config = read(&self.certificate, &self.key)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Shakes hands with a client.
    pub(super) async fn shake(&self, mut stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner).clone();
        let shaking = async {
            let mut first = [0];
            if stream.peek(&mut first).await? == 1 && first[0] != FIRST {
                stream.write_all(WITHOUT).await?;
                stream.shutdown().await?;
                // What lies unread when a socket is closed makes the system reset it, and the answer may be lost.
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
                return Err(io::Error::other("a client speaks without TLS"));
            }
            TlsAcceptor::from(config).accept(stream).await
        };
        timeout(HANDSHAKE, shaking).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>> {
    let chain = chain(&secrets::read(certificate, "the file of the certificate", false)?, certificate)?;
    let secret = secret(&secrets::read(key, "the file of the key", true)?, key)?;
    configured(chain, secret, (certificate, key))
}

/// A server's TLS with what stood in two files.
fn configured(
    chain: Vec<CertificateDer<'static>>,
    secret: PrivateKeyDer<'static>,
    (certificate, key): (&Path, &Path),
) -> Result<Arc<ServerConfig>> {
    let unfit = |what: &str, file: &Path| Error::new(ErrorKind::Usage, what).at(Place::file(file));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret));
    let mut config = config.map_err(|cause| match cause {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            unfit("the key is not that of the certificate", key).with_cure(Cure::PairKey)
        }
        rustls::Error::InvalidCertificate(_) => {
            unfit("the certificate is damaged, or of a version before 3", certificate)
                .because(cause)
                .with_cure(Cure::GivePem)
        }
        // Its cause may tell of the key.
        _ => unfit("the key is of a kind that is not known here", key).with_cure(Cure::GivePem),
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn chain(bytes: &[u8], file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let wrong =
        |what: &str| Error::new(ErrorKind::Usage, what).at(Place::file(file)).with_cure(Cure::GivePem);
    let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(bytes).collect();
    let chain = chain.map_err(|cause| wrong("the certificate is damaged").because(cause.to_string()))?;
    match chain.is_empty() {
        false => Ok(chain),
        true if has(bytes, "PRIVATE KEY-----") => {
            Err(wrong("the file of the certificate has a key, and no certificate"))
        }
        true => Err(wrong("the file of the certificate has none in PEM")),
    }
}

fn secret(bytes: &[u8], file: &Path) -> Result<PrivateKeyDer<'static>> {
    let wrong = |what: &str| Error::new(ErrorKind::Usage, what).at(Place::file(file));
    // The older way to encrypt a key keeps the name of an open one.
    if has(bytes, "-----BEGIN ENCRYPTED PRIVATE KEY-----") || has(bytes, "Proc-Type: 4,ENCRYPTED") {
        return Err(wrong("the key is encrypted, and nobody is here to be asked for its password")
            .with_cure(Cure::DecryptKey));
    }
    // A message about its bytes would show some of them.
    PrivateKeyDer::from_pem_slice(bytes).map_err(|cause| {
        let what = match cause {
            pem::Error::NoItemsFound if has(bytes, "-----BEGIN CERTIFICATE-----") => {
                "the file of the key has a certificate, and no key"
            }
            pem::Error::NoItemsFound => "the file of the key has none in PEM",
            _ => "the key is damaged",
        };
        wrong(what).with_cure(Cure::GivePem)
    })
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_without_tls_is_as_long_as_it_says() {
        let text = std::str::from_utf8(WITHOUT).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{}", body.len());
    }
}
