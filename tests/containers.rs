//! Workbooks, JSON and archives are registers like any text; what is made to harm is refused with a sentence.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

#[path = "common/workbook.rs"]
mod workbook;

use residua::decide::Policy;
use residua::fleet::{self, Fleet, ReadOptions};
use workbook::{gzip_of, ods_of, sheet_xml, xlsx_of, zip_of};

fn options() -> ReadOptions {
    let policy = Policy::built_in();
    policy.read_options("2026-11".parse().unwrap())
}

fn read(bytes: &[u8]) -> Fleet {
    let fleet = fleet::read_text("register", bytes, &options()).unwrap();
    assert_eq!(fleet.rows_in, fleet.assets.len() + fleet.rejects.len() + fleet.rows_merged);
    fleet
}

fn refusal(bytes: &[u8]) -> String {
    fleet::read_text("register", bytes, &options()).unwrap_err().to_string()
}

/// Id, serial, model, day of purchase and cost of every asset.
fn facts(fleet: &Fleet) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    fleet
        .assets
        .iter()
        .map(|asset| {
            let date = asset.purchase_date.map_or(String::new(), |date| date.date.to_string());
            let cost =
                asset.purchase_cost.map_or(String::new(), |(cost, currency)| format!("{cost} {currency}"));
            format!("{} | {} | {} | {date} | {cost}", asset.id, text(&asset.serial), text(&asset.model))
        })
        .collect()
}

const CSV: &str = "Asset tag,Serial,Model,Purchase date,Cost\nP1,7XK2LM3,Latitude 5430,2022-08-15,1389\n";
const EXPECTED: &str = "P1 | 7XK2LM3 | Latitude 5430 | 2022-08-15 | 1389 USD";

/// The sheet of one asset, under two lines of title.
fn assets_sheet() -> String {
    sheet_xml(&[
        &["t:Asset register & more"],
        &["t:Printed", "d:46000"],
        &[],
        &["t:Asset tag", "t:Serial", "t:Model", "t:Purchase date", "t:Cost", "t:Memory (GB)"],
        &["t:P1", "t:7XK2LM3", "t:Latitude 5430", "d:44788", "n:1389", "n:16"],
        &["n:1234567890123456", "n:20231120001234567890", "t:R750", "d:44885.5", "n:18420.550000000003"],
        &[],
    ])
}

#[test]
fn a_workbook_reads_like_the_text_it_shows() {
    let notes = sheet_xml(&[&["t:colour", "t:shape"], &["t:red", "t:round"]]);
    let fleet = read(&xlsx_of(&[("Assets", assets_sheet()), ("Notes", notes)], &[]));
    assert_eq!(
        facts(&fleet),
        [EXPECTED, "1234567890123456 | 20231120001234567000 | R750 | 2022-11-20 | 18420.55 USD"]
    );
    assert_eq!(fleet.assets[0].ram_gb, Some(16.0));
    let file = &fleet.files[0];
    assert_eq!((file.table.as_str(), fleet.assets[0].rows[0].line), ("Assets", 5));
    assert_eq!(
        file.notes,
        ["2 lines above the header left aside", "left aside: sheet `Notes` (no known column: colour, shape)"]
    );
}

#[test]
fn every_sheet_with_a_header_is_a_register_of_its_own() {
    let one = sheet_xml(&[&["t:Asset tag", "t:Model"], &["t:A1", "t:R750"]]);
    let two = sheet_xml(&[&["t:Serial", "t:Model"], &["t:7XK2LM3", "t:R650"]]);
    let fleet = read(&xlsx_of(&[("Servers", one), ("More", two)], &[]));
    let tables: Vec<&str> = fleet.files.iter().map(|file| file.table.as_str()).collect();
    assert_eq!((tables, fleet.assets.len()), (vec!["Servers", "More"], 2));
    assert_eq!(fleet.files[1].label(), "register [More]");
}

