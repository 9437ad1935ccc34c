//! Who had the units when: a chain of events in which a change shows.
//!
//! In: what changed hands ([`Movement`]), one after the other. Out: a [`Chain`] and its text, `custody.json`: a line that
//! opens it, one event a line, a line that closes it. Every event bears the hash of the one before and its own,
//!
//! `hash = SHA-256(canonical bytes)`
//!
//! where the canonical bytes are the line `residua.custody/1` and then, in this order, a line for each of `seq`, `at`,
//! `from`, `to`, `place`, `count`, `seal_in`, `seal_out`, `method`, `signed_by` (how many, then one line each), `covers`
//! (how many, then the lines `file` and `sha256` of each) and `prev_hash`. A line is the name, a space, the length of the
//! value in bytes, a space, the value, a line feed; a value that is not there has `-` for its length and nothing more. The
//! lengths make it one form for one content. The first event has for `prev_hash` the SHA-256 of the opening line and covers
//! the request. After RFC 6962 and its like, in the simplest form: a list. What a list cannot show is that its last events
//! were cut off, or all of it made anew: keep the last hash elsewhere and compare it.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::units::sha256;

/// The form of the file, and of the canonical bytes.
pub const CUSTODY_SCHEMA: &str = "residua.custody/1";

/// What closes the file.
const CLOSING: &str = "]}";

/// Something that happened to the units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Movement {
    /// When, in UTC.
    pub at: Timestamp,
    /// Who let them go.
    pub from: String,
    /// Who took them.
    pub to: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// How many units were counted.
    pub count: u64,
    /// Number of the seal they came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal_in: Option<String>,
    /// Number of the seal they went on with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal_out: Option<String>,
    /// How they were moved or handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Who signed: roles rather than names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed_by: Vec<String>,
    /// Files beside the chain that the event vouches for, with their SHA-256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub covers: BTreeMap<String, String>,
}

/// A movement with its place in the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustodyEvent {
    /// Its number, from 1.
    pub seq: u32,
    /// What happened.
    #[serde(flatten)]
    pub movement: Movement,
    /// Hash of the event before.
    pub prev_hash: String,
    /// Hash of this one.
    pub hash: String,
}

/// All events of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    request_id: String,
    events: Vec<CustodyEvent>,
}

/// A chain that does not hold, or an event that cannot join it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustodyError {
    /// Something was changed.
    #[error("the chain of custody is broken at event {event}: {why}")]
    Broken {
        /// The first event that does not hold.
        event: u32,
        /// What is wrong with it.
        why: String,
    },
    /// The new event makes no sense.
    #[error("no event was added: {why}")]
    Refused {
        /// Why, and what would do.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Opening {
    schema: String,
    request_id: String,
    events: [(); 0],
}

impl CustodyEvent {
    fn new(seq: u32, movement: Movement, prev_hash: String) -> CustodyEvent {
        let mut event = CustodyEvent { seq, movement, prev_hash, hash: String::new() };
        event.hash = sha256(&event.canonical_bytes());
        event
    }

    /// The bytes that are hashed.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let Movement { at, from, to, place, count, seal_in, seal_out, method, signed_by, covers } =
            &self.movement;
        let mut text = format!("{CUSTODY_SCHEMA}\n");
        let mut field = |name: &str, value: Option<&str>| {
            // Writing to a String cannot fail.
            let _ = match value {
                Some(value) => writeln!(text, "{name} {} {value}", value.len()),
                None => writeln!(text, "{name} -"),
            };
        };
        field("seq", Some(&self.seq.to_string()));
        field("at", Some(&at.to_string()));
        field("from", Some(from));
        field("to", Some(to));
        field("place", place.as_deref());
        field("count", Some(&count.to_string()));
        field("seal_in", seal_in.as_deref());
        field("seal_out", seal_out.as_deref());
        field("method", method.as_deref());
        field("signed_by", Some(&signed_by.len().to_string()));
        for role in signed_by {
            field("role", Some(role));
        }
        field("covers", Some(&covers.len().to_string()));
        for (file, fingerprint) in covers {
            field("file", Some(file));
            field("sha256", Some(fingerprint));
        }
        field("prev_hash", Some(&self.prev_hash));
        text.into_bytes()
    }

    /// The event as its line of the file, without the comma.
    fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether it holds as the event `seq` after the event before, and its line is its own.
    fn check(
        &self,
        seq: u32,
        before: Option<&CustodyEvent>,
        prev_hash: &str,
        line: &str,
    ) -> Result<(), String> {
        if self.seq != seq {
            return Err(format!("it bears the number {}", self.seq));
        }
        if self.prev_hash != prev_hash {
            return Err("it does not follow what stands before it".to_owned());
        }
        if self.hash != sha256(&self.canonical_bytes()) {
            return Err("its content is not what its hash says".to_owned());
        }
        if self.line() != line {
            return Err("its line is not written as residua writes it".to_owned());
        }
        self.movement.check(before.map(|event| &event.movement))
    }
}

