//! Pages on paper: as PDF, and laid out for a sheet with nothing cut off.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::browser::{Browser, DESK};
use crate::programs;
use crate::tables::texts;

/// A sheet of paper: its name, width and height in inches.
pub(crate) const A4: (&str, f64, f64) = ("A4", 8.27, 11.69);
pub(crate) const LETTER: (&str, f64, f64) = ("Letter", 8.5, 11.0);

/// Dots of CSS to an inch.
const DOTS: f64 = 96.0;

/// Margins left and right in inches: those of the style sheet, 14 mm each.
const MARGINS: f64 = 2.0 * 14.0 / 25.4;

/// Prints what is open on paper of this size, keeps the PDF as an artefact and returns how many pages it has. A page that
/// holds anything wider than the sheet fails.
pub(crate) fn print(browser: &Browser, name: &str, paper: (&str, f64, f64)) -> usize {
    let (sheet, width, height) = paper;
    let cut = cut_off(browser, paper);
    assert!(cut.is_empty(), "cut off on {sheet}:\n{}", cut.join("\n"));
    let parameters = json!({ "paperWidth": width, "paperHeight": height, "printBackground": true });
    let printed = browser.session().devtools("Page.printToPDF", &parameters);
    let pdf = STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
    std::fs::write(programs::artefacts().join(format!("{name}-{sheet}.pdf")), &pdf).unwrap();
    pages_of(&pdf)
}

/// Lays the page out for a sheet and tells what its edge would cut off or a box would hide. Chromium itself would rather
/// print everything smaller; other browsers cut.
pub(crate) fn cut_off(browser: &Browser, (sheet, width, height): (&str, f64, f64)) -> Vec<String> {
    browser.medium("print", "light");
    let dots = |inches: f64| (inches * DOTS) as u32;
    browser.size((sheet, dots(width - MARGINS), dots(height)));
    let cut = browser.run(
        "const width = document.documentElement.clientWidth;
         const cut = [];
         for (const element of document.querySelectorAll('body *')) {
           const box = element.getBoundingClientRect();
           if (box.width === 0 || box.height === 0 || element.closest('svg svg, svg *')) continue;
           const hides = getComputedStyle(element).overflowX !== 'visible' && element.clientWidth > 1
             && element.scrollWidth > element.clientWidth + 1;
           if (box.right > width + 1 || hides) {
             cut.push(`${element.tagName}.${element.className} ends at ${Math.round(box.right)} of ${width}: `
               + element.textContent.trim().slice(0, 60));
           }
         }
         return cut.slice(0, 10);",
    );
    browser.medium("", "light");
    browser.size(DESK);
    texts(&cut)
}

/// How many pages a PDF has, by the dictionaries of its pages, which Chromium does not compress.
fn pages_of(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.match_indices("/Type /Page").filter(|(at, found)| !text[at + found.len()..].starts_with('s')).count()
}
