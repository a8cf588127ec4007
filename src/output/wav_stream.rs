//! A WAV into a pipe: its length is not known when its header is written, and the header can't be corrected later.

use std::io::{self, BufWriter, Write};

use hound::Sample;

use super::dither::Ditherer;
use super::metadata::{Metadata, riff};
use super::wav::{io_error, spec};
use crate::audio::Sink;
use crate::audio::{SampleFormat, SampleRate};
use crate::error::{Error, ErrorKind, Result};

/// Length of the header of the data chunk, the last thing before the samples.
const DATA_HEADER: usize = 8;

/// Writes a mono WAV whose sizes are `0xFFFF_FFFF`, by convention “until the stream ends”. Samples are passed on at
/// once.
pub(crate) struct WavStream<W: Write> {
    out: BufWriter<W>,
    ditherer: Option<Ditherer>,
    bits: u16,
}

impl<W: Write> WavStream<W> {
    /// Begins a stream with its header. The tags stand before the sound, because the end of a stream can't be known.
    pub(crate) fn create(
        out: W,
        rate: SampleRate,
        format: SampleFormat,
        metadata: &Metadata,
    ) -> Result<Self> {
        let mut stream = Self::without_head(out, format);
        let header = spec(rate, format).into_header_for_infinite_file();
        let (head, data) = header.split_at(header.len() - DATA_HEADER);
        let tags = riff::chunks(metadata).map_err(failed)?;
        stream.out.write_all(&[head, &tags, data].concat()).map_err(failed)?;
        Ok(stream)
    }

    /// The samples alone.
    pub(super) fn without_head(out: W, format: SampleFormat) -> Self {
        let ditherer = (format != SampleFormat::Float32).then(|| Ditherer::new(format.bits()));
        Self { out: BufWriter::with_capacity(1 << 16, out), ditherer, bits: format.bits() }
    }
}

impl<W: Write + Send> Sink for WavStream<W> {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        for &sample in samples {
            match &mut self.ditherer {
                Some(ditherer) => ditherer.quantize(sample).write(&mut self.out, self.bits),
                None => sample.write(&mut self.out, self.bits),
            }
            .map_err(|cause| failed(io_error(cause)))?;
        }
        self.out.flush().map_err(failed)
    }

    fn finalize(mut self: Box<Self>) -> Result<()> {
        self.out.flush().map_err(failed)
    }
}

/// Gives a stream that is whole its true sizes; whether it was one.
#[cfg(feature = "serve")]
pub(crate) fn set_sizes(wav: &mut [u8]) -> bool {
    let size_of = |bytes: usize| u32::try_from(bytes).ok().map(u32::to_le_bytes);
    let length = wav.len();
    let mut at = 12;
    while let Some(head) = wav.get(at..at + DATA_HEADER) {
        if head.starts_with(b"data") {
            let (Some(all), Some(data)) = (size_of(length - 8), size_of(length - at - DATA_HEADER)) else {
                return false;
            };
            wav[4..8].copy_from_slice(&all);
            wav[at + 4..at + DATA_HEADER].copy_from_slice(&data);
            return true;
        }
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        at = at.saturating_add(DATA_HEADER).saturating_add(size.next_multiple_of(2));
        if at > length {
            return false;
        }
    }
    false
}

pub(super) fn failed(cause: io::Error) -> Error {
    if cause.kind() == io::ErrorKind::BrokenPipe {
        return Error::new(ErrorKind::BrokenPipe, "nobody takes the sound any more").because(cause);
    }
    Error::new(ErrorKind::Output, "the sound can't be passed on").because(cause)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::output::metadata::text::TagText;
    use crate::table_test::each;

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();

    #[derive(Clone, Default)]
    struct Pipe(Arc<Mutex<Vec<u8>>>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn f13_every_format_reads_back_from_a_pipe() {
        let samples: Vec<f32> = (0..999).map(|i| (i as f32 * 0.05).sin() * 0.7).collect();
        let tags = Metadata { title: TagText::new("Tïtle"), ..Metadata::of_speech(None) };
        each([SampleFormat::Int16, SampleFormat::Int24, SampleFormat::Float32], |format| {
            let pipe = Pipe::default();
            let mut stream = Box::new(WavStream::create(pipe.clone(), RATE, format, &tags).unwrap());
            stream.write(&samples[..500]).unwrap();
            let sent = pipe.0.lock().unwrap().len();
            assert!(sent > 500 * usize::from(format.bits() / 8), "{format:?}: {sent} bytes are passed on");
            stream.write(&samples[500..]).unwrap();
            stream.finalize().unwrap();
            let mut bytes = pipe.0.lock().unwrap().clone();
            assert_eq!(bytes[4..8], [0xff; 4], "{format:?}");
            assert!(String::from_utf8_lossy(&bytes).contains("Tïtle"), "{format:?}");
            let data = bytes.windows(8).position(|bytes| bytes == b"data\xff\xff\xff\xff").unwrap();
            // `hound` does not know the convention.
            #[cfg(feature = "serve")]
            {
                assert!(set_sizes(&mut bytes), "{format:?}");
                let all = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
                assert_eq!(all as usize, bytes.len() - 8, "{format:?}");
                assert!(!set_sizes(&mut bytes[..data]), "{format:?}: without sound");
            }
            let length = (bytes.len() - data - 8) as u32;
            bytes[data + 4..data + 8].copy_from_slice(&length.to_le_bytes());
            let reader = hound::WavReader::new(&bytes[..]).unwrap();
            assert_eq!(reader.spec(), spec(RATE, format));
            let scale = ((1_u32 << (format.bits() - 1)) - 1) as f32;
            let read: Vec<f32> = if format == SampleFormat::Float32 {
                reader.into_samples::<f32>().map(|sample| sample.unwrap()).collect()
            } else {
                reader.into_samples::<i32>().map(|sample| sample.unwrap() as f32 / scale).collect()
            };
            assert_eq!(read.len(), samples.len(), "{format:?}");
            let worst = read.iter().zip(&samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst <= 5e-5, "{format:?}: {worst}");
        });
    }

    #[test]
    fn a_reader_that_goes_away_is_no_fault_of_the_place() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut stream = WavStream::create(Closed, RATE, SampleFormat::Int16, &Metadata::default()).unwrap();
        assert_eq!(stream.write(&[0.1; 100]).unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