impl Movement {
    /// Whether it can be an event after another.
    fn check(&self, before: Option<&Movement>) -> Result<(), String> {
        let named = [("from", Some(&self.from)), ("to", Some(&self.to)), ("place", self.place.as_ref())];
        let others = [
            ("seal in", self.seal_in.as_ref()),
            ("seal out", self.seal_out.as_ref()),
            ("method", self.method.as_ref()),
        ];
        let texts = named
            .into_iter()
            .chain(others)
            .chain(self.signed_by.iter().map(|role| ("signed by", Some(role))));
        for (name, text) in texts.filter_map(|(name, text)| Some((name, text?))) {
            if text.trim().is_empty() {
                return Err(format!("`{name}` is empty: say it, or leave it out where it may be left out"));
            }
            if text.chars().any(char::is_control) {
                return Err(format!("`{name}` holds a control character: write it on one line"));
            }
        }
        if let Some(before) = before.filter(|before| self.at < before.at) {
            return Err(format!("it is of {}, before the event it follows, of {}", self.at, before.at));
        }
        match self.covers.keys().find(|name| !is_plain_name(name)) {
            Some(name) => Err(format!("it covers `{name}`, which is no plain name of a file beside it")),
            None => Ok(()),
        }
    }
}

impl Chain {
    /// A chain of one event.
    pub fn start(request_id: &str, first: Movement) -> Result<Chain, CustodyError> {
        let mut chain = Chain { request_id: request_id.to_owned(), events: Vec::new() };
        chain.append(first)?;
        Ok(chain)
    }

    /// Adds an event at the end.
    pub fn append(&mut self, movement: Movement) -> Result<&CustodyEvent, CustodyError> {
        let last = self.events.last();
        movement.check(last.map(|event| &event.movement)).map_err(|why| CustodyError::Refused { why })?;
        let seq = last.map_or(1, |event| event.seq + 1);
        let event = CustodyEvent::new(seq, movement, self.prev_hash(last));
        self.events.push(event);
        Ok(&self.events[self.events.len() - 1])
    }

    /// The request it is of.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The events in order; there is always one.
    pub fn events(&self) -> &[CustodyEvent] {
        &self.events
    }

    /// The hash to keep elsewhere: that of the last event.
    pub fn head(&self) -> &str {
        self.events.last().map_or("", |event| &event.hash)
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let lines: Vec<String> = self.events.iter().map(CustodyEvent::line).collect();
        format!("{}\n{}\n{CLOSING}\n", self.opening(), lines.join(",\n"))
    }

    fn opening(&self) -> String {
        let opening =
            Opening { schema: CUSTODY_SCHEMA.to_owned(), request_id: self.request_id.clone(), events: [] };
        let text = serde_json::to_string(&opening).unwrap_or_default();
        text.trim_end_matches(CLOSING).to_owned()
    }

    fn prev_hash(&self, before: Option<&CustodyEvent>) -> String {
        before.map_or_else(|| sha256(self.opening().as_bytes()), |event| event.hash.clone())
    }

