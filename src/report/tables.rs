//! The files of a plan: one line an asset, a cohort, a leaving, a finding, a reject.
//!
//! In: a plan and the fleet it is of. Out: [`Table`]s. Amounts are in the currency of the plan, for one unit
//! unless a column says "total".

use super::schedule::scheduled_cells;
use super::table::{Cell, Table};
use crate::catalog::Catalog;
use crate::decide::{Action, Plan, PlannedCohort, Stopping};
use crate::fleet::{Asset, Fleet, Reject, RowReference};
use crate::units::{Money, Quantiles};

/// Steps of the waterfall that have a column of their own in `plan.csv`.
const STEPS: [&str; 18] = [
    "age",
    "market",
    "generation",
    "product, configuration",
    "grade",
    "mean over median",
    "channel",
    "fees",
    "vendor's share",
    "handling",
    "time to sell",
    "sold in parts",
    "purchase avoided",
    "lost in storage",
    "not sold",
    "recycling fee",
    "tax value",
    "not for sale",
];

/// The columns of `plan.csv`.
const PLAN: [&str; 60] = [
    "asset_id",
    "serial",
    "class",
    "product",
    "match_confidence",
    "site",
    "status",
    "purchase_date",
    "purchase_cost",
    "purchase_currency",
    "quantity",
    "basis",
    "action",
    "route",
    "month",
    "window_start",
    "window_end",
    "currency",
    "value_now_mean",
    "value_now_p10",
    "value_now_p50",
    "value_now_p90",
    "recovery_mean",
    "recovery_p10",
    "recovery_p50",
    "recovery_p90",
    "recovery_total",
    "waiting_month_mean",
    "waiting_quarter_mean",
    "waiting_quarter_p10",
    "waiting_quarter_p50",
    "waiting_quarter_p90",
    "book_value_then",
    "gain_or_loss",
    "reference_price",
    "reference_kind",
    "from_age",
    "from_market",
    "from_generation",
    "from_configuration",
    "from_grade",
    "from_mean_over_median",
    "from_channel",
    "from_fees",
    "from_vendor_share",
    "from_handling",
    "from_time_to_sell",
    "from_sold_in_parts",
    "from_purchase_avoided",
    "from_storage",
    "from_not_sold",
    "from_recycling_fee",
    "from_tax_value",
    "from_not_for_sale",
    "reason",
    "file",
    "line",
    "scheduled_month",
    "scheduled_recovery_total",
    "binding_constraint",
];

/// One line for every asset.
pub fn plan_table(plan: &Plan, fleet: &Fleet, catalog: &Catalog) -> Table {
    let mut table = Table::new(&PLAN);
    let mut scheduled = scheduled_cells(plan, fleet);
    for (index, asset) in fleet.assets.iter().enumerate() {
        let planned = &plan.cohorts[plan.cohort_of[index]];
        let mut row = asset_row(fleet, catalog, asset, planned, asset.quantity);
        row.append(&mut scheduled[index]);
        table.rows.push(row);
    }
    table
}

/// Some columns of `plan.csv`, those of the schedule left out, for one asset at a time.
pub(crate) struct PlanColumns(Vec<usize>);

impl PlanColumns {
    /// The columns of these names.
    pub(crate) fn of(names: &[&str]) -> PlanColumns {
        PlanColumns(names.iter().filter_map(|name| PLAN.iter().position(|own| own == name)).collect())
    }

    /// The cells of the asset at a position of the fleet, were it of so many units.
    pub(crate) fn cells(
        &self,
        plan: &Plan,
        fleet: &Fleet,
        catalog: &Catalog,
        position: usize,
        quantity: u32,
    ) -> Vec<Cell> {
        let planned = &plan.cohorts[plan.cohort_of[position]];
        let mut row = asset_row(fleet, catalog, &fleet.assets[position], planned, quantity);
        self.0.iter().map(|column| std::mem::replace(&mut row[*column], Cell::Empty)).collect()
    }
}

