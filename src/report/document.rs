//! What every page is, written to a file or served: its head, the way to the content, its heading and its main part; and the
//! box that a drawing stands in.
//!
//! In: the parts of a page. Out: HTML. A drawing wider than the screen scrolls within its box, which takes the focus so that
//! the keys scroll it too; the page itself never scrolls sideways.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The parts of a page.
pub(super) struct Document<'a> {
    /// Heading of the page.
    pub title: &'a str,
    /// What follows the heading in the title of the browser's window.
    pub after_title: &'a str,
    /// Style and scripts of the head.
    pub head: Markup,
    /// Class of the body, where pages of a kind differ.
    pub class: Option<&'a str>,
    /// Ways to other pages, above the heading.
    pub above_heading: Markup,
    /// What stands below the heading.
    pub below_heading: &'a Markup,
    /// Everything else.
    pub main: &'a Markup,
    /// What comes after everything else.
    pub end: Markup,
}

impl Document<'_> {
    /// The whole page.
    pub(super) fn page(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) (self.after_title) }
                    (self.head)
                }
                body class=[self.class] {
                    a .skip href="#main" { "Skip to the content" }
                    header {
                        (self.above_heading)
                        h1 { (self.title) }
                        (self.below_heading)
                    }
                    main #main tabindex="-1" { (self.main) }
                    (self.end)
                }
            }
        };
        page.into_string()
    }
}

/// A drawing in its box. `name` says what is drawn, to whoever comes to the box by keyboard.
pub(super) fn drawing(name: &str, svg: String) -> Markup {
    html! { div .wide tabindex="0" role="group" aria-label=(name) { (PreEscaped(svg)) } }
}
