//! What was handed over, from a file.
//!
//! In: the `request.json` of a hand-over ([`Package`]), or a JSON list of [`HandedOver`], each with `ram_gb` and `storage_gb`
//! where they are known. Out: a [`Request`].

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{Configuration, SettleError};
use crate::outcome::{HandedOver, Package, handed_over};

/// What was handed over, with its configurations by request and line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// The lines.
    pub handed: Vec<HandedOver>,
    /// Memory and storage, where they are known.
    pub configurations: BTreeMap<(String, u32), Configuration>,
}

#[derive(Deserialize)]
struct RequestLine {
    #[serde(flatten)]
    handed: HandedOver,
    ram_gb: Option<f64>,
    storage_gb: Option<f64>,
}

/// Reads a request or a list of hand-overs; `path` is for messages.
pub fn read_request(path: &Path, bytes: &[u8]) -> Result<Request, SettleError> {
    let refused = |reason: String| SettleError::NoRequest { path: path.to_owned(), reason };
    let lines: Vec<RequestLine> = if bytes.trim_ascii_start().starts_with(b"{") {
        let package: Package = serde_json::from_slice(bytes)
            .map_err(|error| refused(format!("not the request of a hand-over ({error})")))?;
        of_package(&package)
    } else {
        serde_json::from_slice(bytes)
            .map_err(|error| refused(format!("not a list of hand-overs ({error})")))?
    };
    let mut request = Request::default();
    for RequestLine { handed, ram_gb, storage_gb } in lines {
        let (name, line) = (&handed.request, handed.line);
        if handed.quantity == 0 {
            return Err(refused(format!("request {name}, line {line}: it has no units")));
        }
        if !(0.0..=1.0).contains(&handed.terms.share) {
            return Err(refused(format!("request {name}, line {line}: a share is from 0 to 1")));
        }
        let key = (name.clone(), line);
        if request.configurations.insert(key, Configuration { ram_gb, storage_gb }).is_some() {
            return Err(refused(format!("request {name}, line {line} stands in it twice")));
        }
        request.handed.push(handed);
    }
    if request.handed.is_empty() {
        return Err(SettleError::NothingHandedOver { path: path.to_owned() });
    }
    Ok(request)
}

/// The lines of a request, with what it says of their configurations.
fn of_package(package: &Package) -> Vec<RequestLine> {
    let configurations = package.lines().map(|(_, line)| &line.configuration);
    let lines = handed_over(package).into_iter().zip(configurations);
    lines
        .map(|(handed, known)| RequestLine { handed, ram_gb: known.ram_gb, storage_gb: known.storage_gb })
        .collect()
}
