//! Installs tiny voices from an HTTP server on the loopback interface and from stand-ins for package clients.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod fixture;
mod server;

use std::fs;
use std::time::{Duration, Instant};

use crate::error::{Cure, ErrorKind};
use crate::table_test::each;
use crate::voice::prepared::prepared_folder;
use crate::voice::{Form, InstallEvent, Prepared, SourceKind, VoiceName, VoiceState, install};

use self::fixture::{Fixture, MODEL, PACK, style};
use self::server::{Answer, Server};

#[test]
fn a_voice_is_fetched_checked_and_found() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&server.sources());
    let error = fixture.store.locate(&style("af_one")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VoiceMissing);
    assert_eq!(error.cure(), Some(&Cure::InstallVoice { voice: "af_one".into() }));

    let (result, events) = fixture.install(&[], &fixture.options());
    let voice = &result.unwrap()[0];
    assert_eq!(voice.name.as_str(), "af_one");
    assert_eq!(fs::read(&voice.model).unwrap(), MODEL);
    assert_eq!(fs::read(voice.style.as_ref().unwrap()).unwrap(), PACK);
    assert_eq!(voice.sample_rate.hertz(), 24_000);
    assert_eq!(fixture.files(), ["af_one.bin", "model.onnx"]);
    let planned = events.iter().any(|event| {
        matches!(event, InstallEvent::Planned { files: 2, bytes, licence, .. }
            if *bytes == (MODEL.len() + PACK.len()) as u64 && licence.contains("Apache-2.0"))
    });
    assert!(planned, "{events:#?}");
    let size = MODEL.len() as u64;
    let progress = InstallEvent::Progress { file: "model.onnx".into(), done: size, total: size };
    assert!(events.contains(&progress), "{events:#?}");
    assert_eq!(fixture.store.locate(&style("af_one")).unwrap(), *voice);
    assert_eq!(fixture.state("af_one"), VoiceState::Installed);

    // No file is fetched again.
    let (again, events) = fixture.install(&[], &fixture.options());
    again.unwrap();
    assert!(events.iter().all(|event| matches!(event, InstallEvent::Present { .. })), "{events:#?}");
    assert_eq!(server.requests().len(), 2);

    // Another style needs its pack only.
    fixture.install(&[style("bm_two")], &fixture.options()).0.unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_mix_is_found_when_all_its_voices_are_here() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&server.sources());
    let mix = style("two(3) + test-en/af_one(1)");
    fixture.install(&[style("bm_two")], &fixture.options()).0.unwrap();
    let error = fixture.store.locate(&mix).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VoiceMissing);
    assert_eq!(error.cure(), Some(&Cure::InstallVoice { voice: "af_one".into() }));

    let installed = fixture.install(std::slice::from_ref(&mix), &fixture.options()).0.unwrap().remove(0);
    assert_eq!(fixture.files(), ["af_one.bin", "bm_two.bin", "model.onnx"]);
    assert_eq!(fixture.store.locate(&mix).unwrap(), installed);
    assert_eq!((installed.name.as_str(), installed.dialect.tag()), ("bm_two(3)+af_one", "en-GB"));
    let parts: Vec<(&str, f64)> =
        installed.mix.iter().map(|part| (part.voice.name.as_str(), part.share)).collect();
    assert_eq!(parts, [("bm_two", 0.75), ("af_one", 0.25)]);
    assert!(installed.mix.iter().all(|part| part.voice.model == installed.model), "one network for all");

    // The same shares, however they are written.
    let again = fixture.store.locate(&style("bm_two(0.6)+af_one(0.2)")).unwrap();
    assert_eq!(again.mix, installed.mix);
    // One voice alone is itself.
    let alone = fixture.store.locate(&style("two(3)+bm_two")).unwrap();
    assert_eq!(alone, fixture.store.locate(&style("bm_two")).unwrap());
}

#[test]
fn a_part_is_resumed() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&server.sources());
    fixture.write("model.onnx.part", &MODEL[..100]);
    let (result, events) = fixture.install(&[], &fixture.options());
    result.unwrap();
    assert_eq!(server.requests()[0], "GET /model.onnx bytes=100-");
    assert!(events.iter().any(|event| matches!(event, InstallEvent::Fetching { resumed: 100, .. })));
    assert_eq!(fixture.files(), ["af_one.bin", "model.onnx"]);
}

#[test]
fn a_whole_part_needs_no_request() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&server.sources());
    fixture.write("model.onnx.part", MODEL);
    fixture.install(&[], &fixture.options()).0.unwrap();
    assert_eq!(server.requests(), ["GET /af_one.bin "]);
}

