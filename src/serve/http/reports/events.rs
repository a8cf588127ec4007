//! How far a report is, as server-sent events: the whole report at each change, four times a second at most.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use http_body::Frame;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::serve::http::speech::UNBUFFERED;
use crate::serve::reports::desk::Report;
use crate::serve::reports::state::State;

/// Between two events.
const PAUSE: Duration = Duration::from_millis(250);
/// After so much silence a comment says that the server is there.
const SILENCE: Duration = Duration::from_secs(15);
const COMMENT: Bytes = Bytes::from_static(b": the report goes on\n\n");

/// The events of a report until its last one. Where the server ends before, the connection is cut.
pub(super) fn of(report: &Report, ending: watch::Receiver<bool>) -> Response {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(tell(report.id.clone(), report.watch(), ending, sender));
    let mut response = Response::new(Body::new(Events(receiver)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    response
}

type Sender = mpsc::Sender<io::Result<Bytes>>;

async fn tell(
    id: String,
    mut state: watch::Receiver<State>,
    mut ending: watch::Receiver<bool>,
    sender: Sender,
) {
    loop {
        // Its maker does not wait while it is written.
        let now = state.borrow_and_update().clone();
        let (event, is_last) =
            (Bytes::from(format!("event: report\ndata: {}\n\n", now.told(&id))), now.status.is_final());
        // Where nobody listens any more, there is nothing to tell.
        if sender.send(Ok(event)).await.is_err() || is_last {
            return;
        }
        let next = Instant::now() + PAUSE;
        loop {
            tokio::select! {
                changed = state.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return cut(&sender).await,
                },
                () = over(&mut ending) => return cut(&sender).await,
                () = sleep(SILENCE) => if sender.send(Ok(COMMENT)).await.is_err() {
                    return;
                },
                () = sender.closed() => return,
            }
        }
        tokio::select! {
            () = sleep_until(next) => {}
            () = over(&mut ending) => return cut(&sender).await,
            () = sender.closed() => return,
        }
    }
}

/// Returns when the server ends.
async fn over(ending: &mut watch::Receiver<bool>) {
    let _ = ending.wait_for(|is_over| *is_over).await;
}

/// An end would look as if the report had one.
async fn cut(sender: &Sender) {
    let _ = sender.send(Err(io::Error::other("the server ends"))).await;
}

struct Events(mpsc::Receiver<io::Result<Bytes>>);

impl http_body::Body for Events {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|event| event.map(|event| event.map(Frame::data)))
    }
}
