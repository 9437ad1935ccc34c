//! The page that a text is written for.
//!
//! In: the columns of a terminal, where there is one, and whether it shows styles. Out: a [`Page`], by which every writer of
//! text lays out its lists. Without a terminal each text has the width it always had ([`Page::width`] is given it), so that
//! what is kept in files stays the same; on one it fits 80 columns and grows to 200. Names give way, numbers never do.
//!
//! Lists are made to fit by their writers. Sentences are not: [`Page::fitted`] breaks what is too long for a terminal
//! between words, under the text of its own line. Styles are few, bold for headings, and nothing hangs on them.

use anstyle::{Effects, Style};

/// Columns of the narrowest page.
pub const LEAST_COLUMNS: usize = 80;

/// Columns of the widest page: longer lines are hard to follow.
pub const MOST_COLUMNS: usize = 200;

/// What a text is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Page {
    /// Columns of the terminal; none where there is no terminal.
    columns: Option<usize>,
    styled: bool,
}

impl Page {
    /// A file or a pipe: no terminal, no styles.
    pub const fn plain() -> Page {
        Page { columns: None, styled: false }
    }

    /// A terminal of so many columns, taken for no less than 80 and no more than 200.
    pub fn terminal(columns: usize) -> Page {
        Page { columns: Some(columns.clamp(LEAST_COLUMNS, MOST_COLUMNS)), styled: false }
    }

    /// The same page with or without styles.
    #[must_use]
    pub const fn styled(self, styled: bool) -> Page {
        Page { styled, ..self }
    }

    /// Columns of the page; those of the text's own where there is no terminal.
    pub fn width(self, own: usize) -> usize {
        self.columns.unwrap_or(own)
    }

    /// Whether the text goes to a file or a pipe.
    pub const fn is_plain(self) -> bool {
        self.columns.is_none()
    }

    /// Columns for a name in a list: `own` without a terminal, else as many as the longest needs, `most` at most.
    pub(super) fn column(self, own: usize, most: usize, names: impl Iterator<Item = usize>) -> usize {
        if self.is_plain() { own } else { names.max().unwrap_or(0).min(most) }
    }

    /// A heading.
    pub fn heading(self, words: &str) -> String {
        self.with(Effects::BOLD, words)
    }

    /// A note that can be passed over.
    pub fn note(self, words: &str) -> String {
        self.with(Effects::DIMMED, words)
    }

    fn with(self, effects: Effects, words: &str) -> String {
        if !self.styled {
            return words.to_owned();
        }
        let style = Style::new().effects(effects);
        format!("{style}{words}{style:#}")
    }

    /// The text with no line longer than the terminal; as it is where there is none.
    pub fn fitted(self, text: &str) -> String {
        let Some(columns) = self.columns else { return text.to_owned() };
        let lines: Vec<String> = text.split('\n').map(|line| broken(line, columns)).collect();
        lines.join("\n")
    }
}

/// A length that grows with the width of the page: along straight lines from point to point, each a width and the length
/// there, in order.
pub(super) fn grown(width: usize, points: &[(usize, usize)]) -> usize {
    let after = points.iter().position(|(at, _)| *at >= width);
    match (after, points) {
        (Some(0), [first, ..]) => first.1,
        (Some(after), _) => {
            let ((left, low), (right, high)) = (points[after - 1], points[after]);
            low + (high - low) * (width - left) / (right - left).max(1)
        }
        (None, _) => points.last().map_or(0, |last| last.1),
    }
}

/// Columns that a text takes, styles not counted.
fn length(text: &str) -> usize {
    let mut count = 0;
    let mut in_style = false;
    for character in text.chars() {
        match character {
            '\u{1b}' => in_style = true,
            'm' if in_style => in_style = false,
            _ if in_style => {}
            _ => count += 1,
        }
    }
    count
}

/// A line over as many lines as it needs, those after the first under its text: behind the last gap of two spaces or more
/// that leaves room for text, else two columns in from its own margin.
fn broken(line: &str, columns: usize) -> String {
    if length(line) <= columns {
        return line.to_owned();
    }
    let margin = line.chars().take_while(|character| *character == ' ').count();
    let indent = " ".repeat(text_column(line, columns).unwrap_or(margin + 2));
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(end_of_word(rest));
        let holds_words = !current.trim().is_empty();
        if holds_words && length(&current) + length(piece) > columns {
            lines.push(std::mem::replace(&mut current, indent.clone()));
            current.push_str(piece.trim_start_matches(' '));
        } else {
            current.push_str(piece);
        }
        rest = after;
    }
    lines.push(current);
    let pieces = lines.into_iter().flat_map(|line| cut(line, &indent, columns));
    pieces.collect::<Vec<_>>().join("\n")
}

