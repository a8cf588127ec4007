//! (synth)
