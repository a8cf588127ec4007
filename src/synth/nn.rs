//! Layers that engines share, on the kernels.
//!
//! - [`rows`]: features, channels last
//! - [`pass`]: products of windows of all rows, merged and measured; [`quantized`]: of 8-bit rows, [`tiled`]: of tiles of rows, [`windows`]: of
//!   floats
//! - [`moving`]: the rows that a block of them needs
//! - [`convolution`]: directly or by tiles
//! - [`adain`]: the normalisation that carries a style
//! - [`attention`], [`linear`], [`lstm`]: layers of a text encoder
//! - [`writer`], [`weights`]: write and read a file of weights

pub(crate) mod adain;
pub(crate) mod attention;
pub(crate) mod convolution;
pub(crate) mod linear;
pub(crate) mod lstm;
pub(crate) mod moving;
pub(crate) mod pass;
pub(crate) mod quantized;
pub(crate) mod rows;
pub(crate) mod tiled;
pub(crate) mod weights;
pub(crate) mod windows;
pub(crate) mod writer;
