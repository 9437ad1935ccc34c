//! Text of bytes, by their marks and contents.
//!
//! In: bytes. Out: text. UTF-8 with or without mark, UTF-16 either way, a UTF-16 mark followed by plain UTF-8 (a known
//! defect of one exporter), else Windows-1252. What is no text is refused with its name.

use std::path::Path;

use super::FileError;

/// Text of the bytes, by their marks and contents.
pub(super) fn decode(path: &Path, bytes: &[u8]) -> Result<String, FileError> {
    let other = |format| Err(FileError::OtherFormat { path: path.to_owned(), format });
    match bytes {
        [] => return Err(FileError::Empty { path: path.to_owned() }),
        [b'P', b'K', 3 | 5 | 7, ..] => return other("a spreadsheet or zip archive"),
        [0x1f, 0x8b, ..] => return other("gzip-compressed"),
        [b'P', b'A', b'R', b'1', ..] => return other("Parquet"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return other("an old Excel workbook"),
        [b'%', b'P', b'D', b'F', ..] => return other("PDF"),
        _ => {}
    }
    let window = &bytes[..bytes.len().min(66)];
    let has_zero = window.contains(&0);
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xfe, 0xff, rest @ ..] if has_zero => {
            encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned()
        }
        [0xfe, 0xff, rest @ ..] | [0xef, 0xbb, 0xbf, rest @ ..] => eight_bit_text(rest),
        _ => eight_bit_text(bytes),
    };
    match text.bytes().position(|byte| byte == 0) {
        Some(offset) => Err(FileError::Binary { path: path.to_owned(), offset }),
        None => Ok(text),
    }
}

/// UTF-8 when it is that, else Windows-1252.
fn eight_bit_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}
