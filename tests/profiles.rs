//! What a column and a cell mean, system by system.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;

use common::{files_below, output_of, residua};
use proptest::prelude::*;
use residua::catalog::{AssetClass, Precision};
use residua::fleet::{
    self, Asset, Fleet, Grade, Ownership, Profiles, ReadOptions, RegisterDate, StatedGrade, Status,
    canonical_register,
};
use residua::units::{Currency, ExchangeRates};

fn options() -> ReadOptions {
    ReadOptions {
        default_currency: Currency::USD,
        rates: ExchangeRates::built_in(),
        as_of: "2026-11".parse().unwrap(),
        profiles: Profiles::built_in(),
    }
}

fn read(text: &str) -> Fleet {
    fleet::read_text("register.csv", text.as_bytes(), &options()).unwrap()
}

/// The text exports, by name.
fn samples() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir("tests/fixtures/exports")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end != "json"))
        .collect();
    paths.sort();
    paths
}

/// What is known of a unit, on one line.
fn facts(asset: &Asset) -> String {
    let date = |name: &str, date: Option<RegisterDate>| date.map(|date| format!("{name} {}", date.date));
    let money = |name: &str, amount: Option<(f64, Currency)>| {
        amount.map(|(value, currency)| format!("{name} {value} {currency}"))
    };
    let text = |name: &str, text: &Option<String>| text.as_ref().map(|text| format!("{name} {text}"));
    let facts = [
        text("serial", &asset.serial),
        text("tag", &asset.tag),
        text("name", &asset.name),
        asset.class.map(|class| format!("class {class}")),
        text("maker", &asset.manufacturer),
        text("model", &asset.model),
        asset.ram_gb.map(|size| format!("ram {size}")),
        asset.storage_gb.map(|size| format!("storage {size:.0}")),
        date("bought", asset.purchase_date),
        date("in service", asset.in_service_date),
        money("cost", asset.purchase_cost),
        (asset.quantity > 1).then(|| format!("quantity {}", asset.quantity)),
        text("site", &asset.site),
        text("place", &asset.location),
        Some(asset.status.name().to_owned()),
        (asset.ownership != Ownership::Unknown).then(|| asset.ownership.name().to_owned()),
        asset.grade.map(|grade| format!("grade {grade}")),
        date("warranty", asset.warranty_end),
        asset.warranty_months.map(|months| format!("warranty months {months}")),
        text("books", &asset.book_method),
        asset.book_life_months.map(|months| format!("life {months}")),
        money("book value", asset.book_value),
        money("salvage", asset.salvage),
        date("last seen", asset.last_seen),
        date("audited", asset.last_audited),
        date("first seen", asset.first_seen),
        date("firmware", asset.firmware_date),
        date("created", asset.record_created),
        date("updated", asset.record_updated),
        date("planned", asset.planned_retirement),
        text("ledger", &asset.ledger_id),
        text("order", &asset.order_number),
        asset.enrolled.map(|enrolled| format!("enrolled {enrolled}")),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[test]
fn every_sample_is_read_by_its_profile() {
    let mut text = String::new();
    for path in samples() {
        let fleet = fleet::read(std::slice::from_ref(&path), &options()).unwrap();
        let file = &fleet.files[0];
        text += &format!(
            "{}: {} ({}), {} rows, {} rejects\n",
            path.file_name().unwrap().to_string_lossy(),
            file.profile,
            file.kind.name(),
            file.rows,
            fleet.rejects.len()
        );
        for asset in &fleet.assets {
            text += &format!("  {}\n", facts(asset));
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn an_explanation_says_what_each_column_became_and_why() {
    let text =
        output_of(&["convert", "tests/fixtures/exports/servicenow_label_xlsx_as_csv.csv", "--explain"]);
    insta::assert_snapshot!(text);
}

fn day() -> impl Strategy<Value = Option<RegisterDate>> {
    let date = (1990..2060_i16, 1..=12_i8, 1..=28_i8, 0..4_u8).prop_map(|(year, month, day, kind)| {
        let on = |month, day| jiff::civil::Date::new(year, month, day).unwrap();
        match kind {
            0 => RegisterDate { date: on(7, 1), precision: Precision::Year, other: None },
            1 => RegisterDate { date: on(month, 1), precision: Precision::Month, other: None },
            2 if day <= 12 && day != month => {
                RegisterDate { date: on(month, day), precision: Precision::Day, other: Some(on(day, month)) }
            }
            _ => RegisterDate { date: on(month, day), precision: Precision::Day, other: None },
        }
    });
    prop::option::of(date)
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![
        "[A-Z][a-z]{2,8}[ ,;\"|'-]{1,2}[A-Z0-9]{3,9}",
        "[=+@-][A-Z]{2,5}\\(1\\)x",
        "Büro 3, 2\\. OG\nhinten [A-Z]{3}",
    ])
}

fn money() -> impl Strategy<Value = Option<(f64, Currency)>> {
    let amount = prop_oneof![
        (600..9_000_000_i64).prop_map(|cents| cents as f64 / 100.0),
        (6_000..90_000_000_i64).prop_map(|mills| mills as f64 / 1000.0),
        (6..900_000_i64).prop_map(|whole| whole as f64 / 3.0 + 6.0),
    ];
    let currency = prop_oneof![Just("USD"), Just("EUR"), Just("GBP")];
    prop::option::of((amount, currency).prop_map(|(amount, code)| (amount, code.parse().unwrap())))
}

prop_compose! {
    fn asset()(
        texts in prop::collection::vec(text(), 8),
        days in prop::collection::vec(day(), 11),
        amounts in prop::collection::vec(money(), 4),
        sizes in (prop::option::of(1..4096_u32), prop::option::of(1..100_000_u32), prop::option::of(1..600_u32)),
        serial in prop::option::of("[A-Z]{2}[0-9][A-Z][2-9]{2}[A-Z]{2}"),
        kinds in (0..7_usize, 0..4_usize, 0..3_usize, 0..6_usize),
        flags in (any::<bool>(), prop::option::of(any::<bool>()), prop::option::of(any::<bool>())),
        load in prop::option::of(0..=100_u32),
        quantity in 1..50_u32,
    ) -> Asset {
        let statuses = [Status::InUse, Status::InStock, Status::InRepair, Status::Retiring, Status::Gone,
            Status::Missing, Status::OnOrder];
        let owners = [Ownership::Owned, Ownership::Leased, Ownership::Personal, Ownership::Owned];
        Asset {
            serial,
            tag: texts[0].clone(),
            name: texts[1].clone(),
            class: [None, Some(AssetClass::Laptop), Some(AssetClass::Server)][kinds.2],
            manufacturer: texts[2].clone(),
            model: texts[3].clone(),
            ram_gb: sizes.0.map(|size| f64::from(size) / 2.0),
            storage_gb: sizes.1.map(f64::from),
            cpu: texts[4].clone(),
            cpu_count: sizes.2,
            gpu_count: sizes.2.map(|count| count % 64 + 1),
            grade: Grade::ALL.get(kinds.3).copied(),
            stated_grade: Grade::ALL.get(kinds.3).map(|grade| {
                Box::new(StatedGrade { code: grade.name().to_owned(), scheme: Some("ABC".to_owned()) })
            }),
            purchase_date: days[0],
            in_service_date: days[1],
            purchase_cost: amounts[0],
            site: texts[5].clone(),
            location: texts[6].clone().filter(|_| texts[5].is_some()),
            status: statuses[kinds.0],
            legal_hold: flags.0,
            utilization: load.map(|load| f64::from(load) / 100.0),
            power_w: sizes.0.map(f64::from),
            warranty_end: days[2],
            contract_end: days[3],
            contract_monthly: amounts[1],
            contract_transferable: flags.1,
            lease_end: days[4],
            ownership: owners[kinds.1],
            book_method: texts[7].clone().map(|text| text.replace(|c: char| c.is_ascii_digit(), "x")),
            book_life_months: sizes.2,
            salvage: amounts[2],
            book_value: amounts[3],
            quantity,
            last_seen: days[5],
            last_audited: days[6],
            first_seen: days[7],
            firmware_date: days[8],
            record_created: days[9],
            record_updated: days[10],
            warranty_months: sizes.2,
            planned_retirement: days[4],
            ledger_id: texts[0].clone(),
            order_number: texts[1].clone(),
            enrolled: flags.2,
            join_confidence: 1.0,
            ..Asset::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_converted_register_reads_back_as_the_same_assets(assets in prop::collection::vec(asset(), 1..4)) {
        let mut assets = assets;
        for (at, asset) in assets.iter_mut().enumerate() {
            asset.id = format!("U-{at}x");
            asset.serial = asset.serial.take().map(|serial| format!("{serial}{at}"));
            asset.model = asset.model.take().or(Some("Latitude 5430".into()));
        }
        let register = canonical_register(&assets);
        let fleet = fleet::read_text("register.csv", &register, &options());
        let fleet = fleet.unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&register)));
        prop_assert_eq!(&fleet.files[0].profile, "residua");
        prop_assert!(fleet.rejects.is_empty(), "{:?}", fleet.rejects);
        prop_assert_eq!(fleet.assets.len(), assets.len());
        for (read, written) in fleet.assets.iter().zip(&assets) {
            let read = Asset { rows: Vec::new(), ..read.clone() };
            prop_assert_eq!(&read, written);
        }
    }
}

#[test]
fn the_samples_convert_to_registers_that_read_back_the_same() {
    for path in samples() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let first = fleet::read(std::slice::from_ref(&path), &options()).unwrap();
        let again = fleet::read_text("register.csv", &canonical_register(&first.assets), &options()).unwrap();
        let facts_of = |fleet: &Fleet| fleet.assets.iter().map(facts).collect::<Vec<_>>();
        assert_eq!(facts_of(&first), facts_of(&again), "{name}");
        let ids = |fleet: &Fleet| fleet.assets.iter().map(|asset| asset.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&first), ids(&again), "{name}");
    }
}

const SECRETS: [(&str, &str); 8] = [
    ("Primary user display name", "Zephyrine Quillfeather"),
    ("Assigned to", "Thaddeus Wombleton"),
    ("userPrincipalName", "zquill@corp-secret.example"),
    ("Phone number", "+49 170 5550199"),
    ("Hardware Hash", "T0SECRETHASHVALUE=="),
    ("IP Address", "10.99.88.77"),
    ("Wi-Fi MAC", "AA:BB:CC:DD:EE:99"),
    ("Benutzer", "wombleton.t"),
];

#[test]
fn nothing_of_a_person_reaches_any_output() {
    let folder = tempfile::tempdir().unwrap();
    for path in samples() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let register = output_of(&["convert", path.to_str().unwrap(), "--quiet"]);
        let original = std::fs::read(&path).unwrap();
        let Ok(original) = String::from_utf8(original) else { continue };
        assert!(!register.contains("Ada Example") && !register.contains("ada@example"), "{name}");
        let delimiter = if original.lines().next().unwrap().matches(';').count() > 2 { ';' } else { ',' };
        let planted = planted(&original, delimiter as u8);
        let input = folder.path().join(&name);
        std::fs::write(&input, planted).unwrap();
        let out = folder.path().join(format!("out-{name}"));
        let input = input.to_str().unwrap();
        let runs: [&[&str]; 3] = [
            &["plan", input, "--as-of", "2026-11", "-v", "-o", out.to_str().unwrap()],
            &["convert", input, "-v"],
            &["convert", input, "--explain"],
        ];
        for arguments in runs {
            let output = residua().args(arguments).output().unwrap();
            let talk = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}, {arguments:?}: {talk}");
            let said = [output.stdout, output.stderr].concat();
            assert_no_secret(&name, arguments[0], &String::from_utf8_lossy(&said));
        }
        for (file, bytes) in files_below(&out) {
            assert_no_secret(&name, &file, &String::from_utf8_lossy(&bytes));
        }
    }
}

