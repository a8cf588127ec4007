//! Numbers as they lie in memory: floats, and halves of 16 bits where the rows are long. Sums are always made of floats.

#![forbid(unsafe_code)]
#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of the caller"
)]

pub use half::f16;
use half::slice::HalfFloatSliceExt;

/// The largest half: larger numbers are stored as this, not as infinity.
pub(super) const LARGEST_HALF: f32 = 65_504.0;

/// The types of numbers that rows can hold.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// Makes floats of `numbers`.
    fn widen<A: Arithmetic>(arithmetic: A, numbers: &[Self], floats: &mut [f32]);

    /// Adds `numbers` to `floats`.
    fn add<A: Arithmetic>(arithmetic: A, numbers: &[Self], floats: &mut [f32]);

    /// Rounds `floats` to the nearest `numbers`.
    fn narrow<A: Arithmetic>(arithmetic: A, floats: &[f32], numbers: &mut [Self]);
}

/// Element-wise arithmetic with the instructions of one processor family. All round to halves in the same way: to the
/// nearest, and between two to the even one. A value of such a type proves that the processor has the instructions.
pub trait Arithmetic: Copy {
    /// See [`Element::widen`].
    fn widen(self, halves: &[f16], floats: &mut [f32]);

    /// See [`Element::add`].
    fn add(self, halves: &[f16], floats: &mut [f32]);

    /// See [`Element::narrow`]; too large a number becomes the largest half.
    fn narrow(self, floats: &[f32], halves: &mut [f16]);

    /// `a × b + c`, in one instruction where there is one; then it is rounded once.
    fn multiply_add(self, a: f32, b: f32, c: f32) -> f32;
}

impl Element for f32 {
    #[inline(always)]
    fn widen<A: Arithmetic>(_arithmetic: A, numbers: &[Self], floats: &mut [f32]) {
        floats.copy_from_slice(numbers);
    }

    #[inline(always)]
    fn add<A: Arithmetic>(_arithmetic: A, numbers: &[Self], floats: &mut [f32]) {
        floats.iter_mut().zip(numbers).for_each(|(float, number)| *float += number);
    }

    #[inline(always)]
    fn narrow<A: Arithmetic>(_arithmetic: A, floats: &[f32], numbers: &mut [Self]) {
        numbers.copy_from_slice(floats);
    }
}

impl Element for f16 {
    #[inline(always)]
    fn widen<A: Arithmetic>(arithmetic: A, numbers: &[Self], floats: &mut [f32]) {
        arithmetic.widen(numbers, floats);
    }

    #[inline(always)]
    fn add<A: Arithmetic>(arithmetic: A, numbers: &[Self], floats: &mut [f32]) {
        arithmetic.add(numbers, floats);
    }

    #[inline(always)]
    fn narrow<A: Arithmetic>(arithmetic: A, floats: &[f32], numbers: &mut [Self]) {
        arithmetic.narrow(floats, numbers);
    }
}

/// The nearest number to a float that can be stored as a half.
#[inline(always)]
pub(super) fn storable(x: f32) -> f32 {
    x.clamp(-LARGEST_HALF, LARGEST_HALF)
}

/// Plain Rust, and the conversions of the `half` crate.
#[derive(Clone, Copy)]
pub(super) struct PortableArithmetic;

/// Halves that are converted at a time.
const STRIP: usize = 64;

impl Arithmetic for PortableArithmetic {
    fn widen(self, halves: &[f16], floats: &mut [f32]) {
        halves.convert_to_f32_slice(floats);
    }

    fn add(self, halves: &[f16], floats: &mut [f32]) {
        let mut strip = [0.0; STRIP];
        for (halves, floats) in halves.chunks(STRIP).zip(floats.chunks_mut(STRIP)) {
            let strip = &mut strip[..halves.len()];
            halves.convert_to_f32_slice(strip);
            floats.iter_mut().zip(strip).for_each(|(float, half)| *float += *half);
        }
    }

    fn narrow(self, floats: &[f32], halves: &mut [f16]) {
        let mut strip = [0.0; STRIP];
        for (floats, halves) in floats.chunks(STRIP).zip(halves.chunks_mut(STRIP)) {
            let strip = &mut strip[..floats.len()];
            strip.iter_mut().zip(floats).for_each(|(kept, float)| *kept = storable(*float));
            halves.convert_from_f32_slice(strip);
        }
    }

    #[inline(always)]
    fn multiply_add(self, a: f32, b: f32, c: f32) -> f32 {
        // Without such an instruction it is a slow function call.
        if cfg!(target_arch = "aarch64") { a.mul_add(b, c) } else { a * b + c }
    }
}
