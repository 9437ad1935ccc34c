//! How a model file is written.
//!
//! In: a fitted model. Out: JSON that can be read and compared by line, and whose second line is a sum: the SHA-256 of the file
//! without that line (`grep -v '^  "sha256"' FILE | sha256sum`). It tells a file that was cut short or edited from one that a fit
//! wrote; it is no signature.
//!
//! Every key, name and group has a line of its own; numbers of one list share one.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::units::Fingerprint;

/// The first line; the sum stands in the second.
const OPENING: &str = "{\n";

/// What stands before the sum in its line, and what behind it.
const SUM_LINE: (&str, &str) = ("  \"sha256\": \"", "\",\n");

/// The text of a file, with its sum.
pub(super) fn write(model: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = OPENING.to_owned();
    text += SUM_LINE.0;
    let mut bytes = Vec::new();
    model.serialize(&mut Serializer::with_formatter(&mut bytes, Lines::default()))?;
    bytes.push(b'\n');
    let written = String::from_utf8_lossy(&bytes);
    let rest = written.strip_prefix(OPENING).unwrap_or(&written);
    text += &sum_of(rest);
    text += SUM_LINE.1;
    text += rest;
    Ok(text)
}

/// The sum that a text tells, and what stands behind its line; `None` where it tells none.
pub(super) fn told_sum(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(OPENING)?.strip_prefix(SUM_LINE.0)?.split_once(SUM_LINE.1)
}

/// The sum of a file of which this stands behind the line of the sum.
pub(super) fn sum_of(rest: &str) -> String {
    let mut sum = Fingerprint::default();
    sum.take(OPENING.as_bytes());
    sum.take(rest.as_bytes());
    sum.digits()
}

/// Indents by two blanks, and leaves numbers of a list on one line.
#[derive(Debug, Default)]
struct Lines {
    /// Of each open list or group whether anything in it began a line.
    open: Vec<bool>,
    /// Whether an entry of a list is due and may yet turn out to need a line.
    entry: bool,
}

impl Lines {
    fn line(&mut self, writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        if let Some(innermost) = self.open.last_mut() {
            *innermost = true;
        }
        self.indent(writer)
    }

    fn indent(&self, writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        writer.write_all(b"\n")?;
        self.open.iter().try_for_each(|_| writer.write_all(b"  "))
    }

    /// An entry of a list that is no number begins a line.
    fn entry_line(&mut self, writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        if std::mem::take(&mut self.entry) { self.line(writer) } else { Ok(()) }
    }

    fn close(&mut self, writer: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        if self.open.pop() == Some(true) {
            self.indent(writer)?;
        }
        writer.write_all(bracket)
    }
}

impl Formatter for Lines {
    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.entry_line(writer)?;
        writer.write_all(b"\"")
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.entry_line(writer)?;
        self.open.push(false);
        writer.write_all(b"[")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.entry = true;
        if first { Ok(()) } else { writer.write_all(b",") }
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.entry = false;
        Ok(())
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.entry_line(writer)?;
        self.open.push(false);
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_line_of_its_own_and_numbers_of_a_list_share_one() {
        let value = serde_json::json!({
            "empty": [], "nothing": {}, "numbers": [1, 2.5, null], "points": [[1, 1.5], [3, 2.0]],
            "words": ["a, b", "\"c\""], "groups": [{"x": 1}, {"x": [true, false]}],
        });
        let text = write(&value).unwrap();
        let (sum, rest) = told_sum(&text).unwrap();
        assert_eq!(sum, sum_of(rest));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&(OPENING.to_owned() + rest)).unwrap(), value);
        insta::assert_snapshot!(rest, @r#"
          "empty": [],
          "groups": [
            {
              "x": 1
            },
            {
              "x": [true,false]
            }
          ],
          "nothing": {},
          "numbers": [1,2.5,null],
          "points": [
            [1,1.5],
            [3,2.0]
          ],
          "words": [
            "a, b",
            "\"c\""
          ]
        }
        "#);
    }

    #[test]
    fn a_text_without_a_sum_tells_none() {
        for text in ["", "{}", "{\n}", "{\n  \"sha256\": 5,\n}", "{\n  \"sha256\": \"ab\"\n}"] {
            assert_eq!(told_sum(text), None, "{text}");
        }
    }
}
