//! "Extending 20 % of the laptop fleet by one year cuts annual hardware spend by 15 to 20 %", in words.

use super::{Section, grid, percent, sought, tenths};
use crate::decide::Policy;
use crate::report::words::{counted, rounded, whole};
use crate::scenario::claims::Verdict;
use crate::scenario::claims::extension::{CLAIMED, COST, CYCLE, Extension, LONG, MONTHLY, SHARE};
use crate::units::Currency;

pub(super) fn section(found: &Extension, policy: &Policy) -> Section {
    let dollars = |amount: f64| whole(amount, Currency::USD);
    let once = grid(
        &["extended once: spend in year", "as before", "extended", "change"],
        (1..).zip(&found.once.spend).map(|(year, (base, extended))| {
            vec![year.to_string(), dollars(*base), dollars(*extended), percent(extended / base - 1.0)]
        }),
    );
    let lasting = format!(
        "Extended for good, the spend falls by {} over {} years. For {} it takes {} of the fleet.",
        tenths(found.lasting.cut),
        LONG / 12,
        percent(CLAIMED.0),
        sought(found.lasting.share_for_least, percent),
    );
    let change = &found.total_cost_change;
    let cost = format!(
        "What else it costs: an extended laptop costs {} dollars a year more to run (upkeep and failures after the warranty). With \
         purchases, resale and what is left counted, its total cost changes by {} dollars a year ({} to {}).",
        dollars(found.opex_change),
        rounded(change.mean, 0),
        rounded(change.p10, 0),
        rounded(change.p90, 0),
    );
    Section {
        said: "\"Extending 20 % of the laptop fleet by one year cuts annual hardware spend by 15 to 20 %\"",
        source: "Repeated in the trade; no source with a calculation was found.",
        verdict: found.verdict,
        condition: condition(found),
        assumptions: vec![
            (
                "fleet".into(),
                format!("{}, {MONTHLY} bought in each of the last {} months", counted(found.units, "laptop"), CYCLE),
            ),
            ("cost of one, now and later".into(), format!("{} dollars", dollars(COST))),
            ("refresh".into(), format!("at {CYCLE} months, each followed by its like")),
            (
                "extended once".into(),
                format!("{}, in a fleet of ten a month; looked ahead {} months", found.once.kept, policy.horizon_months),
            ),
            (
                "extended for good".into(),
                format!("{} of every month's units, and those that follow them; looked ahead {LONG} months", percent(SHARE)),
            ),
            ("hardware spend".into(), "purchases, resale not deducted".into()),
        ],
        found: vec![once, lasting, cost],
        mechanism: "A postponement moves a fifth of one year's purchases to the next year, where it meets the next fifth: \
                    the first year alone is cheaper. For good, a fifth of the fleet is bought a fifth less often, which is a \
                    fifth of a fifth. What it saves on purchases it loses to upkeep, failures and resale."
            .to_owned(),
    }
}

fn condition(found: &Extension) -> String {
    match found.verdict {
        Verdict::Holds => format!("The lasting cut is {}.", tenths(found.lasting.cut)),
        _ => format!(
            "It holds if \"annual\" means the cash of the first year, which falls by {}; over {} years the cut is {}. A \
             lasting cut of {} takes {} of the fleet.",
            percent(found.once.first_year_cut()),
            found.once.spend.len(),
            tenths(found.once.cut()),
            percent(CLAIMED.0),
            sought(found.lasting.share_for_least, percent),
        ),
    }
}
