//! What the numbers rest on: the fitted models by their cards, the policy, the exchange rates.

use maud::{Markup, html};

use super::Source;
use crate::decide::rates_used;
use crate::price::{ClassModel, ModelCard};
use crate::report::percent;
use crate::report::words::{clean, counted, span};

pub(super) fn basis(source: Source<'_>) -> Markup {
    let policy = source.policy;
    let rates = rates_used(source.fleet, policy);
    html! {
        section #basis {
            h2 { "What it rests on" }
            @for (model, fingerprint) in source.models.iter() { (card(model, fingerprint)) }
            p { "Every other class is valued by published depreciation curves on what was paid." }
            h3 { "Policy" }
            dl {
                dt { "Months looked ahead" } dd { (policy.horizon_months) }
                dt { "Discount rate" } dd { (percent::as_given(policy.discount_rate_yearly)) " a year" }
                dt { "Tolerance of a window" } dd { (percent::as_given(policy.window_tolerance)) " of the recovery" }
                dt { "Owner's share of a sale" } dd { (percent::as_given(policy.resell.share)) }
                dt { "Price in the channel" } dd { (percent::as_given(policy.resell.channel_factor)) " of the open market" }
            }
            @if rates.iter().next().is_some() {
                h3 { "Exchange rates" }
                ul .plain {
                    @for (currency, rate) in rates.iter() {
                        li { "1 " (currency) " = " (rate.rate) " USD on " (clean(&rate.date)) }
                    }
                }
            }
        }
    }
}

fn card(model: &ClassModel, fingerprint: &str) -> Markup {
    let card = &model.card;
    html! {
        h3 { "Prices of class " (model.class) }
        dl {
            dt { "Method" } dd { (clean(&card.method)) }
            dt { "Fitted on" } dd { (evidence(card)) }
            @if !card.interval_note.is_empty() { dt { "Intervals" } dd { (clean(&card.interval_note)) } }
            dt { "Model file" } dd { "SHA-256 " (fingerprint.get(..16).unwrap_or(fingerprint)) "…" }
        }
        (scores(card))
        @if !card.knows_nothing_about.is_empty() {
            p { "It knows nothing about:" }
            ul .plain { @for gap in &card.knows_nothing_about { li { (clean(gap)) } } }
        }
    }
}

fn evidence(card: &ModelCard) -> String {
    let months = match (card.first_month, card.last_month) {
        (Some(first), Some(last)) => format!(", {}", span(first, last)),
        _ => String::new(),
    };
    let prices = counted(card.observations as u64, "price");
    format!("{prices} ({}) of {}{months}", card.basis, counted(card.products as u64, "product"))
}

fn scores(card: &ModelCard) -> Markup {
    html! {
        @if !card.scores.is_empty() {
            table .narrow {
                caption { "Measured on prices the model had not seen" }
                thead { tr {
                    th .number scope="col" { "Months ahead" } th .number scope="col" { "Forecasts" }
                    th .number scope="col" { "Median error" } th .number scope="col" { "Inside the 80 % range" }
                } }
                tbody {
                    @for score in &card.scores {
                        tr {
                            td .number { (score.horizon_months) }
                            td .number { (score.forecasts) }
                            td .number { (format!("{:.1} %", score.median_error_percent)) }
                            td .number { (format!("{:.0} %", score.coverage_percent)) }
                        }
                    }
                }
            }
        }
    }
}
