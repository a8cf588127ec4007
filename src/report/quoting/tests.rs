use std::sync::Mutex;

use super::*;
use crate::audio::{Kept, SampleRate};
use crate::cancel::Cancel;
use crate::report::{Announcements, NarrationSettings, Summary};
use crate::synth::tone::Tone;
use crate::synth::{BlockSink, Flow, Timings, VoiceLimits};
use crate::table_test::each;
use crate::timeline::cues::{Cues, VTT_COLUMNS};
use crate::timeline::json::words;
use crate::timeline::vtt::vtt;

const STORY: &str = "Port reopens\n\n“We are all going back to work,” said Ann Lee, the mayor. Ships came back at noon.\n\n\
    The “old port” is closed. “It was a long and hard week for us. Now it is over for all who were here.\n\n“We thank everyone,” she said.";

/// Speaks like [`Tone`] at a level, and keeps what it was told to say.
struct Recorder {
    level: f32,
    rate: SampleRate,
    said: Mutex<Vec<String>>,
}

impl Recorder {
    fn new(level: f32, hertz: u32) -> Arc<Self> {
        Arc::new(Self { level, rate: SampleRate::new(hertz).unwrap(), said: Mutex::default() })
    }

    fn said(&self) -> Vec<String> {
        std::mem::take(&mut *self.said.lock().unwrap())
    }
}

impl Synthesizer for Recorder {
    fn sample_rate(&self) -> SampleRate {
        self.rate
    }
    fn limits(&self) -> VoiceLimits {
        Tone.limits()
    }
    fn has_symbol(&self, symbol: char) -> bool {
        Tone.has_symbol(symbol)
    }
    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        struct Level<'a>(&'a mut dyn BlockSink, f32);
        impl BlockSink for Level<'_> {
            fn push(&mut self, block: Vec<f32>) -> Flow {
                self.0.push(block.into_iter().map(|sample| sample * self.1).collect())
            }
            fn flow(&self) -> Flow {
                self.0.flow()
            }
        }
        self.said.lock().unwrap().push(utterance.phonemes.clone());
        Tone.synthesize(utterance, &mut Level(sink, self.level))
    }
}

fn narrate(narrator: &Narrator, text: &str, announcements: &Announcements) -> (Summary, Vec<f32>) {
    let kept = Kept::default();
    let article = Arc::new(Article::from_text(text.to_owned()));
    let settings = NarrationSettings::default();
    let narration = narrator.begin(&article, announcements, settings, &Cancel::new()).unwrap();
    let summary = narration.write_to(Box::new(kept.clone()), &mut |_| {}).unwrap();
    (summary, kept.samples())
}

/// A narrator and the two voices, which have said nothing yet.
fn narrator(dialect: Dialect, level: f32) -> (Narrator, Arc<Recorder>, Arc<Recorder>) {
    let (own, other) = (Recorder::new(1.0, 24_000), Recorder::new(level, 24_000));
    let settings = SpeechSettings::default();
    let narrator = Narrator::with_voice(&settings, own.clone(), "one");
    let narrator = narrator.quoting_with(other.clone(), "two", None, dialect, &settings).unwrap();
    drop((own.said(), other.said()));
    (narrator, own, other)
}

#[test]
fn each_voice_says_its_own_words() {
    let (narrator, own, other) = narrator(Dialect::AmericanEnglish, 1.0);
    let announced = Arc::new(Article::from_text("“Words of an announcement are the narrator’s.”".into()));
    let announcements = Announcements { before: Some(announced), after: None };
    let (summary, _) = narrate(&narrator, STORY, &announcements);
    let phonemes = |text: &str| {
        let article = Arc::new(Article::from_text(text.to_owned()));
        narrator.front_end().script(article).map(|chunk| chunk.unwrap().phonemes).collect::<String>()
    };
    let (mut said, mut quoted) = (own.said(), other.said());
    said.sort();
    quoted.sort();
    let mut want = [
        phonemes("“We are all going back to work,”").trim_end_matches('.').to_owned(),
        phonemes("“It was a long and hard week for us."),
        phonemes("Now it is over for all who were here."),
        phonemes("“We thank everyone,”").trim_end_matches('.').to_owned(),
    ];
    want.sort();
    assert_eq!(quoted, want);
    // The announcement, the headline, two sentences, and what is said around the quotations.
    assert_eq!(said.len(), 6, "{said:?}");
    assert_eq!(summary.voice, "one, quotations two");
    assert_eq!(narrator.voice(), "one, quotations two");
}

