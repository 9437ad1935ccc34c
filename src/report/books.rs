//! `books.csv`: every asset in every book.
//!
//! In: a plan, its fleet and its books. Out: one line an asset, book and month of leaving, as scheduled; an asset that
//! stands in no book has one line that says why. Amounts are of all units of the line, each unit rounded to the cent, so
//! that `accumulated_total` and `book_value_total` add to `cost_total`, and gains to those of `whatif`.

use super::table::{Cell, Table};
use crate::book::Book;
use crate::decide::{FleetBooks, InBook, Placement, Plan, PlanInput, Standing, month_of_disposal};
use crate::fleet::Asset;
use crate::units::{Money, MoneyError, Month};

/// Columns between the name of the book and why there is none.
const OF_BOOK: usize = 12;

/// Every asset in every book. Fails on an amount beyond all measure.
pub fn books_table(plan: &Plan, input: &PlanInput<'_>, books: &FleetBooks<'_>) -> Result<Table, MoneyError> {
    let mut table = Table::new(&[
        "asset_id",
        "class",
        "product",
        "site",
        "book",
        "method",
        "in_service",
        "units",
        "cost_total",
        "book_value_now_total",
        "leaves",
        "accumulated_total",
        "book_value_total",
        "recovery_total",
        "gain_or_loss_total",
        "fully_depreciated",
        "currency",
        "in_no_book",
    ]);
    let mut rows: Vec<Vec<Vec<Cell>>> = vec![Vec::new(); input.fleet.assets.len()];
    for (position, planned) in plan.cohorts.iter().enumerate() {
        let assets = &planned.cohort.assets;
        let quantities: Vec<u64> =
            assets.iter().map(|asset| u64::from(input.fleet.assets[*asset].quantity)).collect();
        for (asset, shares) in assets.iter().zip(plan.schedule.of_assets(position, &quantities)) {
            rows[*asset] = rows_of((plan, input, books), position, *asset, &shares)?;
        }
    }
    table.rows = rows.into_iter().flatten().collect();
    Ok(table)
}

/// The lines of one asset.
fn rows_of(
    (plan, input, books): (&Plan, &PlanInput<'_>, &FleetBooks<'_>),
    position: usize,
    asset: usize,
    shares: &[(&Placement, u64)],
) -> Result<Vec<Vec<Cell>>, MoneyError> {
    let (asset, cohort) = (&input.fleet.assets[asset], &plan.cohorts[position].cohort);
    let line = |book: &str, mut cells: Vec<Cell>, why: &str| {
        let mut row = vec![
            Cell::text(&asset.id),
            Cell::text(cohort.class.name()),
            Cell::text(&cohort.label),
            Cell::optional(asset.site.as_ref()),
            Cell::text(book),
        ];
        cells.resize(OF_BOOK, Cell::Empty);
        row.append(&mut cells);
        row.push(Cell::text(why));
        row
    };
    let of_asset = match books.of_asset(position, cohort.class, asset) {
        _ if !is_there(cohort.standing) => return Ok(vec![line("", Vec::new(), cohort.standing.name())]),
        Err(why) => return Ok(vec![line("", Vec::new(), why.name())]),
        Ok(of_asset) => of_asset,
    };
    let mut rows = Vec::new();
    for (name, book) in input.policy.books.names().zip(of_asset) {
        match book {
            None => rows.push(line(name, Vec::new(), "no life stated")),
            Some(book) => {
                for (leaving, units) in leavings(shares, u64::from(asset.quantity)) {
                    rows.push(line(name, cells(plan, (asset, &book), leaving, units)?, ""));
                }
            }
        }
    }
    Ok(rows)
}

/// Whether the owner has it: what is gone, not yet there or not the owner's is in no book.
const fn is_there(standing: Standing) -> bool {
    matches!(standing, Standing::InPlan | Standing::LegalHold | Standing::Missing)
}

/// What leaves and brings in, with its units; the rest of the units, which stay in the books, comes last.
fn leavings<'a>(
    shares: &[(&'a Placement, u64)],
    quantity: u64,
) -> Vec<(Option<(&'a Placement, Month)>, u64)> {
    let gone = shares
        .iter()
        .filter_map(|(placement, units)| Some((Some((*placement, month_of_disposal(placement)?)), *units)));
    let mut found: Vec<_> = gone.collect();
    let left = quantity - found.iter().map(|(_, units)| units).sum::<u64>();
    if left > 0 {
        found.push((None, left));
    }
    found
}

fn cells(
    plan: &Plan,
    (asset, book): (&Asset, &Book),
    leaving: Option<(&Placement, Month)>,
    units: u64,
) -> Result<Vec<Cell>, MoneyError> {
    let money = |amount: Money| Cell::Number(amount.plain());
    let times = |each: Money| Money::from_minor(each.minor() * units as i64, plan.currency());
    let all = InBook::leaving(book, leaving.map_or(plan.as_of, |(_, month)| month), plan.currency())?;
    let all = all.times(units);
    let now = Money::from_major(book.value_at(plan.as_of), plan.currency())?;
    let gone = leaving.map(|(placement, month)| (month, times(placement.recovery)));
    let of_gone =
        |amount: &dyn Fn(Money) -> Money| gone.map_or(Cell::Empty, |(_, recovery)| money(amount(recovery)));
    Ok(vec![
        Cell::text(book.method().name()),
        Cell::optional(asset.in_service_date.or(asset.purchase_date).map(|date| date.date)),
        Cell::number(units),
        money(all.cost),
        money(times(now)),
        Cell::optional(gone.map(|(month, _)| month)),
        of_gone(&|_| all.accumulated()),
        of_gone(&|_| all.value),
        of_gone(&|recovery| recovery),
        of_gone(&|recovery| all.gain(recovery)),
        Cell::text(all.written_off.to_string()),
        Cell::text(plan.currency().code()),
    ])
}
