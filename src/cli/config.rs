//! Typed arguments become settings: inputs with names, results with paths, settings with defaults filled in.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use directories::ProjectDirs;

use super::args::common::{FormArgs, SpeechArgs};
use super::args::music::MusicArgs;
use super::args::web::WebArgs;
use super::args::{Acronyms, Bits, Extra, InputArgs, SoundArgs, VoiceArgs, WordArgs};
use super::cast::Cast;
use super::input::Reading;
use super::preset::Preset;
use super::voices::VoiceChoice;
use crate::article::ReadOptions;
use crate::audio::{SampleFormat, Speed};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::lexicon::user::UserLexicon;
use crate::lexicon::{AcronymStyle, Lexicon};
use crate::master::Loudness;
use crate::net::{Credentials, Fetcher, Options, Way};
use crate::output::encode::{Coding, Format};
use crate::output::music::{Music, MusicFiles};
use crate::output::programme::Finishing;
use crate::report::{SpeechSettings, Workers};

/// Stands for standard input, or as a result for standard output.
pub(crate) const STDIN: &str = "-";

pub(crate) fn unreadable(path: &Path, cause: io::Error) -> Error {
    let (what, cure) = match cause.kind() {
        io::ErrorKind::NotFound => ("there is no such file", "check the name; - reads standard input"),
        io::ErrorKind::PermissionDenied => ("the file may not be read", "check its permissions"),
        _ => ("the file can't be read", "check the file and the disk"),
    };
    Error::new(ErrorKind::Input, what).at(Place::file(path)).because(cause).with_cure(Cure::other(cure))
}

/// Who speaks: as many threads as asked, or one a core. Nice workers give way to other programs. Where there are
/// several cores they leave one alone, for a thread of the lowest priority still takes its share of caches and memory.
pub(crate) fn workers(jobs: Option<NonZeroUsize>, is_nice: bool) -> Workers {
    let cores = Workers::default().count;
    let usual = if is_nice { NonZeroUsize::new(cores.get() - 1).unwrap_or(cores) } else { cores };
    Workers { count: jobs.unwrap_or(usual), is_nice }
}

/// How inputs are read. A wrong sign-in file or proxy is refused here, before anything is fetched or spoken.
pub(crate) fn reading(args: &InputArgs, is_offline: bool, cancel: &Cancel) -> Result<Reading> {
    let options = ReadOptions {
        lossy: args.lossy,
        captions: args.with.contains(&Extra::Captions),
        byline: args.with.contains(&Extra::Byline),
        any_language: args.language.is_some(),
        ignore_embargo: args.ignore_embargo,
    };
    let fetcher = fetcher(&args.web, is_offline, cancel)?;
    Ok(Reading { options, fetcher, sites: Arc::default(), wants_picture: false, opens_messages: false })
}

/// What fetches addresses. A wrong sign-in file or proxy is refused here.
pub(crate) fn fetcher(args: &WebArgs, is_offline: bool, cancel: &Cancel) -> Result<Arc<Fetcher>> {
    let WebArgs { allow_private, proxy, auth_file } = args;
    let proxy = proxy.as_ref().filter(|proxy| !proxy.is_empty());
    let named = |proxy: &String| Way::through(proxy).map_err(|fault| fault.at("--proxy"));
    let credentials = |file: &PathBuf| credentials(file, *allow_private);
    let web = Options {
        allow_private: *allow_private,
        way: proxy.map(named).transpose()?.unwrap_or_default(),
        credentials: auth_file.as_ref().map(credentials).transpose()?.unwrap_or_default(),
        is_offline,
    };
    Ok(Arc::new(Fetcher::new(web, cancel.clone())))
}

/// The sign-ins of a file; `allow_open` takes those over http, too.
pub(crate) fn credentials(file: &Path, allow_open: bool) -> Result<Credentials> {
    Credentials::read(file, allow_open).map_err(|fault| fault.at(&printable(&file.to_string_lossy())))
}

/// The path that one beginning with `~/` means, as in a shell.
pub(crate) fn from_home(path: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix("~").ok()?;
    Some(std::env::home_dir()?.join(rest))
}

/// The fastest speed that voices have learnt to speak at.
const VOICE_FASTEST: f32 = 2.0;

/// The speed of a result that is kept: only playback can be faster than a voice.
pub(crate) fn voice_speed(args: &VoiceArgs) -> Result<Speed> {
    if args.speed.factor() > VOICE_FASTEST {
        let what = format!("a voice speaks at most at speed {VOICE_FASTEST}; only `play` is faster");
        return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::other("give --speed 0.5 to 2")));
    }
    Ok(args.speed)
}

/// Which voice speaks.
pub(crate) fn voice(args: &VoiceArgs) -> VoiceChoice {
    VoiceChoice { name: args.voice.clone(), is_fast: args.fast, may_fetch: !args.offline }
}

