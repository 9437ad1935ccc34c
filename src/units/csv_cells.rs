//! Cells as a line of CSV.
//!
//! In: texts. Out: the texts one behind the other with commas between them, in quotes where they hold a comma, a quote or a line
//! break, a quote written twice (RFC 4180). For lines that are put together piece by piece; whole tables go through the csv crate.

/// Writes a text as one cell.
pub fn write_csv_cell(text: &str, into: &mut String) {
    if !text.contains(['"', ',', '\n', '\r']) {
        into.push_str(text);
        return;
    }
    into.push('"');
    for (place, part) in text.split('"').enumerate() {
        if place > 0 {
            into.push_str("\"\"");
        }
        into.push_str(part);
    }
    into.push('"');
}

/// Writes texts as the cells of one record, without a line end.
pub fn write_csv_record<'a>(cells: impl IntoIterator<Item = &'a str>, into: &mut String) {
    for (position, cell) in cells.into_iter().enumerate() {
        if position > 0 {
            into.push(',');
        }
        write_csv_cell(cell, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_record_reads_back(cells in prop::collection::vec("[a\",\n\ré ;]{0,6}", 2..6)) {
            let mut text = String::new();
            write_csv_record(cells.iter().map(String::as_str), &mut text);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(record.iter().collect::<Vec<_>>(), cells);
        }
    }
}
