//! "H100s live 18 to 24 months", in words.

use super::{Section, age, grid, months, percent, sought, spread};
use crate::decide::Policy;
use crate::report::words::whole;
use crate::scenario::claims::Verdict;
use crate::scenario::claims::cards::{CARD, CLAIMED, COST, Cards, LOAD, OfAge};
use crate::units::Currency;

pub(super) fn section(found: &Cards, policy: &Policy) -> Section {
    let by_age = grid(
        &[
            "bought",
            "age now",
            "worth of its cost now",
            "chance of less than a tenth",
            "successor takes over at",
            "renting beats selling to",
        ],
        found.by_age.iter().map(row),
    );
    let lives = format!(
        "Always replaced by its like, a card is best kept {}. {} of the cards have not failed once after {} months; \
         a failed one is mended. The basis of the price is `{}`; the month of purchase does not move it.",
        months(found.chain_life),
        percent(found.unfailed),
        CLAIMED.1,
        found.basis.name(),
    );
    Section {
        said: "\"H100s live 18 to 24 months\"",
        source: "Said of AI accelerators in general. A view quoted at mbi-deepdives.com puts their life at one to two years, and \
                 the 18 to 24 months at the time that used to lie between two generations. Against it stand the accounting \
                 lives of the large clouds, five to six years.",
        verdict: found.verdict,
        condition: condition(found),
        assumptions: vec![
            ("card".into(), format!("{CARD}, bought for {} dollars", whole(COST, Currency::USD))),
            ("load".into(), percent(LOAD)),
            ("successor".into(), format!("{}, {:.2} times the work (FP32 of the catalog)", found.successor, found.turning.successor_work.0)),
            (
                "rent".into(),
                format!(
                    "{:.2} dollars an hour (marketplaces in October 2026, four years after the launch), falling {} a year; \
                     {} of it is the owner's",
                    found.turning.hourly.0,
                    percent(found.turning.rent_fall.0),
                    percent(policy.rental.owner_share)
                ),
            ),
            ("price of the same work in new cards".into(), format!("falls {} a year", percent(found.turning.progress.0))),
            ("failures".into(), format!("one expected in {:.0} years (Meta, Llama 3)", found.turning.failure_scale.0)),
            ("asked of".into(), format!("a card {} months old, with half a year to live by the claim", CLAIMED.0)),
        ],
        found: vec![by_age, lives, turning(found)],
        mechanism: "A card at work costs its power and its failures, which are small beside what it earns or would cost to \
                    replace; a faster successor lowers its price, and a lower price is no reason to stop using it. \
                    FP32 understates what new cards do at the low precisions of AI: that factor is the one to doubt."
            .to_owned(),
    }
}

fn row(one: &OfAge) -> Vec<String> {
    vec![
        one.bought.to_string(),
        format!("{} months", one.age),
        spread(&one.worth),
        percent(one.nearly_worthless),
        age(one.replaced_at),
        age(one.rented_to),
    ]
}

fn turning(found: &Cards) -> String {
    let turning = &found.turning;
    let times = |value: f64| format!("{value:.1} times");
    let dollars = |value: f64| format!("{value:.2} dollars");
    let years = |value: f64| format!("{value:.1} years");
    grid(
        &["to end at 24 months", "assumed", "would have to be"],
        [
            ("work of a successor", times(turning.successor_work.0), sought(turning.successor_work.1, times)),
            (
                "fall of the rent, a year (to 90 %)",
                percent(turning.rent_fall.0),
                sought(turning.rent_fall.1, percent),
            ),
            ("rent of an hour today", dollars(turning.hourly.0), sought(turning.hourly.1, dollars)),
            (
                "fall of the price of the same work, a year",
                percent(turning.progress.0),
                sought(turning.progress.1, percent),
            ),
            (
                "years to one failure, for half to have failed",
                years(turning.failure_scale.0),
                sought(turning.failure_scale.1, years),
            ),
        ]
        .map(|(name, assumed, sought)| vec![name.to_owned(), assumed, sought]),
    )
}

fn condition(found: &Cards) -> String {
    let turning = &found.turning;
    let oldest = found.by_age.first();
    let evidence = oldest.map_or(String::new(), |one| {
        format!(
            "A card bought {} months ago is forecast to fetch {} of its cost, and an hour of it rents for {:.2} dollars.",
            one.age,
            spread(&one.worth),
            turning.hourly.0
        )
    });
    match found.verdict {
        Verdict::Holds => evidence,
        _ => format!(
            "{evidence} To end at 24 months, a successor would have to do {} its work at the price of one, or an hour to rent \
             for {} today.",
            sought(turning.successor_work.1, |value| format!("{value:.1} times")),
            sought(turning.hourly.1, |value| format!("{value:.2} dollars")),
        ),
    }
}
