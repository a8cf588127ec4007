//! A real server of NATS.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{Need, TestEnv, skip};

/// A server of NATS, which is killed when it is dropped.
pub(crate) struct Queue {
    child: Child,
    pub(crate) address: String,
}

impl Queue {
    /// Starts `AUDIO_REPORT_NATS_SERVER`, or else the `nats-server` of the path; `None` where there is neither.
    pub(crate) fn start(env: &TestEnv) -> Option<Self> {
        Self::start_at(env, free_port())
    }

    /// The same at a port of this machine.
    pub(crate) fn start_at(env: &TestEnv, port: u16) -> Option<Self> {
        Self::start_with(env, port, "")
    }

    /// The same with more lines of its settings.
    pub(crate) fn start_with(env: &TestEnv, port: u16, more: &str) -> Option<Self> {
        let program = std::env::var_os("AUDIO_REPORT_NATS_SERVER").map(PathBuf::from);
        let program = program.unwrap_or_else(|| PathBuf::from("nats-server"));
        let config = format!(
            "listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n{more}",
            env.data("jetstream").display()
        );
        fs::write(env.data("nats.conf"), config).unwrap();
        let mut command = Command::new(program);
        command.arg("-c").arg(env.data("nats.conf")).arg("-l").arg(env.data("nats.log"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(mut child) = command.spawn() else {
            // Then the queue within a process is tried alone, in the library's own tests.
            skip(Need::System, "what many machines do", "there is no server of NATS");
            return None;
        };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let is_gone = child.try_wait().unwrap().is_some() || begun.elapsed() > Duration::from_mins(1);
            let log = || fs::read_to_string(env.data("nats.log")).unwrap_or_default();
            assert!(!is_gone, "the server of NATS does not listen: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { child, address: format!("nats://127.0.0.1:{port}") })
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine that nobody has now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