/// Which voices speak: one alone, or another one for quotations.
pub(crate) fn cast(args: &SpeechArgs) -> Cast {
    let SpeechArgs { voice, quotes, .. } = args;
    let quoting = quotes.voice_quotes.as_ref();
    let quoting = quoting.and_then(|name| VoiceChoice::for_quotations(name, !voice.offline));
    Cast { narrator: self::voice(voice), quoting }
}

/// How results are written.
#[derive(Clone, Debug)]
pub(crate) struct FileSettings {
    /// How the sound becomes a file.
    pub finishing: Finishing,
}

/// How results in a format are written.
pub(crate) fn file(form: FormArgs, music: &MusicArgs, format: Format) -> Result<FileSettings> {
    let mut sound = form.file.sound;
    if let Some(preset) = form.preset {
        preset.complete_sound(&mut sound, format);
    }
    let loudness = sound.loudness.unwrap_or_else(|| usual_loudness(format));
    let may_replace = form.file.force;
    Ok(FileSettings {
        finishing: Finishing {
            coding: coding(sound, format)?,
            loudness,
            music: self::music(music)?,
            may_replace,
        },
    })
}

/// How the sound of a file is coded.
pub(crate) fn coding(sound: SoundArgs, format: Format) -> Result<Coding> {
    let samples = sound.bits.map(SampleFormat::from);
    let coding = Coding { format, samples, rate: sound.rate, bitrate: sound.bitrate, is_best: sound.best };
    coding.check()?;
    Ok(coding)
}

/// The format where neither an option nor a name says one.
pub(crate) fn usual_format(preset: Option<Preset>) -> Format {
    preset.map_or(Format::Wav, Preset::format)
}

/// The music that is mixed in, if any is.
fn music(args: &MusicArgs) -> Result<Option<Arc<Music>>> {
    let MusicArgs { intro, outro, bed } = args.clone();
    let music = Music::load(&MusicFiles { intro, outro, bed })?;
    Ok((!music.is_silent()).then(|| Arc::new(music)))
}

/// Files for players get the loudness of podcasts; what may be worked on stays as it is.
pub(crate) fn usual_loudness(format: Format) -> Loudness {
    match format {
        Format::Wav | Format::Flac => Loudness::Own,
        Format::Mp3 | Format::Opus => Loudness::PODCAST,
    }
}

/// How articles are spoken, by workers that give way to others where they are nice.
pub(crate) fn speech(args: &VoiceArgs, is_nice: bool, lexicon: Arc<Lexicon>) -> SpeechSettings {
    SpeechSettings {
        pauses: args.pauses.unwrap_or_default(),
        locale: args.locale.locale,
        lexicon,
        workers: workers(args.jobs, is_nice),
        ..SpeechSettings::default()
    }
}

/// The files with knowledge about words: the own lexicon, and above it those on the command line.
pub(crate) fn lexicon_files(args: &WordArgs) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = own_lexicons()?.into_iter().filter(|file| file.exists()).collect();
    files.extend(args.lexicons.iter().cloned());
    Ok(files)
}

/// The knowledge about words.
pub(crate) fn lexicon(args: &WordArgs) -> Result<Arc<Lexicon>> {
    let files = lexicon_files(args)?;
    let style = style_of(args.acronyms);
    Ok(Arc::new(Lexicon::built_in().with_user(UserLexicon::load(&files)?).with_style(style)))
}

/// The style of acronyms that an option names.
pub(crate) fn style_of(acronyms: Acronyms) -> AcronymStyle {
    match acronyms {
        Acronyms::Letters => AcronymStyle::Letters,
        Acronyms::ExpandFirst => AcronymStyle::ExpandFirst,
        Acronyms::Expand => AcronymStyle::Expand,
    }
}

/// Where the own lexicon is looked for.
pub(crate) fn own_lexicons() -> Result<[PathBuf; 2]> {
    let folder = settings_folder()?;
    Ok([folder.join("lexicon.pls"), folder.join("lexicon.toml")])
}

/// Where the user's lexicon and settings lie: in `AUDIO_REPORT_HOME`, else in the system's folder for settings.
pub(crate) fn settings_folder() -> Result<PathBuf> {
    let home = std::env::var_os("AUDIO_REPORT_HOME").filter(|home| !home.is_empty());
    if let Some(home) = home {
        return Ok(PathBuf::from(home));
    }
    match ProjectDirs::from("", "", "audio-report") {
        Some(folders) => Ok(folders.config_dir().to_path_buf()),
        None => Err(Error::new(ErrorKind::Usage, "there is no home folder to look for settings in")
            .with_cure(Cure::SetDataFolder)),
    }
}

impl From<Bits> for SampleFormat {
    fn from(bits: Bits) -> Self {
        match bits {
            Bits::Int16 => Self::Int16,
            Bits::Int24 => Self::Int24,
            Bits::Float32 => Self::Float32,
        }
    }
}