/// A register with columns of persons between its own, and a row too short and one too long.
fn planted(original: &str, delimiter: u8) -> Vec<u8> {
    let text = original.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    let mut last = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.unwrap();
        let mut cells: Vec<&str> = record.iter().collect();
        for (position, (header, secret)) in SECRETS.iter().enumerate() {
            let before = if position % 2 == 0 { cells.len() } else { 1 + position };
            cells.insert(before.min(cells.len()), if at == 0 { header } else { secret });
        }
        writer.write_record(&cells).unwrap();
        last = cells.iter().map(|cell| (*cell).to_owned()).collect();
    }
    let mut short = last.clone();
    short.remove(0);
    writer.write_record(&short).unwrap();
    let mut long = last.clone();
    long.insert(1, "extra".into());
    writer.write_record(&long).unwrap();
    writer.into_inner().unwrap()
}

fn assert_no_secret(sample: &str, place: &str, text: &str) {
    for (header, secret) in SECRETS {
        assert!(!text.contains(secret), "{sample}: {header} `{secret}` in {place}");
    }
}

#[test]
fn a_ledger_s_cost_is_of_its_line_and_a_register_s_of_one_unit() {
    let header = "BOOK_TYPE_CODE,ASSET_NUMBER,TAG_NUMBER,DESCRIPTION,FIXED_ASSETS_COST,FIXED_ASSETS_UNITS,DEPRN_RESERVE";
    let fleet = read(&format!("{header}\nUS CORP,104871,,GPU SERVERS QTY 4,1156000,4,0\n"));
    assert_eq!(fleet.assets[0].purchase_cost.map(|(cost, _)| cost), Some(289_000.0));
    assert_eq!(fleet.assets[0].quantity, 4);
    assert!(
        fleet
            .findings
            .iter()
            .any(|finding| finding.message.contains("of a line of 4 units: 289000 USD each"))
    );
    let fleet = read("asset_id,model,cost,quantity\nA1,Latitude 5430,1389.00,4\n");
    assert_eq!(fleet.assets[0].purchase_cost.map(|(cost, _)| cost), Some(1389.0));
}

