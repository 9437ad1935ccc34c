//! Members of zip archives, and packed files, inflated under a budget.
//!
//! In: bytes of an archive. Out: its members as bytes with their names. A name is a label and never a path: nothing is
//! written anywhere. What inflates beyond the budget, asks for a password or fails its checksum refuses the file.

use std::io::{Cursor, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::FileError;
use super::limits::{Budget, Limits};
use super::packed::Packing;

/// Bytes inflated at a time.
const PIECE: usize = 64 << 10;

/// One member of an archive.
#[derive(Debug)]
pub(super) struct Member {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// An opened zip archive.
pub(super) struct Archive<'a> {
    path: &'a Path,
    zip: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Archive<'a> {
    /// Reads the directory of an archive.
    pub(super) fn open(path: &'a Path, bytes: &'a [u8], limits: &Limits) -> Result<Archive<'a>, FileError> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(path, &error))?;
        if zip.len() > limits.members {
            return Err(FileError::TooLarge {
                path: path.to_owned(),
                what: format!("it has {} members, and {} are allowed", zip.len(), limits.members),
            });
        }
        Ok(Archive { path, zip })
    }

    /// Names of the members as the archive has them.
    pub(super) fn names(&self) -> Vec<String> {
        self.zip.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// Inflates every member and keeps none: what stays within the budget here will do so again.
    pub(super) fn check(&mut self, budget: &mut Budget<'_>) -> Result<(), FileError> {
        for at in 0..self.zip.len() {
            self.inflate(at, budget, &mut |_| {})?;
        }
        Ok(())
    }

    /// The bytes of one member that a workbook needs, without taking them off any budget twice.
    pub(super) fn bytes_of(&mut self, name: &str, budget: &mut Budget<'_>) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        if let Some(at) = self.zip.index_for_name(name) {
            self.inflate(at, budget, &mut |piece| bytes.extend_from_slice(piece))?;
        }
        Ok(bytes)
    }

    /// The member at a position; `None` for folders and the notes that a Mac adds.
    pub(super) fn member(&mut self, at: usize, budget: &mut Budget<'_>) -> Result<Option<Member>, FileError> {
        let names = {
            let member = self.zip.by_index_raw(at).map_err(|error| damaged(self.path, &error))?;
            let name = label(&String::from_utf8_lossy(member.name_raw()));
            (!member.is_dir() && !name.starts_with("__MACOSX/") && !name.ends_with(".DS_Store"))
                .then_some(name)
        };
        let Some(name) = names else { return Ok(None) };
        let mut bytes = Vec::new();
        self.inflate(at, budget, &mut |piece| bytes.extend_from_slice(piece))?;
        Ok(Some(Member { name, bytes }))
    }

    /// Number of members.
    pub(super) fn len(&self) -> usize {
        self.zip.len()
    }

    fn inflate(
        &mut self,
        at: usize,
        budget: &mut Budget<'_>,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), FileError> {
        let path = self.path;
        let encrypted = self.zip.by_index_raw(at).map_err(|error| damaged(path, &error))?.encrypted();
        if encrypted {
            return Err(FileError::Encrypted { path: path.to_owned() });
        }
        let member = self.zip.by_index(at).map_err(|error| damaged(path, &error))?;
        inflate(path, "zip archive", member, budget, take)
    }
}

/// What is inside a file packed as one stream.
pub(super) fn unpacked(
    path: &Path,
    bytes: &[u8],
    packing: Packing,
    budget: &mut Budget<'_>,
) -> Result<Vec<u8>, FileError> {
    let mut inflated = Vec::new();
    let mut take = |piece: &[u8]| inflated.extend_from_slice(piece);
    inflate(path, packing.name(), packing.unpacked(bytes), budget, &mut take)?;
    Ok(inflated)
}

/// Reads a compressed source piece by piece, each off the budget before it is kept.
fn inflate(
    path: &Path,
    format: &'static str,
    mut source: impl Read,
    budget: &mut Budget<'_>,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), FileError> {
    let mut piece = vec![0; PIECE];
    loop {
        let got = source.read(&mut piece).map_err(|error| FileError::Damaged {
            path: path.to_owned(),
            format,
            detail: error.to_string(),
        })?;
        if got == 0 {
            return Ok(());
        }
        budget.spend(got)?;
        take(&piece[..got]);
    }
}

fn damaged(path: &Path, error: &ZipError) -> FileError {
    match error {
        ZipError::InvalidPassword => FileError::Encrypted { path: path.to_owned() },
        other => {
            FileError::Damaged { path: path.to_owned(), format: "zip archive", detail: other.to_string() }
        }
    }
}

/// A name to print: no control characters, not endless.
pub(super) fn label(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(120).collect()
}