fn asset_row(
    fleet: &Fleet,
    catalog: &Catalog,
    asset: &Asset,
    planned: &PlannedCohort,
    quantity: u32,
) -> Vec<Cell> {
    let decision = &planned.decision;
    let currency = decision.recovery_money.currency();
    let guess = &planned.cohort.identification;
    let product = guess.product.map(|id| catalog.get(id).name.clone());
    let total = Money::from_minor(decision.recovery_money.minor() * i64::from(quantity), currency);
    let goes = matches!(decision.action, Action::Go | Action::Keep);
    let book = decision.month.filter(|_| goes).and_then(|month| {
        planned.book.map(|book| {
            (book.value_gone_in(month), book.gain_on_disposal(month, decision.recovery_money.major()))
        })
    });
    let waiting = decision.waiting;
    let mut row = vec![
        Cell::text(asset.id.clone()),
        Cell::optional(asset.serial.clone()),
        Cell::text(planned.cohort.class.name()),
        Cell::text(product.unwrap_or_else(|| asset.full_model())),
        Cell::Number(format!("{:.2}", guess.confidence)),
        Cell::optional(asset.site.clone()),
        Cell::text(asset.status.name()),
        Cell::optional(asset.purchase_date.map(|date| date.date)),
        asset.purchase_cost.map_or(Cell::Empty, |(cost, _)| Cell::amount(cost)),
        Cell::optional(asset.purchase_cost.map(|(_, currency)| currency)),
        Cell::number(quantity),
        Cell::optional(planned.forecast.as_ref().map(|forecast| forecast.basis.name())),
        Cell::text(decision.action.name()),
        Cell::optional(decision.route.map(|route| route.name())),
        Cell::optional(decision.month),
        Cell::optional(decision.window.map(|(first, _)| first)),
        Cell::optional(decision.window.map(|(_, last)| last)),
        Cell::text(currency.code()),
    ];
    row.extend(quantile_cells(decision.value_now));
    row.push(Cell::Number(decision.recovery_money.plain()));
    row.extend(quantile_cells(Some(decision.recovery)).into_iter().skip(1));
    row.push(if decision.action == Action::Go { Cell::Number(total.plain()) } else { Cell::Empty });
    row.push(waiting.map_or(Cell::Empty, |waiting| Cell::amount(waiting.one_month.mean)));
    row.extend(quantile_cells(waiting.map(|waiting| waiting.one_quarter)));
    row.push(book.map_or(Cell::Empty, |(value, _)| Cell::amount(value)));
    row.push(book.map_or(Cell::Empty, |(_, gain)| Cell::amount(gain)));
    row.push(Cell::Number(decision.waterfall.start.plain()));
    row.push(Cell::text(decision.waterfall.start_name));
    for name in STEPS {
        let step = decision.waterfall.steps.iter().find(|step| step.name == name);
        row.push(step.map_or(Cell::Empty, |step| Cell::Number(step.amount.plain())));
    }
    row.push(Cell::text(decision.reason.clone()));
    row.extend(place_cells(fleet, asset.rows.first().copied()));
    row
}

fn quantile_cells(quantiles: Option<Quantiles>) -> Vec<Cell> {
    match quantiles {
        Some(points) => [points.mean, points.p10, points.p50, points.p90].map(Cell::amount).to_vec(),
        None => vec![Cell::Empty; 4],
    }
}

fn fraction(value: Option<f64>, decimals: usize) -> Cell {
    value.map_or(Cell::Empty, |value| Cell::Number(format!("{value:.decimals$}")))
}

pub(super) fn place_cells(fleet: &Fleet, row: Option<RowReference>) -> [Cell; 2] {
    match row {
        Some(row) => [Cell::text(fleet.files[row.file].label()), Cell::number(row.line)],
        None => [Cell::Empty, Cell::Empty],
    }
}

