//! The what-if as a workbook that adds up by itself.
//!
//! In: a [`WhatIf`] and the policy. Out: sheets. Each answer has a sheet of cents by month and line;
//! its totals, the quarters, the summary and the gains by book are formulas over those cells, so that a controller can
//! follow every figure to a month. What comes from joint draws (quantiles, who beats whom) and from planning anew (drivers,
//! break-evens) cannot be live and is written as values. The last sheet ties the base to the plan.

use std::collections::BTreeMap;

use super::what_if_departures::{RECOVERY, SCENARIO, departures_sheet, gain_column, gains_sheet};
use super::words::capital;
use super::workbook::{
    Entry, Kind, Sheet, SheetChart, SheetColumn, WorkbookError, cell_reference, column_sum, sum_if,
    total_reference, workbook,
};
use crate::decide::Policy;
use crate::scenario::{Answer, Line, Measure, WhatIf};
use crate::units::{Currency, Money, Month};

/// Measures that follow by quarter on a sheet of their own.
const BY_QUARTER: [Measure; 4] = [Measure::NetRecovery, Measure::Capex, Measure::Opex, Measure::NetCash];

/// Position of the first measure on the sheet of an answer: month, quarter and the lines stand before it.
const FIRST_MEASURE: usize = 2 + Line::ALL.len();

/// The bytes of the workbook.
pub fn what_if_workbook(what_if: &WhatIf, policy: &Policy) -> Result<Vec<u8>, WorkbookError> {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let months: Vec<Sheet> = answers.iter().enumerate().map(|(place, of)| months_sheet(place, of)).collect();
    let departures = departures_sheet(&answers);
    let mut sheets = vec![summary_sheet(what_if, &answers, &months, &departures)];
    sheets.extend(BY_QUARTER.into_iter().map(|measure| quarters_sheet(measure, &answers, &months)));
    sheets.push(gains_sheet(&answers, &departures));
    sheets.push(drivers_sheet(what_if));
    sheets.push(break_evens_sheet(what_if));
    sheets.push(beats_sheet(what_if, &answers));
    sheets.push(ties_sheet(what_if, &months[0], &departures));
    sheets.push(assumptions_sheet(what_if, policy));
    sheets.extend(months);
    sheets.push(departures);
    let created = (what_if.as_of.year() as u16, what_if.as_of.month() as u8, 1);
    workbook(&sheets, created)
}

fn text(words: impl Into<String>) -> Entry {
    Entry::Text(words.into())
}

/// A name no other sheet has: the place tells scenarios of one beginning apart.
fn sheet_name_of(place: usize, answer: &Answer) -> String {
    format!("{place} {}", answer.name)
}

/// One row a month: cents of every line, then the measures as formulas over them.
fn months_sheet(place: usize, answer: &Answer) -> Sheet {
    let mut columns = vec![SheetColumn::new("Month", Kind::Text), SheetColumn::new("Quarter", Kind::Text)];
    columns.extend(Line::ALL.map(|line| SheetColumn::summed(capital(line.name()), Kind::Money)));
    columns.extend(Measure::ALL.map(|measure| SheetColumn::summed(capital(measure.name()), Kind::Money)));
    let mut sheet = Sheet {
        name: sheet_name_of(place, answer),
        caption: format!(
            "{}: money by month, {}; positive as named (recovery in, costs out)",
            answer.name, answer.currency
        ),
        columns,
        ..Sheet::default()
    };
    for ahead in 0..=answer.horizon() {
        let month = answer.month(ahead);
        let mut row = vec![text(month.to_string()), text(month.quarter_name())];
        row.extend(Line::ALL.iter().map(|line| amount(cents(answer, *line, ahead), answer.currency)));
        for measure in Measure::ALL {
            row.push(Entry::Formula {
                text: measure_formula(&sheet, ahead, measure),
                result: answer.sum(measure, |of| of == month).major(),
            });
        }
        sheet.rows.push(row);
    }
    sheet
}

fn cents(answer: &Answer, line: Line, ahead: usize) -> i64 {
    answer.lines.get(&line).and_then(|cents| cents.get(ahead)).copied().unwrap_or(0)
}

/// `=C3+D3-G3`: the lines of a month as a measure counts them.
fn measure_formula(sheet: &Sheet, row: usize, measure: Measure) -> String {
    let mut formula = String::new();
    for (place, line) in Line::ALL.into_iter().enumerate() {
        let sign = match measure.sign(line) {
            0 => continue,
            sign if sign > 0 => "+",
            _ => "-",
        };
        let cell = cell_reference(sheet, row, 2 + place);
        // On its own sheet a cell needs no sheet's name.
        formula.push_str(&format!("{sign}{}", cell.rsplit('!').next().unwrap_or(&cell)));
    }
    format!("={}", formula.trim_start_matches('+'))
}

