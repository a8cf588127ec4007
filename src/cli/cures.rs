//! The cures of errors, in the words of the command line.

use crate::error::{Cure, Error, printable};

/// The whole story of an error on a few lines: what, where, each cause, the cure.
pub(crate) fn report(error: &Error) -> String {
    match words(error) {
        Some(words) => format!("{}\n  what to do: {words}", error.story()),
        None => error.story(),
    }
}

/// The cure of an error in words.
pub(crate) fn words(error: &Error) -> Option<String> {
    error.cure().map(|cure| match cure {
        Cure::InstallVoice { voice } => format!("install it once with: audio-report voices install {voice}"),
        Cure::ReinstallVoice { voice } => {
            format!("run `audio-report voices install {voice}`: it replaces the file")
        }
        Cure::ChooseVoice { near } if near.is_empty() => {
            "`audio-report voices list` shows all voices".to_owned()
        }
        Cure::ChooseVoice { near } => {
            format!("did you mean {}? `audio-report voices list` shows all voices", near.join(" or "))
        }
        Cure::MixWithin { families } => {
            format!("mix voices of one family ({}): audio-report voices list", families.join(", "))
        }
        Cure::BringFile { file, bytes, sha256 } => format!(
            "check the network and install again, or set AUDIO_REPORT_VOICE_URL to a mirror that has {file}, or put that \
             file ({bytes} bytes, SHA-256 {sha256}) there yourself"
        ),
        Cure::ReadAsEnglish { .. } => {
            "give the story in English, or read it as if it were English with --language en".to_owned()
        }
        Cure::GiveMilliseconds { longest } => format!("give whole milliseconds from 0 to {longest}"),
        Cure::UseOneOf { known } => format!("use one of: {}", known.join(", ")),
        Cure::LeaveOrUseOneOf { known } => format!("leave it unset, or name one of {}", known.join(", ")),
        Cure::MendEntry { how, problems: 0 | 1 } => how.clone(),
        Cure::MendEntry { how, problems } => {
            let file = error.place().and_then(|place| place.file.as_deref());
            let file = file.map_or_else(|| "FILE".to_owned(), |file| printable(&file.to_string_lossy()));
            format!("{how}; all {problems} problems: audio-report lexicon check {file}")
        }
        Cure::BuildWith { feature } => {
            format!("build it with `--features {feature}`, or write a WAV: --format wav")
        }
        Cure::UnsetVariable { name } => format!("unset {name}"),
        Cure::MendShow { rule } => {
            format!("mend what the feed is made of: `audio-report podcast rules` has the rule {rule} with its cure")
        }
        Cure::RetryLater { seconds: Some(seconds) } => format!("try again in {}", waiting(*seconds)),
        Cure::RetryLater { seconds: None } => "try again later".to_owned(),
        Cure::ProtectFile => {
            let file = error.place().and_then(|place| place.file.as_deref());
            let file = file.map_or_else(|| "FILE".to_owned(), |file| printable(&file.to_string_lossy()));
            format!("keep it for yourself: chmod 600 {file}")
        }
        Cure::WriteFile => {
            let device = "; or name a device that works as pcm.!default in ~/.asoundrc (aplay -L lists them)";
            let device = if cfg!(target_os = "linux") { device } else { "" };
            format!("write a file instead: audio-report read FILE{device}")
        }
        Cure::NameMember { first } if first.contains("://") => {
            "save the archive, and name one of its articles, or read all: audio-report batch FILE.zip".to_owned()
        }
        Cure::NameMember { first } => format!("name one, for example {first}, or read all: audio-report batch FILE.zip"),
        Cure::AwaitEmbargo { until: Some(_) } => {
            "read it again after that hour, or now with --ignore-embargo; what you make must not be published before".to_owned()
        }
        Cure::AwaitEmbargo { until: None } => {
            "wait for the agency's next version, or read it now with --ignore-embargo; what you make must not be published".to_owned()
        }
        Cure::Withdraw { .. } => {
            "read no more of it, and take back what you made of it before".to_owned()
        }
        Cure::Other(words) => words.to_string(),
        plain => of_web(plain).or_else(|| of_serve(plain)).or_else(|| of_newsroom(plain)).or_else(|| of_results(plain)).unwrap_or_else(|| of_plain(plain)).to_owned(),
    })
}

/// A wait as people say it.
fn waiting(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{} s", seconds.max(1)),
        120..=7_199 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}

