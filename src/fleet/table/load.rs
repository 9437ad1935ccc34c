//! The bytes of a register file.
//!
//! In: a path, or `-` for standard input. Out: its bytes, at most [`Limits::file_bytes`] of them. A file of lines is
//! watched while it is read: one line that goes on and on (a single cell of gigabytes) is refused after its first
//! megabytes.

use std::io::Read;
use std::path::Path;

use super::FileError;
use super::limits::Limits;

/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// Reads a file, or standard input for `-`.
pub(super) fn load(path: &Path, limits: &Limits) -> Result<Vec<u8>, FileError> {
    let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
    if path == Path::new("-") {
        return read(path, std::io::stdin().lock(), 0, limits);
    }
    if path.is_dir() {
        return Err(FileError::Directory { path: path.to_owned() });
    }
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    if size > limits.file_bytes {
        return Err(too_large(path, limits));
    }
    read(path, file, size as usize, limits)
}

fn too_large(path: &Path, limits: &Limits) -> FileError {
    FileError::TooLarge {
        path: path.to_owned(),
        what: format!("a register may have {} MiB", limits.file_bytes >> 20),
    }
}

/// Reads to the end, watching the size and the length of lines.
pub(super) fn read(
    path: &Path,
    mut source: impl Read,
    expected: usize,
    limits: &Limits,
) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let mut last_line_end = 0;
    loop {
        let start = bytes.len();
        if start == PIECE {
            // The first piece has shown what it is: now room for the rest at once.
            bytes.reserve_exact(expected.saturating_sub(start) + 1);
        }
        let got = source
            .by_ref()
            .take(PIECE as u64)
            .read_to_end(&mut bytes)
            .map_err(|source| FileError::Unreadable { path: path.to_owned(), source })?;
        if got == 0 {
            return Ok(bytes);
        }
        if bytes.len() as u64 > limits.file_bytes {
            return Err(too_large(path, limits));
        }
        if let Some(end) = bytes[start..].iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
            last_line_end = start + end;
        }
        if bytes.len() - last_line_end > limits.line_bytes && is_of_lines(&bytes) {
            return Err(FileError::TooLarge {
                path: path.to_owned(),
                what: format!("a line has more than {} MiB", limits.line_bytes >> 20),
            });
        }
    }
}

/// Whether the bytes can be a text table: neither a container nor JSON, which may stand in one line.
fn is_of_lines(bytes: &[u8]) -> bool {
    let container = [&b"PK"[..], &[0x1f, 0x8b], b"PAR1", &[0xd0, 0xcf, 0x11, 0xe0]];
    let text = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
    !json && !container.iter().any(|mark| bytes.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(source: impl Read, limits: &Limits) -> String {
        read(Path::new("r.csv"), source, 0, limits).unwrap_err().to_string()
    }

    #[test]
    fn a_cell_of_gigabytes_is_refused_after_its_first_megabytes() {
        struct Endless(u64);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'x');
                self.0 += buffer.len() as u64;
                assert!(self.0 < 64 << 20, "read on and on");
                Ok(buffer.len())
            }
        }
        let message = refusal(b"asset_id,model\nA1,".chain(Endless(0)), &Limits::STANDARD);
        assert!(message.contains("r.csv is too large: a line has more than 8 MiB"), "{message}");
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused_before_it_is_read() {
        let limits = Limits { file_bytes: 10, ..Limits::STANDARD };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        std::fs::write(&path, "asset_id,model\nA1,x\n").unwrap();
        assert!(load(&path, &limits).unwrap_err().to_string().contains("too large"));
        assert!(refusal(&b"asset_id,model\n"[..], &limits).contains("split it"));
    }

    #[test]
    fn json_may_stand_in_one_line() {
        let limits = Limits { line_bytes: 10, ..Limits::STANDARD };
        let text = br#"[{"asset_id":"A1","model":"x"}]"#;
        assert_eq!(read(Path::new("r"), &text[..], 0, &limits).unwrap(), text);
    }
}
