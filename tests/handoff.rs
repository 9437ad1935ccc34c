//! `residua handoff` and `plan --triggers`: what a vendor is asked, and who had the units when, as the manual tells it.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::{Path, PathBuf};

use common::{failure_of, files_below, output_of, register, residua};
use residua::outcome::{
    Disposition, FeesOrder, Package, Receipt, Sanitization, VALUATION_REQUEST_SCHEMA, handed_over,
};
use residua::report;
use serde_json::Value;

const REGISTER: &str = "\
asset_id,serial,class,manufacturer,model,ram_gb,storage_gb,cpu,cpu_count,grade,grade_scheme,purchase_date,purchase_cost,currency,site,location,rack,rack_unit,status,substate,warranty_end,contract_end,lease_end,ownership,quantity
A1,00123,laptop,Dell,Latitude 7490,16,256,,,B,ABC,2019-03-01,1389.00,USD,Berlin,Store 2,,,in stock,,2022-03-01,,,owned,1
A2,4FQ9TR3,server,Dell,PowerEdge R740,384,7680,Xeon Gold 6248,2,,,2020-06-15,18420.00,USD,Berlin,Hall B,B07,12,in use,,2025-06-15,2026-06-30,,owned,1
A3,PF1LEASE,laptop,Lenovo,ThinkPad T14 Gen 2,16,512,,,,,2023-01-10,1500.00,USD,Berlin,,,,in use,,,,2026-10-31,leased,1
A4,PF2HOLD,laptop,Lenovo,ThinkPad T480,16,512,,,,,2018-11-20,1249.00,USD,Berlin,,,,in use,legal hold,,,,owned,1
A5,,monitor,Dell,P2419H,,,,,,,2020-02-01,210.00,USD,Paris,,,,in stock,,,,,owned,10
A6,6377020000000001,laptop,Lenovo,ThinkPad T490,16,512,,,,,,,USD,Paris,,,,pending disposal,,,,,owned,1
+49-7,PF7PLUS,laptop,Dell,Latitude 5490,16,256,,,,,2019-05-01,1200.00,USD,Paris,,,,in stock,,,,,owned,1
A8,PF8NEW,laptop,Dell,Latitude 5450,16,512,,,,,2026-03-01,1500.00,USD,Paris,,,,in use,,2029-03-01,,,owned,1
";

/// The manual's request, made at a fixed time.
const AT: [&str; 4] = ["--at", "2026-11-24T08:00:00Z", "--threads", "2"];

fn folder_with_register() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = register(folder.path(), REGISTER);
    (folder, path)
}

fn request(register: &Path, assets: &str, output: &Path) {
    let mut command = residua();
    command.arg("handoff").arg(register).args(["--assets", assets]).args(AT).arg("-o").arg(output);
    command.assert().success();
}

fn package_in(directory: &Path) -> Package {
    serde_json::from_slice(&std::fs::read(directory.join("request.json")).unwrap()).unwrap()
}

fn add_event(directory: &Path, more: &[&str]) -> assert_cmd::assert::Assert {
    residua().args(["handoff", "add-event"]).arg(directory).args(more).assert()
}