#[test]
fn a_server_that_ignores_ranges_is_taken_from_the_start() {
    each([Answer::WholeAlways, Answer::RangeRefused], |answer| {
        let server = Server::start(answer);
        let fixture = Fixture::new(&server.sources());
        fixture.write("model.onnx.part", &MODEL[..100]);
        fixture.install(&[], &fixture.options()).0.unwrap_or_else(|e| panic!("{answer:?}: {}", e.story()));
        assert_eq!(fixture.state("af_one"), VoiceState::Installed);
    });
}

#[test]
fn a_part_with_wrong_bytes_is_begun_anew() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&server.sources());
    fixture.write("model.onnx.part", &[7; 100]);
    fixture.install(&[], &fixture.options()).0.unwrap();
    assert_eq!(server.requests()[..2], ["GET /model.onnx bytes=100-", "GET /model.onnx "]);
    assert_eq!(fixture.state("af_one"), VoiceState::Installed);
}

#[test]
fn a_missing_file_and_a_dead_host_fall_through_to_the_next_source() {
    let missing = Server::start(Answer::NotFound);
    let good = Server::start(Answer::Whole);
    // No server listens on port 1.
    let sources = ["http://127.0.0.1:1".to_owned(), missing.sources()[0].clone(), good.sources()[0].clone()];
    let fixture = Fixture::new(&sources);
    let (result, events) = fixture.install(&[], &fixture.options());
    result.unwrap();
    let mut failures = Vec::new();
    for event in &events {
        if let InstallEvent::SourceFailed { source, why, .. } = event {
            failures.push((source, why));
        }
    }
    assert_eq!(failures.len(), 4, "{failures:#?}");
    assert_eq!(failures[1].1, "HTTP status 404");
    assert!(failures[1].0.ends_with("/model.onnx"), "{failures:#?}");
    assert_eq!(good.requests().len(), 2);
}

#[test]
fn a_wrong_checksum_is_refused_and_leaves_nothing() {
    let server = Server::start(Answer::WrongBytes);
    let fixture = Fixture::new(&server.sources());
    let error = fixture.install(&[], &fixture.options()).0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Download);
    let report = error.story();
    let base = &server.sources()[0];
    each(["model.onnx could not be fetched", base, "wrong checksum"], |part| {
        assert!(report.contains(part), "{part} in {report}");
    });
    assert_eq!(error.cure().map(Cure::as_str), Some("bring-file"));
    assert!(fixture.files().is_empty(), "{:?}", fixture.files());
}

#[test]
fn a_sign_in_page_is_not_taken_for_a_voice() {
    let server = Server::start(Answer::OtherLength);
    let fixture = Fixture::new(&server.sources());
    fixture.write("model.onnx.part", &MODEL[..100]);
    let error = fixture.install(&[], &fixture.options()).0.unwrap_err();
    assert!(error.story().contains("it offers 5 bytes instead of"), "{}", error.story());
    // Earlier bytes are not lost by it.
    assert_eq!(fs::read(fixture.path("model.onnx.part")).unwrap(), &MODEL[..100]);
}

#[test]
fn a_broken_connection_is_taken_up_again() {
    let server = Server::start(Answer::HalfThenWhole);
    let fixture = Fixture::new(&server.sources());
    fixture.install(&[], &fixture.options()).0.unwrap();
    let half = MODEL.len() / 2;
    assert_eq!(server.requests()[1], format!("GET /model.onnx bytes={half}-"));
    assert_eq!(fixture.state("af_one"), VoiceState::Installed);
}

#[test]
fn f13_a_download_that_advances_is_not_given_up() {
    let server = Server::start(Answer::Pieces);
    let fixture = Fixture::new(&server.sources());
    fixture.install(&[], &fixture.options()).0.unwrap();
    let of_model = server.requests().iter().filter(|request| request.contains("/model.onnx")).count();
    assert_eq!(of_model, 10);
    assert_eq!(fixture.state("af_one"), VoiceState::Installed);
}

#[test]
fn f13_a_download_that_stands_still_is_given_up() {
    let server = Server::start(Answer::HeadOnly);
    let fixture = Fixture::new(&server.sources());
    let error = fixture.install(&[], &fixture.options()).0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Download);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_silent_server_is_given_up_and_the_part_kept() {
    let server = Server::start(Answer::HalfThenSilence);
    let fixture = Fixture::new(&server.sources());
    let mut options = fixture.options();
    options.limits.connect = Duration::from_millis(300);
    options.limits.stall = Duration::from_millis(300);
    let error = fixture.install(&[], &options).0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Download);
    assert_eq!(fs::read(fixture.path("model.onnx.part")).unwrap(), &MODEL[..MODEL.len() / 2]);
    assert_eq!(fixture.files(), ["model.onnx.part"]);
}

