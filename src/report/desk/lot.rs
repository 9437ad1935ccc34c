//! What to bid for a lot: a form for its manifest, and the bid under terms that can be turned.

use form_urlencoded::Serializer;
use maud::{Markup, html};

use super::frame::{Place, page};
use crate::catalog::Catalog;
use crate::lot::{Judged, Lot, Manifest};
use crate::report::percent::percent;
use crate::report::words::{clean, counted, figure, interval, whole, whole_with_currency};
use crate::report::{Page, lot_text};

/// Terms of a bid as an address says them; what it does not say is as the policy has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LotTerms {
    /// Profit wanted, a share of expected sales.
    pub margin: Option<f64>,
    /// Chance of a loss borne at most.
    pub max_loss: Option<f64>,
    /// A price to be judged.
    pub bid: Option<f64>,
    /// Grade scheme of rows that name none.
    pub scheme: Option<String>,
}

impl LotTerms {
    /// Reads a query; shares stand in per cent.
    pub(crate) fn read(query: &str) -> Result<LotTerms, String> {
        let mut terms = LotTerms::default();
        for (key, value) in
            form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.trim().is_empty())
        {
            let number = || {
                let number: Option<f64> = value.trim().parse().ok().filter(|number: &f64| number.is_finite());
                number.ok_or_else(|| format!("{key} = `{value}` is not a number"))
            };
            match key.as_ref() {
                "margin" => terms.margin = Some(number()? / 100.0),
                "max_loss" => terms.max_loss = Some(number()? / 100.0),
                "bid" => terms.bid = Some(number()?),
                "scheme" => terms.scheme = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        Ok(terms)
    }

    fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        let shares = [("margin", self.margin), ("max_loss", self.max_loss)];
        for (key, share) in shares.into_iter().filter_map(|(key, share)| Some((key, share?))) {
            query.append_pair(key, &figure(100.0 * share));
        }
        if let Some(bid) = self.bid {
            query.append_pair("bid", &figure(bid));
        }
        if let Some(scheme) = &self.scheme {
            query.append_pair("scheme", scheme);
        }
        query.finish()
    }
}

/// A priced lot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LotShown<'a> {
    /// Its name in addresses.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// What is asked of it.
    pub terms: &'a LotTerms,
    /// The bid.
    pub lot: &'a Lot,
    /// What is offered.
    pub manifest: &'a Manifest,
    /// What there is of hardware.
    pub catalog: &'a Catalog,
    /// Grade schemes that the policy knows.
    pub schemes: &'a [&'a str],
}

/// The form for a manifest.
pub(crate) fn lot_form_page() -> String {
    page("What to bid for a lot", Place::Lot, None, &form())
}

fn form() -> Markup {
    html! {
        section {
            h2 { "A lot's manifest" }
            p { "A register of any system, or a bare list with one line a kind: "
                code { "12 x Latitude 5420 i5/16/256, grade B, bought 2021-06" } ". Drop it here or choose it." }
            form .upload action="/lot" method="post" enctype="multipart/form-data" data-drop {
                label for="manifest" { "Manifest " }
                input #manifest type="file" name="file" required;
                button { "Price it" }
            }
        }
    }
}

/// The bid.
pub(crate) fn lot_page(shown: &LotShown<'_>) -> String {
    let lot = shown.lot;
    let words = lot_text(lot, shown.manifest, shown.catalog, Page::plain());
    let main = html! {
        (bid(lot))
        (terms(shown))
        (lines(lot))
        section {
            h2 { "All of it in words" }
            pre tabindex="0" { (words.lines().map(clean).collect::<Vec<_>>().join("\n")) }
        }
        (form())
    };
    page(&format!("What to bid for {}", clean(shown.name)), Place::Lot, None, &main)
}

