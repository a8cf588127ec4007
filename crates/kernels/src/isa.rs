//! Which instructions this processor has.

#![forbid(unsafe_code)]

use std::fmt;

/// A set of instructions that the kernels are written for, and that this processor has: only [`Isa::available`] makes one, after
/// it asked the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa {
    kind: Kind,
    is_direct: bool,
}

/// The name of the way without tiles.
const DIRECT: &str = "direct";

/// Which set it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// AVX-512 with VNNI: 64 8-bit products an instruction.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 and AVX-VNNI, with FMA and F16C: 32 8-bit products an instruction.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// AVX2 with FMA and F16C: 32 8-bit products an instruction, in 16 bits.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// The vector instructions of every AArch64 processor.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// Plain Rust, as the compiler translates it.
    Portable,
}

impl Isa {
    /// Plain Rust, as the compiler translates it, on any processor.
    pub const PORTABLE: Self = Self::of(Kind::Portable);

    const fn of(kind: Kind) -> Self {
        Self { kind, is_direct: false }
    }

    /// The same instructions, and no convolution by [tiles](super::tile).
    #[must_use]
    pub const fn directly(self) -> Self {
        Self { is_direct: true, ..self }
    }

    pub(super) const fn is_direct(self) -> bool {
        self.is_direct
    }

    pub(super) const fn kind(self) -> Kind {
        self.kind
    }

    /// All sets that this processor has, the fastest first.
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni")
                && is_x86_feature_detected!("fma")
            {
                found.push(Self::of(Kind::Avx512));
            }
            if is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("f16c")
            {
                if is_x86_feature_detected!("avxvnni") {
                    found.push(Self::of(Kind::AvxVnni));
                }
                found.push(Self::of(Kind::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        found.push(Self::of(Kind::Neon));
        found.push(Self::PORTABLE);
        found
    }

    /// The fastest set that this processor has.
    pub fn fastest() -> Self {
        Self::available()[0]
    }

    /// The set of that name, if this processor has it; with `-direct` behind it, or `direct` for the fastest, see [`directly`](Self::directly).
    pub fn named(name: &str) -> Option<Self> {
        if name == DIRECT {
            return Some(Self::fastest().directly());
        }
        let mut ways = Self::available().into_iter().flat_map(|isa| [isa, isa.directly()]);
        ways.find(|isa| isa.to_string() == name)
    }

    /// Rows of output that are made at once.
    pub const fn row_tile(self) -> usize {
        match self.kind {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => super::avx512::ROW_TILE,
            #[cfg(target_arch = "x86_64")]
            Kind::AvxVnni => super::avx_vnni::ROW_TILE,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => super::avx2::ROW_TILE,
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => super::neon::ROW_TILE,
            Kind::Portable => 1,
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.kind {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Kind::AvxVnni => "avx-vnni",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon",
            Kind::Portable => "portable",
        };
        f.write_str(name)?;
        if self.is_direct { write!(f, "-{DIRECT}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_is_found_by_its_name() {
        assert_eq!(Isa::named("portable"), Some(Isa::PORTABLE));
        assert_eq!(Isa::named(&Isa::fastest().to_string()), Some(Isa::fastest()));
        assert_eq!(Isa::named("direct"), Some(Isa::fastest().directly()));
        assert_eq!(Isa::named("portable-direct"), Some(Isa::PORTABLE.directly()));
        assert_eq!(Isa::named("avx1024"), None);
    }
}