#[test]
fn stopping_keeps_the_part_even_while_the_server_is_silent() {
    let server = Server::start(Answer::HalfThenSilence);
    let fixture = Fixture::new(&server.sources());
    let options = fixture.options();
    let begun = Instant::now();
    let result = install(&fixture.store, &[], &options, &mut |event| {
        if matches!(event, InstallEvent::Progress { .. }) {
            options.cancel.cancel();
        }
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Interrupted);
    assert!(begun.elapsed() < Duration::from_secs(5), "a silent server must not keep us");
    assert_eq!(fixture.files(), ["model.onnx.part"]);
}

#[test]
fn two_installations_at_once_fetch_once() {
    let server = Server::start(Answer::Slow);
    let fixture = Fixture::new(&server.sources());
    let runs: Vec<_> = std::thread::scope(|scope| {
        let run = || fixture.install(&[], &fixture.options());
        let threads = [scope.spawn(run), scope.spawn(run)];
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut waited = 0;
    for (result, events) in runs {
        result.unwrap();
        waited += events.iter().filter(|event| matches!(event, InstallEvent::Waiting { .. })).count();
    }
    assert_eq!(waited, 1);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_damaged_file_is_found_and_replaced() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&server.sources());
    fixture.install(&[style("bm_two")], &fixture.options()).0.unwrap();
    fixture.write("bm_two.bin", b"short");
    let error = fixture.store.locate(&style("bm_two")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VoiceCorrupt);
    let report = error.story();
    assert!(report.contains("bm_two.bin"), "{report}");
    assert_eq!(error.cure(), Some(&Cure::ReinstallVoice { voice: "bm_two".into() }));

    // Other bytes of the same length are noticed by the checksum only.
    fixture.write("model.onnx", &vec![1; MODEL.len()]);
    fixture.write("bm_two.bin", PACK);
    fixture.store.locate(&style("bm_two")).unwrap();
    assert_eq!(fixture.state("bm_two"), VoiceState::Corrupt);

    let (result, events) = fixture.install(&[style("bm_two")], &fixture.options());
    result.unwrap();
    let replaced =
        |event: &InstallEvent| matches!(event, InstallEvent::Replacing { file, .. } if file == "model.onnx");
    assert!(events.iter().any(replaced), "{events:#?}");
    assert_eq!(fixture.state("bm_two"), VoiceState::Installed);
}

#[test]
fn f2_a_damaged_prepared_file_is_listed_and_removed_by_an_installation() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&server.sources());
    let voice = fixture.install(&[], &fixture.options()).0.unwrap().remove(0);
    let form = Form { name: "engine", format: 1, files: &["weights"] };
    let prepared = Prepared::of(&voice.model, &voice.model_sha256).unwrap();
    prepared.keep(&form, &[b"weights".to_vec()], &[form]).unwrap();
    assert_eq!(fixture.state("af_one"), VoiceState::Installed);
    fixture.write("model.onnx.prepared/weights", b"weighty");
    assert_eq!(fixture.state("af_one"), VoiceState::Corrupt);
    assert_eq!(fixture.state("bm_two"), VoiceState::Missing);

    let (result, events) = fixture.install(&[], &fixture.options());
    result.unwrap();
    let replaced =
        |event: &InstallEvent| matches!(event, InstallEvent::Replacing { file, .. } if file == "weights");
    assert!(events.iter().any(replaced), "{events:#?}");
    assert_eq!(fixture.state("af_one"), VoiceState::Installed);
    assert_eq!(fixture.files(), ["af_one.bin", "model.onnx"]);
    assert_eq!(server.requests().len(), 2, "the model itself is whole");
}

#[test]
fn unknown_names_suggest_the_nearest() {
    let fixture = Fixture::new(&[]);
    each([("af_onee", "af_one"), ("twoo", "bm_two"), ("AF_ONE", "af_one")], |(typed, meant)| {
        let error = fixture.install(&[style(typed)], &fixture.options()).0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownVoice, "{typed}");
        let Some(Cure::ChooseVoice { near }) = error.cure() else { panic!("{typed}: {error:?}") };
        assert_eq!(near[0], meant, "{typed}");
    });
    assert!(fixture.store.find(&VoiceName::new("test-en/bm_two")).is_ok());
    assert_eq!(fixture.store.find(&VoiceName::new("Two")).unwrap().1.name, "bm_two");
    assert_eq!(fixture.store.find(&VoiceName::new("test-en")).unwrap().1.name, "af_one");
    assert!(fixture.store.find(&VoiceName::new("../af_one")).is_err());
}

