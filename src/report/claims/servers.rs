//! "Servers deliver five to seven years", in words.

use super::{Section, age, grid, months, percent, sought, tenths};
use crate::decide::Policy;
use crate::report::words::{counted, whole};
use crate::scenario::claims::Verdict;
use crate::scenario::claims::servers::{COST, LOADS, POWER_W, Servers, Turning};
use crate::units::Currency;

pub(super) fn section(found: &Servers, policy: &Policy) -> Section {
    let lives = grid(
        &["kept for", "dearer than the best life"],
        found.dearer.iter().map(|(life, more)| vec![months(*life), tenths(*more)]),
    );
    let mut columns = vec!["at work".to_owned(), "bought".to_owned(), "age now".to_owned()];
    columns.extend(LOADS.iter().map(|load| format!("replaced at, load {}", percent(*load))));
    columns.push("five years from load".to_owned());
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let owned = grid(
        &columns,
        found.owned.iter().map(|one| {
            let mut row =
                vec![one.product.to_owned(), one.bought.to_string(), counted(one.age as u64, "month")];
            row.extend(one.replaced_at.iter().map(|months| age(*months)));
            row.push(sought(one.least_load, percent));
            row
        }),
    );
    Section {
        said: "\"Servers deliver five to seven years\"",
        source: "Repeated in the trade without a measurement; the large clouds write servers off over five to six years \
                 (Microsoft 4 to 6 in 2023, Google 6, Amazon 6 and 5 for a part, Meta 5.5).",
        verdict: found.verdict,
        condition: condition(found),
        assumptions: vec![
            ("server".into(), format!("{} dollars, {POWER_W:.0} W, {} of the time under load", whole(COST, Currency::USD), percent(policy.challenger.target_utilization))),
            ("price of the same work in new servers".into(), format!("falls {} a year", percent(found.progress.now))),
            ("resale".into(), "published curve of its class, net of fees".into()),
            ("energy".into(), format!("{:.2} dollars a kWh, {:.2} times for the facility", policy.energy.price_per_kwh, policy.energy.pue)),
            ("upkeep, failures, space".into(), "as in the policy".into()),
            (
                "servers at work".into(),
                format!(
                    "replaced one by one by the newest of their line, each generation {:.2} times the work, run at {} load: \
                     little load means few successors",
                    policy.challenger.generation_gain,
                    percent(policy.challenger.target_utilization)
                ),
            ),
        ],
        found: vec![
            format!(
                "Always replaced by its like, a server is best kept {}. Lives from {} to {} months cost at most 5 % more.",
                months(found.best),
                found.near_best.0,
                found.near_best.1
            ),
            lives,
            turning(found),
            owned,
        ],
        mechanism: "Replaced by its like, age costs upkeep and failures and waiting gains cheaper work: the two nearly \
                    balance over some years, so missing the best life costs little. A server with little to do is another \
                    matter: a fraction of a new one does its work, and the engine lets it go at once."
            .to_owned(),
    }
}

fn turning(found: &Servers) -> String {
    let cents = |value: f64| format!("{value:.2} dollars");
    let times = |value: f64| format!("{value:.2} times");
    let row = |name: &str, turning: &Turning, words: &dyn Fn(f64) -> String| {
        vec![name.to_owned(), words(turning.now), sought(turning.five, words), sought(turning.seven, words)]
    };
    grid(
        &["for a best life of", "assumed", "60 months", "84 months"],
        [
            row("fall of the price of the same work, a year", &found.progress, &tenths),
            row("upkeep over the policy's", &found.upkeep, &times),
            row("energy, a kWh", &found.tariff, &cents),
        ],
    )
}

fn condition(found: &Servers) -> String {
    let range = format!("Replaced by its like, the best life is {}", months(found.best));
    let youngest = found.owned.iter().min_by_key(|one| one.age);
    match (found.verdict, youngest) {
        (Verdict::HoldsOnlyIf, Some(new)) => format!(
            "{range}; it would be five years if the price of the same work fell {} a year instead of {}, and seven if {}. \
             A server in use stays for five years only if it is under load: one bought in {} from a load of {} on.",
            sought(found.progress.five, tenths),
            tenths(found.progress.now),
            sought(found.progress.seven, tenths),
            new.bought,
            sought(new.least_load, percent),
        ),
        _ => format!("{range}."),
    }
}