#[test]
fn a_column_that_never_says_which_part_is_the_month_is_told_once() {
    let fleet =
        read("asset_id,model,Purchased\nA1,R740,03/04/2022\nA2,R740,05/06/2022\nA3,R740,07/07/2022\n");
    let told: Vec<_> = fleet.findings.iter().filter(|finding| finding.code == "DQ-08").collect();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].message.contains("column `Purchased`: 2 dates could be day or month first"),
        "{}",
        told[0].message
    );
    assert!(fleet.assets[0].purchase_date.unwrap().other.is_some());
    assert!(fleet.assets[2].purchase_date.unwrap().other.is_none());
}

#[test]
fn columns_of_one_name_are_read_first_before_second_and_told_when_they_differ() {
    let fleet = read(
        "asset_id,model,cost,cost\nA1,R740,1000.00,1000.00\nA2,R740,,2000.00\nA3,R740,3000.00,4000.00\n",
    );
    let costs: Vec<_> = fleet.assets.iter().map(|asset| asset.purchase_cost.unwrap().0).collect();
    assert_eq!(costs, [1000.0, 2000.0, 3000.0]);
    assert!(
        fleet
            .findings
            .iter()
            .any(|finding| finding.message.contains("stands twice (3 and 4) and differs on 1 rows"))
    );
}

