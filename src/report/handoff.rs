//! The files of a hand-over and what the terminal says of it.
//!
//! In: a package. Out: `request.json`, `request.csv` for a spreadsheet, `custody.json`, `planned_assets.csv` in the layout
//! that ServiceNow reads back, and the summary.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::page::Page;
use super::table::{Cell, Table};
use super::words::{counted, shortened};
use crate::outcome::{
    Chain, CustodyError, Disposition, FeesOrder, Lot, Movement, Outcome, Package, PackageLine,
};
use crate::units::{Money, sha256};

/// Columns of the lines of a request where there is no terminal.
const WIDTH: usize = 120;

/// Lines of the request that the summary tells.
const LINES: usize = 10;

/// Columns of `request.csv` that name something: a spreadsheet must not take them for numbers.
const IDENTIFIERS: [&str; 3] = ["asset_id", "serial", "tag"];

/// The files of a package by name. The first event of the chain covers both forms of the request.
pub fn handoff_files(
    package: &Package,
    owner: &str,
    signed_by: &[String],
) -> Result<BTreeMap<String, Vec<u8>>, CustodyError> {
    let mut files = BTreeMap::from([
        ("request.json".to_owned(), package.to_json().into_bytes()),
        ("request.csv".to_owned(), request_table(package).to_spreadsheet_csv(&IDENTIFIERS)),
    ]);
    let covers = files.iter().map(|(name, contents)| (name.clone(), sha256(contents))).collect();
    let sites: Vec<&str> = package.lots.iter().filter_map(|lot| lot.site.as_deref()).collect();
    let first = Movement {
        at: package.requested_at,
        from: owner.to_owned(),
        to: owner.to_owned(),
        place: Some(sites.join(", ")).filter(|place| !place.is_empty()),
        count: package.units(),
        seal_in: None,
        seal_out: None,
        method: Some("valuation requested".to_owned()),
        signed_by: signed_by.to_vec(),
        covers,
    };
    let chain = Chain::start(&package.request_id, first)?;
    files.insert("custody.json".to_owned(), chain.to_text().into_bytes());
    files.insert("planned_assets.csv".to_owned(), planned_assets_table(package, &[]).to_csv());
    Ok(files)
}

/// A name for the folder of each text, in their order: letters, digits, `.`, `_` and `-` of the text, never empty, never the
/// same twice, never a way out of the directory.
pub fn folder_names<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    texts
        .map(|text| {
            let plain = |character: char| match character {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' => character,
                _ => '-',
            };
            let name: String = text.chars().take(60).map(plain).collect();
            let name = name.trim_matches(['-', '.']);
            let name = if name.is_empty() { "site" } else { name };
            let numbered = (2..).map(|number| format!("{name}-{number}"));
            // File systems that fold case must keep them apart as well.
            let free = std::iter::once(name.to_owned())
                .chain(numbered)
                .find(|name| !taken.contains(&name.to_lowercase()))
                .unwrap_or_default();
            taken.insert(free.to_lowercase());
            free
        })
        .collect()
}

/// One line an asset.
pub fn request_table(package: &Package) -> Table {
    let mut table = Table::new(&[
        "request_id",
        "response_due",
        "lot",
        "line",
        "asset_id",
        "serial",
        "tag",
        "class",
        "product",
        "manufacturer",
        "model",
        "quantity",
        "ram_gb",
        "storage_gb",
        "cpu",
        "cpu_count",
        "gpu",
        "gpu_count",
        "age_months_mean",
        "age_months",
        "age_basis",
        "grade",
        "grade_prior",
        "data_bearing",
        "device_management",
        "lock_probability",
        "contract_end",
        "contract_transferable",
        "warranty_end",
        "site",
        "place",
        "rack",
        "rack_unit",
        "mass_kg",
        "route",
        "share",
        "fees",
        "expected_fees",
        "grade_scheme",
        "sanitization",
        "sale_rule",
        "currency",
        "expected_month",
        "basis",
        "gross_mean",
        "gross_p10",
        "gross_p50",
        "gross_p90",
        "net_mean",
        "net_p10",
        "net_p50",
        "net_p90",
        "dq_flags",
        "vendor_bid",
        "vendor_grade",
        "vendor_remarks",
    ]);
    table.rows = package.lines().map(|(lot, line)| request_row(package, lot, line)).collect();
    table
}

fn number(value: Option<impl ToString>) -> Cell {
    value.map_or(Cell::Empty, Cell::number)
}

fn yes_or_no(value: Option<bool>) -> Cell {
    Cell::optional(value.map(|yes| if yes { "yes" } else { "no" }))
}

fn request_row(package: &Package, lot: &Lot, line: &PackageLine) -> Vec<Cell> {
    let mut row = of_unit(package, lot, line);
    row.extend(of_terms(package, line));
    row.extend(of_expectation(line));
    let flags: Vec<&str> = line.dq_flags.iter().map(String::as_str).collect();
    // The last three are for the vendor to fill.
    row.extend([Cell::text(flags.join(" ")), Cell::Empty, Cell::Empty, Cell::Empty]);
    row
}

