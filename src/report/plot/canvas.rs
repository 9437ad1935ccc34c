//! A sheet to draw on, which becomes one SVG.
//!
//! In: shapes in pixels from the upper left corner and a [`Paint`] for each. Out: SVG text with coordinates rounded
//! to a tenth, the same bytes for the same shapes. Nothing has an id, so that many drawings fit on one page. Each
//! paint is written as a plain colour for a white ground and as a class, by which a page can recolour it for a
//! dark one.

use std::fmt::Write;

use crate::report::words::clean;

/// Width of every drawing, pixels.
pub(super) const WIDTH: f64 = 760.0;

/// Size of text, pixels.
pub(super) const TEXT_SIZE: f64 = 12.0;

/// What a colour means. The hues are those of Okabe and Ito, told apart by colour-blind eyes too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// Text and axes.
    Ink,
    /// Text of less weight.
    Soft,
    /// Grid lines.
    Rule,
    /// Prices and recoveries.
    Value,
    /// The range of prices.
    Band,
    /// The window.
    Window,
    /// The outline of a window, which shows it to those who cannot tell its ground.
    Edge,
    /// The best month.
    Best,
    /// Book value.
    Book,
    /// What adds.
    Gain,
    /// What takes.
    Loss,
}

impl Paint {
    fn name_and_colour(self) -> (&'static str, &'static str) {
        match self {
            Paint::Ink => ("ink", "#222"),
            Paint::Soft => ("soft", "#595959"),
            Paint::Rule => ("rule", "#ddd"),
            Paint::Value => ("value", "#0072b2"),
            Paint::Band => ("band", "#cbe4f5"),
            Paint::Window => ("window", "#f6e3b3"),
            Paint::Edge => ("edge", "#8a6d1c"),
            Paint::Best => ("best", "#d55e00"),
            Paint::Book => ("book", "#a2457c"),
            Paint::Gain => ("gain", "#009e73"),
            Paint::Loss => ("loss", "#e69f00"),
        }
    }

    fn fill(self) -> String {
        let (name, colour) = self.name_and_colour();
        format!("class=\"f-{name}\" fill=\"{colour}\"")
    }

    fn stroke(self, width: f64) -> String {
        let (name, colour) = self.name_and_colour();
        format!("class=\"s-{name}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\"", number(width))
    }
}

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The shapes drawn so far.
#[derive(Debug)]
pub(super) struct Canvas {
    height: f64,
    body: String,
}

impl Canvas {
    /// An empty sheet.
    pub(super) fn new(height: f64) -> Canvas {
        Canvas { height, body: String::new() }
    }

    /// A filled rectangle; a negative width or height goes to the left or up.
    pub(super) fn rectangle(&mut self, from: (f64, f64), to: (f64, f64), paint: Paint) {
        let (x, width) = (from.0.min(to.0), (from.0 - to.0).abs());
        let (y, height) = (from.1.min(to.1), (from.1 - to.1).abs());
        self.add(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}/>",
            number(x),
            number(y),
            number(width),
            number(height),
            paint.fill()
        ));
    }

    /// A rectangle with an outline.
    pub(super) fn outlined(&mut self, from: (f64, f64), to: (f64, f64), (inside, outline): (Paint, Paint)) {
        self.rectangle(from, to, inside);
        self.path(&[from, (to.0, from.1), to, (from.0, to.1), from], outline, 1.0, "");
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), paint: Paint, width: f64) {
        self.path(&[from, to], paint, width, "");
    }

    /// A line of dashes.
    pub(super) fn dashed(&mut self, points: &[(f64, f64)], paint: Paint, width: f64) {
        self.path(points, paint, width, " stroke-dasharray=\"5 3\"");
    }

    /// A line through points.
    pub(super) fn polyline(&mut self, points: &[(f64, f64)], paint: Paint, width: f64) {
        self.path(points, paint, width, " stroke-linejoin=\"round\"");
    }

    /// A filled outline through points.
    pub(super) fn area(&mut self, points: &[(f64, f64)], paint: Paint) {
        self.add(&format!("<path d=\"{}Z\" {}/>", path_data(points), paint.fill()));
    }

    /// A dot.
    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, paint: Paint) {
        self.add(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>",
            number(at.0),
            number(at.1),
            number(radius),
            paint.fill()
        ));
    }

    /// A ring, hollow to the ground.
    pub(super) fn ring(&mut self, at: (f64, f64), radius: f64, paint: Paint) {
        let place = format!("cx=\"{}\" cy=\"{}\" r=\"{}\"", number(at.0), number(at.1), number(radius));
        self.add(&format!("<circle {place} {}/>", paint.stroke(1.6)));
    }

    /// A text with its baseline at the place.
    pub(super) fn text(&mut self, at: (f64, f64), text: &str, anchor: Anchor, paint: Paint) {
        if text.is_empty() {
            return;
        }
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let place = format!("x=\"{}\" y=\"{}\"", number(at.0), number(at.1));
        self.add(&format!("<text {place}{anchor} {}>{}</text>", paint.fill(), escape(text)));
    }

    /// The finished drawing; `title` says in a sentence what it shows, for those who cannot see it.
    pub(super) fn finish(self, title: &str) -> String {
        let (width, height) = (number(WIDTH), number(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" font-family=\"Verdana, 'DejaVu Sans', Helvetica, Arial, sans-serif\" \
             font-size=\"{}\">\n<title>{}</title>\n<rect class=\"f-ground\" width=\"{width}\" height=\"{height}\" \
             fill=\"#fff\"/>\n{}</svg>\n",
            number(TEXT_SIZE),
            escape(title),
            self.body
        )
    }

    fn path(&mut self, points: &[(f64, f64)], paint: Paint, width: f64, more: &str) {
        self.add(&format!("<path d=\"{}\" {}{more}/>", path_data(points), paint.stroke(width)));
    }

    fn add(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }
}

