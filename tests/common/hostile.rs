//! Two hundred files made to do harm: cut short, scribbled over, nested, bombs, numbers and dates that cannot be.

#[path = "workbook.rs"]
#[allow(dead_code)]
mod workbook;

use std::path::Path;

use workbook::{gzip_of, zip_of};

/// A file by its name.
pub(crate) type Hostile = (String, Vec<u8>);

const HEADER: &str =
    "asset_id,serial,model,class,purchase_date,purchase_cost,currency,status,quantity,utilization\n";

/// All of them.
pub(crate) fn files() -> Vec<Hostile> {
    let mut files = Vec::new();
    real_exports_cut_and_scribbled_over(&mut files);
    cells_that_cannot_be(&mut files);
    texts_of_strange_shape(&mut files);
    archives_and_workbooks(&mut files);
    packed(&mut files);
    nested(&mut files);
    settings(&mut files);
    files
}

fn add(files: &mut Vec<Hostile>, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
    files.push((name.into(), bytes.into()));
}

fn real_exports_cut_and_scribbled_over(files: &mut Vec<Hostile>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/exports");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        add(files, format!("cut-{name}"), &bytes[..bytes.len() * 3 / 5]);
        // Every 97th byte becomes one that text rarely has, in turn.
        let mut scribbled = bytes.clone();
        let scribble = [0xff, 0x00, b'"', b'\n', 0xc3, b',', 0x80, b'\r', b'{'];
        for (turn, at) in (13..scribbled.len()).step_by(97).enumerate() {
            scribbled[at] = scribble[turn % scribble.len()];
        }
        add(files, format!("scribbled-{name}"), scribbled);
    }
}

fn cells_that_cannot_be(files: &mut Vec<Hostile>) {
    let dates = [
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
        "-0001-01-01",
        "2022-02-30",
        "1900-02-29",
        "00.00.0000",
        "31/31/2022",
        "1e9",
        "2958466",
        "-1",
        "2022-08-15T99:99:99Z",
        "99999999999999999999",
        "١٥/٠٨/٢٠٢٢",
    ];
    for (at, date) in dates.iter().enumerate() {
        let rows = format!("A1,S1,Dell Latitude 5430,laptop,{date},1389,USD,In use,1,0.5\n");
        add(files, format!("date-{at:02}.csv"), format!("{HEADER}{rows}"));
    }
    let amounts = [
        "NaN",
        "inf",
        "-inf",
        "1e308",
        "1e309",
        "-1e309",
        "9223372036854775807",
        "92233720368547758.07",
        "1e-320",
        "0x7fffffff",
        "1,2,3.4",
        "--5",
        "٣٤٥",
        "1e",
        "$",
        "1.7976931348623157e308",
    ];
    for (at, amount) in amounts.iter().enumerate() {
        let rows = format!("A1,S1,Dell Latitude 5430,laptop,2022-08-15,\"{amount}\",USD,In use,1,0.5\n");
        add(files, format!("amount-{at:02}.csv"), format!("{HEADER}{rows}"));
    }
    let quantities = ["0", "-1", "4294967295", "4294967296", "1e9", "0.5", "NaN", "18446744073709551616"];
    for (at, quantity) in quantities.iter().enumerate() {
        let row = |name: u32| {
            format!("A{name},,Dell Latitude 5430,laptop,2022-08-15,1389,USD,In use,{quantity},0.5\n")
        };
        add(files, format!("quantity-{at:02}.csv"), format!("{HEADER}{}{}", row(1), row(2)));
    }
    let loads = ["NaN", "-0.5", "101", "1e300", "100 %"];
    for (at, load) in loads.iter().enumerate() {
        let rows = format!("A1,S1,Dell PowerEdge R640,server,2022-08-15,7400,USD,In use,1,{load}\n");
        add(files, format!("load-{at:02}.csv"), format!("{HEADER}{rows}"));
    }
    let names = [
        "=cmd|'/C calc'!A0",
        "@SUM(1+1)",
        "\u{202e}5430 edutitaL",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "Dell\u{0}Latitude",
        "a\u{300}\u{301}\u{302}\u{303}",
        "{{7*7}}",
        "%n%n%n%s",
        "\u{feff}",
        "x 2147483648 x 2147483648",
        "16x32GB 99999999999TB SSD",
    ];
    for (at, name) in names.iter().enumerate() {
        let rows = format!("{name},{name},{name},{name},2022-08-15,1389,USD,{name},1,0.5\n");
        add(files, format!("name-{at:02}.csv"), format!("{HEADER}{rows}"));
    }
}