#[test]
fn an_open_document_sheet_reads_too() {
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
    let header: String = ["Asset tag", "Serial", "Model", "Purchase date", "Cost"].map(cell).concat();
    let asset = ["P1", "7XK2LM3", "Latitude 5430"].map(cell).concat()
        + "<table:table-cell office:value-type=\"date\" office:date-value=\"2022-08-15\"><text:p>15.08.22</text:p></table:table-cell>"
        + "<table:table-cell office:value-type=\"float\" office:value=\"1389\"><text:p>1389</text:p></table:table-cell>"
        + "<table:table-cell table:number-columns-repeated=\"16379\"/>";
    let rest = "<table:table-row table:number-rows-repeated=\"1048574\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let fleet = read(&ods_of(&(row(header) + &row(asset) + rest)));
    assert_eq!(facts(&fleet), [EXPECTED]);
}

#[test]
fn a_cell_in_the_farthest_corner_costs_nothing() {
    let sheet = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Asset tag</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>Model</t></is></c></row><row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>A1</t></is></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>";
    let fleet = read(&xlsx_of(&[("S", sheet.into())], &[]));
    assert_eq!((fleet.rows_in, fleet.assets.len(), fleet.rejects.len()), (2, 1, 1));
    assert!(fleet.rejects[0].reason.contains("too long"), "{:?}", fleet.rejects[0]);
}

#[test]
fn lists_of_objects_read_wherever_they_stand() {
    let items = std::fs::read("tests/fixtures/exports/dctrack_items.json").unwrap();
    let fleet = read(&items);
    let serials: Vec<Option<&str>> = fleet.assets.iter().map(|asset| asset.serial.as_deref()).collect();
    assert_eq!(serials, [Some("4FQ9TR3"), Some("S512345X3C01234")]);
    let row = r#"{"asset_tag":"P1","serial":"7XK2LM3","model":{"id":4,"name":"Latitude 5430"},"purchase_date":{"date":"2022-08-15","formatted":"08/15/2022"},"purchase_cost":1389,"custom_fields":{"RAM":{"field":"_snipeit_1","value":"16"}}}"#;
    for text in [
        format!("[{row}]"),
        format!("{{\"total\":1,\"rows\":[{row}]}}"),
        format!("{{\"a\":{{\"b\":{{\"records\":[{row}]}}}},\"tags\":[\"x\",\"y\"]}}"),
        format!("{row}\n"),
    ] {
        let fleet = read(text.as_bytes());
        assert_eq!(facts(&fleet), [EXPECTED], "{text}");
        assert_eq!(fleet.assets[0].ram_gb, Some(16.0), "{text}");
    }
    let two = read(format!("{row}\n{{\"serial\":\"CND1234567\",\"model\":\"Z4\"}}\n").as_bytes());
    assert_eq!((two.assets.len(), two.assets[1].rows[0].line), (2, 2));
}