/// Widths of the characters from the space to the tilde, in hundredths of the size of text: the wider of DejaVu Sans and
/// Verdana for each.
const WIDTHS: [u8; 95] = [
    36, 41, 46, 84, 64, 108, 78, 28, 46, 46, 64, 84, 37, 46, 37, 46, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    46, 46, 84, 84, 84, 55, 100, 69, 69, 70, 78, 64, 58, 78, 76, 43, 46, 70, 56, 87, 75, 79, 61, 79, 70, 69,
    62, 74, 69, 99, 69, 62, 69, 46, 46, 46, 84, 64, 64, 62, 64, 55, 64, 62, 36, 64, 64, 28, 35, 60, 28, 98,
    64, 62, 64, 64, 43, 53, 40, 64, 60, 82, 60, 60, 53, 64, 46, 64, 84,
];

/// How wide a text is in the wide sans-serif fonts (DejaVu, Verdana); never less than they make it.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().map(character_width).sum::<f64>() * TEXT_SIZE
}

/// Width of a character over the size of text.
fn character_width(character: char) -> f64 {
    let plain = (character as usize).checked_sub(usize::from(b' ')).and_then(|place| WIDTHS.get(place));
    match (plain, character) {
        (Some(hundredths), _) => f64::from(*hundredths) / 100.0,
        (None, '·' | '–') => 0.64,
        (None, '−' | '×') => 0.84,
        (None, '\u{0}'..='\u{36f}') if !character.is_uppercase() => 0.65,
        (None, '\u{0}'..='\u{10ff}') => 0.85,
        (None, _) => 1.1,
    }
}

/// A cleaned text cut to a width, in pixels; what is cut is shown by an ellipsis.
pub(super) fn fit(text: &str, width: f64) -> String {
    let text = clean(text);
    if text_width(&text) <= width {
        return text;
    }
    let mut room = width - text_width("…");
    let kept: String = text
        .chars()
        .take_while(|character| {
            room -= character_width(*character) * TEXT_SIZE;
            room >= 0.0
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// Breaks a text at spaces into lines no wider than `width`.
pub(super) fn wrap(text: &str, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(line) + text_width(word) + TEXT_SIZE < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fit(word, width)),
        }
    }
    lines
}

fn path_data(points: &[(f64, f64)]) -> String {
    let mut data = String::with_capacity(points.len() * 12);
    for (position, (x, y)) in points.iter().enumerate() {
        let mark = if position == 0 { "M" } else { " " };
        // Writing to a text cannot fail.
        let _ = write!(data, "{mark}{},{}", number(*x), number(*y));
    }
    data
}

/// A coordinate, to a tenth; what is not a number lands at the edge, where it is seen.
fn number(value: f64) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.1}");
    match text.strip_suffix(".0").unwrap_or(&text) {
        "-0" => "0".to_owned(),
        plain => plain.to_owned(),
    }
}

/// Text that no reader of XML takes for anything but text.
pub(super) fn escape(text: &str) -> String {
    clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_never_strange() {
        assert_eq!([1.0, -0.01, 12.345, f64::NAN, f64::INFINITY].map(number), ["1", "0", "12.3", "0", "0"]);
    }

    #[test]
    fn text_cannot_leave_its_element() {
        assert_eq!(escape("<script>&\"'\u{1}"), "&lt;script&gt;&amp;&quot;&#39; ");
    }

    #[test]
    fn a_drawing_is_one_svg_with_a_title() {
        let mut canvas = Canvas::new(40.0);
        canvas.line((0.0, 0.0), (10.04, 20.06), Paint::Value, 1.5);
        canvas.text((5.0, 5.0), "A & B", Anchor::Middle, Paint::Ink);
        insta::assert_snapshot!(canvas.finish("Two"), @r##"
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 40" width="760" height="40" role="img" font-family="Verdana, 'DejaVu Sans', Helvetica, Arial, sans-serif" font-size="12">
        <title>Two</title>
        <rect class="f-ground" width="760" height="40" fill="#fff"/>
        <path d="M0,0 10,20.1" class="s-value" fill="none" stroke="#0072b2" stroke-width="1.5"/>
        <text x="5" y="5" text-anchor="middle" class="f-ink" fill="#222">A &amp; B</text>
        </svg>
        "##);
    }

    #[test]
    fn a_text_is_cut_to_its_room_by_what_its_characters_take() {
        assert_eq!(fit("Latitude 5420", 200.0), "Latitude 5420");
        for long in ["Latitude 5420 with a very long tail", "日本語のモデル名はとても長い", "WWWWWWWWWWWWWWW"]
        {
            let cut = fit(long, 80.0);
            assert!(cut.ends_with('…') && text_width(&cut) <= 80.0 && text_width(&cut) > 60.0, "{cut}");
        }
    }

    #[test]
    fn long_lines_break_at_spaces() {
        let lines = wrap("one two three four five six", 80.0);
        assert!(lines.len() > 1 && lines.join(" ") == "one two three four five six");
    }
}
