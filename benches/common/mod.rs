//! Registers of any size for benchmarks, made from the sample.

use residua::units::Month;

/// The register that the README plans.
pub(crate) const SAMPLE: &str = include_str!("../../data/samples/fleet.csv");

/// The sample register repeated to a number of assets, each with a tag of its own. A repetition is one of `variants`: each
/// has other costs, months of purchase, sites and conditions than the others.
pub(crate) fn register(assets: usize, variants: usize) -> String {
    let mut reader = csv::Reader::from_reader(SAMPLE.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|own| own == name).unwrap();
    let (cost, bought, site, grade) =
        (column("Purchase Cost"), column("Purchase Date"), column("Site"), column("Grade"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for number in 0..assets {
        let row = &rows[number % rows.len()];
        let variant = number / rows.len() % variants;
        let cell = |(at, cell): (usize, &str)| match at {
            0 => format!("T{number}"),
            1 => String::new(),
            _ if variant == 0 => cell.to_owned(),
            _ if at == cost => scaled(cell, variant),
            _ if at == bought => earlier(cell, variant as i32 % 24),
            _ if at == site => format!("{cell} {}", variant % 5),
            _ if at == grade && cell.is_empty() => ["A", "B", "C", "D"][variant % 4].to_owned(),
            _ => cell.to_owned(),
        };
        writer.write_record(row.iter().enumerate().map(cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// A cost some per mille higher.
fn scaled(cell: &str, variant: usize) -> String {
    cell.parse::<f64>()
        .map_or_else(|_| cell.to_owned(), |cost| format!("{:.2}", cost * (1.0 + 0.001 * variant as f64)))
}

/// A date some months earlier.
fn earlier(cell: &str, months: i32) -> String {
    let date = (cell.len() == 10).then(|| cell.get(..7)?.parse::<Month>().ok()).flatten();
    date.map_or_else(|| cell.to_owned(), |month| format!("{}-01", month.plus(-months)))
}
