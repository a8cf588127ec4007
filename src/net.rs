//! Pages and pictures from the web, by one fetcher with a guard.
//!
//! - [`address`]: addresses, their sites, names for results
//! - [`range`]: what an IP address is for (the special-purpose registries of the IANA)
//! - [`guard`]: the resolver that hands on checked addresses only, and these are the ones dialled
//! - [`ground`]: limits, policy, names and authorities, which tests of the program change
//! - [`credentials`]: sign-in data of one origin, from a file that only its owner may read
//! - [`fetcher`]: redirects, limits, conditional requests
//! - [`head`]: what the head of an answer says
//! - [`body`]: decompression under a limit
//! - [`hosts`]: a pause a host, and hosts that asked to be left alone
//! - [`robots`]: what a site asks robots to leave alone (RFC 9309)
//! - [`fault`]: each failure, and its form as an error of the library
//!
//! The installer of the voices has a client of its own (`voice/source/url.rs`). It fetches gigabytes from servers that the
//! manifests name: it resumes, waits as long as bytes come, takes the proxy of the environment and mirrors on this machine. A
//! page has none of that, and all of what is here. Both are thin layers over `ureq`, so neither is bent to fit the other.

mod address;
mod body;
mod credentials;
mod fault;
mod fetcher;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod ground;
mod guard;
mod head;
mod hosts;
mod range;
mod robots;

pub(crate) use address::{Address, is_address, shown};
pub(crate) use credentials::Credentials;
pub(crate) use fetcher::{Answer, Fetched, Fetcher, Options, Request, Validators, Wanted};
pub(crate) use guard::Way;
pub(crate) use robots::{Robots, Sites};

#[cfg(test)]
mod tests;