#[test]
fn a_list_of_names_and_dates_is_a_usable_second_source() {
    let fleet = read("Hostname,Last Seen\nLT-7XK2LM3,2026-11-01\n");
    assert_eq!(fleet.assets[0].name.as_deref(), Some("LT-7XK2LM3"));
    assert!(fleet.assets[0].last_seen.is_some());
}

#[test]
fn identifiers_that_a_spreadsheet_or_a_ledger_spoiled_are_told() {
    let fleet = read("asset_id,serial,model\n6.37702E+15,7.2E+11,Latitude 5430\n");
    assert_eq!((&fleet.assets[0].tag, &fleet.assets[0].serial), (&None, &None));
    assert_eq!(fleet.findings.iter().filter(|finding| finding.code == "DQ-07").count(), 2);
    let header = "BuKr;Anlage;UNr.;Bezeichnung;Serialnummer;Aktivierung;ND;Anschaff.wert;Währg";
    let fleet =
        read(&format!("{header}\n1000;41;0;Latitude 5430;ABCDEFGH1234567890;03.04.2022;003;1.389,00;EUR\n"));
    assert!(
        fleet
            .findings
            .iter()
            .any(|finding| finding.code == "DQ-07" && finding.message.contains("may be cut off"))
    );
    assert_eq!(fleet.assets[0].book_life_months, Some(36));
    assert_eq!(fleet.assets[0].in_service_date.unwrap().date.to_string(), "2022-04-03");
    assert!(!fleet.findings.iter().any(|finding| finding.code == "DQ-08"));
}