#[test]
fn without_quotations_nothing_changes() {
    let (narrator, _, other) = narrator(Dialect::BritishEnglish, 1.0);
    let text =
        "Port reopens\n\nThe “old port” is open. Ships came back at noon, and the workers’ strike ended.";
    let alone = Narrator::with_voice(&SpeechSettings::default(), Recorder::new(1.0, 24_000), "one");
    let none = Announcements::default();
    assert!(narrate(&narrator, text, &none).1 == narrate(&alone, text, &none).1);
    assert!(other.said().is_empty());
}

#[test]
fn quotations_are_as_loud_as_the_rest() {
    each([0.25, 1.0, 2.0], |level| {
        let (narrator, _, _) = narrator(Dialect::AmericanEnglish, level);
        let (summary, samples) = narrate(&narrator, STORY, &Announcements::default());
        let peak = |word: usize| {
            let word = summary.timeline.words()[word];
            samples[word.start as usize..word.end as usize].iter().fold(0_f32, |peak, x| peak.max(x.abs()))
        };
        // “Port” of the headline and “all” of the quotation.
        let (own, other) = (peak(0), peak(4));
        assert!((own - other).abs() < 0.01 * own, "{own} and {other} at {level}");
    });
}

#[test]
fn a_quotation_is_said_in_its_voices_dialect() {
    let (narrator, own, other) = narrator(Dialect::BritishEnglish, 1.0);
    narrate(
        &narrator,
        "Cars\n\n“The car is in the yard, darling,” he said. The car is far.",
        &Announcements::default(),
    );
    let (own, other) = (own.said().concat(), other.said().concat());
    assert!(own.contains("kˈɑɹ") && !other.contains("kˈɑɹ") && other.contains("kˈɑː"), "{own} {other}");
}

#[test]
fn a_comma_before_an_attribution_is_a_short_pause() {
    let (narrator, _, _) = narrator(Dialect::AmericanEnglish, 1.0);
    let rows = [
        ("“We are all going back now,” he said today.", 5, 0.12),
        ("He said: “We are all going back now.”", 1, 0.2),
        ("He says “we are all going back now” and sleeps.", 1, 0.06),
        ("“Are we all going back now?” he asked them.", 5, 0.2),
    ];
    each(rows, |(sentence, last, want)| {
        let text = format!("Port reopens\n\n{sentence}");
        let (summary, _) = narrate(&narrator, &text, &Announcements::default());
        let words = &summary.timeline.words()[2..];
        let pause = (words[last + 1].start - words[last].end) as f64 / 24_000.0;
        // The mark itself has a time, too: 0.06 s of the stand-in's silence.
        assert!(pause < want + 0.13, "{sentence}: {pause} s");
    });
}

#[test]
fn captions_name_the_speaker_where_the_sentence_does() {
    let (narrator, _, _) = narrator(Dialect::AmericanEnglish, 1.0);
    let (summary, _) = narrate(&narrator, STORY, &Announcements::default());
    let timeline = &summary.timeline;
    let written = timeline.written(STORY);
    let captions = vtt(timeline, &written, &Cues::new(timeline, &written, VTT_COLUMNS));
    assert!(captions.contains("<v Ann Lee>“We <"), "{captions}");
    assert!(captions.contains("work,”</v>"), "{captions}");
    assert_eq!(captions.matches("<v ").count(), captions.matches("</v>").count(), "{captions}");
    assert!(!captions.contains("<v she>"), "{captions}");
    let json = words(timeline, &written).unwrap();
    assert_eq!(json.matches(r#""speaker":"Ann Lee""#).count(), 7, "{json}");
    assert_eq!(json.matches("speaker").count(), 7, "{json}");
}

#[test]
fn voices_of_different_rates_are_refused() {
    let settings = SpeechSettings::default();
    each([(24_000, 22_050), (22_050, 24_000)], |(own, other)| {
        let narrator = Narrator::with_voice(&settings, Recorder::new(1.0, own), "one");
        let voice = Recorder::new(1.0, other);
        let quoting = narrator.quoting_with(voice, "two", None, Dialect::AmericanEnglish, &settings);
        let Err(error) = quoting else { panic!("{own} and {other} Hz go together") };
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.what().contains("24000") && error.what().contains("22050"), "{error}");
    });
}