/// Every measure of every answer, and what each scenario differs by.
fn summary_sheet(what_if: &WhatIf, answers: &[&Answer], months: &[Sheet], departures: &Sheet) -> Sheet {
    let mut columns = vec![SheetColumn::new("Measure", Kind::Text)];
    columns.extend(answers.iter().map(|answer| SheetColumn::new(answer.name.clone(), Kind::Money)));
    let differences =
        answers[1..].iter().map(|answer| SheetColumn::new(format!("{} less base", answer.name), Kind::Money));
    columns.extend(differences);
    let mut sheet = Sheet {
        name: "Summary".into(),
        caption: format!(
            "What changes over {} months from {}, {}. Totals are formulas; p10 to p90 come from joint draws.",
            what_if.base.horizon(),
            what_if.as_of,
            what_if.currency
        ),
        columns,
        ..Sheet::default()
    };
    for (place, measure) in Measure::ALL.into_iter().enumerate() {
        let cells = answers.iter().zip(months).map(|(answer, page)| {
            let total = total_reference(page, FIRST_MEASURE + place);
            live(total.map(|cell| format!("={cell}")), answer.total(measure).major())
        });
        add_row(&mut sheet, capital(measure.name()), cells.collect());
    }
    let values =
        |of: &dyn Fn(&Answer) -> f64| answers.iter().map(|answer| Entry::Number(of(answer))).collect();
    for (book, kept) in what_if.base.books.iter().enumerate() {
        let gains = answers.iter().map(|answer| Entry::Formula {
            text: sum_if(departures, gain_column(book), &[(SCENARIO, &answer.name)]),
            result: answer.gain(book, |_| true).major(),
        });
        add_row(&mut sheet, format!("Gain or loss on disposals, {}", kept.name), gains.collect());
    }
    add_row(
        &mut sheet,
        "Present total cost (discounted)".into(),
        values(&|answer| answer.present_cost.major()),
    );
    for (name, of) in [
        ("Net recovery, p10", &(|answer: &Answer| answer.recovery.p10) as &dyn Fn(&Answer) -> f64),
        ("Net recovery, p50", &|answer| answer.recovery.p50),
        ("Net recovery, p90", &|answer| answer.recovery.p90),
        ("Total cost, p10", &|answer| answer.total_cost.p10),
        ("Total cost, p50", &|answer| answer.total_cost.p50),
        ("Total cost, p90", &|answer| answer.total_cost.p90),
        ("Units counted", &|answer| answer.units as f64),
        ("Units leaving", &|answer| answer.units_leaving as f64),
    ] {
        add_row(&mut sheet, name.into(), values(of));
    }
    let (cost_row, units_row) = (total_cost_row(), sheet.rows.len() - 2);
    let per_unit = answers.iter().enumerate().map(|(place, answer)| {
        let (cost, units) =
            (cell_reference(&sheet, cost_row, 1 + place), cell_reference(&sheet, units_row, 1 + place));
        Entry::Formula {
            text: format!("=IF({units}>0,ROUND({cost}/({units}*{}/12),2),0)", answer.horizon()),
            result: answer.cost_per_unit_and_year(),
        }
    });
    let per_unit: Vec<Entry> = per_unit.collect();
    add_row(&mut sheet, "Total cost of a unit in a year".into(), per_unit);
    sheet
}

/// The row of the summary that holds the total cost.
fn total_cost_row() -> usize {
    Measure::ALL.iter().position(|measure| *measure == Measure::TotalCost).unwrap_or(0)
}

/// A formula where the cells are there, else its value.
fn live(formula: Option<String>, result: f64) -> Entry {
    match formula {
        Some(text) => Entry::Formula { text, result },
        None => Entry::Number(result),
    }
}

/// A row of one entry an answer, with its differences from the base behind.
fn add_row(sheet: &mut Sheet, name: String, entries: Vec<Entry>) {
    let row = sheet.rows.len();
    let base = cell_reference(sheet, row, 1);
    let value = |entry: &Entry| match entry {
        Entry::Number(number) | Entry::Formula { result: number, .. } => (number * 100.0).round() / 100.0,
        _ => 0.0,
    };
    let of_base = entries.first().map_or(0.0, value);
    let differences: Vec<Entry> = entries
        .iter()
        .enumerate()
        .skip(1)
        .map(|(place, entry)| Entry::Formula {
            text: format!("={}-{base}", cell_reference(sheet, row, 1 + place)),
            result: value(entry) - of_base,
        })
        .collect();
    let mut cells = vec![text(name)];
    cells.extend(entries);
    cells.extend(differences);
    sheet.rows.push(cells);
}

