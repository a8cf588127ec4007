//! Cures of errors as codes. Each program words them in its own terms.

/// The cure of an error. The library has no words for it: a command line names its options, a server its settings,
/// both by this code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cure {
    /// Install the voice.
    InstallVoice {
        /// Its name.
        voice: String,
    },
    /// Install the voice again: that replaces the damaged files.
    ReinstallVoice {
        /// Its name.
        voice: String,
    },
    /// Choose a voice that is known.
    ChooseVoice {
        /// Known names that look like the unknown one, the most alike first.
        near: Vec<String>,
    },
    /// Write a mix of voices as names with weights between plus signs.
    WriteMix,
    /// Mix voices of one family that has styles.
    MixWithin {
        /// The families that have styles.
        families: Vec<String>,
    },
    /// Update the program, or choose another voice.
    UpdateProgram,
    /// Correct the manifest of the voices.
    MendManifest,
    /// Make the folder of the voices writable, or choose another one.
    MakeVoicesWritable,
    /// Free space where the voices are kept, or keep them on another disk.
    FreeSpaceForVoices,
    /// Say where voices and settings are kept.
    SetDataFolder,
    /// Make the folder around the file writable.
    MakeFolderWritable,
    /// Make the folder around the file writable, or remove the file's folder by hand.
    RemoveFolder,
    /// Wait until the other process is done.
    WaitForOther,
    /// Give the address of a queue as it is written.
    GiveNatsAddress,
    /// Reach the queue by TLS and with credentials, or say that nobody reads along.
    SecureQueue,
    /// Listen at another port, or an address of this machine.
    FreePort,
    /// Start the server of the queue, or check its address.
    StartQueue,
    /// Remove the stream of this name, or use another server.
    UseOtherStream,
    /// Begin again: complete files stay; a download from an address goes on where it stopped, a package comes whole.
    ResumeInstall,
    /// Allow another kind of source.
    AllowSources,
    /// Try again, set a mirror that has the file, or put the file there by hand.
    BringFile {
        /// Its name.
        file: String,
        /// Its length.
        bytes: u64,
        /// Its SHA-256 in hexadecimal digits.
        sha256: String,
    },
    /// Name only kinds of source that there are: url, pip, npm.
    NameSources,
    /// Write a whole web address.
    WriteWebAddress,
    /// Save the story's text without the page around it.
    SaveStoryAlone,
    /// Save the file as UTF-8.
    SaveAsUtf8,
    /// Save the file as UTF-8, or read it without its bad bytes.
    DropBadBytes,
    /// Take the NUL bytes out of the file, or read it without them.
    DropNuls,
    /// Give the article as text.
    GiveText,
    /// Read the story as if it were English.
    ReadAsEnglish {
        /// BCP 47 tag of the language that it is in.
        language: String,
    },
    /// Give one of the articles that the feed lists.
    NameArticle,
    /// Give a file that is not empty.
    GiveArticle,
    /// Give the page as a whole, or the story itself.
    GiveWholeStory,
    /// Open the page in a browser, and save it or copy its text from there.
    SaveFromBrowser,
    /// Remove the link, allow that it is replaced, or name another file.
    ReplaceLink,
    /// Name another file for the result.
    NameAnotherFile,
    /// Allow that the result is overwritten, or name another file.
    AllowOverwrite,
    /// Update the program: a later one wrote the manifest.
    UpdateForManifest,
    /// Move the folder's memory out of the way, or name another folder.
    SetManifestAside,
    /// Move these files out of the way, or name another folder.
    SetFilesAside,
    /// Give an export as it was written.
    GiveWholeExport,
    /// Give the address of a feed, or its file.
    GiveFeed,
    /// Run the batch again: it repairs what can be repaired.
    RunBatchAgain,
    /// Free space for the result, or write it to another disk.
    FreeSpace,
    /// Write the result to a folder that may be written to.
    NameWritableFolder,
    /// Split the article, write fewer bits a sample, or write to another disk.
    WriteLess,
    /// Look at the folder and the disk, or choose others.
    CheckFolder,
    /// Play a file of a format that is known, or convert it.
    ConvertSound,
    /// Cut the sound file, or name another.
    CutSound,
    /// Write a file instead of playing, or set a loudspeaker up.
    WriteFile,
    /// Look at what was taken for the story.
    LookAtStory,
    /// Look at the part of the article that is to be spoken.
    LookAtSpoken,
    /// Write the pause as its kind and its milliseconds.
    WritePause,
    /// Give a length within the limits.
    GiveMilliseconds {
        /// The longest.
        longest: u64,
    },
    /// Use a name that is known.
    UseOneOf {
        /// All of them.
        known: Vec<String>,
    },
    /// Leave the setting out, or use a name that is known.
    LeaveOrUseOneOf {
        /// All of them.
        known: Vec<String>,
    },
    /// Load the voice for a kernel rather than for the runtime.
    LoadForKernels,
    /// End other programs, or raise the limit of processes.
    FreeProcesses,
    /// Look at the file's name and permissions.
    CheckFile,
    /// Split the lexicon, or leave out words that are known anyway.
    SplitLexicon,
    /// Correct an entry of the lexicon.
    MendEntry {
        /// How an entry is written, in the terms of the lexicon's format.
        how: String,
        /// Entries of the file that are wrong.
        problems: usize,
    },
    /// Build the program with a feature, or choose another format.
    BuildWith {
        /// The name of the feature.
        feature: &'static str,
    },
    /// Take a variable out of the environment.
    UnsetVariable {
        /// Its name.
        name: &'static str,
    },
    /// Allow addresses of one's own networks, if the address is meant.
    AllowPrivate,
    /// Look at the address: a name, a path, or the site has changed.
    CheckAddress,
    /// Look at the network and the server.
    CheckNetwork,
    /// Give the open address itself, if it is trusted.
    GiveOpenAddress,
    /// Give the page of the story on the open web, or its text.
    GiveWebPage,
    /// Allow the network, or give a file.
    GoOnline,
    /// Correct the file with the sign-in.
    MendCredentials,
    /// Name a proxy of http or https that connects to the server.
    NameProxy,
    /// Open the page in a browser, and save or copy its text.
    OpenInBrowser,
    /// Keep other users from reading the file.
    ProtectFile,
    /// Write each token of the file as its SHA-256, with a name behind it.
    MendTokens,
    /// Name a token in letters that fit into a line.
    NameToken,
    /// Name a host without a port, a path or a scheme.
    NameHost,
    /// Give certificate and key in PEM, each in its own file.
    GivePem,
    /// Give the key that the certificate was made for.
    PairKey,
    /// Write the key without a password.
    DecryptKey,
    /// Correct the unit of the socket.
    MendSocketUnit,
    /// Give the sign-in of the site, or save the page from a browser.
    SignIn,
    /// Give name and password in a file rather than in the address.
    UseCredentialsFile,
    /// Try again later.
    RetryLater {
        /// The wait that the server asks for.
        seconds: Option<u64>,
    },
    /// Mend what a podcast's feed is written of.
    MendShow {
        /// The name of the rule that is broken.
        rule: &'static str,
    },
    /// Give a picture that the rules for covers allow.
    MendCover,
    /// Get the file again: it is damaged, cut off, or not what it should be.
    AskForWholeFile,
    /// Pack fewer files into an archive.
    SplitArchive,
    /// Unpack the archive by hand, and pack it again in the usual way.
    PackAgain,
    /// Take the inner archive out, and give it by itself.
    GiveInnerArchive,
    /// Save the document as Word does today, or as text.
    SaveAsDocx,
    /// Give the story as its page or text; a PDF knows letters and their places, and no paragraphs.
    ConvertPdf,
    /// Give an item that holds the text of a story.
    GiveTextItem,
    /// Give each story in a file of its own.
    SplitStories,
    /// Name one of the articles in the archive.
    NameMember {
        /// The name of the first, as an input.
        first: String,
    },
    /// Wait for the hour of a story, or read it all the same.
    AwaitEmbargo {
        /// The hour, in seconds since 1970; `None` where it is not known.
        until: Option<i64>,
    },
    /// Take back what was published of a story.
    Withdraw {
        /// The name that its agency gives it.
        guid: Option<String>,
    },
    /// Advice that a program around the library adds to an error, in its own words. The library makes none.
    Other(Box<str>),
}