fn verify(directory: &Path) -> (i32, String, String) {
    let output = residua().args(["handoff", "verify"]).arg(directory).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_request_says_what_leaves_on_which_terms_and_what_nobody_knows() {
    let (_folder, path) = folder_with_register();
    let path = path.display().to_string();
    let asked = ["handoff", path.as_str(), "--assets", "A1,A2,A5,+49-7", "--grade-scheme", "SERI-REC-1.2"];
    let text = output_of(&[&asked[..], &AT[..]].concat());
    insta::assert_snapshot!(text);
}

#[test]
fn the_request_is_of_its_published_schema_and_nothing_else_is() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    request(&path, "A1,A2,A5,A6", &out);
    let schema: Value = serde_json::from_str(VALUATION_REQUEST_SCHEMA).unwrap();
    let emitted: Value = serde_json::from_slice(&std::fs::read(out.join("request.json")).unwrap()).unwrap();
    assert_eq!(schema_faults(&schema, &emitted), Vec::<String>::new());
    for (pointer, wrong) in [
        ("/schema", Value::from("other/1")),
        ("/currency", Value::from("dollars")),
        ("/requested_at", Value::from("yesterday")),
        ("/lots/0/items/0/terms/share", Value::from(65)),
        ("/lots/0/items/0/class", Value::from("toaster")),
        ("/lots/0/items/0/quantity", Value::from(0)),
        ("/lots/0/items/0/expected/net", Value::from("a lot")),
        ("/lots", Value::Array(Vec::new())),
    ] {
        let mut changed = emitted.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(!schema_faults(&schema, &changed).is_empty(), "{pointer} may be anything");
    }
    let mut more = emitted.clone();
    more["person"] = Value::from("somebody");
    assert_eq!(schema_faults(&schema, &more), ["/person: not allowed"]);
    let mut less = emitted;
    less["lots"][0]["items"][0].as_object_mut().unwrap().remove("dq_flags");
    assert_eq!(schema_faults(&schema, &less), ["/lots/0/items/0: dq_flags is missing"]);
}

#[test]
fn all_that_may_leave_is_asked_for_and_what_must_stay_is_named() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    let mut command = residua();
    command.arg("handoff").arg(&path).args(["--assets", "all"]).args(AT).arg("-o").arg(&out);
    let said = command.assert().success().get_output().stderr.clone();
    let said = String::from_utf8(said).unwrap();
    let package = package_in(&out);
    let asked: Vec<&str> = package.lines().map(|(_, line)| line.asset_id.as_str()).collect();
    let register = std::fs::read_to_string(&path).unwrap();
    let staying: Vec<&str> =
        said.lines().find_map(|line| line.split_once(" are left out: ")).unwrap().1.split("), ").collect();
    for row in register.lines().skip(1) {
        let id = row.split(',').next().unwrap();
        let stays = staying.iter().any(|one| one.starts_with(&format!("{id} (")));
        assert_ne!(asked.contains(&id), stays, "{id} {said}");
    }
    assert!(said.contains("leased: it goes back to the lessor"), "{said}");
}

#[test]
fn the_bare_list_of_a_lot_can_be_handed_over_and_planned() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("lot.txt");
    std::fs::write(
        &list,
        "12 x Latitude 5420 i5/16/256, grade B\n3 x PowerEdge R740xd, 256GB RAM, bought 2019-05\n",
    )
    .unwrap();
    let out = folder.path().join("request");
    request(&list, "all", &out);
    let package = package_in(&out);
    let lines: Vec<(&str, u64)> =
        package.lines().map(|(_, line)| (line.product.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("Dell Latitude 5420", 12), ("Dell PowerEdge R740xd", 3)]);
    let text = output_of(&["plan", &list.display().to_string(), "--as-of", "2026-11"]);
    assert!(text.contains("12 × Dell Latitude 5420"), "{text}");
    std::fs::write(&list, "neither\na list\n").unwrap();
    let (_, message) = failure_of(&["plan", &list.display().to_string(), "--as-of", "2026-11"]);
    assert!(message.contains("none of the columns is known"), "{message}");
}

