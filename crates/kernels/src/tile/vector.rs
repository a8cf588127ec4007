//! The arithmetic that transforms are written in.

/// Numbers that are worked on at once. A type of this kind may only be used where the processor has its instructions.
pub trait Vector: Copy {
    /// How many numbers; they divide [`LANES`](crate::pack::LANES).
    const LANES: usize;

    /// All zero.
    fn zero() -> Self;

    /// Reads from `from`.
    ///
    /// # Safety
    /// As many floats lie there.
    unsafe fn load(from: *const f32) -> Self;

    /// Writes to `to`.
    ///
    /// # Safety
    /// As many floats have room there.
    unsafe fn store(self, to: *mut f32);

    /// Writes the nearest integers, which fit 16 bits, to `to`.
    ///
    /// # Safety
    /// As many integers have room there.
    unsafe fn store_rounded(self, to: *mut i16);

    /// The sum, number by number.
    fn plus(self, other: Self) -> Self;

    /// The difference, number by number.
    fn minus(self, other: Self) -> Self;

    /// All numbers times `factor`.
    fn times(self, factor: f32) -> Self;

    /// `self + other × factor`, number by number.
    fn plus_times(self, other: Self, factor: f32) -> Self;

    /// `self + a × b`, number by number.
    fn plus_product(self, a: Self, b: Self) -> Self;

    /// All numbers added up.
    fn total(self) -> f32;
}