fn texts_of_strange_shape(files: &mut Vec<Hostile>) {
    let row = "A1,S1,Dell Latitude 5430,laptop,2022-08-15,1389,USD,In use,1,0.5\n";
    let wide = |text: &str, low_first: bool| -> Vec<u8> {
        let units = text.encode_utf16();
        units.flat_map(|unit| if low_first { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    add(files, "empty.csv", "");
    add(files, "mark-alone.csv", "\u{feff}");
    add(files, "line-ends-alone.csv", "\r\n".repeat(5_000));
    add(files, "header-twice.csv", format!("{HEADER}{HEADER}{row}"));
    add(files, "headers-alike.csv", "model,model,model,model\nA,B,C,D\n");
    add(files, "utf16-without-mark.csv", wide(&format!("{HEADER}{row}"), true));
    add(files, "utf16-odd.csv", [&[0xff, 0xfe][..], &wide(HEADER, true), b"x"].concat());
    add(files, "utf16-lone-surrogate.csv", [&[0xfe, 0xff][..], &wide(HEADER, false), &[0xd8, 0x00]].concat());
    add(files, "utf32.csv", [0x00, 0x00, 0xfe, 0xff].repeat(40));
    add(files, "quote-never-closed.csv", format!("{HEADER}\"{}", row.repeat(3_000)));
    add(files, "quotes-everywhere.csv", "\"".repeat(20_001));
    add(files, "delimiters-alone.csv", ",;\t|".repeat(9_000));
    add(files, "many-columns.csv", format!("{}model\n", "c,".repeat(60_000)));
    add(files, "many-lines.csv", format!("model\n{}", "\n\n x".repeat(40_000)));
    add(files, "cell-of-two-megabytes.csv", format!("{HEADER}{},S1\n", "A".repeat(2 << 20)));
    add(files, "line-of-nine-megabytes.csv", "A".repeat(9 << 20));
    add(files, "carriage-returns.csv", format!("{HEADER}{row}").replace('\n', "\r"));
    add(files, "line-ends-mixed.csv", format!("{}\r{}\r\n{row}", HEADER.trim_end(), row.trim_end()));
    add(files, "not-text.csv", (0..=255_u8).cycle().take(8_192).collect::<Vec<u8>>());
    add(files, "one-name-for-all.csv", format!("{HEADER}{}", row.repeat(2_000)));
    let serials = (0..2_000).map(|at| format!("A{at},SAME,Dell Latitude 5430,laptop,,,,In use,1,\n"));
    add(files, "one-serial-for-all.csv", format!("{HEADER}{}", serials.collect::<String>()));
    add(files, "separator-told-twice.csv", format!("sep=;\nsep=,\n{HEADER}{row}"));
    add(files, "separator-none.csv", format!("sep=\n{HEADER}{row}"));
    let quoted_lines =
        format!("{HEADER}\"A\n\n\n1\",S1,\"Dell\r\nLatitude\r5430\",laptop,2022-08-15,1,USD,,1,\n");
    add(files, "lines-in-cells.csv", quoted_lines);
}

fn archives_and_workbooks(files: &mut Vec<Hostile>) {
    let register = format!("{HEADER}A1,S1,Dell Latitude 5430,laptop,2022-08-15,1389,USD,In use,1,0.5\n");
    let register = register.as_bytes();
    let sound = zip_of(&[("register.csv", register)]);
    add(files, "climbs-out.zip", zip_of(&[("../../../tmp/climbed.csv", register)]));
    add(files, "from-the-root.zip", zip_of(&[("/etc/climbed.csv", register), ("C:\\climbed.csv", register)]));
    add(files, "empty.zip", zip_of(&[]));
    add(files, "zip-in-zip.zip", zip_of(&[("inner.zip", &sound)]));
    add(files, "nameless.zip", zip_of(&[("", register)]));
    let many: Vec<String> = (0..5_000).map(|at| format!("{at}.csv")).collect();
    add(
        files,
        "many-members.zip",
        zip_of(&many.iter().map(|name| (name.as_str(), &b""[..])).collect::<Vec<_>>()),
    );
    add(files, "bomb.zip", zip_of(&[("register.csv", &vec![b'A'; 80 << 20])]));
    for (part, cut) in [("tail", sound.len() - 8), ("half", sound.len() / 2), ("head", 6)] {
        add(files, format!("cut-{part}.zip"), &sound[..cut]);
    }
    for at in (0..sound.len()).step_by(sound.len() / 12) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0xff;
        add(files, format!("flipped-{at:03}.zip"), bytes);
    }
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"#;
    let cells = |inside: &str| format!("<worksheet><sheetData>{inside}</sheetData></worksheet>");
    let sheets = [
        (
            "entities",
            format!(
                "{laughs}{}",
                cells(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row>"#)
            ),
        ),
        ("far-cell", cells(r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#)),
        ("beyond-cell", cells(r#"<row r="99999999"><c r="ZZZZZZ99999999"><v>1</v></c></row>"#)),
        ("no-such-text", cells(r#"<row r="1"><c r="A1" t="s"><v>4294967295</v></c></row>"#)),
        ("no-cell-name", cells(r#"<row><c><v>1</v></c><c r=""><v>2</v></c><c r="1A"><v>3</v></c></row>"#)),
        ("never-closed", "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1".to_owned()),
        ("deep", format!("<worksheet>{}", "<a>".repeat(100_000))),
        (
            "error-cell",
            cells(
                r#"<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="d"><v>2022-13-45</v></c></row>"#,
            ),
        ),
        ("number-none", cells(r#"<row r="1"><c r="A1"><v>NaN</v></c><c r="B1" t="b"><v>7</v></c></row>"#)),
    ];
    for (name, sheet) in sheets {
        add(files, format!("{name}.xlsx"), workbook(sheet.as_bytes()));
    }
    let no_sheet = workbook(b"").len();
    add(files, "cut.xlsx", &workbook(b"<worksheet/>")[..no_sheet / 2]);
    add(files, "old.xls", [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0xfe; 2_048]].concat());
}

/// A workbook of one sheet.
fn workbook(sheet: &[u8]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let related = |kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let book = format!(
        r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Assets" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    zip_of(&[
        ("_rels/.rels", related("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", related("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn packed(files: &mut Vec<Hostile>) {
    let register =
        format!("{HEADER}{}", "A1,S1,Dell Latitude 5430,laptop,2022-08-15,1389,USD,In use,1,0.5\n".repeat(9));
    let sound = gzip_of(register.as_bytes());
    add(files, "twice.csv.gz", gzip_of(&sound));
    add(files, "bomb.csv.gz", gzip_of(&vec![0; 80 << 20]));
    add(files, "two-members.csv.gz", [&sound[..], &sound[..]].concat());
    add(files, "rubbish-behind.csv.gz", [&sound[..], b"rubbish"].concat());
    for at in [3, 9, sound.len() / 2, sound.len() - 5] {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x55;
        add(files, format!("flipped-{at:03}.csv.gz"), bytes);
        add(files, format!("cut-{at:03}.csv.gz"), &sound[..at]);
    }
    add(files, "head-alone.csv.zst", [0x28, 0xb5, 0x2f, 0xfd]);
    add(files, "window-of-gigabytes.csv.zst", [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x01, 0x00, 0x00]);
    add(files, "size-beyond.csv.zst", [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &[0xff; 16]].concat());
    add(files, "marks-alone.parquet", "PAR1PAR1");
    add(files, "footer-beyond.parquet", b"PAR1\xff\xff\xff\xffPAR1");
    add(
        files,
        "footer-of-rubbish.parquet",
        [&b"PAR1"[..], &[0x15; 64], &64_u32.to_le_bytes(), b"PAR1"].concat(),
    );
}

fn nested(files: &mut Vec<Hostile>) {
    add(files, "lists-in-lists.json", format!("{}{}", "[".repeat(200_000), "]".repeat(200_000)));
    add(files, "objects-in-objects.json", format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    add(files, "key-twice.json", r#"[{"model":"A","model":"B","serial":null}]"#);
    add(files, "kinds-mixed.json", r#"[{"model":1e400},{"model":[1,2]},{"model":{"x":true}},7,null,"row"]"#);
    add(files, "lone-surrogate.json", r#"[{"model":"\ud800"}]"#);
    add(files, "cut.json", r#"[{"asset_id":"A1","model":"Dell Latitude 5430","#);
    add(files, "lines.json", "{\"model\":\"A\"}\n{\"model\":\n{\"model\":\"B\"}\n");
    add(files, "tables-in-tables.toml", format!("a = {}", "{a=".repeat(50_000)));
    add(files, "lists-in-lists.toml", format!("a = {}", "[".repeat(50_000)));
    add(files, "long-key.toml", format!("{}x = 1", "a.".repeat(50_000)));
}

/// Settings, models and chains whose form is right and whose content is not.
fn settings(files: &mut Vec<Hostile>) {
    let model = include_str!("../../models/cpu.json");
    add(files, "cut.model.json", &model.as_bytes()[..model.len() - 40]);
    add(files, "edited.model.json", model.replacen("0.1", "0.9", 1));
    add(files, "future.model.json", model.replacen("\"format\": 2", "\"format\": 3", 1));
    add(files, "old.model.json", model.replacen("\"format\": 2", "\"format\": 1", 1));
    add(files, "none.model.json", "{\"format\": 2}");
    let policies = [
        "discount_rate = nan",
        "discount_rate = -5",
        "[resell]\nshare = 7",
        "horizon_months = 99999999999999999999",
        "[exchange_rates]\nEUR = { rate = 0, date = \"2024-06-28\" }",
        "[[books.book]]",
        "currency = \"\"",
    ];
    for (at, policy) in policies.iter().enumerate() {
        add(files, format!("policy-{at}.toml"), *policy);
    }
    add(files, "scenario-nan.toml", "[[scenario]]\nname = \"x\"\n[[scenario.market]]\nfactor = nan\n");
    add(files, "scenario-same-name.toml", "[[scenario]]\nname = \"x\"\n[[scenario]]\nname = \"x\"\n");
    add(
        files,
        "chain-of-none.json",
        "{\"schema\":\"residua.custody.v1\",\"request_id\":\"\",\"events\":[\n]}\n",
    );
    add(
        files,
        "exchange-alike.json",
        r#"{"hand_overs":[],"settlements":[{"file":"x","fingerprint":"y","outcomes":[]}]}"#,
    );
}
