//! Programs of sums: what a linear transform does, step by step. A program can be transposed, and printed as Rust.

#![allow(clippy::float_cmp, reason = "factors of exactly 1 and −1 need no product")]

use std::fmt::Write;

/// A value of a program: an input, or the sum of a step.
pub type Value = usize;

/// A linear transform as steps, each of which is a sum of earlier values times factors.
#[derive(Clone, Debug)]
pub struct Program {
    /// Values `0..inputs` go in; step `i` makes value `inputs + i`.
    inputs: usize,
    steps: Vec<Vec<(f64, Value)>>,
    outputs: Vec<Value>,
}

impl Program {
    /// A program without steps.
    pub fn new(inputs: usize) -> Self {
        Self { inputs, steps: Vec::new(), outputs: Vec::new() }
    }

    /// Adds a step, unless it would only repeat a value.
    pub fn sum(&mut self, terms: &[(f64, Value)]) -> Value {
        if let [(1.0, value)] = terms {
            return *value;
        }
        self.steps.push(terms.to_vec());
        self.inputs + self.steps.len() - 1
    }

    /// Makes `values` the next outputs.
    pub fn put(&mut self, values: &[Value]) {
        self.outputs.extend_from_slice(values);
    }

    /// The outputs of `self`, made of the outputs of `first`.
    pub fn after(&self, first: &Self) -> Self {
        assert_eq!(self.inputs, first.outputs.len());
        let mut both = first.clone();
        let mut values = std::mem::take(&mut both.outputs);
        for terms in &self.steps {
            let terms: Vec<_> = terms.iter().map(|(factor, value)| (*factor, values[*value])).collect();
            values.push(both.sum(&terms));
        }
        both.outputs = self.outputs.iter().map(|value| values[*value]).collect();
        both
    }

    /// The transposed transform: inputs and outputs change places, and every sum becomes a distribution (Tellegen's
    /// principle). It takes as many multiplications.
    pub fn transposed(&self) -> Self {
        let mut transposed = Self::new(self.outputs.len());
        let mut uses: Vec<Vec<(f64, Value)>> = vec![Vec::new(); self.inputs + self.steps.len()];
        for (output, value) in self.outputs.iter().enumerate() {
            uses[*value].push((1.0, output));
        }
        for (step, terms) in self.steps.iter().enumerate().rev() {
            let of_step = std::mem::take(&mut uses[self.inputs + step]);
            if of_step.is_empty() {
                continue;
            }
            let value = transposed.sum(&of_step);
            for (factor, term) in terms {
                uses[*term].push((*factor, value));
            }
        }
        for of_input in &uses[..self.inputs] {
            let value = transposed.sum(of_input);
            transposed.put(&[value]);
        }
        transposed
    }

    /// The same with the first outputs only.
    pub fn first_outputs(&self, count: usize) -> Self {
        let mut program = self.clone();
        program.outputs.truncate(count);
        program
    }

    /// A function that takes values from `input` and gives each output to `output`, as soon as it is made.
    pub fn function(&self, name: &str) -> String {
        let needed = self.needed();
        let mut code = format!(
            "    #[inline(always)]\n    fn {name}<V: Vector>(input: impl Fn(usize) -> V, mut output: impl FnMut(usize, V)) {{\n"
        );
        let mut is_read = vec![false; self.inputs];
        for (step, terms) in self.steps.iter().enumerate().filter(|(step, _)| needed[self.inputs + step]) {
            for (_, value) in terms.iter().filter(|(_, value)| *value < self.inputs) {
                if !std::mem::replace(&mut is_read[*value], true) {
                    let _ = writeln!(code, "        let x{value} = input({value});");
                }
            }
            let value = self.inputs + step;
            let _ = writeln!(code, "        let x{value} = {};", expression(terms));
            for (output, _) in self.outputs.iter().enumerate().filter(|(_, made)| **made == value) {
                let _ = writeln!(code, "        output({output}, x{value});");
            }
        }
        for (output, value) in self.outputs.iter().enumerate().filter(|(_, value)| **value < self.inputs) {
            let _ = writeln!(code, "        output({output}, input({value}));");
        }
        code + "    }\n"
    }

    /// Which values outputs are made of.
    fn needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.inputs + self.steps.len()];
        for value in &self.outputs {
            needed[*value] = true;
        }
        for (step, terms) in self.steps.iter().enumerate().rev() {
            if needed[self.inputs + step] {
                for (_, value) in terms {
                    needed[*value] = true;
                }
            }
        }
        needed
    }
}

/// The sum as Rust. It begins with a term that needs no product, where there is one.
fn expression(terms: &[(f64, Value)]) -> String {
    let first = terms.iter().position(|(factor, _)| *factor == 1.0);
    let first = first.or_else(|| terms.iter().position(|(factor, _)| *factor != -1.0)).unwrap_or(0);
    let (factor, value) = terms[first];
    let mut code =
        if factor == 1.0 { format!("x{value}") } else { format!("x{value}.times({factor:?}_f64 as f32)") };
    for (_, (factor, value)) in terms.iter().enumerate().filter(|(index, _)| *index != first) {
        let _ = match *factor {
            1.0 => write!(code, ".plus(x{value})"),
            -1.0 => write!(code, ".minus(x{value})"),
            factor => write!(code, ".plus_times(x{value}, {factor:?}_f64 as f32)"),
        };
    }
    code
}
