//! The figures of many pages, as the benchmark's own script counts them.

use std::fmt;

use crate::folds::Judged;
use crate::truth::Score;

/// Confidences below which pages are counted.
const DOUBTS: [f64; 3] = [0.8, 0.9, 0.92];

/// The figures of many pages.
#[derive(Debug, Default)]
pub struct Figures {
    /// Pages whose whole story is known.
    whole: Vec<Whole>,
    /// Pages of which passages are known, and those of which none that must stay did.
    by_passages: usize,
    nothing: usize,
    stayed: usize,
    wanted: usize,
    read: usize,
}

#[derive(Debug)]
struct Whole {
    recall: f64,
    precision: f64,
    is_exact: bool,
    confidence: f64,
}

impl Whole {
    fn f1(&self) -> f64 {
        f1(self.recall, self.precision)
    }
}

impl Figures {
    pub fn of(pages: &[Judged]) -> Self {
        let mut figures = Self::default();
        for Judged { score, confidence } in pages {
            match *score {
                Score::Whole { recall, precision, is_exact } => {
                    figures.whole.push(Whole { recall, precision, is_exact, confidence: *confidence });
                }
                Score::Passages { stayed, wanted, read } => {
                    figures.by_passages += 1;
                    figures.nothing += usize::from(stayed == 0);
                    figures.stayed += stayed;
                    figures.wanted += wanted;
                    figures.read += read;
                }
            }
        }
        figures
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean =
            |of: &dyn Fn(&Whole) -> f64| self.whole.iter().map(of).sum::<f64>() / self.whole.len() as f64;
        let (recall, precision) = (mean(&|page| page.recall), mean(&|page| page.precision));
        let exact = mean(&|page| f64::from(u8::from(page.is_exact)));
        let lost = self.whole.iter().filter(|page| page.recall < 0.5).count();
        writeln!(
            f,
            "  benchmark {} pages: recall {recall:.3} precision {precision:.3} F1 {:.3} exact {exact:.3}; story lost {lost}",
            self.whole.len(),
            f1(recall, precision),
        )?;
        let recall = self.stayed as f64 / self.wanted as f64;
        let precision = self.stayed as f64 / (self.stayed + self.read) as f64;
        write!(
            f,
            "  decisive {} pages: recall {recall:.3} precision {precision:.3} F1 {:.3}; nothing right {}",
            self.by_passages,
            f1(recall, precision),
            self.nothing,
        )?;
        for doubt in DOUBTS {
            let count = |is_below: bool, bad: f64| {
                let is_in = |page: &&Whole| (page.confidence < doubt) == is_below && page.f1() < bad;
                self.whole.iter().filter(is_in).count()
            };
            let (all, bad, fair, missed) =
                (count(true, 2.0), count(true, 0.8), count(true, 0.9), count(false, 0.8));
            write!(
                f,
                "\n  confidence below {doubt}: {all} pages; F1 below 0.8: {bad}, below 0.9: {fair}; of the others below 0.8: {missed}"
            )?;
        }
        Ok(())
    }
}

fn f1(recall: f64, precision: f64) -> f64 {
    if recall + precision > 0.0 { 2.0 * recall * precision / (recall + precision) } else { 0.0 }
}
