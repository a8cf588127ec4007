use std::fs::OpenOptions;

use tempfile::TempDir;

use super::*;
use crate::table_test::each;

const ONE: Form = Form { name: "one", format: 3, files: &["one.data"] };
const TWO: Form = Form { name: "two", format: 1, files: &["graph", "weights"] };
const ALL: [Form; 2] = [ONE, TWO];

fn model() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("m.onnx");
    fs::write(&model, "model").unwrap();
    (folder, model)
}

fn kept(model: &Path) -> Prepared {
    let prepared = Prepared::of(model, "abc").unwrap();
    prepared.keep(&ONE, &[vec![7; BLOCK + 5]], &ALL).unwrap();
    prepared
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Writes one byte in place.
fn flip(path: &Path) {
    use std::io::Seek;

    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(io::SeekFrom::Start(100)).unwrap();
    file.write_all(&[8]).unwrap();
}

/// Changes the record by `change`.
fn change_record(prepared: &Prepared, change: impl FnOnce(&mut Record)) {
    let path = prepared.folder().join(ONE.record());
    let mut record: Record = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut record);
    fs::write(path, serde_json::to_vec(&record).unwrap()).unwrap();
}

fn damaged() -> PreparedState {
    PreparedState::Damaged { file: "one.data".into() }
}

#[test]
fn a_form_is_kept_while_its_model_is_the_same_and_nothing_else_is() {
    let (folder, model) = model();
    let prepared = Prepared::of(&model, "abc").unwrap();
    fs::create_dir(prepared.folder()).unwrap();
    fs::write(prepared.folder().join("decoder.safetensors"), "of an older version").unwrap();
    assert_eq!(prepared.state(&ONE), PreparedState::Stale);
    prepared.keep(&ONE, &[b"weights".to_vec()], &ALL).unwrap();
    prepared.keep(&TWO, &[b"graph".to_vec(), b"data".to_vec()], &ALL).unwrap();
    for form in ALL {
        assert_eq!(prepared.state(&form), PreparedState::Current, "{}", form.name);
        assert_eq!(prepared.state(&Form { format: 9, ..form }), PreparedState::Stale, "{}", form.name);
    }
    let all = ["graph", "one.checked", "one.data", "one.json", "two.checked", "two.json", "weights"];
    assert_eq!(names(prepared.folder()), all);
    assert_eq!(prepared.damaged_file(), None);

    let other = Prepared::of(&model, "def").unwrap();
    assert_eq!(other.state(&ONE), PreparedState::Stale, "another checksum in the manifest");
    fs::write(&model, "longer model").unwrap();
    let other = Prepared::of(&model, "abc").unwrap();
    assert_eq!(other.state(&ONE), PreparedState::Stale);
    other.keep(&ONE, &[b"others".to_vec()], &ALL).unwrap();
    assert_eq!(
        names(other.folder()),
        ["one.checked", "one.data", "one.json"],
        "the rest was of the old model"
    );
    assert_eq!(names(folder.path()), ["m.onnx", "m.onnx.prepared"], "nothing may be left beside");
}

#[test]
fn f2_a_write_in_place_is_noticed_at_the_next_start() {
    let (_folder, model) = model();
    let prepared = kept(&model);
    assert!(prepared.is_checked(&ONE));
    flip(&prepared.folder().join("one.data"));
    assert!(!prepared.is_checked(&ONE));
    assert_eq!(prepared.state(&ONE), damaged());
    assert_eq!(prepared.state(&ONE), damaged(), "damage may not be noted as checked");
    assert_eq!(prepared.damaged_file().as_deref(), Some("one.data"));
    let again = kept(&model);
    assert_eq!((again.state(&ONE), again.damaged_file()), (PreparedState::Current, None));
    fs::write(prepared.folder().join("one.data"), "cut").unwrap();
    assert_eq!(prepared.state(&ONE), damaged());
    fs::remove_file(prepared.folder().join("one.data")).unwrap();
    assert_eq!(prepared.state(&ONE), damaged());
}

#[test]
fn f2_damage_that_leaves_no_trace_is_noticed_when_the_record_no_longer_holds() {
    let (_folder, model) = model();
    let day = HOLDS.as_secs();
    // The event, another boot, seconds by which the record is older or newer.
    let rows = [
        ("same boot", false, 0, 0),
        ("another boot", true, 0, 0),
        ("a day later", false, day, 0),
        ("a clock that was wrong", false, 0, day),
    ];
    each(rows, |(name, other_boot, older, newer)| {
        let prepared = kept(&model);
        flip(&prepared.folder().join("one.data"));
        // As if the disk had done it: the identities in the record are those of now.
        prepared.note(&ONE, prepared.identities(&ONE));
        change_record(&prepared, |record| {
            record.seconds = record.seconds - older + newer;
            if other_boot {
                record.boot = "earlier".into();
            }
        });
        let want = if name == "same boot" { PreparedState::Current } else { damaged() };
        assert_eq!(prepared.state(&ONE), want, "{name}");
        assert!(prepared.damaged_file().is_some(), "a list reads everything: {name}");
    });
}

#[test]
fn a_check_that_holds_is_noted_again() {
    let (_folder, model) = model();
    let prepared = kept(&model);
    each(["", "{}", "no record"], |spoil| {
        fs::write(prepared.folder().join(ONE.record()), spoil).unwrap();
        assert!(!prepared.is_checked(&ONE), "{spoil}");
        assert_eq!(prepared.state(&ONE), PreparedState::Current, "{spoil}");
        assert!(prepared.is_checked(&ONE), "{spoil}");
    });
}

#[test]
fn f5_what_a_killed_process_was_preparing_goes() {
    let (folder, model) = model();
    let left = folder.path().join(".preparing-1-abcdef");
    fs::create_dir(&left).unwrap();
    fs::write(left.join(".lock"), "").unwrap();
    fs::write(left.join("one.data"), "half").unwrap();
    kept(&model);
    assert_eq!(names(folder.path()), ["m.onnx", "m.onnx.prepared"]);
}