#[test]
fn a_line_holds_what_is_known_of_its_unit_and_what_is_not() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    request(&path, "A1,A2,A5,A6", &out);
    let package = package_in(&out);
    let line = |id: &str| package.lines().map(|(_, line)| line).find(|line| line.asset_id == id).unwrap();
    let laptop = line("A1");
    assert_eq!((laptop.grade.as_deref(), laptop.grade_prior["B"]), (Some("B"), 1.0));
    assert!(
        laptop.data_bearing && laptop.locks.probability > 0.0 && laptop.locks.device_management.is_none()
    );
    assert!(laptop.dq_flags.contains("DQ-14"), "{:?}", laptop.dq_flags);
    let server = line("A2");
    assert_eq!(server.location.place.as_deref(), Some("Hall B"));
    assert_eq!((server.location.rack.as_deref(), server.location.rack_unit), (Some("B07"), Some(12)));
    assert_eq!(server.contract.contract_end.unwrap().to_string(), "2026-06-30");
    assert_eq!(server.age.as_ref().unwrap().mean_months, 77.0);
    let screens = line("A5");
    assert_eq!((screens.quantity, screens.serial.as_ref(), screens.data_bearing), (10, None, false));
    let undated = line("A6");
    let age = undated.age.as_ref().unwrap();
    assert!(age.distribution.len() > 1, "{age:?}");
    let sum: f64 = age.distribution.iter().map(|share| share.probability).sum();
    assert!((sum - 1.0).abs() < 1e-4);
    let priors: f64 = undated.grade_prior.values().sum();
    assert!((priors - 1.0).abs() < 1e-9);
}

#[test]
fn every_line_becomes_a_record_of_the_ledger_and_its_net_follows_from_its_terms() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    let arguments = ["--share", "0.65", "--fees", "after-split", "--request", "VR-7"];
    residua()
        .arg("handoff")
        .arg(&path)
        .args(["--assets", "A1,A5"])
        .args(AT)
        .args(arguments)
        .arg("-o")
        .arg(&out)
        .assert()
        .success();
    let package = package_in(&out);
    let records = handed_over(&package);
    assert_eq!(records.len(), 2);
    assert_eq!((records[0].request.as_str(), records[0].line, records[0].asset.as_str()), ("VR-7", 1, "A1"));
    assert_eq!((records[1].line, records[1].quantity), (2, 10));
    assert_eq!(records[0].handed_over.to_string(), "2026-11-24");
    for (record, (_, line)) in records.iter().zip(package.lines()) {
        assert_eq!((record.terms.share, record.terms.fees), (0.65, FeesOrder::AfterSplit));
        let Some(forecast) = record.forecast.as_ref().filter(|_| record.route == "resell") else { continue };
        for (gross, net) in [(forecast.gross.p10, forecast.net.p10), (forecast.gross.p90, forecast.net.p90)] {
            assert!((record.terms.net(gross, line.terms.expected_fees) - net).abs() < 0.02);
        }
    }
}

#[test]
fn a_spreadsheet_keeps_zeros_and_long_digits_and_runs_nothing() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    request(&path, "A1,A6,+49-7", &out);
    let csv = std::fs::read_to_string(out.join("request.csv")).unwrap();
    assert!(csv.starts_with('\u{feff}'));
    assert!(csv.contains("\"=\"\"00123\"\"\"") && csv.contains("\"=\"\"6377020000000001\"\"\""), "{csv}");
    assert!(csv.contains(",'+49-7,"), "{csv}");
}

#[test]
fn planned_assets_have_the_layout_of_servicenow_and_no_outcome_before_there_is_one() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    request(&path, "A1,A2,A5", &out);
    let sample = include_str!("fixtures/exports/servicenow_planned_assets_writeback.csv");
    let written = std::fs::read_to_string(out.join("planned_assets.csv")).unwrap();
    assert_eq!(written.lines().next(), sample.lines().next());
    assert_eq!(written.lines().nth(1).unwrap(), "A1,00123,A1 - Dell Latitude 7490,Retired,,");
    let package = package_in(&out);
    let outcome = |line: u32, disposition, gross| residua::outcome::Outcome {
        settlement: String::new(),
        file_line: u64::from(line),
        job: None,
        handed_over: Some((package.request_id.clone(), line)),
        serial: None,
        tag: None,
        audited_model: None,
        grade: None,
        receipt: Receipt::Received,
        disposition,
        sanitization: Sanitization::Unknown,
        received: None,
        sold: None,
        quantity: 1,
        currency: package.currency,
        gross,
        fees: 0.0,
        share_stated: None,
        net_stated: None,
        net_agreed: None,
        disputed: false,
    };
    let outcomes = [
        outcome(1, Disposition::Sold, Some(182.5)),
        outcome(2, Disposition::Recycled, None),
        outcome(3, Disposition::Pending, None),
    ];
    let settled = report::planned_assets_table(&package, &outcomes).to_csv();
    let settled = String::from_utf8(settled).unwrap();
    let ends: Vec<&str> =
        settled.lines().skip(1).map(|line| line.split("Retired,").nth(1).unwrap()).collect();
    assert_eq!(ends, ["Sold,182.50", "Disposed,", ","]);
}

