//! The sheets of what leaves and what that means in each book.
//!
//! In: the answers of a what-if. Out: a sheet of departures, in which what was written down is the cost less the book
//! value and the gain is the recovery less the book value, as formulas; and a sheet of gains by quarter that sums them.

use super::workbook::{Entry, Kind, Sheet, SheetChart, SheetColumn, cell_reference, sum_if};
use crate::scenario::Answer;
use crate::units::Month;

/// Position of the scenario's name, of the quarter and of the net recovery among the columns of the departures.
pub(super) const SCENARIO: usize = 0;
const QUARTER: usize = 2;
pub(super) const RECOVERY: usize = 8;

/// Columns of a book: cost, what was written down, book value, gain or loss, when fully depreciated.
const OF_BOOK: usize = 5;

const fn first_column(book: usize) -> usize {
    RECOVERY + 1 + OF_BOOK * book
}

/// Position of a book's gain among the columns of the departures.
pub(super) const fn gain_column(book: usize) -> usize {
    first_column(book) + 3
}

fn text(words: impl Into<String>) -> Entry {
    Entry::Text(words.into())
}

/// What leaves, line by line.
pub(super) fn departures_sheet(answers: &[&Answer]) -> Sheet {
    let mut columns: Vec<SheetColumn> = ["Scenario", "Month", "Quarter", "Site", "Class", "Product", "Route"]
        .map(|heading| SheetColumn::new(heading, Kind::Text))
        .to_vec();
    columns.push(SheetColumn::new("Units", Kind::Count));
    columns.push(SheetColumn::new("Net recovery", Kind::Money));
    for book in &answers[0].books {
        let of_book = |what: &str, kind: Kind| SheetColumn::new(format!("{what}, {}", book.name), kind);
        columns.extend(
            ["Cost", "Written down", "Book value", "Gain or loss"].map(|what| of_book(what, Kind::Money)),
        );
        columns.push(of_book("Fully depreciated", Kind::Text));
    }
    let mut sheet = Sheet {
        name: "Departures".into(),
        caption: format!(
            "What leaves in each scenario, {}; all units of a line together",
            answers[0].currency
        ),
        columns,
        ..Sheet::default()
    };
    for answer in answers {
        for place in 0..answer.departures.len() {
            let row = departure_row(&sheet, answer, place);
            sheet.rows.push(row);
        }
    }
    sheet
}

/// The next row of the sheet.
fn departure_row(sheet: &Sheet, answer: &Answer, place: usize) -> Vec<Entry> {
    let departure = &answer.departures[place];
    let mut cells = vec![
        text(answer.name.clone()),
        text(departure.month.to_string()),
        text(departure.month.quarter_name()),
        text(departure.site.clone()),
        text(departure.class.to_string()),
        text(departure.product.clone()),
        text(departure.route.name()),
        Entry::Number(departure.units as f64),
        Entry::Number(departure.recovery.major()),
    ];
    let cell = |column: usize| cell_reference(sheet, sheet.rows.len(), column);
    for (book, all) in departure.books.iter().enumerate() {
        let first = first_column(book);
        let less_value = |of: usize| format!("={}-{}", cell(of), cell(first + 2));
        cells.extend(match all {
            None => vec![Entry::Empty; OF_BOOK],
            Some(all) => vec![
                Entry::Number(all.cost.major()),
                Entry::Formula { text: less_value(first), result: all.accumulated().major() },
                Entry::Number(all.value.major()),
                Entry::Formula { text: less_value(RECOVERY), result: all.gain(departure.recovery).major() },
                text(all.written_off.to_string()),
            ],
        });
    }
    cells
}

/// Gain or loss by quarter, one column a scenario and book.
pub(super) fn gains_sheet(answers: &[&Answer], departures: &Sheet) -> Sheet {
    let books = &answers[0].books;
    let of_all = || answers.iter().flat_map(|answer| (0..books.len()).map(move |book| (*answer, book)));
    let mut columns = vec![SheetColumn::new("Quarter", Kind::Text)];
    columns.extend(of_all().map(|(answer, book)| {
        SheetColumn::summed(format!("{}, {}", answer.name, books[book].name), Kind::Money)
    }));
    let rows = answers[0].quarters().into_iter().map(|quarter| {
        let mut row = vec![text(quarter.clone())];
        row.extend(of_all().map(|(answer, book)| Entry::Formula {
            text: sum_if(departures, gain_column(book), &[(SCENARIO, &answer.name), (QUARTER, &quarter)]),
            result: answer.gain(book, |month: Month| month.quarter_name() == quarter).major(),
        }));
        row
    });
    Sheet {
        name: "Gain or loss by quarter".into(),
        caption: format!(
            "Gain or loss on disposals by quarter, scenario and book, {}; recovery less book value",
            answers[0].currency
        ),
        rows: rows.collect(),
        columns,
        charts: vec![SheetChart {
            title: "Gain or loss of the base, by book".into(),
            over_time: true,
            names: 0,
            values: (1..=books.len()).collect(),
            unit: answers[0].currency.code().to_owned(),
        }],
    }
}