/// A measure by quarter, one column an answer.
fn quarters_sheet(measure: Measure, answers: &[&Answer], months: &[Sheet]) -> Sheet {
    let mut columns = vec![SheetColumn::new("Quarter", Kind::Text)];
    columns.extend(answers.iter().map(|answer| SheetColumn::summed(answer.name.clone(), Kind::Money)));
    let place = Measure::ALL.iter().position(|of| *of == measure).unwrap_or(0);
    let rows = answers[0].quarters().into_iter().map(|quarter| {
        let mut row = vec![text(quarter.clone())];
        row.extend(answers.iter().zip(months).map(|(answer, page)| Entry::Formula {
            text: sum_if(page, FIRST_MEASURE + place, &[(1, &quarter)]),
            result: answer.sum(measure, |month: Month| month.quarter_name() == quarter).major(),
        }));
        row
    });
    let rows = rows.collect();
    let title = format!("{} by quarter", capital(measure.name()));
    Sheet {
        name: title.clone(),
        caption: format!("{title}, {}", answers[0].currency),
        columns,
        rows,
        charts: vec![SheetChart {
            title,
            over_time: true,
            names: 0,
            values: (1..=answers.len()).collect(),
            unit: answers[0].currency.code().to_owned(),
        }],
    }
}

/// Minor units as the number that a cell holds: yen have no cents.
fn amount(minor: i64, currency: Currency) -> Entry {
    Entry::Number(Money::from_minor(minor, currency).major())
}

fn drivers_sheet(what_if: &WhatIf) -> Sheet {
    let headings = ["Driver", "Low end", "Now", "High end"];
    let mut columns: Vec<SheetColumn> =
        headings.map(|heading| SheetColumn::new(heading, Kind::Text)).to_vec();
    columns.extend(
        ["Present cost, low end less base", "Present cost, high end less base", "Swing"]
            .map(|heading| SheetColumn::new(heading, Kind::Money)),
    );
    let base = what_if.base.present_cost;
    let rows: Vec<Vec<Entry>> = what_if
        .tornado
        .iter()
        .map(|swing| {
            let driver = &swing.driver;
            let difference = |cost: Money| amount(cost.minor() - base.minor(), what_if.currency);
            vec![
                text(driver.name),
                text(driver.in_words(driver.low)),
                text(driver.in_words(driver.now)),
                text(driver.in_words(driver.high)),
                difference(swing.cost_low),
                difference(swing.cost_high),
                amount(swing.width(base), what_if.currency),
            ]
        })
        .collect();
    Sheet {
        name: "Drivers".into(),
        caption: format!("What moves the present total cost of the base most, {}", what_if.currency),
        columns,
        rows,
        charts: vec![SheetChart {
            title: "Present total cost less base, by driver".into(),
            over_time: false,
            names: 0,
            values: vec![4, 5],
            unit: what_if.currency.code().to_owned(),
        }],
    }
}

fn break_evens_sheet(what_if: &WhatIf) -> Sheet {
    let headings = ["Scenario", "Driver", "Now", "As good as the base at"];
    let mut columns: Vec<SheetColumn> =
        headings.map(|heading| SheetColumn::new(heading, Kind::Text)).to_vec();
    columns.push(SheetColumn::new("Costs more than the base now", Kind::Money));
    let rows = what_if
        .break_evens
        .iter()
        .map(|found| {
            let at = match found.value {
                Some(value) => found.driver.in_words(value),
                None => "at no value in its widest range".to_owned(),
            };
            vec![
                text(found.scenario.clone()),
                text(found.driver.name),
                text(found.driver.in_words(found.driver.now)),
                text(at),
                Entry::Number(found.more_now.major()),
            ]
        })
        .collect();
    Sheet {
        name: "Break-evens".into(),
        caption: "Where a scenario costs what the base costs, one driver at a time".into(),
        columns,
        rows,
        charts: Vec::new(),
    }
}

