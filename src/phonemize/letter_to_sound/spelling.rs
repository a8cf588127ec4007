//! Which spelling system a word in Latin letters follows, guessed from its letters.

/// How a word is spelled, which decides what its letters stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Spelling {
    English,
    Continental,
    Slavic,
    Korean,
    Pinyin,
    Japanese,
}

impl Spelling {
    /// The spelling whose rules stand under `[heading]` in the table.
    pub(super) fn of_heading(heading: &str) -> Option<Self> {
        Some(match heading {
            "[english]" => Self::English,
            "[continental]" => Self::Continental,
            "[slavic]" => Self::Slavic,
            "[korean]" => Self::Korean,
            "[pinyin]" => Self::Pinyin,
            "[japanese]" => Self::Japanese,
            _ => return None,
        })
    }
}

/// The longest word that may be taken for romanised Korean, Chinese or Japanese.
const LONGEST_ROMANISED: usize = 24;

const KOREAN: Syllables = Syllables {
    onsets: "kk tt pp ss jj ch sh g k n d t r m b p s j h",
    nuclei: "yeo yae wae eo eu ae oe ui oo ya ye yo yu wa wo we wi a e i o u",
    codas: "ng k n l m p t",
};
const PINYIN: Syllables = Syllables {
    onsets: "zh ch sh b p m f d t n l g k h j q x r z c s y w",
    nuclei: "iao uai ai ei ao ou ia ie iu ua ue ui uo io a e i o u",
    codas: "ng n",
};
const JAPANESE: Syllables = Syllables {
    onsets: "ssh tch kky ky gy ny hy by py my ry sh ch ts kk ss tt pp k g s z j t d n h f b p m y r w",
    nuclei: "a i u e o",
    codas: "n",
};
/// Letters that no Hepburn syllable has.
const NEVER_JAPANESE: &str = "\
    si ti tu hu zi di du fa fe fi fo ye yi wi wu we";
/// Letters that show a word to be Japanese when it ends in a way English words do too.
const SURELY_JAPANESE: &str = "\
    shi chi tsu ky ry hy gy uke aka ke$";
const SURELY_PINYIN: &str = "\
    x q zh uo iang uang iong iao eng jin jia zha ui$ iu$ ian$";
const SURELY_KOREAN: &str = "\
    eo eu ae oo yun yung";
const SLAVIC_ENDINGS: &str = "\
    sky ski skyi skyy skiy skaya ska ov ev off ova eva enko chuk yuk iuk vych vich vic vicz \
    wicz insk ansk etsk irsk grad gorod ivka ivsk czyk czak shvili dze yan nets slav slaw \
    mir";

/// Letters of names that are read the English way.
const LOOKS_ENGLISH: &str = "\
    ck gh wh th ee oo tch ea ow aw qu ou x y$ e$ er$ ers$ on$ ns$ man$ ford$ ell$ ing$ ed$ \
    land$ ss$ ism$ ist$ um$ us$ ian$ es$ ic$ nt$ ld$ is$ ds$ ts$ ks$ rs$ ms$";

/// The pieces that a romanisation builds its syllables from.
struct Syllables {
    /// Consonants before the vowel; none is possible too.
    onsets: &'static str,
    nuclei: &'static str,
    /// Consonants after the vowel; none is possible too.
    codas: &'static str,
}

impl Syllables {
    /// The least number of syllables that make up exactly the whole word, if any do.
    fn count_in(&self, word: &str) -> Option<usize> {
        let mut fewest: Vec<Option<usize>> = vec![None; word.len() + 1];
        fewest[0] = Some(0);
        for start in 0..word.len() {
            let Some(before) = fewest[start] else {
                continue;
            };
            let rest = &word.as_bytes()[start..];
            for onset in self.onsets.split(' ').chain([""]).filter(|onset| rest.starts_with(onset.as_bytes()))
            {
                let rest = &rest[onset.len()..];
                for nucleus in self.nuclei.split(' ').filter(|nucleus| rest.starts_with(nucleus.as_bytes())) {
                    let rest = &rest[nucleus.len()..];
                    for coda in
                        self.codas.split(' ').chain([""]).filter(|coda| rest.starts_with(coda.as_bytes()))
                    {
                        let end = start + onset.len() + nucleus.len() + coda.len();
                        fewest[end] = Some(fewest[end].map_or(before + 1, |known| known.min(before + 1)));
                    }
                }
            }
        }
        fewest[word.len()]
    }
}

/// Whether a word has one of the pieces; a piece with a final `$` must end it.
fn has_any(word: &str, pieces: &str) -> bool {
    pieces.split(' ').any(|piece| match piece.strip_suffix('$') {
        Some(ending) => word.ends_with(ending),
        None => word.contains(piece),
    })
}

/// Guesses the spelling system of folded letters.
pub(super) fn guess_spelling(letters: &[char], is_name: bool) -> Spelling {
    let word: String = letters.iter().collect();
    if word.is_ascii() && is_name && letters.len() <= LONGEST_ROMANISED {
        if has_any(&word, SURELY_PINYIN) && PINYIN.count_in(&word).is_some_and(|count| count <= 3) {
            return Spelling::Pinyin;
        }
        let in_korean = word.strip_prefix('l').map_or_else(|| word.clone(), |rest| format!("r{rest}"));
        if has_any(&word, SURELY_KOREAN) && KOREAN.count_in(&in_korean).is_some_and(|count| count <= 4) {
            return Spelling::Korean;
        }
        let syllables = JAPANESE.count_in(&word).filter(|_| !has_any(&word, NEVER_JAPANESE));
        let sure = word.ends_with(['a', 'i', 'o', 'u']) || has_any(&word, SURELY_JAPANESE);
        if sure && syllables.is_some_and(|count| count >= 2) {
            return Spelling::Japanese;
        }
    }
    if is_name && letters.len() > 4 && SLAVIC_ENDINGS.split(' ').any(|ending| word.ends_with(ending)) {
        return Spelling::Slavic;
    }
    let foreign_end = word.ends_with(['a', 'i', 'o', 'u', 'é']) && !word.ends_with("ia");
    if word.contains('é') || (is_name && letters.len() > 3 && (foreign_end || !has_any(&word, LOOKS_ENGLISH)))
    {
        return Spelling::Continental;
    }
    Spelling::English
}
