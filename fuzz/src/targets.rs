//! What is done with hostile bytes: one function for each file that residua reads.
//!
//! In: bytes. Out: nothing; a panic is a defect, and so is an answer that cannot be. What a parser takes is used as the program
//! would use it, as far as that costs milliseconds.

// A module of the tests too, where nothing is reached from outside.
#![allow(clippy::unwrap_used, unreachable_pub)]

use std::io::{Cursor, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

use residua::catalog::{self, Matcher};
use residua::decide::{self, CarbonFactors, ConversionError, Policy, Setting};
use residua::fleet::{self, Fleet, Profiles, ReadError, ReadOptions};
use residua::lot::manifest;
use residua::outcome::Chain;
use residua::outcome::ledger::{Exchange, Ledger};
use residua::outcome::settle::{self, AgreedFees, ErasureReport, Layout};
use residua::price::calibration::Calibration;
use residua::price::parts::Configuration;
use residua::price::{self, ClassModel, Models, Subject};
use residua::scenario::{Depth, Dials, ScenarioFile, Standing, WhatIfError, WhatIfInput};
use residua::units::{Currency, Month, Work, sha256};
use residua::{market, report, serve, stream};

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them, by the name of their folder of seeds.
pub const TARGETS: [Target; 23] = [
    ("calibration", calibration),
    ("carbon_factors", carbon_factors),
    ("catalog", catalog),
    ("custody", custody),
    ("dials", dials),
    ("erasure_report", erasure_report),
    ("exchange", exchange),
    ("http", http),
    ("lot", lot),
    ("market", market),
    ("model", model),
    ("model_name", model_name),
    ("parquet", parquet),
    ("plan", plan),
    ("policy", policy),
    ("profile", profile),
    ("register", register),
    ("registers", registers),
    ("request", request),
    ("scenario", scenario),
    ("settlement", settlement),
    ("stream", stream),
    ("workbook", workbook),
];

static SETTING: LazyLock<Setting> = LazyLock::new(|| {
    let (models, catalog) = (Models::built_in().unwrap(), catalog::built_in().unwrap());
    Setting::new(Policy::built_in(), None, as_of(), models, catalog, Profiles::built_in()).unwrap()
});

/// The same under a policy.
fn setting(policy: &Policy) -> Result<Setting, ConversionError> {
    let (models, catalog) = (SETTING.models.clone(), SETTING.catalog.clone());
    Setting::new(policy.clone(), None, as_of(), models, catalog, Profiles::built_in())
}

static OPTIONS: LazyLock<ReadOptions> = LazyLock::new(|| SETTING.read_options());

static LAYOUT: LazyLock<Layout> = LazyLock::new(Layout::built_in);

fn as_of() -> Month {
    "2026-11".parse().unwrap()
}

/// A refusal must say something.
fn told(error: &dyn std::fmt::Display) {
    assert!(!error.to_string().trim().is_empty());
}

/// Nothing of a register is lost, and nothing is named twice.
fn is_whole(fleet: &Result<Fleet, ReadError>) {
    match fleet {
        Ok(fleet) => {
            assert_eq!(fleet.rows_in, fleet.assets.len() + fleet.rejects.len() + fleet.rows_merged);
            let mut names: Vec<&str> = fleet.assets.iter().map(|asset| asset.id.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), fleet.assets.len(), "two assets have one name");
        }
        Err(error) => told(error),
    }
}

/// Writes bytes where only a path will do.
fn with_file(name: &str, bytes: &[u8], then: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    then(&path);
}

/// A register of any kind: text in a dialect, a workbook, JSON, an archive, packed.
pub fn register(bytes: &[u8]) {
    let fleet = fleet::read_text("register.csv", bytes, &OPTIONS);
    is_whole(&fleet);
    if let Ok(fleet) = fleet {
        // What is written in our own words can be read again.
        let own = fleet::canonical_register(&fleet.assets);
        let again = fleet::read_text("own.csv", &own, &OPTIONS);
        is_whole(&again);
    }
}