    /// Reads the file and checks every byte of it.
    ///
    /// The error names the first event that does not hold; what is wrong with the opening line is told of event 1, what is
    /// wrong with the end of the file of the last event.
    pub fn read(bytes: &[u8]) -> Result<Chain, CustodyError> {
        let broken = |event: usize, why: String| CustodyError::Broken { event: event as u32, why };
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let mut chain =
            Chain { request_id: read_opening(lines[0]).map_err(|why| broken(1, why))?, events: Vec::new() };
        for number in 1.. {
            let closes = lines.get(number + 1).is_some_and(|line| *line == CLOSING.as_bytes());
            let line = lines.get(number).copied().unwrap_or_default();
            let event = chain.read_event(number, line, !closes).map_err(|why| broken(number, why))?;
            chain.events.push(event);
            if closes {
                break;
            }
        }
        let count = chain.events.len();
        match lines[count + 2..] {
            [[]] => Ok(chain),
            _ => Err(broken(count, "the end of the file after it was changed".to_owned())),
        }
    }

    fn read_event(&self, number: usize, line: &[u8], has_next: bool) -> Result<CustodyEvent, String> {
        let text = std::str::from_utf8(line).map_err(|_| "its line is no text".to_owned())?;
        let text = match (text.strip_suffix(','), has_next) {
            (Some(text), true) => text,
            (None, false) => text,
            _ => return Err("the comma after it was changed".to_owned()),
        };
        let event: CustodyEvent =
            serde_json::from_str(text).map_err(|error| format!("its line is no event ({error})"))?;
        let before = self.events.last();
        event.check(number as u32, before, &self.prev_hash(before), text)?;
        Ok(event)
    }

    /// Checks the files that events vouch for. `contents` gives the bytes of a file beside the chain.
    pub fn check_covered(
        &self,
        contents: &dyn Fn(&str) -> std::io::Result<Vec<u8>>,
    ) -> Result<(), CustodyError> {
        for event in &self.events {
            for (file, expected) in &event.movement.covers {
                let broken = |why: String| CustodyError::Broken { event: event.seq, why };
                let bytes = contents(file).map_err(|error| broken(format!("it covers {file}: {error}")))?;
                let found = sha256(&bytes);
                if found != *expected {
                    return Err(broken(format!(
                        "{file} was changed: it covers {expected}, the file is {found}"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Where the chain holds but the units may not have been in one hand all the time: a taker who is not the next giver, a
    /// seal that arrives as another, a count that changes.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        for pair in self.events.windows(2) {
            let (before, after) = (&pair[0].movement, &pair[1].movement);
            let seq = pair[1].seq;
            if after.from != before.to {
                gaps.push(format!(
                    "event {seq} comes from {}; event {} went to {}",
                    after.from,
                    seq - 1,
                    before.to
                ));
            }
            if before.seal_out.is_some() && after.seal_in != before.seal_out {
                let seal = |seal: &Option<String>| seal.clone().unwrap_or_else(|| "none".to_owned());
                gaps.push(format!(
                    "event {seq} came with seal {}; event {} went with {}",
                    seal(&after.seal_in),
                    seq - 1,
                    seal(&before.seal_out)
                ));
            }
            if after.count != before.count {
                gaps.push(format!(
                    "event {seq} counts {} units; event {} counted {}",
                    after.count,
                    seq - 1,
                    before.count
                ));
            }
        }
        gaps
    }
}

/// The request that the opening line names.
fn read_opening(line: &[u8]) -> Result<String, String> {
    let changed = || "the line that opens the file was changed".to_owned();
    let text = std::str::from_utf8(line).map_err(|_| changed())?;
    let opening: Opening = serde_json::from_str(&format!("{text}{CLOSING}")).map_err(|_| changed())?;
    let chain = Chain { request_id: opening.request_id, events: Vec::new() };
    if chain.opening() == text { Ok(chain.request_id) } else { Err(changed()) }
}

/// Whether a text is the name of a file and of nothing else: letters, digits, `.`, `_`, `-`, no leading dot.
pub fn is_plain_name(text: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    !text.is_empty() && text.len() <= 100 && !text.starts_with('.') && text.chars().all(plain)
}
