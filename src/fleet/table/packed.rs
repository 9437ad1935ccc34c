//! Files packed as one stream: gzip and Zstandard.
//!
//! In: the first bytes of a file. Out: how it is packed ([`Packing`]), and a reader of what is inside. Both formats may be several
//! streams one behind the other; what is inside is read as one.

use std::io::{BufRead, Error, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fleet) enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// By the first four bytes.
    pub(in crate::fleet) fn of(bytes: &[u8]) -> Option<Packing> {
        match bytes {
            [0x1f, 0x8b, ..] => Some(Packing::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// What such a file is called.
    pub(in crate::fleet) const fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip file",
            Packing::Zstd => "zstd file",
        }
    }

    /// What is inside.
    pub(in crate::fleet) fn unpacked<'a>(
        self,
        source: impl BufRead + Send + 'a,
    ) -> Box<dyn Read + Send + 'a> {
        match self {
            Packing::Gzip => Box::new(MultiGzDecoder::new(source)),
            Packing::Zstd => Box::new(Frames { source, decoder: FrameDecoder::new(), is_open: false }),
        }
    }
}

/// Frames of Zstandard, one behind the other.
struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    /// Whether a frame has begun and not ended.
    is_open: bool,
}

impl<R: BufRead> Frames<R> {
    /// Begins the next frame that holds anything; none is left at the end.
    fn open(&mut self) -> std::io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = self.source.by_ref().take(u64::from(length));
                    std::io::copy(&mut skipped, &mut std::io::sink())?;
                }
                Err(error) => return Err(damaged(error)),
            }
        }
        Ok(false)
    }

    /// The sum that a frame may end with.
    fn check(&self) -> std::io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(told), Some(found)) if told != found => Err(damaged("its checksum is another")),
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if !self.is_open && !self.open()? {
                return Ok(0);
            }
            self.is_open = true;
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let next = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, next).map_err(damaged)?;
            }
            let got = self.decoder.read(into)?;
            if got > 0 || into.is_empty() {
                return Ok(got);
            }
            self.check()?;
            self.is_open = false;
        }
    }
}

fn damaged(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    fn unpacked(bytes: &[u8]) -> std::io::Result<String> {
        let mut text = String::new();
        Packing::of(bytes).unwrap().unpacked(bytes).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn frames_one_behind_the_other_are_read_as_one_and_others_are_passed_over() {
        let packed = |text: &str| compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
        let long = "asset,model\n".repeat(50_000);
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0], &b"abc"[..]].concat();
        let all = [packed(&long), skipped, packed(""), packed("end")].concat();
        assert_eq!(unpacked(&all).unwrap(), long.clone() + "end");
        let half = &all[..all.len() / 2];
        assert!(unpacked(half).is_err(), "half of it is damaged");
    }
}