/// Two registers that are joined: what stands before and behind the first line of four equals signs.
pub fn registers(bytes: &[u8]) {
    let mark = b"====";
    let cut = bytes.windows(mark.len()).position(|window| window == mark);
    let (one, two) = cut.map_or((bytes, bytes), |at| (&bytes[..at], &bytes[at + mark.len()..]));
    let files = vec![("one.csv".to_owned(), one.to_vec()), ("two.csv".to_owned(), two.to_vec())];
    is_whole(&fleet::read_bytes(files, &OPTIONS));
}

/// The sheet and the shared texts of a workbook, cut at the first zero byte; everything else of it is sound.
pub fn workbook(bytes: &[u8]) {
    let (sheet, texts) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &b""[..]),
    };
    let parts: [(&str, &[u8]); 5] = [
        ("_rels/.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Assets" sheetId="1" r:id="rId1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", texts),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        let stored =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(name, stored).unwrap();
        archive.write_all(part).unwrap();
    }
    let file = archive.finish().unwrap().into_inner();
    is_whole(&fleet::read_text("register.xlsx", &file, &OPTIONS));
}

/// A register as Parquet, read whole and as a stream.
pub fn parquet(bytes: &[u8]) {
    is_whole(&fleet::read_text("register.parquet", bytes, &OPTIONS));
    with_file("register.parquet", bytes, streamed);
}

/// A register that is planned, and everything that is written of the plan.
pub fn plan(bytes: &[u8]) {
    let Ok(fleet) = fleet::read_text("register.csv", bytes, &OPTIONS) else { return };
    match decide::plan(&SETTING.plan_input(&fleet)) {
        Ok(plan) => {
            let tables = [
                report::plan_table(&plan, &fleet, &SETTING.catalog),
                report::cohort_table(&plan, &fleet),
                report::schedule_table(&plan, &fleet),
            ];
            for table in tables {
                let text = String::from_utf8(table.to_csv()).unwrap();
                let numbers = text.split([',', '\n']);
                for cell in numbers {
                    assert!(!matches!(cell, "NaN" | "inf" | "-inf"), "no number is written: {text}");
                }
            }
            let summary = report::summary(&plan, &fleet, report::Page::plain());
            assert!(!summary.contains("NaN") || bytes.windows(3).any(|word| word == b"NaN"), "{summary}");
        }
        Err(error) => told(&error),
    }
}

fn streamed(path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    match stream::value(&SETTING, path, 6, &out, Work::unwatched()) {
        Ok(_) => assert!(out.is_dir()),
        Err(error) => {
            told(&error);
            assert!(!out.exists(), "a directory was left: {error}");
        }
    }
}

/// A register that is read row by row.
pub fn stream(bytes: &[u8]) {
    with_file("register.csv", bytes, streamed);
}

/// What a vendor is offered: a register or a bare list.
pub fn lot(bytes: &[u8]) {
    match manifest::read_bytes(Path::new("lot.txt"), bytes, &OPTIONS) {
        Ok(lot) => is_whole(&Ok(lot.fleet)),
        Err(error) => told(&error),
    }
}

/// A vendor's settlement.
pub fn settlement(bytes: &[u8]) {
    match settle::read_settlement_bytes(Path::new("settlement.csv"), bytes.to_vec(), &LAYOUT) {
        Ok(read) => {
            let told = read.lines.len() + read.rejects.len() + read.totals.len();
            assert!(told <= read.rows_in, "{told} of {}", read.rows_in);
        }
        Err(error) => told(&error),
    }
}

/// A report of erasure.
pub fn erasure_report(bytes: &[u8]) {
    match ErasureReport::read_bytes(Path::new("erasure.csv"), bytes.to_vec(), &LAYOUT) {
        Ok(report) => assert_eq!(report.rows_in, report.drives.len() + report.rejects.len()),
        Err(error) => told(&error),
    }
}

/// A request for a valuation, as a vendor sends it back.
pub fn request(bytes: &[u8]) {
    if let Err(error) = settle::read_request(Path::new("request.json"), bytes) {
        told(&error);
    }
}

/// What the command line says of terms and fees.
fn terms(text: &str) {
    let _ = settle::parse_terms(text);
    let _ = AgreedFees::parse(&text.split('\n').map(str::to_owned).collect::<Vec<_>>());
}