#[test]
fn events_are_added_one_by_one_and_the_chain_holds_until_a_byte_changes() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    request(&path, "A1,A2", &out);
    let first = ["--from", "Example GmbH", "--to", "Carrier X", "--count", "2", "--seal-out", "A0099123"];
    add_event(
        &out,
        &[&first[..], &["--at", "2026-11-25T07:00:00Z", "--signed-by", "role:site_it"][..]].concat(),
    )
    .success();
    let second = ["--from", "Carrier X", "--to", "Vendor Y", "--count", "2", "--seal-in", "A0099123"];
    add_event(&out, &[&second[..], &["--at", "2026-11-25T15:00:00Z"][..]].concat()).success();
    let (code, said, _) = verify(&out);
    assert_eq!(code, 0);
    assert!(said.contains("holds: 3 events, nothing changed"), "{said}");
    let whole = files_below(&out);
    for (file, from, to, event) in [
        ("custody.json", "Carrier X", "Carrier Z", "event 2"),
        ("custody.json", "2026-11-25T15", "2026-11-25T16", "event 3"),
        ("custody.json", "\"count\":2,\"seal_out\"", "\"count\":1,\"seal_out\"", "event 2"),
        ("custody.json", "\n]}", "\n ]}", "event 3"),
        ("request.json", "\"quantity\": 1", "\"quantity\": 2", "event 1"),
        ("request.csv", "A1", "A0", "event 1"),
    ] {
        let text = String::from_utf8(whole[file].clone()).unwrap();
        assert!(text.contains(from), "{file} has no {from}: {text}");
        std::fs::write(out.join(file), text.replacen(from, to, 1)).unwrap();
        let (code, said, error) = verify(&out);
        assert_eq!((code, said.as_str()), (1, ""), "{from}");
        assert!(error.contains(event), "{from}: {error}");
        // Nothing is added to a chain that does not hold.
        add_event(&out, &[&second[..], &["--at", "2026-11-26"][..]].concat()).code(1);
        std::fs::write(out.join(file), &whole[file]).unwrap();
    }
    assert_eq!(files_below(&out), whole);
}

#[test]
fn a_chain_that_lost_its_last_event_shows_against_the_hash_kept_elsewhere() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    request(&path, "A1", &out);
    let before = std::fs::read(out.join("custody.json")).unwrap();
    let event = ["--from", "a", "--to", "b", "--count", "1", "--at", "2026-11-25"];
    let added = add_event(&out, &event).success();
    let head =
        String::from_utf8_lossy(&added.get_output().stdout).split_whitespace().nth(2).unwrap().to_owned();
    residua().args(["handoff", "verify"]).arg(&out).args(["--head", &head]).assert().success();
    std::fs::write(out.join("custody.json"), before).unwrap();
    assert_eq!(verify(&out).0, 0);
    residua().args(["handoff", "verify"]).arg(&out).args(["--head", &head]).assert().code(1);
}

#[test]
fn events_added_by_several_processes_at_once_all_stand_in_the_chain() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    request(&path, "A1", &out);
    std::thread::scope(|scope| {
        for number in 0..12 {
            let out = &out;
            scope.spawn(move || {
                let to = format!("hand {number}");
                let event: [&str; 8] = ["--from", "a", "--to", &to, "--count", "1", "--at", "2026-11-25"];
                add_event(out, &event).success();
            });
        }
    });
    let (code, said, _) = verify(&out);
    assert_eq!(code, 0);
    assert!(said.contains("13 events"), "{said}");
}

