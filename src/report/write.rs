//! Files appear whole or not at all.
//!
//! In: names and contents. Out: files on disk. A single file is written beside its place and renamed into it; a
//! directory of outputs is written beside its place and swapped in, so that a run that fails half-way leaves
//! what was there before. What a run that was killed left beside it ([`leftovers`]) goes with the next output of that name.

mod leftovers;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The system would not take an output.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Writing or renaming failed.
    #[error("cannot write {path}: {source}")]
    Failed {
        /// The output.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// What stands there must not be written over.
    #[error(
        "{path} stands already and differs ({what}): what was handed over is never written over; name another directory"
    )]
    Stands {
        /// The directory.
        path: PathBuf,
        /// The first file that differs.
        what: String,
    },
    /// The output directory holds something else.
    #[error("{path} holds {strange}, which this command does not write: name another directory")]
    NotOurs {
        /// The directory.
        path: PathBuf,
        /// The first thing in it that is not an output.
        strange: String,
    },
}

/// Writes one file whole. What is no file, a pipe or a device, is written to as it is: it cannot be put in place.
pub fn write_file(path: &Path, contents: &[u8]) -> Result<(), WriteError> {
    let failed = |source| WriteError::Failed { path: path.to_owned(), source };
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let mut open = std::fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
        return open.write_all(contents).map_err(failed);
    }
    let beside = leftovers::beside(path, leftovers::PARTIAL);
    std::fs::File::create(&beside)
        .and_then(|mut file| file.write_all(contents).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|source| {
            // The half-made file is of no use to anyone; the error that matters is the first.
            let _ = std::fs::remove_file(&beside);
            failed(source)
        })?;
    leftovers::remove(path);
    Ok(())
}

/// Changes a file whole while no other process changes it so: what it held is given, what it is to hold comes back.
pub fn change_file<E: From<WriteError>>(
    path: &Path,
    change: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
) -> Result<(), E> {
    let failed = |source| WriteError::Failed { path: path.to_owned(), source };
    loop {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.lock().map_err(failed)?;
        let mut locked = Vec::new();
        (&file).read_to_end(&mut locked).map_err(failed)?;
        // Whoever held the lock before may have put another file in its place.
        if std::fs::read(path).map_err(failed)? == locked {
            return Ok(write_file(path, &change(&locked)?)?);
        }
    }
}

/// Writes a directory of files whole, in place of what an earlier run wrote there.
pub fn write_directory(path: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), WriteError> {
    make_directory(path, files.keys().map(String::as_str), |into| {
        write_all(into, files)?;
        Ok((BTreeMap::new(), ()))
    })
}

/// The same where the files are still to be made and some are too large to be held: `make` is given the directory to write these
/// into, beside its place, and returns the others and what else it found. `names` are those of all files, so that a place that
/// must not be written to is refused before any work is done.
pub fn make_directory<'a, T, E: From<WriteError>>(
    path: &Path,
    names: impl IntoIterator<Item = &'a str>,
    make: impl FnOnce(&Path) -> Result<(BTreeMap<String, Vec<u8>>, T), E>,
) -> Result<T, E> {
    let failed = |path: &Path, source| WriteError::Failed { path: path.to_owned(), source };
    let path = &std::path::absolute(path).map_err(|source| failed(path, source))?;
    if let Some(strange) =
        something_strange(path, names.into_iter()).map_err(|source| failed(path, source))?
    {
        return Err(WriteError::NotOurs { path: path.to_owned(), strange }.into());
    }
    let beside = leftovers::beside(path, leftovers::PARTIAL);
    if beside.exists() {
        std::fs::remove_dir_all(&beside).map_err(|e| failed(&beside, e))?;
    }
    std::fs::create_dir_all(&beside).map_err(|e| failed(&beside, e))?;
    let made = make(&beside).and_then(|(files, found)| {
        write_all(&beside, &files)?;
        Ok(found)
    });
    if made.is_err() {
        // As above: the first error matters.
        let _ = std::fs::remove_dir_all(&beside);
        return made;
    }
    // Stopped between any two of these, the place holds the old files or the new ones or none, never some of each.
    let old = leftovers::beside(path, leftovers::REPLACED);
    if old.exists() {
        std::fs::remove_dir_all(&old).map_err(|e| failed(&old, e))?;
    }
    let stood = path.exists();
    if stood {
        std::fs::rename(path, &old).map_err(|e| failed(path, e))?;
    }
    std::fs::rename(&beside, path).map_err(|e| failed(path, e))?;
    if stood {
        std::fs::remove_dir_all(&old).map_err(|e| failed(&old, e))?;
    }
    leftovers::remove(path);
    made
}