fn of_unit(package: &Package, lot: &Lot, line: &PackageLine) -> Vec<Cell> {
    let held = &line.configuration;
    let age = line.age.as_ref();
    let ages = age.map(|age| {
        let shares =
            age.distribution.iter().map(|share| format!("{}: {:.3}", share.months, share.probability));
        shares.collect::<Vec<_>>().join("; ")
    });
    let grades = line.grade_prior.iter().map(|(grade, share)| format!("{grade}: {share:.2}"));
    vec![
        Cell::text(&package.request_id),
        Cell::text(package.response_due.to_string()),
        Cell::text(&lot.lot_ref),
        Cell::number(line.line),
        Cell::text(&line.asset_id),
        Cell::optional(line.serial.as_ref()),
        Cell::optional(line.tag.as_ref()),
        Cell::text(line.class.name()),
        Cell::text(&line.product),
        Cell::optional(line.manufacturer.as_ref()),
        Cell::optional(line.model.as_ref()),
        Cell::number(line.quantity),
        number(held.ram_gb),
        number(held.storage_gb),
        Cell::optional(held.cpu.as_ref()),
        number(held.cpu_count),
        Cell::optional(held.gpu.as_ref()),
        number(held.gpu_count),
        number(age.map(|age| age.mean_months)),
        Cell::optional(ages),
        Cell::optional(age.map(|age| &age.basis)),
        Cell::optional(line.grade.as_ref()),
        Cell::text(grades.collect::<Vec<_>>().join("; ")),
        yes_or_no(Some(line.data_bearing)),
        yes_or_no(line.locks.device_management),
        Cell::number(line.locks.probability),
        Cell::optional(line.contract.contract_end),
        yes_or_no(line.contract.transferable),
        Cell::optional(line.contract.warranty_end),
        Cell::optional(line.location.site.as_ref()),
        Cell::optional(line.location.place.as_ref()),
        Cell::optional(line.location.rack.as_ref()),
        number(line.location.rack_unit),
        number(line.mass_kg),
    ]
}

fn of_terms(package: &Package, line: &PackageLine) -> Vec<Cell> {
    let sanitization = &package.terms.sanitization;
    let level = word(&sanitization.min_level);
    let revision =
        sanitization.revision.as_ref().map_or(String::new(), |revision| format!(" Rev. {revision}"));
    vec![
        Cell::text(&line.route),
        Cell::number(line.terms.share),
        Cell::text(fees_in_words(line.terms.fees)),
        Cell::amount(line.terms.expected_fees),
        Cell::optional(package.terms.grade_scheme.as_ref()),
        Cell::text(format!("{}{revision}, at least {level}", sanitization.standard)),
        Cell::text(word(&package.terms.sale_rule)),
        Cell::text(package.currency.code()),
    ]
}

fn of_expectation(line: &PackageLine) -> Vec<Cell> {
    let Some(expected) = &line.expected else { return vec![Cell::Empty; 10] };
    let mut cells = vec![Cell::text(expected.month.to_string()), Cell::text(&expected.basis)];
    for quantiles in [expected.gross, expected.net] {
        cells.extend([quantiles.mean, quantiles.p10, quantiles.p50, quantiles.p90].map(Cell::amount));
    }
    cells
}

/// The word that files use for one of several values.
fn word(value: &impl serde::Serialize) -> String {
    let written = serde_json::to_value(value).ok();
    written.as_ref().and_then(|value| value.as_str()).unwrap_or_default().replace('_', " ")
}

const fn fees_in_words(fees: FeesOrder) -> &'static str {
    match fees {
        FeesOrder::BeforeSplit => "before the split",
        FeesOrder::AfterSplit => "after the split",
    }
}

/// The planned assets of a disposal order as ServiceNow reads them back. `Substate` and `Resold value` come from outcomes:
/// `Sold` with a value above nothing, `Disposed` without a value, and blank for what no settlement has spoken of. A file
/// with blank substates is to be completed before it is read back.
pub fn planned_assets_table(package: &Package, outcomes: &[Outcome]) -> Table {
    let mut table =
        Table::new(&["Asset tag", "Serial number", "Display name", "State", "Substate", "Resold value"]);
    let mut of_lines: BTreeMap<u32, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        if let Some((_, line)) =
            outcome.handed_over.as_ref().filter(|(request, _)| *request == package.request_id)
        {
            of_lines.entry(*line).or_default().push(outcome);
        }
    }
    for (_, line) in package.lines() {
        let tag = line.tag.as_deref().unwrap_or(&line.asset_id);
        let (substate, value) = of_lines.get(&line.line).map_or((Cell::Empty, Cell::Empty), |of| settled(of));
        table.rows.push(vec![
            Cell::text(tag),
            Cell::optional(line.serial.as_ref()),
            Cell::text(format!("{tag} - {}", line.product)),
            Cell::text("Retired"),
            substate,
            value,
        ]);
    }
    table
}

