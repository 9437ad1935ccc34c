//! Registers that are sent in.
//!
//! In: files of a form. Out: a register that stands ready, and the page of what is wrong with its data. Bytes stay in memory;
//! names are shown and never used as paths.

use axum::extract::{Multipart, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::Desk;
use super::refusal::Refusal;
use super::register::Register;
use super::shelf::id_of;
use crate::fleet;
use crate::units::sha256;

/// Bytes of one upload, all files together.
pub(super) const MOST_BYTES: usize = 64 << 20;

/// Files of one upload.
const MOST_FILES: usize = 24;

/// Opens a register.
pub(super) async fn upload(State(desk): State<Desk>, form: Multipart) -> Result<Response, Refusal> {
    // One at a time: an upload may take as much memory as the limit on it allows, several times over.
    let room = desk.uploading.try_acquire();
    let Ok(_room) = room else {
        return Err(Refusal::Busy("another register is being read: try again in a moment".to_owned()));
    };
    let files = files(form).await?;
    let digest: Vec<String> = files.iter().map(|(name, bytes)| format!("{name} {}", sha256(bytes))).collect();
    let id = id_of(&digest.join("\n"));
    let setting = desk.setting.clone();
    let opened = desk.workers.run(move || {
        let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
        let fleet = fleet::read_bytes(files, &setting.read_options()).map_err(Refusal::of)?;
        Register::new(id, names.join(", "), setting, fleet).map_err(Refusal::of)
    });
    let register = desk.registers.add(opened.await?);
    Ok(Redirect::to(&format!("/fleet/{}/findings", register.id)).into_response())
}

/// The files of a form with the names that people call them by.
pub(super) async fn files(mut form: Multipart) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(Refusal::of)? {
        let Some(name) = field.file_name().map(last_part) else { continue };
        let bytes = field.bytes().await.map_err(Refusal::of)?;
        if bytes.is_empty() {
            continue;
        }
        if files.len() == MOST_FILES {
            return Err(Refusal::Unusable(format!("more than {MOST_FILES} files at once")));
        }
        files.push((name, bytes.to_vec()));
    }
    if files.is_empty() {
        return Err(Refusal::Unusable("no file was sent".to_owned()));
    }
    Ok(files)
}

/// The last part of a name, which some browsers send with its folders.
fn last_part(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name).trim();
    if last.is_empty() { "register".to_owned() } else { last.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::last_part;

    #[test]
    fn folders_of_a_name_are_left_off() {
        assert_eq!(last_part(r"C:\Users\me\fleet.csv"), "fleet.csv");
        assert_eq!(last_part("../../etc/passwd"), "passwd");
        assert_eq!(last_part("/"), "register");
    }
}