fn beats_sheet(what_if: &WhatIf, answers: &[&Answer]) -> Sheet {
    let mut columns = vec![SheetColumn::new("By", Kind::Text), SheetColumn::new("Better", Kind::Text)];
    columns
        .extend(answers.iter().map(|answer| SheetColumn::new(format!("than {}", answer.name), Kind::Share)));
    let rows = [("net recovery", &what_if.beats.recovery), ("total cost", &what_if.beats.total_cost)]
        .into_iter()
        .flat_map(|(by, matrix)| {
            matrix.iter().zip(answers).map(move |(row, answer)| {
                let mut cells = vec![text(by), text(answer.name.clone())];
                cells.extend(row.iter().map(|share| Entry::Number(*share)));
                cells
            })
        })
        .collect();
    Sheet {
        name: "Who beats whom".into(),
        caption: "Probability that the row is better than the column, in draws that all of them share".into(),
        columns,
        rows,
        charts: Vec::new(),
    }
}

/// The base against the plan, to the cent.
fn ties_sheet(what_if: &WhatIf, base: &Sheet, departures: &Sheet) -> Sheet {
    let columns = vec![
        SheetColumn::new("Net recovery of the base", Kind::Text),
        SheetColumn::new("Amount", Kind::Money),
        SheetColumn::new("Less the plan", Kind::Money),
    ];
    let mut sheet = Sheet {
        name: "Ties".into(),
        caption: "The base and `residua plan` of the same files: every difference must be nothing".into(),
        columns,
        ..Sheet::default()
    };
    let planned = what_if.planned_recovery.major();
    let recovery = Measure::ALL.iter().position(|measure| *measure == Measure::NetRecovery).unwrap_or(0);
    let by_month = column_sum(base, FIRST_MEASURE + recovery);
    let of_base =
        |row: &&Vec<Entry>| matches!(&row[SCENARIO], Entry::Text(name) if *name == what_if.base.name);
    let by_departure: f64 = departures
        .rows
        .iter()
        .filter(of_base)
        .map(|row| match &row[RECOVERY] {
            Entry::Number(amount) => (amount * 100.0).round(),
            _ => 0.0,
        })
        .sum::<f64>()
        / 100.0;
    let lines = [
        ("As `residua plan` prints it", Entry::Number(planned), planned),
        (
            "Sum of its months",
            live(total_reference(base, FIRST_MEASURE + recovery).map(|cell| format!("={cell}")), by_month),
            by_month,
        ),
        (
            "Sum of its departures",
            Entry::Formula {
                text: sum_if(departures, RECOVERY, &[(SCENARIO, &what_if.base.name)]),
                result: by_departure,
            },
            by_departure,
        ),
    ];
    for (name, entry, value) in lines {
        let row = sheet.rows.len();
        let difference = Entry::Formula {
            text: format!("={}-{}", cell_reference(&sheet, row, 1), cell_reference(&sheet, 0, 1)),
            result: value - planned,
        };
        sheet.rows.push(vec![text(name), entry, difference]);
    }
    sheet
}

/// What each answer changes, and every figure of the policy.
fn assumptions_sheet(what_if: &WhatIf, policy: &Policy) -> Sheet {
    let columns = ["Kind", "What", "Value"].map(|heading| SheetColumn::new(heading, Kind::Text)).to_vec();
    let mut rows = vec![
        vec![text("run"), text("as of"), text(what_if.as_of.to_string())],
        vec![text("run"), text("currency"), text(what_if.currency.code())],
        vec![text("run"), text("scenarios"), text(what_if.file.clone())],
    ];
    for answer in &what_if.scenarios {
        rows.push(vec![text("scenario"), text(answer.name.clone()), text(answer.description.clone())]);
        rows.extend(
            answer
                .changes
                .iter()
                .map(|change| vec![text("scenario"), text(answer.name.clone()), text(change.clone())]),
        );
    }
    let settings = serde_json::to_value(policy).unwrap_or_default();
    let mut figures = BTreeMap::new();
    flatten("", &settings, &mut figures);
    rows.extend(figures.into_iter().map(|(path, value)| vec![text("policy"), text(path), text(value)]));
    Sheet {
        name: "Assumptions".into(),
        caption: "What all answers rest on; a scenario says what it changes".into(),
        columns,
        rows,
        charts: Vec::new(),
    }
}

/// `energy.price_per_kwh` → `0.13` for every figure of a tree.
fn flatten(path: &str, value: &serde_json::Value, found: &mut BTreeMap<String, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        serde_json::Value::Object(map) => {
            map.iter().for_each(|(name, inner)| flatten(&below(name), inner, found));
        }
        serde_json::Value::Array(list) if list.iter().any(serde_json::Value::is_object) => {
            (1..).zip(list).for_each(|(place, inner)| flatten(&below(&format!("{place}")), inner, found));
        }
        serde_json::Value::Null => {}
        serde_json::Value::String(words) => {
            found.insert(path.to_owned(), words.clone());
        }
        other => {
            found.insert(path.to_owned(), other.to_string());
        }
    }
}