/// The words of a code about addresses.
fn of_web(cure: &Cure) -> Option<&'static str> {
    Some(match cure {
        Cure::AllowPrivate => "if you mean a server of your own network, allow it with --allow-private",
        Cure::CheckAddress => {
            "check the address in a browser: it may be misspelt, or the page may have moved"
        }
        Cure::CheckNetwork => {
            "check the network, and in a browser whether the site answers; where a proxy is needed, name it with --proxy"
        }
        Cure::GiveOpenAddress => {
            "if you trust the way to it, give the address that begins with http: yourself"
        }
        Cure::GiveWebPage => {
            "give the address of the story's own page (https://…), or copy its text into a file and read that"
        }
        Cure::GoOnline => "leave out --offline, or save the page and give its file",
        Cure::MendCredentials => {
            "write it as TOML: [\"https://host\"] and under it bearer = \"…\", or cookie = \"…\", or user = \"…\" and password = \"…\""
        }
        Cure::NameProxy => {
            "name one as --proxy http://host:port, or `--proxy env` for that of HTTPS_PROXY, or leave it out"
        }
        Cure::OpenInBrowser => "open it in a browser, and copy its text or save it from there",
        Cure::SignIn => {
            "if you have a sign-in, give it in a file with --auth-file; or open the page in a browser, and copy its text or save it \
             from there"
        }
        Cure::UseCredentialsFile => "take them out of the address, and give them in a file with --auth-file",
        _ => return None,
    })
}

/// Cures of a server's settings.
fn of_serve(cure: &Cure) -> Option<&'static str> {
    Some(match cure {
        Cure::MendTokens => {
            "write a line for each token, its SHA-256 in 64 hexadecimal digits and a name; `audio-report serve --new-token NAME \
             --token-file FILE` makes a token and adds its line"
        }
        Cure::NameToken => "give a short name of letters and digits, for example --new-token laptop",
        Cure::NameHost => "give a name or an address alone, for example --host speech.example",
        Cure::GivePem => {
            "give the certificate, with those between it and its authority, in PEM (-----BEGIN CERTIFICATE-----) as --tls-cert, and its \
             key (-----BEGIN PRIVATE KEY-----) as --tls-key"
        }
        Cure::PairKey => {
            "give the key with which the certificate was asked for, or ask for a new certificate"
        }
        Cure::DecryptKey => {
            "write it without a password, for yourself alone: (umask 077; openssl pkey -in KEY -out server.key)"
        }
        Cure::MendSocketUnit => "give only ListenStream= with a port in the .socket unit",
        _ => return None,
    })
}

/// The words of a code about documents and archives.
fn of_newsroom(cure: &Cure) -> Option<&'static str> {
    Some(match cure {
        Cure::AskForWholeFile => {
            "get the file again from where it came: it is damaged, cut off, or no such file"
        }
        Cure::SplitArchive => "pack fewer or smaller files into one archive",
        Cure::PackAgain => {
            "unpack it with a program that you trust, and give the files, or pack them again without password"
        }
        Cure::GiveInnerArchive => "take the inner archive out, and give it by itself",
        Cure::SaveAsDocx => "open it in its program, and save it as .docx or as text",
        Cure::ConvertPdf => {
            "a PDF holds letters and their places, and no paragraphs: give the story's page or Word file, or copy its text into a file \
             (pdftotext FILE.pdf story.txt does it), and look through that"
        }
        Cure::GiveTextItem => {
            "give an item with the text of one story: NewsML-G2 or ninjs with its body, or NITF"
        }
        Cure::SplitStories => {
            "give it as a file to read or batch, which take each of its stories, or name one as FILE/STORY; here save one as a file of its own"
        }
        _ => return None,
    })
}

/// The words of a code about results and their folder.
fn of_results(cure: &Cure) -> Option<&'static str> {
    Some(match cure {
        Cure::ReplaceLink => "remove the link, replace it with --force, or name another file with -o",
        Cure::NameAnotherFile => "name another file with -o",
        Cure::AllowOverwrite => "overwrite it with --force, or name another file with -o",
        Cure::UpdateForManifest => "update audio-report, or name another folder with -o",
        Cure::SetManifestAside => {
            "move the hidden folder .audio-report in it away, or name another folder with -o"
        }
        Cure::SetFilesAside => "move these files away, or name another folder with -o",
        Cure::GiveWholeExport => "give a file as audio-report store export has written it",
        Cure::RunBatchAgain => "run the batch again: it puts the last whole copy in its place",
        Cure::FreeSpace => {
            "make room (an hour of sound takes 173 MB as WAV, 14 to 130 MB in other formats), or write to another disk with -o"
        }
        Cure::NameWritableFolder => "choose a folder that you may write to with -o",
        Cure::WriteLess => {
            "split the article, write fewer bits with --bits 16 or --format mp3, or write to another disk with -o"
        }
        Cure::CheckFolder => "check the folder and the disk, or choose another with -o",
        Cure::GiveFeed => {
            "give the address or the file of a feed (RSS, Atom, JSON Feed): sites link to it as “RSS”, or in the head of their pages"
        }
        _ => return None,
    })
}

