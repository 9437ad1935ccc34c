//! The model cards as one Markdown page.
//!
//! In: the models. Out: what each was fitted on, how it scored, and what it knows nothing about.

use std::fmt::Write;

use crate::price::{ClassModel, Models};

/// All cards, for `docs/models.md`.
pub fn model_cards(models: &Models) -> String {
    let mut text = String::from(
        "# Model cards\n\nWritten from `models/*.json`. Pinball loss is of the log price, times 100, at 10, 50 and 90 %; \
         lower is better. The rivals get the interval that fits their own errors best in hindsight.\n",
    );
    for (model, fingerprint) in models.iter() {
        // Writing to a String cannot fail.
        let _ = write_card(&mut text, model, fingerprint);
    }
    text
}

fn write_card(text: &mut String, model: &ClassModel, fingerprint: &str) -> std::fmt::Result {
    let card = &model.card;
    writeln!(text, "\n## {}\n", model.class)?;
    writeln!(text, "{}\n", card.method)?;
    writeln!(
        text,
        "- Basis: `{}`; file SHA-256 `{}`",
        card.basis,
        &fingerprint[..12.min(fingerprint.len())]
    )?;
    let month =
        |month: Option<crate::units::Month>| month.map_or_else(|| "?".into(), |month| month.to_string());
    writeln!(
        text,
        "- {} observations (about {} sales behind them) of {} products, {} to {}",
        card.observations,
        card.sales,
        card.products,
        month(card.first_month),
        month(card.last_month)
    )?;
    for source in &card.fitted_on {
        writeln!(text, "- Fitted on {source}")?;
    }
    writeln!(text, "- Intervals: {}", card.interval_note)?;
    if !card.scores.is_empty() {
        writeln!(
            text,
            "\n| market | months ahead | forecasts | median error % | bias | coverage of 80 % | pinball | no change | −3.5 % a month |"
        )?;
        writeln!(text, "|---|---|---|---|---|---|---|---|---|")?;
        for score in &card.scores {
            writeln!(
                text,
                "| {} | {} | {} | {:.1} | {:+.1} | {:.0} | {:.2} | {:.2} | {:.2} |",
                score.market,
                score.horizon_months,
                score.forecasts,
                score.median_error_percent,
                score.bias_log_percent,
                score.coverage_percent,
                score.pinball,
                score.pinball_no_change,
                score.pinball_published_rate
            )?;
        }
    }
    writeln!(text, "\nKnows nothing about:\n")?;
    for blind in &card.knows_nothing_about {
        writeln!(text, "- {blind}")?;
    }
    Ok(())
}