impl Cure {
    /// A program's own advice, see [`Cure::Other`].
    pub(crate) fn other(words: impl Into<Box<str>>) -> Self {
        Self::Other(words.into())
    }

    /// The name of the code, without its data.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::InstallVoice { .. } => "install-voice",
            Self::ReinstallVoice { .. } => "reinstall-voice",
            Self::ChooseVoice { .. } => "choose-voice",
            Self::WriteMix => "write-mix",
            Self::MixWithin { .. } => "mix-within",
            Self::UpdateProgram => "update-program",
            Self::MendManifest => "mend-manifest",
            Self::UpdateForManifest => "update-for-manifest",
            Self::SetManifestAside => "set-manifest-aside",
            Self::SetFilesAside => "set-files-aside",
            Self::GiveWholeExport => "give-whole-export",
            Self::GiveFeed => "give-feed",
            Self::RunBatchAgain => "run-batch-again",
            Self::MakeVoicesWritable => "make-voices-writable",
            Self::FreeSpaceForVoices => "free-space-for-voices",
            Self::SetDataFolder => "set-data-folder",
            Self::MakeFolderWritable => "make-folder-writable",
            Self::RemoveFolder => "remove-folder",
            Self::WaitForOther => "wait-for-other",
            Self::GiveNatsAddress => "give-nats-address",
            Self::SecureQueue => "secure-queue",
            Self::FreePort => "free-port",
            Self::StartQueue => "start-queue",
            Self::UseOtherStream => "use-other-stream",
            Self::ResumeInstall => "resume-install",
            Self::AllowSources => "allow-sources",
            Self::BringFile { .. } => "bring-file",
            Self::NameSources => "name-sources",
            Self::WriteWebAddress => "write-web-address",
            Self::SaveStoryAlone => "save-story-alone",
            Self::SaveAsUtf8 => "save-as-utf-8",
            Self::DropBadBytes => "drop-bad-bytes",
            Self::DropNuls => "drop-nuls",
            Self::GiveText => "give-text",
            Self::ReadAsEnglish { .. } => "read-as-english",
            Self::NameArticle => "name-article",
            Self::GiveArticle => "give-article",
            Self::GiveWholeStory => "give-whole-story",
            Self::SaveFromBrowser => "save-from-browser",
            Self::ReplaceLink => "replace-link",
            Self::NameAnotherFile => "name-another-file",
            Self::AllowOverwrite => "allow-overwrite",
            Self::FreeSpace => "free-space",
            Self::NameWritableFolder => "name-writable-folder",
            Self::WriteLess => "write-less",
            Self::CheckFolder => "check-folder",
            Self::ConvertSound => "convert-sound",
            Self::CutSound => "cut-sound",
            Self::WriteFile => "write-file",
            Self::LookAtStory => "look-at-story",
            Self::LookAtSpoken => "look-at-spoken",
            Self::WritePause => "write-pause",
            Self::GiveMilliseconds { .. } => "give-milliseconds",
            Self::UseOneOf { .. } => "use-one-of",
            Self::LeaveOrUseOneOf { .. } => "leave-or-use-one-of",
            Self::LoadForKernels => "load-for-kernels",
            Self::FreeProcesses => "free-processes",
            Self::CheckFile => "check-file",
            Self::SplitLexicon => "split-lexicon",
            Self::MendEntry { .. } => "mend-entry",
            Self::BuildWith { .. } => "build-with",
            Self::UnsetVariable { .. } => "unset-variable",
            Self::AllowPrivate => "allow-private",
            Self::CheckAddress => "check-address",
            Self::CheckNetwork => "check-network",
            Self::GiveOpenAddress => "give-open-address",
            Self::GiveWebPage => "give-web-page",
            Self::GoOnline => "go-online",
            Self::MendCredentials => "mend-credentials",
            Self::NameProxy => "name-proxy",
            Self::OpenInBrowser => "open-in-browser",
            Self::ProtectFile => "protect-file",
            Self::MendTokens => "mend-tokens",
            Self::NameToken => "name-token",
            Self::NameHost => "name-host",
            Self::GivePem => "give-pem",
            Self::PairKey => "pair-key",
            Self::DecryptKey => "decrypt-key",
            Self::MendSocketUnit => "mend-socket-unit",
            Self::SignIn => "sign-in",
            Self::UseCredentialsFile => "use-credentials-file",
            Self::RetryLater { .. } => "retry-later",
            Self::MendShow { .. } => "mend-show",
            Self::MendCover => "mend-cover",
            Self::AskForWholeFile => "ask-for-whole-file",
            Self::SplitArchive => "split-archive",
            Self::PackAgain => "pack-again",
            Self::GiveInnerArchive => "give-inner-archive",
            Self::SaveAsDocx => "save-as-docx",
            Self::ConvertPdf => "convert-pdf",
            Self::GiveTextItem => "give-text-item",
            Self::SplitStories => "split-stories",
            Self::NameMember { .. } => "name-member",
            Self::AwaitEmbargo { .. } => "await-embargo",
            Self::Withdraw { .. } => "withdraw",
            Self::Other(_) => "other",
        }
    }
}