/// The words of a code without data.
#[expect(clippy::too_many_lines, reason = "a line for each code")]
fn of_plain(cure: &Cure) -> &'static str {
    match cure {
        Cure::UpdateProgram => "update audio-report, or choose another voice: audio-report voices list",
        Cure::WriteMix => {
            "write two to eight voices with a weight or without, for example --voice 'af_bella(2)+af_sky'"
        }
        Cure::MendManifest => "mend the voice manifest",
        Cure::MakeVoicesWritable => "make the folder writable, or set AUDIO_REPORT_HOME to another one",
        Cure::FreeSpaceForVoices => {
            "free some space, or set AUDIO_REPORT_HOME to a folder on another disk, and install again"
        }
        Cure::SetDataFolder => "set AUDIO_REPORT_HOME to a folder",
        Cure::MakeFolderWritable => "make its folder writable",
        Cure::RemoveFolder => "make its folder writable, or remove the folder yourself",
        Cure::WaitForOther => "wait until it is done",
        Cure::GiveNatsAddress => "write it as nats://HOST:PORT, or tls://HOST:PORT",
        Cure::SecureQueue => {
            "give --nats-creds, and --tls-ca or tls://; where only your own machines reach the queue, --insecure (of serve: --insecure-queue)"
        }
        Cure::FreePort => "give another port, or an address of this machine",
        Cure::StartQueue => "check its address, and that nats-server runs with JetStream (nats-server -js)",
        Cure::UseOtherStream => "remove that stream (nats stream rm), or use another server or account",
        Cure::ResumeInstall => {
            "run it again: files that are complete stay, and a download from an address goes on where it stopped"
        }
        Cure::AllowSources => "unset AUDIO_REPORT_SOURCES, or add another kind to it (url, pip, npm)",
        Cure::NameSources => "use a list of url, pip and npm, such as AUDIO_REPORT_SOURCES=pip,npm",
        Cure::WriteWebAddress => "write it as https://host/folder",
        Cure::SaveStoryAlone => "save the story's text alone, and read that",
        Cure::SaveAsUtf8 => "save it as UTF-8",
        Cure::DropBadBytes => "save it as UTF-8, or read on without the bad bytes with --lossy",
        Cure::DropNuls => "give the article as UTF-8 text, or read on without such bytes with --lossy",
        Cure::GiveText => "give the article as a UTF-8 text file, or pipe its text in",
        Cure::NameArticle => "give the page of one of its articles",
        Cure::GiveArticle => "give a file that holds an article's text",
        Cure::GiveWholeStory => "copy the story itself into the file, or fetch the whole page",
        Cure::SaveFromBrowser => {
            "a page that is filled by scripts (JavaScript), or shows only a part without a subscription, holds no story when \
             it is fetched: open it in a browser, and copy its text or save it from there"
        }
        Cure::CutSound => "cut it with a sound editor, or name another file",
        Cure::ConvertSound => {
            "give a WAV, FLAC, MP3, Opus, Ogg Vorbis or M4A (AAC) file, or convert it: ffmpeg -i FILE sound.wav"
        }
        Cure::LookAtStory => {
            "look at what was kept and left out: audio-report explain --stage article FILE; leave out --strict to read it all the same"
        }
        Cure::LookAtSpoken => "look at what is left of it: audio-report explain --stage spoken FILE",
        Cure::WritePause => "write it as kind=milliseconds, for example sentence=300,paragraph=700",
        Cure::LoadForKernels => "load the voice for one of the kernels",
        Cure::FreeProcesses => "end other programs, or raise the limit of processes",
        Cure::CheckFile => "check its name and permissions",
        Cure::MendCover => {
            "give a square JPEG or PNG of 1400 to 3000 pixels, in RGB and without transparency, or none: then one is drawn"
        }
        Cure::SplitLexicon => {
            "split it, or leave out the words that the dictionaries know: audio-report lexicon unknown INPUT"
        }
        // `words`, `of_web`, `of_newsroom` and `of_results` have these. They are named, so that a new code without words does not compile.
        Cure::InstallVoice { .. }
        | Cure::ReinstallVoice { .. }
        | Cure::ChooseVoice { .. }
        | Cure::MixWithin { .. }
        | Cure::BringFile { .. }
        | Cure::ReadAsEnglish { .. }
        | Cure::GiveMilliseconds { .. }
        | Cure::UseOneOf { .. }
        | Cure::LeaveOrUseOneOf { .. }
        | Cure::MendEntry { .. }
        | Cure::BuildWith { .. }
        | Cure::UnsetVariable { .. }
        | Cure::MendShow { .. }
        | Cure::AllowPrivate
        | Cure::CheckAddress
        | Cure::CheckNetwork
        | Cure::GiveOpenAddress
        | Cure::GiveWebPage
        | Cure::GoOnline
        | Cure::MendCredentials
        | Cure::NameProxy
        | Cure::OpenInBrowser
        | Cure::SignIn
        | Cure::MendTokens
        | Cure::NameToken
        | Cure::NameHost
        | Cure::GivePem
        | Cure::PairKey
        | Cure::DecryptKey
        | Cure::MendSocketUnit
        | Cure::UseCredentialsFile
        | Cure::RetryLater { .. }
        | Cure::ProtectFile
        | Cure::WriteFile
        | Cure::NameMember { .. }
        | Cure::AskForWholeFile
        | Cure::SplitArchive
        | Cure::PackAgain
        | Cure::GiveInnerArchive
        | Cure::SaveAsDocx
        | Cure::ConvertPdf
        | Cure::GiveTextItem
        | Cure::SplitStories
        | Cure::AwaitEmbargo { .. }
        | Cure::Withdraw { .. }
        | Cure::ReplaceLink
        | Cure::NameAnotherFile
        | Cure::AllowOverwrite
        | Cure::UpdateForManifest
        | Cure::SetManifestAside
        | Cure::SetFilesAside
        | Cure::GiveWholeExport
        | Cure::RunBatchAgain
        | Cure::FreeSpace
        | Cure::NameWritableFolder
        | Cure::WriteLess
        | Cure::CheckFolder
        | Cure::GiveFeed
        | Cure::Other(_) => cure.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Place};
    use crate::table_test::each;

    #[test]
    fn a_report_says_what_where_why_and_the_cure() {
        let error = Error::new(ErrorKind::Encoding, "this is not UTF-8 text")
            .at(Place::file("a.txt").line(3, 7))
            .because(std::io::Error::other("bad byte"));
        let story = "this is not UTF-8 text\n  where: a.txt:3:7\n  why: bad byte";
        assert_eq!(report(&error), story);
        let want = "  what to do: save it as UTF-8, or read on without the bad bytes with --lossy";
        assert_eq!(report(&error.with_cure(Cure::DropBadBytes)), format!("{story}\n{want}"));
    }

    #[test]
    fn codes_with_data_are_worded() {
        let known = vec!["en-US".to_owned(), "en-GB".to_owned()];
        let rows = [
            (Cure::ChooseVoice { near: Vec::new() }, "`audio-report voices list` shows all voices"),
            (
                Cure::ChooseVoice { near: vec!["af_heart".into(), "bm_two".into()] },
                "did you mean af_heart or bm_two? `audio-report voices list` shows all voices",
            ),
            (Cure::UseOneOf { known }, "use one of: en-US, en-GB"),
            (
                Cure::MixWithin { families: vec!["kokoro-en".into()] },
                "mix voices of one family (kokoro-en): audio-report voices list",
            ),
            (
                Cure::ReadAsEnglish { language: "de".into() },
                "give the story in English, or read it as if it were English with --language en",
            ),
            (Cure::GiveMilliseconds { longest: 10_000 }, "give whole milliseconds from 0 to 10000"),
            (Cure::MendEntry { how: "close it".into(), problems: 1 }, "close it"),
            (
                Cure::MendEntry { how: "close it".into(), problems: 2 },
                "close it; all 2 problems: audio-report lexicon check own.pls",
            ),
            (Cure::RetryLater { seconds: None }, "try again later"),
            (Cure::RetryLater { seconds: Some(0) }, "try again in 1 s"),
            (Cure::RetryLater { seconds: Some(90) }, "try again in 90 s"),
            (Cure::RetryLater { seconds: Some(121) }, "try again in 3 minutes"),
            (Cure::RetryLater { seconds: Some(86_400) }, "try again in 24 hours"),
            (Cure::ProtectFile, "keep it for yourself: chmod 600 own.pls"),
            (Cure::other("name a word"), "name a word"),
        ];
        each(rows, |(cure, want)| {
            let error = Error::new(ErrorKind::Usage, "wrong").at(Place::file("own.pls")).with_cure(cure);
            assert_eq!(words(&error).as_deref(), Some(want));
        });
    }
}
