//! A server of NATS off this machine takes TLS and credentials; here it is on this machine, and takes them all the same.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::{Value, json};

use super::Killed;
use super::nats::{Queue, free_port};
use crate::common::{BINARY, STORY, TestEnv, each};
use crate::serve::client::until;

const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tls");

/// A claim about `subject`, signed by `issuer`, as NATS writes it (JWT, version 2 of its claims).
fn claim(issuer: &KeyPair, subject: &KeyPair, end: Option<u64>, nats: &Value) -> String {
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(json!({ "typ": "JWT", "alg": "ed25519-nkey" }));
    let subject = subject.public_key();
    let mut body = json!({ "jti": subject, "iat": 1_700_000_000, "iss": issuer.public_key(), "sub": subject, "name": "tests", "nats": nats });
    if let Some(end) = end {
        body["exp"] = end.into();
    }
    let body = part(body);
    let signature = issuer.sign(format!("{head}.{body}").as_bytes()).unwrap();
    format!("{head}.{body}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Those of an operator, an account of its own, and a user of that.
struct Keys {
    operator: KeyPair,
    /// That of the server itself, without which there is no `JetStream`.
    system: KeyPair,
    account: KeyPair,
    user: KeyPair,
}

impl Keys {
    fn new() -> Self {
        Self {
            operator: KeyPair::new_operator(),
            system: KeyPair::new_account(),
            account: KeyPair::new_account(),
            user: KeyPair::new_user(),
        }
    }

    /// What a server is told of it.
    fn settings(&self) -> String {
        let operator =
            claim(&self.operator, &self.operator, None, &json!({ "type": "operator", "version": 2 }));
        let account = |account: &KeyPair, stored: i64| {
            let limits = json!({
                "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "conn": -1, "leaf": -1, "wildcards": true,
                "mem_storage": stored, "disk_storage": stored, "streams": stored, "consumer": stored,
            });
            let nats = json!({ "type": "account", "version": 2, "limits": limits });
            format!("{}: {}", account.public_key(), claim(&self.operator, account, None, &nats))
        };
        format!(
            "operator: {operator}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload {{\n{}\n{}\n}}\n",
            self.system.public_key(),
            account(&self.system, 0),
            account(&self.account, -1)
        )
    }

    /// A file of credentials, as `nsc` writes it.
    fn credentials(&self) -> String {
        self.credentials_until(None)
    }

    /// The same, which end at this time, in seconds since 1970.
    fn credentials_until(&self, end: Option<u64>) -> String {
        let user = json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1 });
        format!(
            "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
            claim(&self.account, &self.user, end, &user),
            self.user.seed().unwrap()
        )
    }
}

#[test]
fn a_queue_is_reached_by_tls_and_with_credentials() {
    let env = TestEnv::new();
    let own = Keys::new();
    let settings = format!(
        "tls {{ cert_file: \"{CERTIFICATES}/localhost.pem\", key_file: \"{CERTIFICATES}/key.pem\" }}\n{}",
        own.settings()
    );
    let Some(queue) = Queue::start_with(&env, free_port(), &settings) else { return };
    env.write("a.txt", STORY);
    env.write("own.creds", own.credentials());
    env.write("other.creds", Keys::new().credentials());
    env.write("torn.creds", &own.credentials()[..200]);
    for name in ["authority", "unsigned"] {
        env.write(&format!("{name}.pem"), fs::read(format!("{CERTIFICATES}/{name}.pem")).unwrap());
    }
    let name = queue.address.replace("nats://127.0.0.1", "tls://localhost");
    let at = |more: &[&str]| {
        let submit = ["submit", "a.txt", "--voice", "tone", "--queue", &name, "--results", "out"];
        env.run(&[&submit[..], more].concat())
    };
    each(
        [
            (["--nats-creds", "own.creds", "--tls-ca", "unsigned.pem"], 3, "can't be reached"),
            (["--nats-creds", "other.creds", "--tls-ca", "authority.pem"], 3, "can't be reached"),
            (["--nats-creds", "torn.creds", "--tls-ca", "authority.pem"], 2, "credentials"),
            (["--nats-creds", "none.creds", "--tls-ca", "authority.pem"], 2, "none.creds"),
            (["--nats-creds", "own.creds", "--tls-ca", "none.pem"], 2, "none.pem"),
        ],
        |(options, code, words)| {
            at(&options).expect(code).one_message(&[words]);
        },
    );
    at(&["--nats-creds", "own.creds"]).expect(3);
    at(&["--tls-ca", "authority.pem"]).expect(3);
    let known = ["--nats-creds", "own.creds", "--tls-ca", "authority.pem"];
    at(&known).expect(0);
    let place = ["--once-empty", "--quiet", "--queue", &name, "--results", "out"];
    env.ok(&[&["worker"], &place[..], &known[..]].concat());
    let status = ["queue", "status", "--json", "--queue", &name, "--results", "out"];
    let status = env.ok(&[&status[..], &known[..]].concat()).json_lines();
    assert_eq!(status[0], json!({ "waiting": 0, "working": 0, "wanted": 0, "dead": 0 }));
}

#[test]
fn a_worker_reads_credentials_again_when_they_have_ended() {
    let env = TestEnv::new();
    let own = Keys::new();
    let settings = format!("debug: true\n{}", own.settings());
    let Some(queue) = Queue::start_with(&env, free_port(), &settings) else { return };
    let end = SystemTime::UNIX_EPOCH.elapsed().unwrap() + Duration::from_secs(10);
    env.write("worker.creds", own.credentials_until(Some(end.as_secs())));
    env.write("whole.creds", own.credentials());
    let at = |name| ["--queue", &queue.address, "--results", "out", "--nats-creds", name];
    let mut command = env.command_of(BINARY);
    command.args(["worker", "--quiet"]).args(at("worker.creds")).stdout(Stdio::null());
    let _worker = Killed(command.spawn().unwrap());
    let log = || fs::read_to_string(env.data("nats.log")).unwrap_or_default();
    let job = |name: &str| {
        env.write(name, format!("{STORY} {name}"));
        let submit = ["submit", name, "--voice", "tone", "--json"];
        let line = env.ok(&[&submit[..], &at("whole.creds")].concat()).json_lines();
        let manifest = format!("out/{}/manifest.json", line[0]["key"].as_str().unwrap());
        until("a report", || env.path(&manifest).exists());
    };
    job("before.txt");
    until("the end of the credentials", || log().contains("Authentication Expired"));
    env.write("worker.creds", own.credentials());
    job("after.txt");
}