/// Substate and value of one line.
fn settled(outcomes: &[&Outcome]) -> (Cell, Cell) {
    let pending =
        [Disposition::Pending, Disposition::Lost, Disposition::Redeployed, Disposition::ReturnedToLessor];
    if outcomes.iter().any(|outcome| pending.contains(&outcome.disposition)) {
        return (Cell::Empty, Cell::Empty);
    }
    let gross: f64 = outcomes.iter().filter_map(|outcome| outcome.gross).sum();
    if gross > 0.0 {
        (Cell::text("Sold"), Cell::amount(gross))
    } else {
        (Cell::text("Disposed"), Cell::Empty)
    }
}

/// What the terminal says of a package.
pub fn handoff_text(package: &Package, page: Page) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_text(&mut text, package, page);
    text
}

fn write_text(text: &mut String, package: &Package, page: Page) -> std::fmt::Result {
    let lines = package.lines().count();
    writeln!(
        text,
        "{}     {} in {}, {}; answer wanted by {}",
        package.request_id,
        counted(package.units(), "unit"),
        counted(lines, "line"),
        counted(package.lots.len(), "lot"),
        package.response_due
    )?;
    writeln!(text, "{}", terms_in_words(package))?;
    for lot in &package.lots {
        let mass = match lot.units_of_unknown_mass {
            0 => format!("{:.0} kg", lot.mass_kg),
            units if units == lot.units => "mass unknown".to_owned(),
            units => format!("{:.0} kg, mass unknown of {units}", lot.mass_kg),
        };
        let heading = format!(
            "{} {}: {}, {mass}",
            lot.lot_ref,
            lot.site.as_deref().unwrap_or("no site"),
            counted(lot.units, "unit")
        );
        writeln!(text, "\n{}", page.heading(&heading))?;
        for line in lot.items.iter().take(LINES) {
            write_line(text, package, line, page)?;
        }
        if lot.items.len() > LINES {
            writeln!(text, "  … and {}", counted(lot.items.len() - LINES, "more line"))?;
        }
    }
    write_open_points(text, package)
}

fn terms_in_words(package: &Package) -> String {
    let mut shares: Vec<String> = package
        .lines()
        .map(|(_, line)| {
            format!("{:.0} % to the owner, fees {}", 100.0 * line.terms.share, fees_in_words(line.terms.fees))
        })
        .collect();
    shares.sort();
    shares.dedup();
    let sanitization = &package.terms.sanitization;
    format!(
        "{}; {} at least to {}; sale: {}",
        shares.join(" / "),
        sanitization.standard,
        word(&sanitization.min_level),
        word(&package.terms.sale_rule)
    )
}

fn write_line(text: &mut String, package: &Package, line: &PackageLine, page: Page) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let length = |text: &str| text.chars().count();
    let lines = || package.lines().map(|(_, line)| line);
    let id = page.column(14, 20, lines().map(|line| length(&line.asset_id)));
    let route = page.column(9, 12, lines().map(|line| length(&line.route)));
    // Numbers, signs and gaps beside the three names take 45 columns.
    let name = page.column(28, width - id - route - 45, lines().map(|line| length(&line.product)));
    let whole =
        |amount: f64| Money::from_major(amount, package.currency).map_or_else(|_| "?".into(), Money::rounded);
    let worth = line.expected.as_ref().map_or("no price known".to_owned(), |expected| {
        let net = expected.net;
        format!("{:>7} ({} to {})", whole(net.mean), whole(net.p10), whole(net.p90))
    });
    let flags: Vec<&str> = line.dq_flags.iter().map(|flag| flag.trim_start_matches("DQ-")).collect();
    let flags = if flags.is_empty() { String::new() } else { format!("  DQ {}", flags.join(" ")) };
    let row = format!(
        "  {:>3}  {:<id$} {:>4} × {:<name$} {:<route$} {worth}",
        line.line,
        shortened(&line.asset_id, id),
        line.quantity,
        shortened(&line.product, name),
        line.route
    );
    // Codes of findings stand in the files too: they are the first to go.
    let fits = row.chars().count() + flags.chars().count() <= width;
    writeln!(text, "{row}{}", if fits || page.is_plain() { &flags } else { "" })
}

/// What a vendor will ask back.
fn write_open_points(text: &mut String, package: &Package) -> std::fmt::Result {
    let units = |of: &dyn Fn(&PackageLine) -> bool| -> u64 {
        package.lines().filter(|(_, line)| of(line)).map(|(_, line)| line.quantity).sum()
    };
    let counts = [
        (units(&|line| line.serial.is_none()), "without serial number"),
        (units(&|line| line.grade.is_none()), "not graded"),
        (
            units(&|line| line.locks.device_management.is_none() && line.locks.probability > 0.0),
            "may be locked",
        ),
        (units(&|line| line.data_bearing), "may hold data"),
        (units(&|line| line.expected.is_none()), "without a known price"),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(units, _)| *units > 0)
        .map(|(units, what)| format!("{units} {what}"))
        .collect();
    writeln!(text)?;
    if !told.is_empty() {
        writeln!(text, "Of {}: {}.", counted(package.units(), "unit"), told.join(", "))?;
    }
    if package.terms.grade_scheme.is_none() {
        writeln!(text, "No grade scheme is agreed: name the vendor's with --grade-scheme.")?;
    }
    Ok(())
}
