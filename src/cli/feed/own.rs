//! How the articles of one feed of a list are made, where it differs from the others.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;

use super::list::beside;
use crate::audio::Speed;
use crate::cli::announce::Template;
use crate::cli::args::MakingArgs;
use crate::cli::args::announce::Announce;
use crate::cli::args::common::{AroundArgs, SpeechArgs};
use crate::cli::manner::Manner;
use crate::cli::preset::Preset;

/// What differs; what is not named is as for all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct OwnMaking {
    voice: Option<String>,
    voice_quotes: Option<String>,
    fast: Option<bool>,
    speed: Option<f32>,
    preset: Option<String>,
    intro: Option<PathBuf>,
    outro: Option<PathBuf>,
    bed: Option<PathBuf>,
    lexicon: Option<PathBuf>,
    cover: Option<PathBuf>,
    announce: Option<String>,
    announce_before: Option<String>,
    announce_after: Option<String>,
    strict: Option<bool>,
    auth_file: Option<PathBuf>,
}

impl OwnMaking {
    /// Its keys.
    pub(super) const NAMES: [&str; 15] = [
        "voice",
        "voice-quotes",
        "fast",
        "speed",
        "preset",
        "intro",
        "outro",
        "bed",
        "lexicon",
        "cover",
        "announce",
        "announce-before",
        "announce-after",
        "strict",
        "auth-file",
    ];

    /// Whether nothing differs.
    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// The same with its paths from the list's folder.
    pub(super) fn beside(self, folder: &Path) -> Self {
        let from = |path: Option<PathBuf>| path.map(|path| beside(folder, &path));
        Self {
            intro: from(self.intro),
            outro: from(self.outro),
            bed: from(self.bed),
            lexicon: from(self.lexicon),
            cover: from(self.cover),
            auth_file: from(self.auth_file),
            ..self
        }
    }

    /// The file with its sign-ins, which counts in the stead of the one for all.
    pub(super) fn auth_file(&self) -> Option<&Path> {
        self.auth_file.as_deref()
    }

    /// What is wrong with a value, so that it is told before anything is fetched.
    pub(super) fn check(&self) -> Result<(), String> {
        self.speed()?;
        chosen::<Preset>("preset", self.preset.as_deref())?;
        chosen::<Announce>("announce", self.announce.as_deref())?;
        let templates = self.announce_before.iter().chain(&self.announce_after);
        templates.map(|text| Template::parse(text)).collect::<Result<Vec<_>, _>>().map(|_| ())
    }

    fn speed(&self) -> Result<Option<Speed>, String> {
        let Some(speed) = self.speed else { return Ok(None) };
        let within = Speed::new(speed).filter(|_| (0.5..=2.0).contains(&speed));
        within.map(Some).ok_or_else(|| "speed must be from 0.5 to 2".to_string())
    }

    /// Changes what differs; the error says what is wrong with a value.
    pub(super) fn apply(&self, making: &mut MakingArgs) -> Result<(), String> {
        let MakingArgs { speech, input, form, around, strict, manner, .. } = making;
        let SpeechArgs { voice, quotes, words } = speech;
        let AroundArgs { announce, music, tags, .. } = around;
        set_some(&mut voice.voice, self.voice.as_ref());
        set_some(&mut quotes.voice_quotes, self.voice_quotes.as_ref());
        voice.fast = self.fast.unwrap_or(voice.fast);
        voice.speed = self.speed()?.unwrap_or(voice.speed);
        set_some(&mut form.preset, chosen("preset", self.preset.as_deref())?.as_ref());
        for (of_all, own) in
            [(&mut music.intro, &self.intro), (&mut music.outro, &self.outro), (&mut music.bed, &self.bed)]
        {
            set_some(of_all, own.as_ref());
        }
        words.lexicons.extend(self.lexicon.clone());
        set_some(&mut tags.cover, self.cover.as_ref());
        announce.announce = chosen("announce", self.announce.as_deref())?.unwrap_or(announce.announce);
        for (of_all, own) in [
            (&mut announce.announce_before, &self.announce_before),
            (&mut announce.announce_after, &self.announce_after),
        ] {
            let template = own.as_deref().map(Template::parse).transpose()?;
            set_some(of_all, template.as_ref());
        }
        *strict = self.strict.unwrap_or(*strict);
        *manner = Manner {
            voice: self.voice.clone(),
            fast: self.fast,
            voice_quotes: self.voice_quotes.clone(),
            speed: self.speed,
            has_lexicons: self.lexicon.is_some(),
            words: None,
        };
        set_some(&mut input.web.auth_file, self.auth_file.as_ref());
        Ok(())
    }
}

fn set_some<T: Clone>(of_all: &mut Option<T>, own: Option<&T>) {
    if let Some(own) = own {
        *of_all = Some(own.clone());
    }
}

/// One of the values that an option has.
fn chosen<T: ValueEnum>(name: &str, value: Option<&str>) -> Result<Option<T>, String> {
    let Some(value) = value else { return Ok(None) };
    T::from_str(value, true).map(Some).map_err(|_| {
        let known = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let known: Vec<String> = known.map(|known| known.get_name().to_string()).collect();
        format!("{name} is one of {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::asked::Asked;
    use crate::cli::args::{Cli, Command};
    use crate::table_test::each;

    fn usual() -> MakingArgs {
        let cli =
            Cli::try_parse_from(["audio-report", "feed", "x", "--preset", "web", "--voice", "a"]).unwrap();
        let Command::Feed(Asked(args)) = cli.command else { panic!("another command") };
        args.making
    }

    #[test]
    fn what_is_named_differs_and_the_rest_is_as_for_all() {
        let own: OwnMaking = toml::from_str(
            "voice = 'bf_emma'\nspeed = 1.5\npreset = 'Podcast'\nintro = 'in.wav'\nlexicon = 'own.toml'\nannounce = 'none'\n\
             announce-after = 'From {title}.'\nstrict = true\nauth-file = 'paper.toml'",
        )
        .unwrap();
        let own = own.beside(Path::new("lists"));
        let mut making = usual();
        own.apply(&mut making).unwrap();
        assert_eq!(making.speech.voice.voice.as_deref(), Some("bf_emma"));
        assert_eq!(
            (making.speech.voice.speed.factor(), making.form.preset, making.strict),
            (1.5, Some(Preset::Podcast), true)
        );
        assert_eq!(making.around.music.intro.as_deref(), Some(Path::new("lists/in.wav")));
        assert_eq!(
            (making.speech.words.lexicons, making.around.announce.announce),
            (vec!["lists/own.toml".into()], Announce::None)
        );
        assert_eq!(making.input.web.auth_file.as_deref(), Some(Path::new("lists/paper.toml")));
        assert!(
            making.around.announce.announce_after.is_some()
                && making.around.announce.announce_before.is_none()
        );
        let mut making = usual();
        OwnMaking::default().apply(&mut making).unwrap();
        assert_eq!(
            (making.form.preset, making.speech.voice.voice.as_deref()),
            (Some(Preset::Web), Some("a"))
        );
        assert!(OwnMaking::default().is_usual() && !own.is_usual());
    }

    #[test]
    fn wrong_values_are_told() {
        let rows = [
            ("speed = 9.0", "0.5 to 2"),
            ("preset = 'loud'", "podcast, broadcast, web, archive"),
            ("announce = 'x'", "usual, none"),
            ("announce-before = '{x'", ""),
        ];
        each(rows, |(text, words)| {
            let own: OwnMaking = toml::from_str(text).unwrap();
            let error = own.apply(&mut usual()).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        });
    }
}