fn bid(lot: &Lot) -> Markup {
    let currency = lot.terms.currency;
    let judged = |name: &str, judged: &Judged| {
        html! {
            li {
                span .name { (name) }
                span .amount { (whole_with_currency(judged.price.major(), currency)) }
                span .range { "margin " (percent(judged.margin)) ", chance of a loss " (percent(judged.loss)) }
                span .range { "profit, 8 in 10: " (interval(&judged.profit, currency)) }
            }
        }
    };
    html! {
        ul .tiles {
            (judged("Bid", &lot.bid.judged))
            @if let Some(asked) = &lot.asked { (judged("The price you asked about", asked)) }
            li {
                span .name { "Never pay more than" }
                span .amount { (whole_with_currency(lot.bid.reserve.major(), currency)) }
                span .range { "above it a loss is expected" }
            }
            li {
                span .name { "In the lot" }
                span .amount { (counted(lot.units(), "unit")) }
                span .range { (counted(lot.lines.len() as u64, "line")) " priced, " (lot.left_out.len()) " left out" }
                span .range { "what keeps the bid down: the " (lot.bid.limit.name()) }
            }
        }
    }
}

fn terms(shown: &LotShown<'_>) -> Markup {
    let (terms, used) = (shown.terms, &shown.lot.terms);
    let field = |key: &str, name: &str, value: Option<f64>, now: String| {
        html! {
            div .dial {
                label for={ "term-" (key) } { (name) }
                input id={ "term-" (key) } name=(key) type="number" step="any" value=[value.map(figure)] placeholder=(now);
            }
        }
    };
    let query = terms.query();
    let address = |file: &str| {
        let path = format!("/lot/{}/files/{file}", shown.id);
        if query.is_empty() { path } else { format!("{path}?{query}") }
    };
    html! {
        form action={ "/lot/" (shown.id) } method="get" aria-label="Terms" {
            fieldset .terms {
                legend { "Terms" }
                (field("margin", "Margin wanted, % of sales", terms.margin.map(|share| 100.0 * share), figure(100.0 * used.margin)))
                (field("max_loss", "Chance of a loss at most, %", terms.max_loss.map(|share| 100.0 * share),
                    figure(100.0 * used.max_loss)))
                (field("bid", &format!("Judge this price, {}", used.currency), terms.bid, String::new()))
                div .dial {
                    label for="term-scheme" { "Scheme of grades that name none" }
                    select #term-scheme name="scheme" {
                        option value="" { "the one that knows the codes" }
                        @for scheme in shown.schemes {
                            option value=(scheme) selected[terms.scheme.as_deref() == Some(*scheme)] { (clean(scheme)) }
                        }
                        // A scheme has other names too.
                        @if let Some(other) = terms.scheme.as_deref().filter(|own| !shown.schemes.contains(own)) {
                            option value=(other) selected { (clean(other)) }
                        }
                    }
                }
            }
            p { button { "Price it again" } }
        }
        p .links {
            "Files: "
            @for file in ["lot.csv", "sell_through.csv", "findings.csv", "rejects.csv", "manifest.json"] {
                a href=(address(file)) download { (file) } " "
            }
        }
    }
}

fn lines(lot: &Lot) -> Markup {
    let currency = lot.terms.currency;
    html! {
        section #lines {
            h2 { "Lines" }
            div .wide tabindex="0" role="region" aria-label="Lines" {
                table .sortable .dense {
                    caption { "Prices add to the bid; " (currency) }
                    thead { tr {
                        th scope="col" { "What" } th scope="col" { "Grade" } th .number scope="col" { "Units" }
                        th .number scope="col" { "Price of one" } th .number scope="col" { "Price of all" }
                    } }
                    tbody {
                        @for (line, price) in lot.lines.iter().zip(&lot.bid.lines) {
                            tr {
                                th scope="row" { (clean(&line.label)) }
                                td { @if line.graded.words.is_empty() { "not stated" } @else { (clean(&line.graded.words)) } }
                                td .number { (line.units) }
                                td .number { (whole(price.major() / line.units.max(1) as f64, currency)) }
                                td .number data-key=(price.minor()) { (whole(price.major(), currency)) }
                            }
                        }
                        @for left in &lot.left_out {
                            tr {
                                th scope="row" { (clean(&left.label)) ": " (clean(&left.reason)) }
                                td { "–" }
                                td .number { (left.units) }
                                td .number { "–" }
                                td .number data-key="0" { "not priced" }
                            }
                        }
                    }
                }
            }
        }
    }
}