#[test]
fn removing_the_last_pack_removes_the_model() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&server.sources());
    assert_eq!(fixture.store.remove(&style("af_one")).unwrap_err().kind(), ErrorKind::VoiceMissing);
    fixture.install(&[style("af_one"), style("bm_two")], &fixture.options()).0.unwrap();
    let removed = fixture.store.remove(&style("af_one")).unwrap();
    assert_eq!(removed.files, [fixture.path("af_one.bin")]);
    assert_eq!(fixture.files(), ["bm_two.bin", "model.onnx"]);
    // Files that a backend derived from the model are removed with it.
    let prepared = prepared_folder(&fixture.path("model.onnx"));
    fs::create_dir(&prepared).unwrap();
    fs::write(prepared.join("weights.data"), "derived").unwrap();
    let removed = fixture.store.remove(&style("bm_two")).unwrap();
    assert_eq!(removed.bytes, (MODEL.len() + PACK.len() + "derived".len()) as u64);
    assert!(fixture.files().is_empty());
}

#[test]
fn a_mirror_is_asked_instead_of_the_manifests_address() {
    let server = Server::start(Answer::Whole);
    let fixture = Fixture::new(&["http://127.0.0.1:1".to_owned()]);
    let options = fixture.options().with_mirror(server.sources()[0].clone());
    let (result, events) = fixture.install(&[], &options);
    result.unwrap();
    assert!(!events.iter().any(|event| matches!(event, InstallEvent::SourceFailed { .. })), "{events:#?}");
}

#[test]
fn missing_clients_are_said_and_leave_nothing() {
    let mut fixture = Fixture::new(&[]);
    fixture.add_packages();
    let mut options = fixture.options();
    options.clients.python = vec!["no-such-python-here".into()];
    let error = fixture.install(&[], &options).0.unwrap_err();
    assert!(error.story().contains("no-such-python-here is not on this machine"), "{}", error.story());
    options.sources = Some(vec![SourceKind::Url]);
    let error = fixture.install(&[], &options).0.unwrap_err();
    assert!(error.story().contains("no source of it is allowed"), "{}", error.story());
    assert!(fixture.files().is_empty());
}

#[cfg(unix)]
#[test]
fn package_clients_bring_the_model_in_parts_and_all_packs_at_once() {
    let mut fixture = Fixture::new(&[]);
    fixture.add_packages();
    // A killed process left this.
    fs::create_dir_all(fixture.path(".fetch-1-abcdef")).unwrap();
    fixture.write(".fetch-1-abcdef/.lock", b"");
    let (result, events) = fixture.install(&[], &fixture.options());
    result.unwrap_or_else(|error| panic!("{}\n{events:#?}", error.story()));
    assert_eq!(fixture.files(), ["af_one.bin", "bm_two.bin", "model.onnx"]);
    assert_eq!(fixture.state("bm_two"), VoiceState::Installed);
}

#[cfg(unix)]
#[test]
fn a_failing_client_is_quoted_and_a_slow_one_killed() {
    let mut fixture = Fixture::new(&[]);
    fixture.add_packages();
    let mut options = fixture.options();
    options.clients.python = vec![fixture.script("echo 'ERROR: no such version' >&2; exit 3")];
    let error = fixture.install(&[], &options).0.unwrap_err();
    assert!(error.story().contains("exit status: 3: ERROR: no such version"), "{}", error.story());

    options.clients.python = vec![fixture.script("exec sleep 60")];
    options.limits.client = Duration::from_millis(200);
    let begun = Instant::now();
    let error = fixture.install(&[], &options).0.unwrap_err();
    assert!(error.story().contains("it was not done after 0.2 s"), "{}", error.story());
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert!(fixture.files().is_empty());
}

#[test]
fn voices_with_a_model_each_are_fetched_and_removed_alone() {
    let (server, own) = (Server::start(Answer::Whole), Server::start(Answer::Whole));
    let fixture = Fixture::of_models(&server.sources()[0], &own.sources()[0]);
    let first = fixture.install(&[style("one")], &fixture.options()).0.unwrap().remove(0);
    assert_eq!((first.name.as_str(), first.style), ("af_one", None));
    assert_eq!(fs::read(&first.model).unwrap(), PACK);
    assert_eq!((server.requests().len(), own.requests().len()), (0, 1), "its own source serves it");
    assert_eq!(fixture.state("bm_two"), VoiceState::Missing);
    fixture.install(&[style("bm_two")], &fixture.options()).0.unwrap();
    assert_eq!((server.requests().len(), own.requests().len()), (1, 1));
    // A form of one model that is damaged concerns that voice alone.
    let prepared = Prepared::of(&first.model, &first.model_sha256).unwrap();
    let form = Form { name: "kernels", format: 1, files: &["weights"] };
    prepared.keep(&form, &[b"prepared weights".to_vec()], &[form]).unwrap();
    fs::write(prepared.folder().join("weights"), "prepared weightz").unwrap();
    assert_eq!(
        (fixture.state("af_one"), fixture.state("bm_two")),
        (VoiceState::Corrupt, VoiceState::Installed)
    );
    fixture.store.remove(&style("af_one")).unwrap();
    assert_eq!(fixture.files(), ["bm_two.bin"]);
}