/// Observed prices.
pub fn market(bytes: &[u8]) {
    with_file("market.csv", bytes, |path| match market::read_observations(&[path.to_owned()], &[]) {
        Ok(read) => assert!(read.rows.iter().all(|row| row.price.is_finite() && row.price > 0.0)),
        Err(error) => told(&error),
    });
}

/// Products with their facts.
pub fn catalog(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match catalog::read_catalog("catalog.csv", text) {
        Ok(products) => {
            let catalog = residua::catalog::Catalog::new(products);
            let matcher = Matcher::new(&catalog);
            for (_, product) in catalog.iter() {
                let _ = matcher.identify(&product.name, None);
            }
        }
        Err(error) => told(&error),
    }
}

/// How a model is written in a register.
pub fn model_name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = SETTING.matcher.identify(text, None);
    let _ = Configuration::read(text, &SETTING.matcher, &SETTING.catalog);
    terms(text);
    let _ = text.parse::<Month>();
    let _ = text.parse::<Currency>();
}

/// A policy, and what it says written and read again.
pub fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Policy::from_toml("residua.toml", text) {
        Ok(policy) => {
            let setting = match setting(&policy) {
                Ok(setting) => setting,
                Err(error) => return told(&error),
            };
            let options = setting.read_options();
            let Ok(fleet) = fleet::read_text("register.csv", REGISTER, &options) else { return };
            if let Err(error) = decide::plan(&setting.plan_input(&fleet)) {
                told(&error);
            }
        }
        Err(error) => told(&error),
    }
}

/// Carbon factors of products.
pub fn carbon_factors(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = CarbonFactors::from_toml("carbon.toml", text) {
        told(&error);
    }
}

/// How a system writes its exports; a register is read by what was taken.
pub fn profile(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Profiles::built_in().with_text(Path::new("profile.toml"), text) {
        Ok(profiles) => {
            let options = ReadOptions { profiles, ..OPTIONS.clone() };
            let register = b"Asset Tag;Model;Purchase Date;Cost\nA1;Dell Latitude 5430;15.08.2022;1.389,00\n";
            is_whole(&fleet::read_text("register.csv", register, &options));
        }
        Err(error) => told(&error),
    }
    with_file("layout.toml", bytes, |path| {
        if let Err(error) = Layout::with_files(&[PathBuf::from(path)]) {
            told(&error);
        }
    });
}

/// A few units that scenarios are laid over.
const REGISTER: &[u8] = b"asset_id,model,purchase_date,purchase_cost,currency,status,site,quantity
A1,Dell Latitude 5430,2022-08-15,1389.00,USD,In stock,Austin,12
A2,NVIDIA A100 PCIe 40GB,2021-02-01,9800,USD,In use,Berlin,2
A3,Dell PowerEdge R640,2019-05-01,7400,USD,In use,Berlin,3
";

static FLEET: LazyLock<Fleet> =
    LazyLock::new(|| fleet::read_text("register.csv", REGISTER, &OPTIONS).unwrap());

/// Scenarios; what is taken is laid over a plan.
pub fn scenario(bytes: &[u8]) {
    static STANDING: LazyLock<Standing> =
        LazyLock::new(|| Standing::new(&base(), Work::unwatched()).unwrap());
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let compared = ScenarioFile::from_toml("scenarios.toml", text)
        .map_err(WhatIfError::from)
        .and_then(|file| STANDING.compare(&base(), &file, Depth::Scenarios, Work::unwatched()));
    match compared {
        Ok(compared) => {
            let page = report::what_if_text(&compared, report::Page::plain());
            assert!(!page.is_empty());
        }
        Err(error) => told(&error),
    }
}

fn base() -> WhatIfInput<'static> {
    WhatIfInput { plan: SETTING.plan_input(&FLEET), written: &SETTING.written }
}

/// The figures of an address of the desk.
pub fn dials(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    match Dials::read(pairs) {
        Ok(dials) => {
            let again: Vec<(&str, String)> = dials.turned().map(|(dial, text)| (dial.key, text)).collect();
            let again = Dials::read(again.iter().map(|(key, text)| (*key, text.as_str())));
            assert_eq!(again, Ok(dials), "figures are read as they are written");
        }
        Err(error) => told(&error),
    }
}

