//! The backend of an engine: kernels for a set of instructions, or the library runtime.

use std::env;
use std::fmt;

use crate::error::{Cure, Error, ErrorKind, Result};
pub use kernels::Isa;

/// The variable that forces a backend.
pub(crate) const VARIABLE: &str = "AUDIO_REPORT_KERNEL";

/// The name of the runtime as a backend.
#[cfg(feature = "runtime")]
const RUNTIME: &str = "rten";

/// The backend of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// The fused kernels, for a set of instructions.
    Fused(Isa),
    /// The library runtime, operator by operator as in the model file: slower, and the reference that the kernels are
    /// compared with.
    #[cfg(feature = "runtime")]
    Runtime,
}

impl Backend {
    /// The backend that `AUDIO_REPORT_KERNEL` names; unset, the fastest. A name that is unknown, or of instructions that this
    /// processor lacks, is an error that lists the names.
    pub fn from_env() -> Result<Self> {
        Self::named(env::var(VARIABLE).ok().as_deref())
    }

    /// The fastest on this processor.
    pub(crate) fn fastest() -> Self {
        Self::fastest_on(Isa::fastest())
    }

    /// Without vectors the kernels are ten times slower than the runtime.
    fn fastest_on(isa: Isa) -> Self {
        #[cfg(feature = "runtime")]
        if isa == Isa::PORTABLE {
            return Self::Runtime;
        }
        Self::Fused(isa)
    }

    fn named(name: Option<&str>) -> Result<Self> {
        match name {
            None | Some("") => Ok(Self::fastest()),
            #[cfg(feature = "runtime")]
            Some(RUNTIME) => Ok(Self::Runtime),
            Some(name) => Isa::named(name).map(Self::Fused).ok_or_else(|| {
                #[allow(unused_mut, reason = "only with the runtime is there one more")]
                let mut names: Vec<String> = Isa::available().iter().map(ToString::to_string).collect();
                #[cfg(feature = "runtime")]
                names.push(RUNTIME.to_string());
                Error::new(
                    ErrorKind::Usage,
                    format!("{VARIABLE}: there is no kernel “{name}” for this processor"),
                )
                .with_cure(Cure::LeaveOrUseOneOf { known: names })
            }),
        }
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::fastest()
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fused(isa) => isa.fmt(f),
            #[cfg(feature = "runtime")]
            Self::Runtime => f.write_str(RUNTIME),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "runtime")]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_backend_can_be_forced_and_a_wrong_name_lists_the_right_ones() {
        assert_eq!(Backend::named(None).unwrap(), Backend::fastest());
        assert_eq!(Backend::fastest_on(Isa::PORTABLE), Backend::Runtime);
        assert_eq!(Backend::named(Some("portable")).unwrap(), Backend::Fused(Isa::PORTABLE));
        assert_eq!(Backend::named(Some("rten")).unwrap(), Backend::Runtime);
        each([Backend::fastest(), Backend::Fused(Isa::PORTABLE), Backend::Runtime], |backend| {
            assert_eq!(Backend::named(Some(&backend.to_string())).unwrap(), backend);
        });
        let error = Backend::named(Some("avx1024")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.what().contains("avx1024"), "{error}");
        let Some(Cure::LeaveOrUseOneOf { known }) = error.cure() else { panic!("{error:?}") };
        assert!(known.ends_with(&["portable".into(), "rten".into()]), "{known:?}");
    }
}
