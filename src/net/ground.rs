//! What a fetcher stands on: its limits, the addresses it may dial, names, and the authorities it trusts. A test of the real
//! program changes them, so that it need not wait for real limits, and so that a server on this machine counts as public. In a
//! release build nothing of this is left.

use std::sync::Arc;

use ureq::tls::RootCerts;

use super::fetcher::Limits;
use super::guard::{Lookup, Policy, System};

/// What a fetcher stands on.
pub(super) struct Ground {
    /// What a request may cost.
    pub(super) limits: Limits,
    /// Which addresses may be dialled.
    pub(super) policy: Policy,
    /// What finds the addresses of names.
    pub(super) lookup: Arc<dyn Lookup>,
    /// The authorities whose certificates are believed.
    pub(super) roots: RootCerts,
}

impl Ground {
    /// The real one; in a debug build with what a test changes of it.
    pub(super) fn of_program(allow_private: bool) -> Self {
        let real = Self {
            limits: Limits::default(),
            policy: Policy::new(allow_private),
            lookup: Arc::new(System),
            roots: RootCerts::WebPki,
        };
        #[cfg(debug_assertions)]
        return match std::env::var("AUDIO_REPORT_TEST_NET") {
            Ok(asked) => asked.split_whitespace().fold(real, changed::changed),
            Err(_) => real,
        };
        #[cfg(not(debug_assertions))]
        return real;
    }
}

/// `AUDIO_REPORT_TEST_NET="time=0.5 pause=0 public=127.0.0.1 root=FILE.pem name=a.example:127.0.0.1,127.0.0.2"`
#[cfg(debug_assertions)]
mod changed {
    use std::collections::HashMap;
    use std::io;
    use std::net::{IpAddr, SocketAddr};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::Duration;

    use ureq::tls::{Certificate, RootCerts};

    use super::super::guard::{Lookup, System};
    use super::Ground;

    /// The ground with one thing changed; what is not understood changes nothing.
    pub(super) fn changed(mut ground: Ground, part: &str) -> Ground {
        let Some((what, value)) = part.split_once('=') else { return ground };
        let seconds = || value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        match what {
            "time" => ground.limits.time = seconds().unwrap_or(ground.limits.time),
            "pause" => ground.limits.pause = seconds().unwrap_or(ground.limits.pause),
            "public" => ground.policy.spared = value.parse().ok(),
            "root" => {
                let own = std::fs::read(value).ok().and_then(|pem| Certificate::from_pem(&pem).ok());
                ground.roots = own.map_or(ground.roots, |own| RootCerts::from(std::iter::once(own)));
            }
            "name" => {
                let answers = value.split_once(':').map(|(host, ips)| {
                    (host.to_string(), ips.split(',').filter_map(|ip| ip.parse().ok()).collect())
                });
                let others = ground.lookup.clone();
                if let Some(answers) = answers {
                    ground.lookup = Arc::new(Names {
                        answers: HashMap::from([answers]),
                        asked: Mutex::default(),
                        others,
                    });
                }
            }
            _ => {}
        }
        ground
    }

    /// Names with an answer for each time they are asked for; the last one stays.
    struct Names {
        answers: HashMap<String, Vec<IpAddr>>,
        asked: Mutex<HashMap<String, usize>>,
        others: Arc<dyn Lookup>,
    }

    impl Lookup for Names {
        fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
            let Some(answers) = self.answers.get(host) else { return self.others.lookup(host, port) };
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let times = asked.entry(host.to_string()).or_default();
            let answer = answers.get(*times).or(answers.last());
            *times += 1;
            answer.map_or_else(|| System.lookup(host, port), |ip| Ok(vec![SocketAddr::new(*ip, port)]))
        }
    }
}