/// Writes a directory of files whole where there is none. The same files once more are no matter; anything else that
/// stands there is left as it is.
pub fn write_new_directory(path: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), WriteError> {
    let failed = |source| WriteError::Failed { path: path.to_owned(), source };
    let path = std::path::absolute(path).map_err(failed)?;
    if std::fs::symlink_metadata(&path).is_ok() {
        return match difference(&path, files) {
            None => Ok(()),
            Some(what) => Err(WriteError::Stands { path, what }),
        };
    }
    write_directory(&path, files)
}

/// The first of the files that is not there as it would be written, or the first that is there besides.
fn difference(path: &Path, files: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let differs = |(name, contents): &(&String, &Vec<u8>)| {
        std::fs::read(path.join(name)).ok().as_ref() != Some(*contents)
    };
    let changed = files.iter().find(differs).map(|(name, _)| name.clone());
    let mut folders = vec![PathBuf::new()];
    while let (None, Some(folder)) = (&changed, folders.pop()) {
        for entry in std::fs::read_dir(path.join(&folder)).ok()?.flatten() {
            let relative = folder.join(entry.file_name());
            let name = relative.to_string_lossy().replace('\\', "/");
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(relative);
            } else if !files.contains_key(&name) {
                return Some(name);
            }
        }
    }
    changed
}

/// The first thing at the output's place that an earlier run cannot have written.
fn something_strange<'a>(
    path: &Path,
    names: impl Iterator<Item = &'a str>,
) -> std::io::Result<Option<String>> {
    if path.is_symlink() {
        return Ok(Some("a link".into()));
    }
    if !path.exists() {
        return Ok(None);
    }
    let top = |name: &str| name.split('/').next().unwrap_or(name).to_owned();
    let ours: std::collections::BTreeSet<String> = names.map(top).collect();
    let mut folders = vec![(path.to_owned(), true)];
    while let Some((folder, is_top)) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let known = if is_top { ours.contains(&name) } else { name.ends_with(".svg") };
            if !known {
                return Ok(Some(name));
            }
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), false));
            }
        }
    }
    Ok(None)
}

fn write_all(directory: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), WriteError> {
    for (name, contents) in files {
        let path = directory.join(name);
        let failed = |source| WriteError::Failed { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&path, contents).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_directory_is_never_written_over() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("handoff");
        let files = |text: &str| BTreeMap::from([("a/custody.json".to_owned(), text.as_bytes().to_vec())]);
        write_new_directory(&out, &files("1")).unwrap();
        write_new_directory(&out, &files("1")).unwrap();
        let message = write_new_directory(&out, &files("2")).unwrap_err().to_string();
        assert!(message.contains("a/custody.json") && message.contains("never written over"), "{message}");
        assert_eq!(std::fs::read(out.join("a/custody.json")).unwrap(), b"1");
        std::fs::write(out.join("a/signed.pdf"), "mine").unwrap();
        let message = write_new_directory(&out, &files("1")).unwrap_err().to_string();
        assert!(message.contains("a/signed.pdf"), "{message}");
    }

    #[test]
    fn a_directory_is_replaced_whole_and_a_strangers_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("out");
        let files = |name: &str| {
            BTreeMap::from([("manifest.json".to_owned(), b"{}".to_vec()), (name.to_owned(), b"x".to_vec())])
        };
        write_directory(&out, &files("plots/a.svg")).unwrap();
        write_directory(&out, &files("plots/b.svg")).unwrap();
        assert!(!out.join("plots/a.svg").exists() && out.join("plots/b.svg").exists());
        std::fs::write(out.join("notes.txt"), "mine").unwrap();
        let message = write_directory(&out, &files("plots/b.svg")).unwrap_err().to_string();
        assert!(message.contains("holds notes.txt"), "{message}");
        let strange = root.path().join("strange");
        std::fs::create_dir(&strange).unwrap();
        std::fs::write(strange.join("thesis.txt"), "mine").unwrap();
        let message = write_directory(&strange, &files("a.csv")).unwrap_err().to_string();
        assert!(message.contains("name another directory"), "{message}");
        assert!(strange.join("thesis.txt").exists());
    }
}