#[test]
fn the_same_inputs_give_the_same_bytes_and_a_package_is_never_written_over() {
    let (folder, path) = folder_with_register();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    request(&path, "A2,A1", &one);
    residua()
        .arg("handoff")
        .arg(&path)
        .args(["--assets", "a1,4fq9tr3,A1", "--at", "2026-11-24T08:00:00Z", "--threads", "1", "-o"])
        .arg(&other)
        .assert()
        .success();
    assert_eq!(files_below(&one), files_below(&other));
    request(&path, "A1,A2", &one);
    add_event(&one, &["--from", "a", "--to", "b", "--count", "2", "--at", "2026-11-25"]).success();
    let before = files_below(&one);
    let mut again = residua();
    again.arg("handoff").arg(&path).args(["--assets", "A1,A2"]).args(AT).arg("-o").arg(&one);
    let error = String::from_utf8_lossy(&again.assert().code(1).get_output().stderr).into_owned();
    assert!(error.contains("custody.json") && error.contains("never written over"), "{error}");
    assert_eq!(files_below(&one), before);
}

#[test]
fn what_is_not_there_or_must_stay_is_named_and_nothing_is_written() {
    let (folder, path) = folder_with_register();
    let out = folder.path().join("request");
    let path = path.display().to_string();
    let out_text = out.display().to_string();
    for (assets, words) in [
        ("A1,B99", "not in the register: B99"),
        ("A1,A3", "A3 (leased: it goes back to the lessor)"),
        ("A4,A1", "A4 (legal hold)"),
        (" , ", "no asset is named"),
        ("@no-such-list", "cannot read the list of assets no-such-list"),
    ] {
        let (code, error) =
            failure_of(&["handoff", &path, "--assets", assets, "--as-of", "2026-11", "-o", &out_text]);
        assert_eq!(code, 1, "{assets}");
        assert!(error.contains(words), "{assets}: {error}");
        assert!(!out.exists());
    }
    let (code, error) = failure_of(&["handoff", &path, "--assets", "A1", "--request", "../../up"]);
    assert_eq!(code, 1);
    assert!(error.contains("cannot name a request"), "{error}");
    assert_eq!(failure_of(&["handoff", &path]).0, 2);
    assert_eq!(failure_of(&["handoff", &path, "--assets", "A1", "--fees", "never"]).0, 2);
}

#[test]
fn triggers_say_what_goes_now_and_why() {
    let (_folder, path) = folder_with_register();
    let path = path.display().to_string();
    insta::assert_snapshot!(output_of(&["plan", &path, "--triggers", "--as-of", "2026-11"]));
}

#[test]
fn triggers_write_one_package_a_site_and_all_due_is_the_same_units() {
    let (folder, path) = folder_with_register();
    let strange = REGISTER.replace("Paris", "../../Paris & Co");
    std::fs::write(&path, strange).unwrap();
    let out = folder.path().join("due");
    residua()
        .arg("plan")
        .arg(&path)
        .args(["--triggers", "--as-of", "2026-11", "-o"])
        .arg(&out)
        .assert()
        .success();
    let files = files_below(&out);
    let folders: Vec<&str> = files.keys().filter_map(|name| name.strip_suffix("/request.json")).collect();
    assert_eq!(folders, ["handoff/Berlin", "handoff/Paris---Co"]);
    assert_eq!(files.len(), 1 + 2 * 4);
    for folder in folders {
        assert_eq!(verify(&out.join(folder)).0, 0, "{folder}");
    }
    let units = |directory: &Path| -> Vec<(String, u64)> {
        let package = package_in(directory);
        package.lines().map(|(_, line)| (line.asset_id.clone(), line.quantity)).collect()
    };
    let all = folder.path().join("all");
    residua()
        .arg("handoff")
        .arg(&path)
        .args(["--assets", "all-due", "--as-of", "2026-11", "-o"])
        .arg(&all)
        .assert()
        .success();
    let mut by_site = [units(&out.join("handoff/Berlin")), units(&out.join("handoff/Paris---Co"))].concat();
    let mut together = units(&all);
    by_site.sort();
    together.sort();
    assert_eq!(by_site, together);
    assert!(together.iter().all(|(id, _)| !["A3", "A4", "A8"].contains(&id.as_str())), "{together:?}");
    assert!(together.contains(&("A6".to_owned(), 1)), "{together:?}");
}

