//! Voice manifests and the voices installed on this machine.
