//! Registers that try to mislead a reader.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

use residua::fleet::{self, Fleet, Grade, Ownership, ReadOptions, Status};
use residua::units::{Currency, ExchangeRates};

fn read(text: &str) -> Fleet {
    let options = ReadOptions {
        default_currency: Currency::USD,
        rates: ExchangeRates::built_in(),
        as_of: "2026-11".parse().unwrap(),
        profiles: fleet::Profiles::built_in(),
    };
    fleet::read_text("register.csv", text.as_bytes(), &options).unwrap()
}

fn codes(fleet: &Fleet) -> Vec<&str> {
    fleet.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_label_in_place_of_a_serial_number_merges_nothing() {
    for serial in ["see label", "keine", "123456789", "ABC1234", "0000-0000", "12"] {
        let rows: String = (0..20)
            .map(|at| format!("M{at},{serial},Dell Latitude 5430,2022-0{}-01\n", at % 9 + 1))
            .collect();
        let fleet = read(&format!("asset_id,serial,model,purchase_date\n{rows}"));
        assert_eq!((fleet.assets.len(), fleet.rows_merged), (20, 0), "{serial}");
    }
}

#[test]
fn one_serial_on_other_models_tags_or_quantities_is_kept_apart_and_told() {
    for rows in [
        "A1,5CD2380XYZ,HP,EliteBook 840 G7,1\nA2,5CD2380XYZ,HP,EliteBook 840 G8,1\n",
        "A1,4FQ9TR3,Dell,PowerEdge R740,1\nA2,4FQ9TR3,Dell,PowerEdge R740xd,1\n",
        "A1,CN12345A,HP,Monitor 24,1\nA2,CN12345A,Dell,P2422H 24,1\n",
        "A1,CN12345A,HP,EliteBook 840 G7,1\nA1,CN12345A,HP,EliteBook 840 G7,20\n",
    ] {
        let fleet = read(&format!("asset_id,serial,manufacturer,model,quantity\n{rows}"));
        assert_eq!(fleet.assets.len(), 2, "{rows}");
        assert!(codes(&fleet).contains(&"DQ-03"), "{rows}");
    }
}

#[test]
fn one_unit_told_of_twice_is_one_asset() {
    for rows in [
        "DC-004417,4FQ9TR3,Dell,PowerEdge R750\nDC-4417,4FQ9TR3,Dell Inc.,Dell PowerEdge R750\n",
        "P1,PF3ABCDE,Lenovo,ThinkPad T14 Gen 3\nP1,PF3ABCDE,LENOVO,21AH00BSUS\n",
        "P1,7XK2LM3,Dell,Latitude 5430\n,7xk2lm3,Dell Inc.,Latitude 5430 14\"\"\n",
    ] {
        let fleet = read(&format!("asset_id,serial,manufacturer,model\n{rows}"));
        assert_eq!((fleet.assets.len(), fleet.rows_merged), (1, 1), "{rows}");
    }
}

#[test]
fn what_is_gone_or_missing_by_any_word_or_date_is_not_planned() {
    let cases = [
        ("Verschrottet", "", "", Status::Gone),
        ("Missing", "", "", Status::Missing),
        ("False", "", "", Status::InStock),
        ("Lost/Stolen", "", "", Status::Missing),
        ("Retired", "Stolen", "", Status::Missing),
        ("Sold", "Pending disposal", "", Status::Gone),
        ("", "", "2025-03-31", Status::Gone),
        ("Kaputt gemacht", "", "", Status::Unknown),
    ];
    for (status, substate, retired, expected) in cases {
        let fleet = read(&format!(
            "asset_id,model,status,substate,retired\nA1,Latitude 5430,{status},{substate},{retired}\nA2,Latitude 5430,In use,,\n"
        ));
        assert_eq!(fleet.assets[0].status, expected, "{status}/{substate}/{retired}");
    }
    let fleet = read("asset_id,model,status\nA1,Latitude 5430,Kaputt gemacht\n");
    assert!(
        fleet
            .findings
            .iter()
            .any(|finding| finding.message.contains("`Kaputt gemacht` is not a word that is known"))
    );
}

#[test]
fn a_currency_in_the_header_is_that_of_the_column() {
    let fleet = read("asset_id,model,Purchase price (GBP)\nA1,Latitude 5430,1000.00\n");
    assert_eq!(fleet.assets[0].purchase_cost.map(|(_, currency)| currency.to_string()), Some("GBP".into()));
    assert!(!codes(&fleet).contains(&"DQ-26"));
}

#[test]
fn an_amount_without_a_sign_is_in_the_currency_that_all_signs_of_its_column_name() {
    let currencies = |costs: [&str; 3]| -> Vec<String> {
        let rows: String =
            (0..3).zip(costs).map(|(at, cost)| format!("A{at},Latitude 5430,\"{cost}\"\n")).collect();
        let fleet = read(&format!("asset_id,model,cost\n{rows}"));
        let told = fleet.findings.iter().find(|finding| finding.code == "DQ-26");
        let costs = fleet.assets.iter().filter_map(|asset| Some(asset.purchase_cost?.1.to_string()));
        costs.chain(told.map(|finding| finding.message.clone())).collect()
    };
    assert_eq!(
        currencies(["1.249,00 €", "999,00", "899,00 €"]),
        [
            "EUR",
            "EUR",
            "EUR",
            "register.csv: 1 cost names no currency; read as EUR, as the others of the column"
        ]
    );
    // A date that slipped into the column names no currency.
    assert_eq!(currencies(["1249.00", "999.00", "15-NOV-22"])[..2], ["USD", "USD"]);
    assert_eq!(
        currencies(["1249.00 €", "999.00", "£899.00"]),
        ["EUR", "USD", "GBP", "register.csv: 1 cost names no currency; read as USD"]
    );
}

#[test]
fn a_useful_life_that_is_no_term_is_told_by_its_line() {
    let fleet = read(
        "asset_id,model,useful life\nA1,Latitude 5430,five\nA2,Latitude 5430,60\nA3,Latitude 5430,0\nA4,Latitude 5430,0 an\n",
    );
    let lives: Vec<Option<u32>> = fleet.assets.iter().map(|asset| asset.book_life_months).collect();
    assert_eq!(lives, [None, Some(60), None, None]);
    let told = |finding: &&fleet::Finding| finding.message.contains("`five` is no term");
    assert_eq!(fleet.findings.iter().filter(told).count(), 1);
}

#[test]
fn a_header_of_two_names_for_one_thing_is_that_thing() {
    let fleet = read("asset_id,model,Zustand/Status,Cond.\nA1,Latitude 5430,Verschrottet,B\n");
    assert_eq!(fleet.assets[0].status, Status::Gone);
    assert_eq!(fleet.assets[0].stated_grade.as_ref().map(|stated| stated.code.as_str()), Some("B"));
    assert_eq!(fleet.files[0].columns_unknown, [""; 0]);
}

#[test]
fn the_headers_and_words_of_a_spreadsheet_that_somebody_keeps_by_hand_are_read() {
    let fleet = read(
        "Asset No,Type,Make & Model,Bought,Cost,Curr,Condition,Leased?,Hospital\n\
         1,Laptop,Dell Latitude 5430,05/09/2022,945,GBP,Broken screen,N,St Mary\n\
         2,Server,Dell PowerEdge R740,25/09/2019,8945,GBP,V Good,Y,St Mary\n\
         3,Laptop,Dell Latitude 5430,25/09/2022,945,GBP,OK,,St Luke\n",
    );
    let assets = &fleet.assets;
    assert_eq!(assets[1].model.as_deref(), Some("Dell PowerEdge R740"));
    assert_eq!(assets[1].purchase_cost, Some((8945.0, "GBP".parse().unwrap())));
    assert_eq!(assets[2].site.as_deref(), Some("St Luke"));
    assert_eq!(
        assets.iter().map(|asset| asset.grade).collect::<Vec<_>>(),
        [Some(Grade::ForParts), Some(Grade::B), None]
    );
    assert_eq!(
        assets.iter().map(|asset| asset.ownership).collect::<Vec<_>>(),
        [Ownership::Owned, Ownership::Leased, Ownership::Unknown]
    );
    let told = fleet.findings.iter().find(|finding| finding.code == "DQ-13").unwrap();
    assert_eq!(told.message, "grade `OK` is not a word that is known; not used");
    // A yes where nobody asks for a lease is no answer.
    let fleet = read("asset_id,model,ownership\n1,Dell Latitude 5430,Y\n");
    assert_eq!(fleet.assets[0].ownership, Ownership::Unknown);
    assert!(codes(&fleet).contains(&"DQ-22"));
}

#[test]
fn a_line_of_sums_is_no_asset() {
    let fleet = read("asset_id,model,cost\nA1,Latitude 5430,1389.00\nTotal,,1389.00\n");
    assert_eq!((fleet.assets.len(), fleet.rejects.len()), (1, 1));
    assert_eq!(fleet.rejects[0].reason, "a total and not an asset");
}

#[test]
fn an_amount_that_could_be_two_is_told_and_one_that_is_none_does_not_lose_the_asset() {
    let fleet = read(
        "asset_id,model,cost\nA1,Latitude 5430,1249.00\nA2,Latitude 5430,1.389\nA3,Latitude 5430,on loan\n",
    );
    assert_eq!(fleet.assets[1].purchase_cost.map(|(cost, _)| cost), Some(1389.0));
    assert_eq!(fleet.assets[2].purchase_cost, None);
    let about: Vec<Option<&str>> = fleet
        .findings
        .iter()
        .filter(|finding| finding.code == "DQ-09" && finding.asset_id.is_some())
        .map(|finding| finding.asset_id.as_deref())
        .collect();
    assert_eq!(about, [Some("A2"), Some("A3")]);
}

#[test]
fn a_grade_of_an_unknown_scheme_is_not_read_by_another() {
    let fleet = read(
        "asset_id,model,grade,grade_scheme\nA1,Latitude 5430,C5,vendor 0-best\nA2,Latitude 5430,C5,SERI REC\n",
    );
    assert_eq!(fleet.assets[0].grade, None);
    assert!(fleet.assets[1].grade.is_some());
    assert!(codes(&fleet).contains(&"DQ-13"));
}

#[test]
fn rejects_name_the_line_an_editor_shows() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["asset_id,model,purchase_date", "A1,R740,2022-01-01", "A2,R740,2022-02-30", ""].join(end);
        let fleet = read(&text);
        assert_eq!(fleet.rejects[0].row.line, 3, "{end:?}");
        assert_eq!(fleet.assets[0].rows[0].line, 2);
    }
}
