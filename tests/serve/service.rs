//! The server as a service: sockets that are handed over, and what the service manager is told.

use std::collections::VecDeque;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};

use crate::common::{BINARY, Run, TestEnv};
use crate::serve::access::write_secret;
use crate::serve::client::Server;

/// Opens sockets as a service manager does, puts them at descriptor 3 and on, and becomes the server. Its first argument says which.
const MANAGER: &str = r#"
import fcntl, os, socket, sys
sockets = []
for kind in sys.argv[1].split(","):
    family = socket.AF_UNIX if kind == "unix" else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    opened.bind("socket" if kind == "unix" else (kind if kind[0].isdigit() else "127.0.0.1", 0))
    if kind != "udp":
        opened.listen()
    sockets.append(opened)
with open("ports", "w") as ports:
    for opened in sockets:
        if opened.family == socket.AF_INET:
            print(opened.getsockname()[1], file=ports)
aside = [fcntl.fcntl(opened, fcntl.F_DUPFD, 100) for opened in sockets]
for index, descriptor in enumerate(aside):
    os.dup2(descriptor, 3 + index)
    os.close(descriptor)
os.environ["LISTEN_FDS"] = str(len(sockets))
os.environ["LISTEN_PID"] = str(os.getpid() + (1 if sys.argv[2] == "other" else 0))
os.execv(sys.argv[3], sys.argv[3:])
"#;

fn managed(env: &TestEnv, sockets: &str, whose: &str, args: &[&str]) -> Command {
    let mut command = env.command_of("python3");
    command.args(["-c", MANAGER, sockets, whose, BINARY, "serve", "--voice", "tone"]).args(args);
    command
}

#[test]
fn sockets_that_are_handed_over_are_served() {
    let env = TestEnv::new();
    let mut server = Server::started(managed(&env, "127.0.0.1,127.0.0.2", "own", &[]));
    let ports = fs::read_to_string(env.path("ports")).unwrap();
    let ports: Vec<u16> = ports.lines().map(|port| port.parse().unwrap()).collect();
    assert_eq!(server.address.port(), ports[0]);
    for (host, port) in [([127, 0, 0, 1], ports[0]), ([127, 0, 0, 2], ports[1])] {
        server.address = (host, port).into();
        for _ in 0..3 {
            assert_eq!(server.get("/v1/models").status, 200);
        }
    }
    server.stop();
}

#[test]
fn sockets_that_are_handed_over_follow_the_rules() {
    let env = TestEnv::new();
    let rows: [(&str, &[&str], i32, &[&str]); 4] = [
        ("0.0.0.0", &[], 2, &["--token-file", "--insecure"]),
        ("127.0.0.1,0.0.0.0", &[], 2, &["--token-file", "--insecure"]),
        ("udp", &[], 3, &["socket 1 of systemd", "ListenStream"]),
        ("127.0.0.1,unix", &[], 3, &["socket 2 of systemd", "ListenStream"]),
    ];
    crate::common::each(rows, |(sockets, args, code, words)| {
        let _ = fs::remove_file(env.path("socket"));
        Run::of(managed(&env, sockets, "own", args)).expect(code).one_message(words);
    });
    let open = Server::started(managed(&env, "0.0.0.0", "own", &["--insecure"]));
    assert_eq!(open.get("/v1/models").status, 200);
    open.stop();
    // Those for another process are left alone.
    let own = Server::started(managed(&env, "127.0.0.1", "other", &["--listen", "127.0.0.1:0"]));
    let ports = fs::read_to_string(env.path("ports")).unwrap();
    assert_ne!(own.address.port().to_string(), ports.trim());
    own.stop();
}

/// Starts the server in a terminal, asks it to read its files again, closes the window, and says how it ended.
const WINDOW: &str = r#"
import os, pty, signal, sys, time
child, window = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b""
def wait_for(word):
    global said
    while word not in said:
        said += os.read(window, 4096)
wait_for(b"Ctrl-C")
os.kill(child, signal.SIGHUP)
wait_for(b"was read again")
assert os.waitpid(child, os.WNOHANG) == (0, 0), said
os.close(window)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

#[test]
fn a_window_that_is_closed_ends_its_server() {
    let env = TestEnv::new();
    write_secret(&env, "tokens", &format!("{} ann\n", "00".repeat(32)));
    let mut command = env.command_of("python3");
    command
        .env("AUDIO_REPORT_LOG", "audio_report=info")
        .args(["-c", WINDOW, BINARY, "serve", "--voice", "tone"]);
    command.args(["--listen", "127.0.0.1:0", "--token-file", "tokens"]);
    let run = Run::of(command).expect(0);
    assert_eq!(run.stdout.trim(), "0", "{run}");
}

#[test]
fn the_service_manager_is_told_what_happens() {
    let env = TestEnv::new();
    let manager = UnixDatagram::bind(env.path("notify")).unwrap();
    let mut lines = VecDeque::new();
    // The next line that is no sign of life.
    let mut next = || loop {
        if let Some(line) = lines.pop_front() {
            if line != "WATCHDOG=1" {
                return line;
            }
            continue;
        }
        let mut bytes = [0; 4096];
        let count = manager.recv(&mut bytes).unwrap();
        lines.extend(std::str::from_utf8(&bytes[..count]).unwrap().lines().map(str::to_string));
    };
    let mut command = env.command(&["serve", "--voice", "tone", "--listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", env.path("notify")).env("WATCHDOG_USEC", "200000");
    let server = Server::started_with_log(command, Stdio::inherit());
    assert_eq!(next(), "READY=1");
    assert_eq!(server.get("/readyz").status, 200);
    server.signal("HUP");
    assert_eq!(next(), "RELOADING=1");
    assert!(next().strip_prefix("MONOTONIC_USEC=").is_some_and(|time| time.parse::<u64>().is_ok()));
    assert_eq!(next(), "READY=1");
    // The server goes on, and shows it.
    let mut bytes = [0; 64];
    for _ in 0..4 {
        let count = manager.recv(&mut bytes).unwrap();
        assert_eq!(&bytes[..count], b"WATCHDOG=1\n");
    }
    assert_eq!(server.get("/readyz").status, 200);
    server.signal("TERM");
    assert_eq!(next(), "STOPPING=1");
    server.ends_well();
}
