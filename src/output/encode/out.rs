//! Where the bytes of an encoder go.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

/// A file, or something that only goes forward.
pub(super) enum Out {
    File(BufWriter<File>),
    Pipe(Box<dyn Write + Send>),
}

impl Out {
    /// The beginning of a file.
    pub(super) fn file(file: File) -> Self {
        Self::File(BufWriter::with_capacity(1 << 16, file))
    }

    /// Whether [`amend`](Self::amend) has an effect.
    pub(super) fn can_amend(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// The number of bytes so far; zero for a pipe.
    pub(super) fn position(&mut self) -> io::Result<u64> {
        match self {
            Self::File(file) => file.stream_position(),
            Self::Pipe(_) => Ok(0),
        }
    }

    /// Writes over bytes that are there, as the last that is written; a pipe stays as it is.
    pub(super) fn amend(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if let Self::File(file) = self {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(bytes)?;
        }
        Ok(())
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Pipe(pipe) => {
                let count = pipe.write(bytes)?;
                // A listener may wait for it.
                pipe.flush()?;
                Ok(count)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Pipe(pipe) => pipe.flush(),
        }
    }
}
