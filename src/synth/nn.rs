//! Layers that engines share, on the kernels.
//!
//! - [`rows`]: features, channels last
//! - [`pass`]: products of windows of all rows, merged and measured; [`quantized`]: of 8-bit rows, [`windows`]: of floats
//! - [`adain`]: the normalisation that carries a style
//! - [`linear`], [`lstm`]: layers of a text encoder
//! - [`weights`]: reads a file of weights

pub mod adain;
pub mod linear;
pub mod lstm;
pub mod pass;
pub mod quantized;
pub mod rows;
pub mod weights;
pub mod windows;