/// A fitted model under a sum that fits; what is taken is used.
pub fn model(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = ClassModel::from_json("model.json", text) {
        told(&error);
    }
    let sum = sha256(format!("{{\n{text}").as_bytes());
    let sealed = format!("{{\n  \"sha256\": \"{sum}\",\n{text}");
    let model = match ClassModel::from_json("model.json", &sealed) {
        Ok(model) => model,
        Err(error) => return told(&error),
    };
    let written = model.to_json().unwrap();
    ClassModel::from_json("model.json", &written).unwrap();
    with_file("model.json", written.as_bytes(), |path| {
        let models = Models::from_directory(path.parent().unwrap()).unwrap();
        for (_, product) in
            SETTING.catalog.iter().filter(|(_, product)| product.class == model.class).step_by(16)
        {
            let subject = Subject {
                class: product.class,
                product: Some(product),
                successor_launch: None,
                cost_usd: Some(2_000.0),
                cost_from_siblings: false,
                acquired: Some(as_of().plus(-30)),
                grade: None,
                accelerators: None,
                configuration: Configuration::default(),
            };
            if let Some(forecast) = price::forecast(&models, &subject, as_of(), 36) {
                for ahead in 0..36 {
                    let points = forecast.value(ahead).quantiles();
                    assert!(points.p10.is_finite() && points.p90.is_finite() && points.p10 <= points.p90);
                }
            }
        }
    });
}

/// What outcomes say of forecasts.
pub fn calibration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Calibration::from_json("calibration.json", text) {
        Ok(calibration) => {
            let _ = calibration.too_strong();
            let written = calibration.to_json().unwrap();
            Calibration::from_json("calibration.json", &written).unwrap();
        }
        Err(error) => told(&error),
    }
}

/// A chain of custody: what is taken is, byte for byte, what would be written.
pub fn custody(bytes: &[u8]) {
    match Chain::read(bytes) {
        Ok(chain) => assert!(chain.to_text().as_bytes() == bytes),
        Err(error) => told(&error),
    }
}

/// Hand-overs and settlements of another ledger.
pub fn exchange(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Exchange::from_json("exchange.json", text) {
        Ok(exchange) => {
            let mut ledger = Ledger::in_memory().unwrap();
            if let Err(error) = exchange.file(&mut ledger, |_, _, _| {}) {
                told(&error);
            }
        }
        Err(error) => told(&error),
    }
}

/// A server on loopback, started by the first request.
static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let register = b"asset_id,model,purchase_date,site\nA1,Dell Latitude 5430,2022-08-15,Austin\n";
        let fleet = fleet::read_text("register.csv", register, &OPTIONS).unwrap();
        let options = serve::Options { address: ([127, 0, 0, 1], 0).into(), names: Vec::new(), token: None };
        let first = Some(("register.csv".to_owned(), fleet));
        let ready = |address: &str| sender.send(address.to_owned()).unwrap();
        serve::serve(options, setting(&Policy::built_in()).unwrap(), first, ready).unwrap();
    });
    let address = receiver.recv().unwrap();
    address.trim_start_matches("http://").split('/').next().unwrap().parse().unwrap()
});

/// A request, by its first byte: as it stands, an upload, a lot, an address of the desk, one of the interface.
pub fn http(bytes: &[u8]) {
    let Some((form, rest)) = bytes.split_first() else { return };
    let address = *SERVER;
    let posted = |path: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: multipart/form-data; boundary=b\r\n\r\n",
            rest.len()
        );
        [head.as_bytes(), rest].concat()
    };
    let asked = |path: &str| {
        let query: String =
            rest.iter().filter(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect();
        format!("GET {path}{query} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").into_bytes()
    };
    let request = match form % 5 {
        0 => rest.to_vec(),
        1 => posted("/upload"),
        2 => posted("/lot"),
        3 => asked("/fleet/main?"),
        _ => asked("/api/fleet/main/whatif?"),
    };
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may hang up before it has read all.
    let _ = stream.write_all(&request).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let start = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
    assert!(answer.is_empty() || (start.starts_with("HTTP/1.") && !start.ends_with(" 500")), "{start}");
}
