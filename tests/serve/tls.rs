//! TLS: the server's own certificates against real clients, and files that are wrong.

use std::io::{Read, Write};
use std::path::PathBuf;

use crate::common::tool::tool;
use crate::common::{TestEnv, each};
use crate::serve::access::{await_log, set_mode, start_logged, write_secret};
use crate::serve::client::{Server, json};

/// Makes a certificate for this machine, `NAME.pem`, and its key, `NAME.key`.
fn certificate(env: &TestEnv, name: &str) {
    let (pem, key) = (format!("{name}.pem"), format!("{name}.key"));
    let made = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=speech",
        "-addext",
        "subjectAltName=IP:127.0.0.1,DNS:localhost",
        "-keyout",
        &key,
        "-out",
        &pem,
    ];
    tool(env, "openssl", &made);
    set_mode(env, &key, 0o600);
}

const FILES: [&str; 4] = ["--tls-cert", "server.pem", "--tls-key", "server.key"];

/// What curl makes of a path.
fn curl(
    env: &TestEnv,
    server: &Server,
    authority: &str,
    more: &[&str],
    path: &str,
) -> Result<Vec<u8>, String> {
    let url = format!("https://{}{path}", server.address);
    let base = ["--silent", "--show-error", "--fail", "--noproxy", "*", "--cacert", authority];
    let run = env.command_of("curl").args(base).args(more).arg(url).output().unwrap();
    if run.status.success() { Ok(run.stdout) } else { Err(String::from_utf8_lossy(&run.stderr).into_owned()) }
}

#[test]
fn real_clients_speak_tls_with_it() {
    let env = TestEnv::new();
    certificate(&env, "server");
    let server = Server::start(&env, &FILES);
    each([&[][..], &["--tlsv1.3"], &["--tls-max", "1.2"], &["--http2"]], |args| {
        assert_eq!(curl(&env, &server, "server.pem", args, "/healthz").unwrap(), b"ok\n", "{args:?}");
    });
    let url = format!("https://{}/healthz", server.address);
    let mut asking = env.command_of("curl");
    asking.args(["--silent", "--verbose", "--noproxy", "*", "--cacert", "server.pem", "--http2", &url]);
    let said = asking.output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("server accepted http/1.1"), "the protocol is agreed on\n{said}");
    assert!(curl(&env, &server, "/etc/ssl/certs/none.pem", &[], "/healthz").is_err());
    let old =
        curl(&env, &server, "server.pem", &["--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"], "/healthz");
    assert!(old.is_err(), "TLS 1.1 is refused: {old:?}");
    let body =
        json!({ "model": "tts-1", "voice": "tone", "input": "The port reopened.", "response_format": "wav" })
            .to_string();
    let post = ["--header", "Content-Type: application/json", "--data", &body];
    let sound = curl(&env, &server, "server.pem", &post, "/v1/audio/speech").unwrap();
    assert!(sound.len() > 20_000 && sound.starts_with(b"RIFF"), "{} bytes", sound.len());
    let program = "import http.client, ssl, sys\n\
        context = ssl.create_default_context(cafile='server.pem')\n\
        client = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=context)\n\
        for path in ['/v1/models', '/v1/audio/voices']:\n\
        \x20   client.request('GET', path)\n\
        \x20   answer = client.getresponse()\n\
        \x20   print(answer.status, len(answer.read()) > 20, client.sock.version())\n";
    let (printed, _) = tool(&env, "python3", &["-c", program, &server.address.port().to_string()]);
    assert_eq!(String::from_utf8_lossy(&printed), "200 True TLSv1.3\n200 True TLSv1.3\n");
    // Whoever forgets the s is told.
    let open = server.get("/v1/models");
    assert_eq!(open.status, 400, "{open}");
    assert!(String::from_utf8_lossy(&open.body).contains("https"), "{open}");
    server.stop();
}

#[test]
fn a_client_that_does_not_shake_hands_holds_nobody_up() {
    let env = TestEnv::new();
    certificate(&env, "server");
    let server = Server::start(&env, &FILES);
    let mut silent: Vec<_> = (0..50).map(|_| server.connect()).collect();
    for (index, stream) in silent.iter_mut().enumerate() {
        // Half a handshake, and no handshake at all.
        let begun: &[u8] = if index % 2 == 0 { b"\x16\x03\x01" } else { b"" };
        stream.write_all(begun).unwrap();
    }
    assert_eq!(curl(&env, &server, "server.pem", &[], "/healthz").unwrap(), b"ok\n");
    let mut odd = server.connect();
    odd.write_all(b"\x16\x03\x01\x00\x05hello").unwrap();
    let mut answer = Vec::new();
    let _ = odd.read_to_end(&mut answer);
    assert!(answer.first().is_none_or(|first| *first == 0x15), "an alert or the end: {answer:?}");
    // In the end each of them is let go.
    for stream in &mut silent {
        let _ = stream.read_to_end(&mut answer);
    }
    assert_eq!(curl(&env, &server, "server.pem", &[], "/healthz").unwrap(), b"ok\n");
    server.stop();
}