#[test]
fn a_plan_says_what_it_does_for_mass_and_carbon_and_for_whom_nobody_knows() {
    let (_folder, path) = folder_with_register();
    let text = output_of(&["plan", &path.display().to_string(), "--as-of", "2026-11"]);
    assert!(text.contains("Leaving  ") && text.contains("Landfill avoided"), "{text}");
    assert!(text.contains("t CO2e") && text.contains("as listed by Boavizta"), "{text}");
}

/// Where a value is not of a schema. Knows the words that the published schema uses and no others, so that none goes
/// unchecked.
fn schema_faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, schema, value, "", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    for (word, rule) in schema.as_object().unwrap() {
        match word.as_str() {
            "$ref" => {
                let target = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
                check(root, target, value, place, faults);
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{place}/{at}"), faults);
                }
            }
            "propertyNames" => {
                for name in value.as_object().into_iter().flat_map(|object| object.keys()) {
                    check(root, rule, &Value::from(name.clone()), place, faults);
                }
            }
            "anyOf" => {
                let fits = |option: &Value| {
                    let mut inner = Vec::new();
                    check(root, option, value, place, &mut inner);
                    inner.is_empty()
                };
                if !rule.as_array().unwrap().iter().any(fits) {
                    faults.push(format!("{place}: {value} is none of several"));
                }
            }
            word => faults.extend(fault(word, rule, value).map(|fault| format!("{place}: {fault}"))),
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let place = format!("{place}/{name}");
        let known = schema.get("properties").and_then(|known| known.get(name));
        match known.or(schema.get("additionalProperties")) {
            Some(Value::Bool(false)) => faults.push(format!("{place}: not allowed")),
            Some(rule) => check(root, rule, inner, &place, faults),
            None => {}
        }
    }
}

/// What a word that looks at nothing inside the value finds.
fn fault(word: &str, rule: &Value, value: &Value) -> Option<String> {
    let text = value.as_str();
    let list = || rule.as_array().unwrap().iter();
    let is_empty = text.is_some_and(str::is_empty) || value.as_array().is_some_and(Vec::is_empty);
    let fits_type = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("no check for the type {other}"),
    };
    let holds = match word {
        "$schema" | "$id" | "$defs" | "title" | "description" | "properties" | "additionalProperties" => true,
        "const" => value == rule,
        "enum" => list().any(|option| option == value),
        "type" => fits_type(rule.as_str().unwrap()),
        "required" => {
            let missing = list().filter_map(Value::as_str).find(|name| value.get(name).is_none());
            return missing.filter(|_| value.is_object()).map(|name| format!("{name} is missing"));
        }
        "minLength" | "minItems" => rule.as_u64() == Some(1) && !is_empty,
        "minimum" => value.as_f64().is_none_or(|number| Some(number) >= rule.as_f64()),
        "maximum" => value.as_f64().is_none_or(|number| Some(number) <= rule.as_f64()),
        "pattern" | "format" => text.is_none_or(|text| fits(rule.as_str().unwrap(), text)),
        other => panic!("no check for `{other}`"),
    };
    (!holds).then(|| format!("{value} breaks {word} {rule}"))
}

fn fits(form: &str, text: &str) -> bool {
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match form {
        "date" => text.parse::<jiff::civil::Date>().is_ok(),
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "^[0-9]{4}-[0-9]{2}$" => {
            text.split_once('-').is_some_and(|(year, month)| digits(year, 4) && digits(month, 2))
        }
        "^[A-Z]{3}$" => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        "^DQ-[0-9]{2}$" => text.strip_prefix("DQ-").is_some_and(|number| digits(number, 2)),
        "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$" => residua::outcome::is_plain_name(text),
        other => panic!("no check for the form {other}"),
    }
}