/// One line for every group of assets that share a decision.
pub fn cohort_table(plan: &Plan, fleet: &Fleet) -> Table {
    let mut table = Table::new(&[
        "cohort",
        "product",
        "class",
        "site",
        "acquired",
        "units",
        "basis",
        "action",
        "route",
        "month",
        "window_start",
        "window_end",
        "currency",
        "value_now_mean",
        "recovery_mean",
        "recovery_p10",
        "recovery_p90",
        "recovery_total",
        "waiting_quarter_total",
        "holding_next_year",
        "break_even_energy_price",
        "break_even_resale_price",
        "break_even_delay_months",
        "reservation_price",
        "option_value",
        "rent_until",
        "rent_gain",
        "bound_by",
        "reason",
        "first_asset",
    ]);
    for (position, planned) in plan.cohorts.iter().enumerate() {
        let asset = &fleet.assets[planned.cohort.assets[0]];
        let decision = &planned.decision;
        let units = planned.cohort.units as f64;
        let total = decision.recovery_money.minor() * planned.cohort.units as i64;
        table.rows.push(vec![
            Cell::number(position + 1),
            Cell::text(planned.cohort.label.clone()),
            Cell::text(planned.cohort.class.name()),
            Cell::optional(asset.site.clone()),
            Cell::optional(asset.acquired().map(|date| date.month())),
            Cell::number(planned.cohort.units),
            Cell::optional(planned.forecast.as_ref().map(|forecast| forecast.basis.name())),
            Cell::text(decision.action.name()),
            Cell::optional(decision.route.map(|route| route.name())),
            Cell::optional(decision.month),
            Cell::optional(decision.window.map(|(first, _)| first)),
            Cell::optional(decision.window.map(|(_, last)| last)),
            Cell::text(decision.recovery_money.currency().code()),
            decision.value_now.map_or(Cell::Empty, |value| Cell::amount(value.mean)),
            Cell::Number(decision.recovery_money.plain()),
            Cell::amount(decision.recovery.p10),
            Cell::amount(decision.recovery.p90),
            Cell::Number(Money::from_minor(total, decision.recovery_money.currency()).plain()),
            decision.waiting.map_or(Cell::Empty, |waiting| Cell::amount(waiting.one_quarter.mean * units)),
            decision.holding_year.map_or(Cell::Empty, |costs| Cell::amount(costs.total())),
            fraction(decision.break_even.energy_price, 4),
            fraction(decision.break_even.resale_price, 2),
            fraction(decision.break_even.delay_months, 1),
            fraction(decision.stopping.as_ref().and_then(Stopping::reservation_price_now), 2),
            fraction(decision.stopping.as_ref().map(|stopping| stopping.value_of_waiting), 2),
            Cell::optional(decision.rental.map(|rental| rental.until)),
            decision.rental.map_or(Cell::Empty, |rental| Cell::amount(rental.gain)),
            Cell::optional(decision.bound_by.clone()),
            Cell::text(decision.reason.clone()),
            Cell::text(asset.id.clone()),
        ]);
    }
    table
}

/// The columns of `rejects.csv`.
pub(crate) const REJECTS: [&str; 6] = ["file", "line", "column", "text", "reason", "remedy"];

/// Rows that are no assets.
pub fn rejects_table(fleet: &Fleet) -> Table {
    let mut table = Table::new(&REJECTS);
    let row = |reject: &Reject| reject_row(&fleet.files[reject.row.file].label(), reject.row.line, reject);
    table.rows = fleet.rejects.iter().map(row).collect();
    table
}

/// A row that is no asset, at a line of its file.
pub(crate) fn reject_row(file: &str, line: u64, reject: &Reject) -> Vec<Cell> {
    vec![
        Cell::text(file),
        Cell::number(line),
        Cell::text(reject.column.clone()),
        Cell::text(reject.text.clone()),
        Cell::text(reject.reason.clone()),
        Cell::text(reject.remedy.clone()),
    ]
}

/// Columns of `residua value`.
pub(crate) const VALUE: [&str; 9] =
    ["asset_id", "product", "month", "basis", "mean", "p10", "p50", "p90", "currency"];

/// Value of every asset by month over a horizon.
pub fn value_table(plan: &Plan, fleet: &Fleet, catalog: &Catalog, months: usize) -> Table {
    let mut table = Table::new(&VALUE);
    for index in 0..fleet.assets.len() {
        table.rows.extend(value_rows(plan, fleet, catalog, index, months));
    }
    table
}

/// Value of the asset at a position of the fleet by month; nothing where nothing says what it is worth.
pub(crate) fn value_rows<'a>(
    plan: &'a Plan,
    fleet: &'a Fleet,
    catalog: &'a Catalog,
    position: usize,
    months: usize,
) -> impl Iterator<Item = Vec<Cell>> + 'a {
    let asset = &fleet.assets[position];
    let planned = &plan.cohorts[plan.cohort_of[position]];
    let product = planned.cohort.identification.product.map(|id| catalog.get(id).name.clone());
    let product = product.unwrap_or_else(|| asset.full_model());
    planned.forecast.iter().flat_map(move |forecast| {
        let product = product.clone();
        (0..=months).map(move |ahead| {
            let value = forecast.value(ahead).quantiles().map_linear(plan.currency_per_dollar, 0.0);
            let mut row = vec![
                Cell::text(asset.id.clone()),
                Cell::text(product.clone()),
                Cell::text(forecast.start.plus(ahead as i32).to_string()),
                Cell::text(forecast.basis.name()),
            ];
            row.extend([value.mean, value.p10, value.p50, value.p90].map(Cell::amount));
            row.push(Cell::text(planned.decision.recovery_money.currency().code()));
            row
        })
    })
}
