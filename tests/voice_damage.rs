//! The real binary with a copy of the installed voice that is damaged, or lies in a read-only place. Without an
//! installed voice there is no test.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs::{self, OpenOptions, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use common::voice::installed;
use common::{Run, TestEnv};

/// A user without files.
const NOBODY: u32 = 65534;
const READ: [&str; 6] = ["read", "story.txt", "-o", "story.wav", "--force", "--offline"];

/// A work folder whose home holds the voice: its model and its style pack, but no prepared form of them.
struct Home {
    env: TestEnv,
    family: PathBuf,
}

impl Home {
    fn new() -> Option<Self> {
        let voice = installed("damage to a voice")?;
        let env = TestEnv::new();
        env.write("story.txt", "The port reopened.\n");
        let family = env.data("voices/kokoro-en");
        fs::create_dir_all(&family).unwrap();
        // No test writes through the link: a test that damages the model puts a copy in its place.
        symlink(&voice.model, family.join(voice.model.file_name().unwrap())).unwrap();
        let style = voice.style.as_ref().unwrap();
        fs::copy(style, family.join(style.file_name().unwrap())).unwrap();
        Some(Self { env, family })
    }

    fn read(&self) -> Run {
        self.env.run(&READ)
    }

    /// The sound of the story by an undamaged voice; prepares it.
    fn spoken(&self) -> Vec<u8> {
        self.env.ok(&READ);
        self.env.bytes("story.wav")
    }

    fn prepared(&self) -> PathBuf {
        self.family.join("kokoro-v1.0.int8.onnx.prepared/kernels.safetensors")
    }
}

/// Writes into a file in place.
fn damage(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

/// Whether this process may write everywhere.
fn is_root(folder: &Path) -> bool {
    fs::set_permissions(folder, Permissions::from_mode(0o555)).unwrap();
    let is_root = fs::write(folder.join("probe"), "").is_ok();
    let _ = fs::remove_file(folder.join("probe"));
    is_root
}

#[test]
fn f1_a_voice_in_a_folder_that_can_not_be_written_speaks_the_same() {
    let Some(home) = Home::new() else { return };
    let want = home.spoken();
    fs::remove_dir_all(home.prepared().parent().unwrap()).unwrap();
    fs::remove_file(home.env.path("story.wav")).unwrap();
    let mut command = home.env.command(&READ);
    if is_root(&home.family) {
        // The link leads into the home of this user, who alone may look there.
        let link = home.family.join("kokoro-v1.0.int8.onnx");
        let model = fs::canonicalize(&link).unwrap();
        fs::remove_file(&link).unwrap();
        fs::copy(model, link).unwrap();
        for folder in home.env.folder().ancestors().take(2) {
            fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    let run = Run::of(command);
    fs::set_permissions(&home.family, Permissions::from_mode(0o755)).unwrap();
    run.expect(0);
    assert!(home.env.bytes("story.wav") == want, "other sound");
    assert!(!home.prepared().exists(), "the folder could be written");
}

#[test]
fn f2_a_damaged_prepared_file_is_made_again_and_never_spoken() {
    let Some(home) = Home::new() else { return };
    let want = home.spoken();
    let whole = fs::read(home.prepared()).unwrap();
    damage(&home.prepared(), 60_000_000, &[0x7f; 1 << 20]);
    let list = home.env.ok(&["voices", "list"]).stdout;
    assert!(list.lines().any(|line| line.contains("af_heart") && line.contains("damaged")), "{list}");
    let run = home.read().expect(0);
    assert!(run.stderr.contains("damaged"), "{run}");
    assert!(home.env.bytes("story.wav") == want, "other sound");
    assert!(fs::read(home.prepared()).unwrap() == whole, "not mended");

    damage(&home.prepared(), 30_000_000, &[0x7f]);
    home.env.ok(&["voices", "install"]);
    assert!(!home.prepared().exists());
    assert!(home.spoken() == want, "other sound");
}

#[test]
fn f3_a_damaged_model_or_style_pack_is_refused() {
    let Some(home) = Home::new() else { return };
    let style = home.family.join("af_heart.bin");
    let pack = fs::read(&style).unwrap();
    for number in [f32::NAN, f32::INFINITY] {
        damage(&style, 0, &number.to_le_bytes().repeat(pack.len() / 4));
        home.read().expect(3).one_message(&["damaged", "af_heart.bin", "voices install"]);
    }
    fs::write(&style, pack).unwrap();
    let model = home.family.join("kokoro-v1.0.int8.onnx");
    let original = fs::canonicalize(&model).unwrap();
    fs::remove_file(&model).unwrap();
    fs::copy(original, &model).unwrap();
    damage(&model, 50_000_000, &[0x7f]);
    home.read().expect(3).one_message(&["damaged", "kokoro-v1.0.int8.onnx", "voices install"]);
    assert!(!home.prepared().exists(), "nothing may be made of a damaged model");
    assert!(!home.env.path("story.wav").exists());
}