#[test]
fn objects_with_other_keys_and_elements_that_are_none_are_all_counted() {
    let fleet = read(br#"[{"serial":"7XK2LM3"},{"model":"R750","tags":["a","b"]},17,{"colour":"red"},null]"#);
    assert_eq!((fleet.rows_in, fleet.assets.len(), fleet.rejects.len()), (5, 2, 3));
    assert_eq!(fleet.rejects[0].row.line, 3);
}

#[test]
fn archives_hand_over_their_registers_one_level_deep() {
    assert_eq!(facts(&read(&gzip_of(CSV.as_bytes()))), [EXPECTED]);
    let book = xlsx_of(&[("Assets", sheet_xml(&[&["t:Serial", "t:Model"], &["t:CND1234567", "t:Z4"]]))], &[]);
    let fleet = read(&zip_of(&[
        ("export/devices.csv", CSV.as_bytes()),
        ("readme.pdf", b"%PDF-1.7"),
        ("more.xlsx", &book),
        ("__MACOSX/._devices.csv", b"\0\0"),
    ]));
    let tables: Vec<&str> = fleet.files.iter().map(|file| file.table.as_str()).collect();
    assert_eq!((tables, fleet.assets.len()), (vec!["export/devices.csv", "more.xlsx / Assets"], 2));
    assert_eq!(fleet.files[0].notes, ["left aside: `readme.pdf` (PDF)"]);
}

#[test]
fn a_name_in_an_archive_is_a_label_and_no_path() {
    let fleet = read(&zip_of(&[("../../etc/pass\u{7}wd\n.csv", CSV.as_bytes())]));
    assert_eq!(fleet.files[0].table, "../../etc/passwd.csv");
}

#[test]
fn archives_inside_archives_are_refused() {
    let inner = zip_of(&[("a.csv", CSV.as_bytes())]);
    let nested = refusal(&zip_of(&[("inner.zip", &inner)]));
    assert!(nested.contains("`inner.zip` is an archive inside an archive: unpack it"), "{nested}");
    assert!(refusal(&gzip_of(&inner)).contains("archive inside an archive"));
    assert!(refusal(&gzip_of(&gzip_of(CSV.as_bytes()))).contains("archive inside an archive"));
}

#[test]
fn an_archive_without_a_register_says_what_is_in_it() {
    let message = refusal(&zip_of(&[("a.txt", b"hello"), ("b.csv", b"colour,shape\nred,round\n")]));
    assert!(message.contains("holds no register: `a.txt` (no rows); `b.csv` (no known column)"), "{message}");
    let sheet = sheet_xml(&[&["t:colour", "t:shape"], &["t:red", "t:round"]]);
    let message = refusal(&xlsx_of(&[("Paint", sheet)], &[]));
    assert!(message.contains("sheet `Paint` (no known column: colour, shape)"), "{message}");
}

#[test]
fn a_bomb_is_refused_while_it_inflates() {
    let zeros = vec![b'0'; 70 << 20];
    for bomb in [gzip_of(&zeros), zip_of(&[("a.csv", &zeros)]), xlsx_of(&[], &[("xl/media/a.png", &zeros)])] {
        assert!(bomb.len() < 1 << 20);
        let message = refusal(&bomb);
        assert!(message.contains("is too large: it inflates to more than 64 MiB"), "{message}");
    }
}

#[test]
fn an_archive_of_too_many_members_is_refused() {
    let names: Vec<String> = (0..5000).map(|at| format!("{at}.csv")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert!(refusal(&zip_of(&members)).contains("it has 5000 members, and 4096 are allowed"));
}

#[test]
fn entities_that_multiply_are_refused_in_a_workbook() {
    let mut laughs = String::from("<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY a \"lol\">");
    for (name, before) in ('b'..='j').zip('a'..='i') {
        laughs.push_str(&format!("<!ENTITY {name} \"{}\">", format!("&{before};").repeat(10)));
    }
    laughs.push_str("]>");
    let strings = format!(
        "{laughs}<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><si><t>&j;</t></si></sst>"
    );
    let message =
        refusal(&xlsx_of(&[("S", assets_sheet())], &[("xl/sharedStrings.xml", strings.as_bytes())]));
    assert!(
        message.contains("damaged workbook") && message.contains("export or download it again"),
        "{message}"
    );
    let sheet = sheet_xml(&[&["t:Serial", "t:Model"], &["t:7XK2LM3", "t:R750"]])
        .replace("<?xml version=\"1.0\"?>", &laughs)
        .replace("R750", "&j;");
    assert!(refusal(&xlsx_of(&[("S", sheet)], &[])).contains("damaged workbook"));
}

#[test]
fn cells_that_repeat_without_end_are_refused_in_a_workbook() {
    let row = "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"1000\" office:value-type=\"float\" office:value=\"1\"/></table:table-row>";
    let message = refusal(&ods_of(row));
    assert!(message.contains("more than 200000000 cells"), "{message}");
}

#[test]
fn what_asks_for_a_password_is_refused() {
    let package: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut container = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    container.resize(512, 0);
    container.extend(package);
    assert!(refusal(&container).contains("is encrypted: remove the password"));
    // Bit 0 of the flags of both headers says that a member is encrypted.
    let mut archive = zip_of(&[("a.csv", CSV.as_bytes())]);
    archive[6] |= 1;
    let central = archive.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    archive[central + 8] |= 1;
    assert!(refusal(&archive).contains("is encrypted: remove the password"));
}

#[test]
fn a_damaged_member_refuses_the_file() {
    let mut archive = zip_of(&[("a.csv", CSV.as_bytes()), ("b.csv", CSV.as_bytes())]);
    archive[50] ^= 0x10;
    let message = refusal(&archive);
    assert!(message.contains("damaged zip archive"), "{message}");
    let gzip = gzip_of(CSV.as_bytes());
    assert!(refusal(&gzip[..gzip.len() - 9]).contains("damaged gzip file"));
}

#[test]
fn a_zero_character_and_a_cell_of_megabytes_are_refused() {
    assert!(refusal(b"asset_id,model\nA1,R7\x0050\n").contains("zero byte"));
    let long = format!("asset_id,model\nA1,{}\n", "x".repeat(2 << 20));
    assert!(refusal(long.as_bytes()).contains("a cell at line 2 has 2048 KiB of text, and 1024 are allowed"));
    let json = format!("[{{\"serial\":\"{}\"}}]", "x".repeat(2 << 20));
    assert!(refusal(json.as_bytes()).contains("`serial` of element 1 has 2048 KiB"));
}

#[test]
fn the_plan_is_the_same_at_any_number_of_threads() {
    let mut text = String::from("asset_id,serial,model,purchase_date,purchase_cost\n");
    for row in 0..30_000 {
        let cost = if row % 1000 == 7 { "-5".to_owned() } else { format!("{}", 500 + row % 900) };
        text.push_str(&format!(
            "A{row},S{:06}X,Latitude 5430,{}/{}/2022,{cost}\n",
            row / 2 * 13,
            1 + row % 12,
            1 + row % 9
        ));
    }
    let at = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| format!("{:?}", fleet::read_text("r.csv", text.as_bytes(), &options()).unwrap()))
    };
    let one = at(1);
    assert!(one == at(2) && one == at(5));
}