#[test]
fn numbers_of_states_mean_what_their_system_means() {
    let servicenow = read(
        "asset_tag,model_category,install_status,substatus,model\nA1,Server,2,,R740\nA2,Server,1,,R740\n",
    );
    assert_eq!(servicenow.assets[0].status, Status::OnOrder);
    assert_eq!(servicenow.assets[1].status, Status::InUse);
    let ralph = read(
        "id,sn,barcode,model,status,price_currency,depreciation_rate,price\n1,4FQ9TR3,DC-1,[Server] Dell R750,2,XXX,25.00,500.00\n",
    );
    assert_eq!(ralph.assets[0].status, Status::InUse);
    assert_eq!(ralph.assets[0].class, Some(AssetClass::Server));
    assert_eq!(ralph.assets[0].book_life_months, Some(48));
    assert!(ralph.findings.iter().any(|finding| finding.code == "DQ-26"));
}

#[test]
fn headers_of_five_languages_reach_their_fields() {
    for (register, place) in [
        (
            "Name;Status;Mandant;Standort;Rack;Rolle;Hersteller;Typ;Seriennummer\nr1;Außerbetriebnahme;x;DC1;B7;Server;Dell;PowerEdge R750;4FQ9TR3\n",
            "DC1",
        ),
        (
            "Nom,Statut,Locataire,Site,Baie,Rôle,Fabricant,Type,Numéro de série\nr1,Démantèlement,x,DC1,B7,Serveur,Dell,PowerEdge R750,4FQ9TR3\n",
            "DC1",
        ),
        (
            "Nombre,Estado,Inquilino,Sitio,Estante,Rol,Fabricante,Tipo,Número de serie\nr1,Desmantelamiento,x,DC1,B7,Servidor,Dell,PowerEdge R750,4FQ9TR3\n",
            "DC1",
        ),
        (
            "Nome,Status,Inquilino,Site,Rack,Função,Fabricante,Tipo,Número de série\nr1,Descomissionamento,x,DC1,B7,Servidor,Dell,PowerEdge R750,4FQ9TR3\n",
            "DC1",
        ),
        (
            "Name,Status,Tenant,Site,Rack,Role,Manufacturer,Type,Serial number\nr1,Decommissioning,x,DC1,B7,Server,Dell,PowerEdge R750,4FQ9TR3\n",
            "DC1",
        ),
    ] {
        let fleet = read(register);
        let asset = &fleet.assets[0];
        assert_eq!(fleet.files[0].profile, "NetBox", "{register}");
        assert_eq!(asset.status, Status::Retiring, "{register}");
        assert_eq!(asset.model.as_deref(), Some("PowerEdge R750"), "{register}");
        assert_eq!(asset.serial.as_deref(), Some("4FQ9TR3"), "{register}");
        assert_eq!(
            (asset.class, asset.site.as_deref()),
            (Some(AssetClass::Server), Some(place)),
            "{register}"
        );
    }
}

#[test]
fn a_profile_of_the_user_s_reads_what_no_built_in_one_knows() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("mine.toml");
    std::fs::write(
        &profile,
        "name = \"Yard list\"\nkind = \"audit\"\n[recognise]\nheaders = [\"Kit\", \"Bay\"]\nleast = 2\n[headers]\nmodel = [\"Kit\"]\nlocation = [\"Bay\"]\n",
    )
    .unwrap();
    let register = folder.path().join("yard.csv");
    std::fs::write(&register, "Kit,Bay\nDell Latitude 5430,B7\n").unwrap();
    let (register, profile) = (register.to_str().unwrap(), profile.to_str().unwrap());
    let (code, message) = common::failure_of(&["convert", register]);
    assert!(code == 1 && message.contains("none of the columns is known (Kit, Bay)"), "{message}");
    let text = output_of(&["convert", register, "--profile", profile, "--explain"]);
    assert!(text.contains("Yard list (audit): by Kit, Bay"), "{text}");
    std::fs::write(folder.path().join("bad.toml"), "name = \"X\"\ncolour = 1\n").unwrap();
    let bad = folder.path().join("bad.toml");
    let (code, message) = common::failure_of(&["convert", register, "--profile", bad.to_str().unwrap()]);
    assert!(code == 1 && message.contains("line 2: unknown field `colour`"), "{message}");
}
