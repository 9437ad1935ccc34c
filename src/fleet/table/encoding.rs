//! Text of bytes, by their marks and contents.
//!
//! In: bytes. Out: text. UTF-8 with or without mark, UTF-16 either way, a UTF-16 mark followed by plain UTF-8 (a known
//! defect of one exporter), else Windows-1252. A file that is UTF-8 but for a few bytes keeps its UTF-8, and those
//! bytes alone are read as Windows-1252. What is no text is refused with its name.

use std::path::Path;

use super::FileError;

/// A decoded file.
#[derive(Debug)]
pub(super) struct Decoded {
    pub text: String,
    /// Places in a UTF-8 file that are not UTF-8 and were read as Windows-1252.
    pub odd_places: usize,
}

/// Text of the bytes, by their marks and contents.
pub(super) fn decode(path: &Path, mut bytes: Vec<u8>) -> Result<Decoded, FileError> {
    let window = &bytes[..bytes.len().min(66)];
    let has_zero = window.contains(&0);
    let whole = |text| Decoded { text, odd_places: 0 };
    let decoded = match bytes.as_slice() {
        [] => return Err(FileError::Empty { path: path.to_owned() }),
        [b'%', b'P', b'D', b'F', ..] => {
            return Err(FileError::OtherFormat { path: path.to_owned(), format: "PDF" });
        }
        [0xff, 0xfe, rest @ ..] => {
            whole(encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned())
        }
        [0xfe, 0xff, rest @ ..] if has_zero => {
            whole(encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned())
        }
        [0xfe, 0xff, ..] => eight_bit_text(bytes.split_off(2)),
        [0xef, 0xbb, 0xbf, ..] => eight_bit_text(bytes.split_off(3)),
        _ => eight_bit_text(bytes),
    };
    match decoded.text.bytes().position(|byte| byte == 0) {
        Some(offset) => Err(FileError::Binary { path: path.to_owned(), offset }),
        None => Ok(decoded),
    }
}

/// UTF-8 when it is that, at least for the most part, else Windows-1252.
fn eight_bit_text(bytes: Vec<u8>) -> Decoded {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Decoded { text, odd_places: 0 },
        Err(error) => error.into_bytes(),
    };
    let (mut letters, mut odd_places) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        odd_places += usize::from(!chunk.invalid().is_empty());
    }
    let windows = |bytes: &[u8]| encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
    // Text in Windows-1252 hardly ever has two bytes that happen to be one letter of UTF-8.
    if letters < odd_places {
        return Decoded { text: windows(&bytes), odd_places: 0 };
    }
    let mut text = String::with_capacity(bytes.len() + odd_places * 2);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push_str(&windows(chunk.invalid()));
        }
    }
    Decoded { text, odd_places }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_windows_byte_leaves_the_rest_of_a_utf_8_file_alone() {
        let mut bytes = "Tag,Ort\nP1,München\nP2,".as_bytes().to_vec();
        bytes.extend(b"K\xf6ln\nP3,");
        bytes.extend("São Paulo\n".as_bytes());
        let decoded = decode(Path::new("r"), bytes).unwrap();
        assert_eq!(decoded.text, "Tag,Ort\nP1,München\nP2,Köln\nP3,São Paulo\n");
        assert_eq!(decoded.odd_places, 1);
    }

    #[test]
    fn a_windows_file_is_no_defect() {
        let decoded = decode(Path::new("r"), b"S\xe3o Paulo \x96 Pr\xe9dio".to_vec()).unwrap();
        assert_eq!((decoded.text.as_str(), decoded.odd_places), ("São Paulo – Prédio", 0));
    }
}