/// Whatever it is: no panic, a sentence when it is refused, and every row accounted for when it is not.
fn holds_together(bytes: &[u8]) {
    match fleet::read_text("register", bytes, &options()) {
        Ok(fleet) => {
            assert_eq!(fleet.rows_in, fleet.assets.len() + fleet.rejects.len() + fleet.rows_merged);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Every sample, and one of each container.
fn specimens() -> Vec<Vec<u8>> {
    let mut specimens: Vec<Vec<u8>> = std::fs::read_dir("tests/fixtures/exports")
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    specimens.sort();
    specimens.push(xlsx_of(&[("Assets", assets_sheet())], &[]));
    specimens.push(zip_of(&[("a.csv", CSV.as_bytes()), ("b.csv", CSV.as_bytes())]));
    specimens.push(gzip_of(CSV.as_bytes()));
    specimens
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

    #[test]
    fn no_cut_and_no_flipped_bit_makes_the_reader_panic(which in 0..1000_usize, end in 0.0..1.0_f64, flips in proptest::collection::vec((0.0..1.0_f64, 0..8_u8), 0..4)) {
        let specimens = specimens();
        let mut bytes = specimens[which % specimens.len()].clone();
        if end < 0.5 {
            bytes.truncate((bytes.len() as f64 * end * 2.0) as usize);
        }
        for (place, bit) in flips {
            let at = (bytes.len() as f64 * place) as usize;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        holds_together(&bytes);
    }

    #[test]
    fn no_objects_make_the_reader_panic(keys in proptest::collection::vec("(serial|model|cost|name|rows|[a-z]{1,3})", 1..6), values in proptest::collection::vec("(null|17|1e300|true|\"[A-Z0-9]{0,8}\"|\\[1,\"x\"\\]|\\{\"name\":\"y\"\\})", 1..6), rows in 1..5_usize) {
        let fields: Vec<String> = keys.iter().zip(&values).map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let list = vec![format!("{{{}}}", fields.join(",")); rows].join(",");
        holds_together(format!("[{list}]").as_bytes());
        holds_together(format!("{{\"total\":3,\"list\":[{list}]}}").as_bytes());
    }
}
