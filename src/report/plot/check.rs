//! What can be wrong with a drawing, for tests.
//!
//! In: an SVG. Out: its faults in words: a text that leaves the sheet, two texts on each other, a coordinate outside, a
//! number that is none. Widths of texts are estimated as the drawings themselves estimate them, less a little.

use super::canvas::{TEXT_SIZE, text_width};

/// Part of the estimated width that a text surely has: estimates take the wider of two fonts.
const SURE: f64 = 0.88;

/// A text with the box it takes.
#[derive(Debug, Clone)]
struct Written {
    text: String,
    from: (f64, f64),
    to: (f64, f64),
}

/// Everything that is wrong with a drawing; empty when nothing is.
pub(in crate::report) fn faults(svg: &str) -> Vec<String> {
    let mut found = Vec::new();
    for strange in ["NaN", "inf\"", "inf,", "inf ", "e+", "\u{202e}"] {
        if svg.contains(strange) {
            found.push(format!("holds {strange}"));
        }
    }
    let (width, height) = sheet(svg);
    let texts = texts(svg);
    for (position, one) in texts.iter().enumerate() {
        if one.from.0 < -0.5 || one.to.0 > width + 0.5 || one.from.1 < -0.5 || one.to.1 > height + 0.5 {
            found.push(format!("`{}` leaves the sheet: {:?} to {:?}", one.text, one.from, one.to));
        }
        for other in &texts[..position] {
            let apart = one.to.0 <= other.from.0
                || other.to.0 <= one.from.0
                || one.to.1 <= other.from.1
                || other.to.1 <= one.from.1;
            if !apart {
                found.push(format!("`{}` lies on `{}`", one.text, other.text));
            }
        }
    }
    for (x, y) in points(svg) {
        if x < -0.5 || x > width + 0.5 || y < -0.5 || y > height + 0.5 {
            found.push(format!("a point at {x}, {y} leaves the sheet"));
        }
    }
    found
}

fn sheet(svg: &str) -> (f64, f64) {
    let numbers = attribute(svg, "viewBox").unwrap_or_default();
    let numbers: Vec<f64> = numbers.split(' ').filter_map(|number| number.parse().ok()).collect();
    (numbers[2], numbers[3])
}

fn texts(svg: &str) -> Vec<Written> {
    let pieces = svg.split("<text ").skip(1);
    let written = pieces.filter_map(|piece| {
        let (tag, rest) = piece.split_once('>')?;
        let text = unescaped(rest.split_once("</text>")?.0);
        let (x, y) = (number(tag, "x")?, number(tag, "y")?);
        let width = SURE * text_width(&text);
        let left = match attribute(tag, "text-anchor").as_deref() {
            Some("middle") => x - 0.5 * width,
            Some("end") => x - width,
            _ => x,
        };
        // Letters stand on the baseline; what hangs below it is a little.
        Some(Written { text, from: (left, y - 0.75 * TEXT_SIZE), to: (left + width, y + 0.2 * TEXT_SIZE) })
    });
    written.filter(|written| !written.text.is_empty()).collect()
}

fn points(svg: &str) -> Vec<(f64, f64)> {
    let paths = svg.split(" d=\"M").skip(1).filter_map(|piece| piece.split('"').next());
    let of_paths = paths.flat_map(|data| data.trim_end_matches('Z').split(' ')).filter_map(|point| {
        let (x, y) = point.split_once(',')?;
        Some((x.parse().ok()?, y.parse().ok()?))
    });
    let circles = svg.split("<circle ").skip(1);
    let of_circles = circles.filter_map(|tag| Some((number(tag, "cx")?, number(tag, "cy")?)));
    let rectangles = svg.split("<rect ").skip(1).filter_map(|tag| {
        let (x, y) = (number(tag, "x")?, number(tag, "y")?);
        Some([(x, y), (x + number(tag, "width")?, y + number(tag, "height")?)])
    });
    of_paths.chain(of_circles).chain(rectangles.flatten()).collect()
}

fn number(tag: &str, name: &str) -> Option<f64> {
    attribute(tag, name)?.parse().ok()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let marked = format!(" {tag}");
    let (_, rest) = marked.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[test]
fn texts_on_each_other_and_beyond_the_edge_are_found() {
    let svg = |texts: &str| format!("<svg viewBox=\"0 0 100 50\">{texts}</svg>");
    assert_eq!(faults(&svg("<text x=\"5\" y=\"20\">one</text><text x=\"60\" y=\"20\">two</text>")), [""; 0]);
    assert_eq!(faults(&svg("<text x=\"5\" y=\"20\">one</text><text x=\"9\" y=\"22\">two</text>")).len(), 1);
    assert_eq!(faults(&svg("<text x=\"90\" y=\"20\">one</text>")).len(), 1);
    assert_eq!(faults(&svg("<path d=\"M5,5 120,5\"/>")).len(), 1);
}
