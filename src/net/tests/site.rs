//! A web site on this machine, which serves well or badly, and notes each request.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Asked {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These bytes, head and body; then the connection is closed.
    Bytes(Vec<u8>),
    /// A head, then a byte a moment, for ever.
    Drip(Vec<u8>),
    /// A head, then blocks without end.
    Endless(Vec<u8>),
    /// Nothing, for ever.
    Silence,
}

/// An answer with its length.
pub(crate) fn reply(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let length = body.len().to_string();
    reply_as_said(status, &[headers, &[("Content-Length", length.as_str())]].concat(), body)
}

/// An answer with these headers and no other.
pub(crate) fn reply_as_said(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut bytes = format!("HTTP/1.1 {status}\r\nConnection: close\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    Reply::Bytes(bytes)
}

/// A page in UTF-8.
pub(crate) fn page(html: &str) -> Reply {
    reply("200 OK", &[("Content-Type", "text/html; charset=utf-8")], html.as_bytes())
}

/// A redirect.
pub(crate) fn moved(to: &str) -> Reply {
    reply("302 Found", &[("Location", to)], b"")
}

/// A page with a story; `head` stands in its head.
pub(crate) fn story(title: &str, head: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{title}</title>{head}</head><body><article><h1>{title}</h1>\
         <p>The harbour opened again on Monday after a storm had closed it for three days. Ships came back at noon.</p>\
         <p>Cranes moved the first containers in the evening, and the crews worked through the night without a break.</p>\
         <p>The mayor thanked the pilots, who had brought two ferries in while the wind was still strong.</p>\
         </article></body></html>"
    )
}

/// Ends with the test's process.
pub(crate) struct Site {
    at: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Site {
    /// A site on 127.0.0.1.
    pub(crate) fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_on("127.0.0.1", answer)
    }

    /// A site on another address of this machine.
    pub(crate) fn start_on(ip: &str, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(ip, None, answer)
    }

    /// A site with TLS on 127.0.0.1, and its certificate: `good`, `expired` or `unsigned`, all for good.example.
    pub(crate) fn start_secure(
        certificate: &str,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls");
        let chain = CertificateDer::from_pem_file(folder.join(certificate).with_extension("pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![chain], key).unwrap();
        Self::listen("127.0.0.1", Some(Arc::new(config)), answer)
    }

    fn listen(
        ip: &str,
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let at = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer, tls) = (log.clone(), answer.clone(), tls.clone());
                // A client that hangs up in the middle is none of our business.
                thread::spawn(move || match tls {
                    Some(config) => {
                        let mut secure = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                        let served = serve(&mut secure, &*answer, &log);
                        secure.conn.send_close_notify();
                        served.and(secure.flush()).ok()
                    }
                    None => serve_open(stream, &*answer, &log).ok(),
                });
            }
        });
        Self { at, asked }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.at.port()
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Their paths.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

fn serve_open(
    mut stream: TcpStream,
    answer: &dyn Fn(&Asked) -> Reply,
    log: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    // A greeting in TLS is answered as servers without it do.
    let mut first = [0];
    if stream.peek(&mut first)? == 1 && first[0] == 0x16 {
        return stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    }
    serve(&mut stream, answer, log)
}

fn serve(
    stream: &mut (impl Read + Write),
    answer: &dyn Fn(&Asked) -> Reply,
    log: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    // The client waits for the answer: there is nothing behind the head.
    let mut lines = BufReader::new(&mut *stream).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut headers = Vec::new();
    for line in lines.by_ref() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    drop(lines);
    let asked = Asked { path: request.split(' ').nth(1).unwrap_or_default().to_owned(), headers };
    log.lock().unwrap().push(asked.clone());
    match answer(&asked) {
        Reply::Bytes(bytes) => stream.write_all(&bytes),
        Reply::Drip(head) => {
            stream.write_all(&head)?;
            loop {
                stream.write_all(b"a")?;
                thread::sleep(Duration::from_millis(20));
            }
        }
        Reply::Endless(head) => {
            stream.write_all(&head)?;
            let block = vec![b'a'; 64 << 10];
            loop {
                stream.write_all(&block)?;
            }
        }
        Reply::Silence => loop {
            thread::sleep(Duration::from_mins(1));
        },
    }
}