/// Where the first word of a text ends, the spaces before it counted in, and with a number its unit: an amount and its
/// currency stand on one line.
fn end_of_word(text: &str) -> usize {
    let begin = text.len() - text.trim_start_matches(' ').len();
    let end_from = |from: usize| text[from..].find(' ').map_or(text.len(), |end| from + end);
    let end = end_from(begin);
    let is_number = text[..end].ends_with(|last: char| last.is_ascii_digit());
    let after = if end < text.len() { end_from(end + 1) } else { end };
    let unit = text[end..after].trim_matches([' ', ',', '.', ';', ':', ')']);
    let is_currency = unit.len() == 3 && unit.bytes().all(|letter| letter.is_ascii_uppercase());
    if is_number && (is_currency || unit == "%" || unit == "kg") { after } else { end }
}

/// A word longer than the page, as a path can be, in pieces.
fn cut(line: String, indent: &str, columns: usize) -> Vec<String> {
    if length(&line) <= columns || line.contains('\u{1b}') {
        return vec![line];
    }
    let characters: Vec<char> = line.chars().collect();
    let (first, rest) = characters.split_at(columns);
    let rest =
        rest.chunks(columns - indent.len()).map(|piece| format!("{indent}{}", String::from_iter(piece)));
    std::iter::once(String::from_iter(first)).chain(rest).collect()
}

/// Where the text of a line begins behind its last gap that leaves three eighths of the page for it.
fn text_column(line: &str, columns: usize) -> Option<usize> {
    let characters: Vec<char> = line.chars().collect();
    let begins = |at: usize| characters[at] != ' ' && characters[at - 1] == ' ' && characters[at - 2] == ' ';
    let margin = characters.iter().take_while(|character| **character == ' ').count();
    (2..characters.len().min(columns * 5 / 8)).rev().find(|at| begins(*at)).filter(|at| *at > margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_terminal_has_the_width_of_the_text_and_changes_nothing() {
        let long = "word ".repeat(60);
        assert_eq!(Page::plain().width(100), 100);
        assert_eq!(Page::plain().fitted(&long), long);
        assert_eq!(Page::plain().heading("Head"), "Head");
    }

    #[test]
    fn a_terminal_is_taken_for_80_to_200_columns() {
        assert_eq!([10, 80, 120, 500].map(|columns| Page::terminal(columns).width(100)), [80, 80, 120, 200]);
    }

    #[test]
    fn a_sentence_goes_on_under_its_text() {
        let line = format!("why           {}", "because ".repeat(12).trim_end());
        let fitted = Page::terminal(80).fitted(&line);
        let lines: Vec<&str> = fitted.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[1].starts_with("              because"), "{fitted}");
        assert!(lines.iter().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn a_number_and_its_unit_stand_on_one_line() {
        for (unit, stays) in [("USD,", true), ("%", true), ("kg).", true), ("units", false)] {
            let line = format!("{} 2,062 {unit} (median 1,239)", "x".repeat(73));
            let fitted = Page::terminal(80).fitted(&line);
            let begins = if stays { format!("\n  2,062 {unit}") } else { format!("2,062\n  {unit}") };
            assert!(fitted.contains(&begins), "{fitted}");
        }
    }

    #[test]
    fn a_word_longer_than_the_page_is_cut() {
        let fitted = Page::terminal(80).fitted(&format!("wrote {}", "x".repeat(200)));
        assert!(fitted.lines().all(|line| line.chars().count() <= 80), "{fitted}");
        assert_eq!(fitted.matches('x').count(), 200);
    }

    #[test]
    fn styles_take_no_columns() {
        let page = Page::terminal(80).styled(true);
        let heading = page.heading(&"h".repeat(80));
        assert!(heading.len() > 80);
        assert_eq!(page.fitted(&heading), heading);
    }

    #[test]
    fn lengths_grow_along_straight_lines_and_stop_at_the_ends() {
        let points = [(80, 24), (100, 34), (200, 60)];
        assert_eq!(
            [70, 80, 90, 100, 150, 200, 300].map(|width| grown(width, &points)),
            [24, 24, 29, 34, 47, 60, 60]
        );
    }
}