#[test]
fn files_that_are_wrong_are_told_apart() {
    let env = TestEnv::new();
    certificate(&env, "server");
    certificate(&env, "other");
    tool(
        &env,
        "openssl",
        &["pkey", "-in", "server.key", "-aes256", "-passout", "pass:x", "-out", "locked.key"],
    );
    tool(
        &env,
        "openssl",
        &["ec", "-in", "server.key", "-aes256", "-passout", "pass:x", "-out", "locked-ec.key"],
    );
    let key = String::from_utf8(env.bytes("server.key")).unwrap();
    let pem = String::from_utf8(env.bytes("server.pem")).unwrap();
    write_secret(&env, "cut.key", &key[..key.len() - 40]);
    write_secret(&env, "odd.key", &key.replace("MI", "!!"));
    write_secret(&env, "text", "no key\n");
    env.write("cut.pem", &pem[..pem.len() - 40]);
    env.write("odd.pem", pem.replacen("MII", "AII", 1));
    env.write("open.key", &key);
    for name in ["locked.key", "locked-ec.key"] {
        set_mode(&env, name, 0o600);
    }
    set_mode(&env, "open.key", 0o644);
    set_mode(&env, "server.pem", 0o600);
    let rows: &[(&str, &str, &[&str])] = &[
        ("server.pem", "other.key", &["not that of the certificate", "other.key"]),
        ("server.pem", "locked.key", &["encrypted", "openssl pkey"]),
        ("server.pem", "locked-ec.key", &["encrypted", "openssl pkey"]),
        ("server.key", "server.pem", &["has a key, and no certificate", "--tls-cert"]),
        ("server.pem", "server.pem", &["has a certificate, and no key"]),
        ("server.pem", "cut.key", &["key is damaged"]),
        ("server.pem", "odd.key", &["key is damaged"]),
        ("server.pem", "text", &["none in PEM", "PRIVATE KEY"]),
        ("text", "server.key", &["none in PEM", "BEGIN CERTIFICATE"]),
        ("cut.pem", "server.key", &["certificate is damaged"]),
        ("odd.pem", "server.key", &["certificate is damaged"]),
        ("server.pem", "none.key", &["none.key", "can't be read"]),
        ("none.pem", "server.key", &["none.pem", "can't be read"]),
        #[cfg(unix)]
        ("server.pem", "open.key", &["other users", "chmod 600 open.key"]),
    ];
    let secret: Vec<&str> = key.lines().filter(|line| line.len() > 20 && !line.starts_with('-')).collect();
    each(rows, |(pem, key, words)| {
        let run = env.refused(&["serve", "--voice", "tone", "--tls-cert", pem, "--tls-key", key], 2, words);
        assert!(!secret.iter().any(|line| run.stderr.contains(line)), "{run}");
    });
}

#[cfg(unix)]
#[test]
fn a_new_certificate_is_taken_without_a_stop() {
    let env = TestEnv::new();
    certificate(&env, "server");
    certificate(&env, "next");
    std::fs::copy(env.path("server.pem"), env.path("first.pem")).unwrap();
    let server = start_logged(&env, "audio_report=info", &FILES);
    let is_known = |authority: &str| curl(&env, &server, authority, &[], "/healthz").is_ok();
    assert_eq!((is_known("first.pem"), is_known("next.pem")), (true, false));
    // Half of the change: the key does not fit yet.
    std::fs::copy(env.path("next.pem"), env.path("server.pem")).unwrap();
    server.signal("HUP");
    await_log(&env, "stay as they were", 1);
    assert_eq!((is_known("first.pem"), is_known("next.pem")), (true, false));
    let key: PathBuf = env.path("server.key");
    std::fs::copy(env.path("next.key"), key).unwrap();
    server.signal("HUP");
    await_log(&env, "were read again", 1);
    assert_eq!((is_known("first.pem"), is_known("next.pem")), (false, true));
    server.stop();
}
