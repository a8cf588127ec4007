//! Multinomial logistic regression by stochastic gradient descent, with a step of its own for each weight (Duchi, Hazan and
//! Singer 2011). Each run gives the same table.

use crate::spelling::{ROWS, STEPS_PER_NAT, probabilities, rows};

/// The languages of names, and English.
pub const CLASSES: usize = 41;
/// English is the last.
pub const ENGLISH: usize = CLASSES - 1;

const EPOCHS: usize = 10;
const STEP: f32 = 0.15;
const DECAY: f32 = 8e-3;

/// A name in small letters, and its language.
#[derive(Clone)]
pub struct Example {
    pub letters: Vec<char>,
    pub class: usize,
}

impl Example {
    pub fn new(name: &str, class: usize) -> Self {
        Self { letters: name.chars().collect(), class }
    }
}

/// A weight for each row and class.
pub struct Regression {
    weights: Vec<[f32; CLASSES]>,
}

impl Regression {
    pub fn train(examples: &[Example]) -> Self {
        let mut this = Self { weights: vec![[0.0; CLASSES]; ROWS] };
        let mut squares = vec![[1e-2_f32; CLASSES]; ROWS];
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut state = 1_u64;
        for _ in 0..EPOCHS {
            for last in (1..order.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                order.swap(last, (state >> 33) as usize % (last + 1));
            }
            for &number in &order {
                this.learn(&examples[number], &mut squares);
            }
        }
        this
    }

    fn learn(&mut self, example: &Example, squares: &mut [[f32; CLASSES]]) {
        let mut errors = self.probabilities(&example.letters);
        errors[example.class] -= 1.0;
        for row in rows(&example.letters) {
            let weights = self.weights[row].iter_mut().zip(&mut squares[row]);
            for ((weight, square), error) in weights.zip(errors) {
                let gradient = error + DECAY * *weight;
                *square += gradient * gradient;
                *weight -= STEP * gradient / square.sqrt();
            }
        }
    }

    fn probabilities(&self, letters: &[char]) -> [f32; CLASSES] {
        probabilities(letters, |row, class| self.weights[row][class])
    }

    pub fn probability(&self, letters: &[char], class: usize) -> f32 {
        self.probabilities(letters)[class]
    }

    pub fn best(&self, letters: &[char]) -> usize {
        let probabilities = self.probabilities(letters);
        (0..CLASSES).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b])).unwrap_or(ENGLISH)
    }

    /// The weights in whole steps, a byte each, row after row.
    pub fn table(&self) -> Vec<u8> {
        let steps = |weight: &f32| (weight * STEPS_PER_NAT).round().clamp(-127.0, 127.0) as i8;
        self.weights.iter().flatten().map(|weight| steps(weight).to_le_bytes()[0]).collect()
    }
}
