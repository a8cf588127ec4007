//! An HTTP server that serves the test files, well or badly.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::fixture::{MODEL, PACK};

/// How the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// As it should, ranges too.
    Whole,
    /// Without heeding ranges.
    WholeAlways,
    /// 416 to every range.
    RangeRefused,
    /// 404.
    NotFound,
    /// The right number of wrong bytes.
    WrongBytes,
    /// A page of another length.
    OtherLength,
    /// The first answer breaks off in the middle.
    HalfThenWhole,
    /// Half of the first answer, then silence for ever.
    HalfThenSilence,
    /// As it should, but late.
    Slow,
    /// A tenth of the model, then the connection breaks; also when asked to resume.
    Pieces,
    /// A head, then the connection breaks.
    HeadOnly,
}

/// Ends with the test's process.
pub(crate) struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                // A client that hangs up in the middle is none of our business.
                thread::spawn(move || serve(stream, answer, &log).ok());
            }
        });
        Self { address, requests }
    }

    /// The base address, as a list of sources.
    pub(crate) fn sources(&self) -> [String; 1] {
        [self.address.clone()]
    }

    /// One line a request: method, path, range.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answer: Answer, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut range = String::new();
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("range")
        {
            value.trim().clone_into(&mut range);
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let first = {
        let mut log = log.lock().unwrap();
        log.push(format!("GET {path} {range}"));
        log.len() == 1
    };
    let content: &[u8] = if path == "/model.onnx" { MODEL } else { PACK };
    let from = range.strip_prefix("bytes=").and_then(|r| r.trim_end_matches('-').parse::<usize>().ok());
    match (answer, from) {
        (Answer::NotFound, _) => head(&mut stream, "404 Not Found", 0, ""),
        (Answer::RangeRefused, Some(_)) => head(&mut stream, "416 Range Not Satisfiable", 0, ""),
        (Answer::OtherLength, _) => {
            head(&mut stream, "200 OK", 5, "")?;
            stream.write_all(b"login")
        }
        (Answer::WrongBytes, _) => {
            head(&mut stream, "200 OK", content.len(), "")?;
            stream.write_all(&vec![b'x'; content.len()])
        }
        (Answer::Pieces, _) => {
            let from = from.unwrap_or_default();
            let (status, range) = match from {
                0 => ("200 OK", String::new()),
                _ => ("206 Partial Content", content_range(from, content)),
            };
            head(&mut stream, status, content.len() - from, &range)?;
            let end = content.len().min(from + MODEL.len() / 10);
            stream.write_all(&content[from..end])
        }
        (Answer::HeadOnly, _) => head(&mut stream, "200 OK", content.len(), ""),
        (Answer::HalfThenWhole, None) if first => {
            head(&mut stream, "200 OK", content.len(), "")?;
            stream.write_all(&content[..content.len() / 2])
        }
        (Answer::HalfThenSilence, _) => {
            if first {
                head(&mut stream, "200 OK", content.len(), "")?;
                stream.write_all(&content[..content.len() / 2])?;
                stream.flush()?;
            }
            thread::sleep(Duration::from_secs(30));
            Ok(())
        }
        (Answer::WholeAlways, _) | (_, None) => {
            if answer == Answer::Slow {
                thread::sleep(Duration::from_millis(300));
            }
            head(&mut stream, "200 OK", content.len(), "")?;
            stream.write_all(content)
        }
        (_, Some(from)) => {
            head(&mut stream, "206 Partial Content", content.len() - from, &content_range(from, content))?;
            stream.write_all(&content[from..])
        }
    }
}

fn content_range(from: usize, content: &[u8]) -> String {
    format!("Content-Range: bytes {from}-{}/{}\r\n", content.len() - 1, content.len())
}

fn head(stream: &mut TcpStream, status: &str, length: usize, more: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n")
}
