//! The first pass of a programme: its sound is kept until its loudness and its timeline are known.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Samples that stay in memory, 87 s at 24 kHz: a short report never touches the disk, and a batch of long ones does not fill
/// the memory.
const IN_MEMORY: usize = 1 << 21;
/// Samples that are read back at once.
const BLOCK: usize = 1 << 14;

/// Mono samples, in memory or in a file without a name in the result's folder: whatever happens, nothing of it is left.
pub(crate) struct Spool {
    folder: PathBuf,
    memory: Vec<f32>,
    file: Option<BufWriter<File>>,
}

impl Spool {
    /// An empty one, whose file would stand in `folder`.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), memory: Vec::new(), file: None }
    }

    /// Takes samples.
    pub(crate) fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        if self.file.is_none() {
            if self.memory.len() + samples.len() <= IN_MEMORY {
                self.memory.extend_from_slice(samples);
                return Ok(());
            }
            let mut file = BufWriter::with_capacity(1 << 16, tempfile::tempfile_in(&self.folder)?);
            file.write_all(bytemuck::cast_slice(&self.memory))?;
            self.memory = Vec::new();
            self.file = Some(file);
        }
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytemuck::cast_slice(samples)))
    }

    /// Gives all samples to `take`, in blocks; the samples stay.
    pub(crate) fn read<E: From<io::Error>>(
        &mut self,
        mut take: impl FnMut(&[f32]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(file) = &mut self.file else { return self.memory.chunks(BLOCK).try_for_each(take) };
        file.flush()?;
        let mut file = file.get_ref();
        file.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut block = vec![0.0_f32; BLOCK];
        loop {
            let bytes = bytemuck::cast_slice_mut(&mut block);
            let mut length = 0;
            while length < bytes.len() {
                match reader.read(&mut bytes[length..]) {
                    Ok(0) => break,
                    Ok(count) => length += count,
                    Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                    Err(cause) => return Err(cause.into()),
                }
            }
            if length == 0 {
                return Ok(());
            }
            take(&block[..length / size_of::<f32>()])?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn samples_come_back_as_often_as_wanted_and_leave_no_file() {
        each([0, 1, IN_MEMORY, IN_MEMORY + 1, IN_MEMORY + 3 * BLOCK + 7], |count| {
            let folder = tempfile::tempdir().unwrap();
            let mut spool = Spool::in_folder(folder.path());
            let samples: Vec<f32> = (0..count).map(|n| n as f32).collect();
            for block in samples.chunks(100_003) {
                spool.write(block).unwrap();
            }
            for _ in 0..2 {
                let mut read = Vec::new();
                let take = |block: &[f32]| -> io::Result<()> {
                    read.extend_from_slice(block);
                    Ok(())
                };
                spool.read(take).unwrap();
                assert!(read == samples, "{count} samples: {}", read.len());
            }
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{count} samples");
        });
    }

    #[test]
    fn a_folder_that_takes_no_file_is_an_error() {
        let mut spool = Spool::in_folder(Path::new("/nowhere at all"));
        assert!(spool.write(&vec![0.0; IN_MEMORY + 1]).is_err());
    }
}
