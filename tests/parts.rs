//! Servers are worth what they hold: memory, processors and drives have prices of their own.

#![allow(clippy::unwrap_used)]

mod common;

use common::{output_of, register, residua};

fn values(rows: &str) -> Vec<(String, f64)> {
    let header = "asset_id,class,manufacturer,model,cpu,cpu_count,ram_gb,storage_gb,purchase_date,purchase_cost,currency\n";
    let folder = tempfile::tempdir().unwrap();
    let file = register(folder.path(), format!("{header}{rows}"));
    let table = output_of(&[
        "value",
        file.to_str().unwrap(),
        "--horizon",
        "1",
        "--as-of",
        "2026-11",
        "--format",
        "csv",
    ]);
    csv::Reader::from_reader(table.as_bytes())
        .into_records()
        .map(|record| {
            let record = record.unwrap();
            (record[0].to_owned(), record[5].parse().unwrap())
        })
        .collect()
}

#[test]
fn two_servers_of_one_model_differ_by_what_they_hold() {
    let found = values(
        "small,server,Dell,PowerEdge R640,Xeon Silver 4110,2,32,,2019-03-01,,USD\n\
         large,server,Dell,PowerEdge R640,Xeon Gold 6148,2,768,,2019-03-01,,USD\n",
    );
    let price = |id: &str| found.iter().find(|(asset, _)| asset == id).unwrap().1;
    assert!(price("large") > 2.0 * price("small"), "{found:?}");
}

#[test]
fn what_a_server_holds_may_stand_in_the_words_of_its_model() {
    let found = values(
        "columns,server,Dell,PowerEdge R640,Xeon Gold 6148,2,256,1920,2019-03-01,,USD\n\
         words,server,Dell,\"PowerEdge R640 2x Xeon Gold 6148, 256GB RAM, 2x960GB SSD\",,,,,2019-03-01,,USD\n\
         neither,server,Dell,PowerEdge R640,,,,,2019-03-01,,USD\n",
    );
    let price = |id: &str| found.iter().find(|(asset, _)| asset == id).unwrap().1;
    assert_eq!(price("words"), price("columns"), "{found:?}");
    assert!(price("words") > 1.5 * price("neither"), "{found:?}");
}

#[test]
fn a_server_that_says_nothing_of_what_it_holds_is_still_valued() {
    let found = values("plain,server,Dell,PowerEdge R640,,,,,2019-03-01,5890,USD\n");
    assert!(found[0].1 > 50.0, "{found:?}");
}

#[test]
fn a_loose_drive_is_worth_what_drives_of_its_kind_and_size_are() {
    let found = values(
        "small,storage,,Samsung PM883 480GB SATA SSD,,,,,2021-03-01,,USD\n\
         large,,,Samsung PM883 1.92TB SATA SSD,,,,,2021-03-01,,USD\n\
         disk,storage,,Seagate Exos 1.92TB SAS HDD,,,,,2021-03-01,,USD\n\
         array,storage,NetApp,DS4246 24x 4TB SAS,,,,,2021-03-01,,USD\n",
    );
    let price = |id: &str| found.iter().find(|(asset, _)| asset == id).map(|(_, price)| *price);
    let (small, large, disk) = (price("small").unwrap(), price("large").unwrap(), price("disk").unwrap());
    assert!(small < large && disk < large, "{found:?}");
    assert_eq!(price("array"), None, "an array is no drive: {found:?}");
    let text = output_of(&["quote", "Samsung PM883 480GB SATA SSD", "--as-of", "2026-11"]);
    assert!(text.contains(&format!("80 % between {small:.0} and")), "{text}");
}

#[test]
fn a_module_of_memory_stands_where_the_published_shortage_put_it() {
    let price = |as_of: &str| {
        let text = output_of(&["quote", "DDR4-2666 RDIMM 32GB", "--as-of", as_of]);
        let (_, median) =
            text.lines().find(|line| line.starts_with("worth now")).unwrap().split_once("median ").unwrap();
        median.split(',').next().unwrap().parse::<f64>().unwrap()
    };
    let (quiet, short) = (price("2025-06"), price("2026-03"));
    assert!((20.0..90.0).contains(&quiet), "{quiet}");
    assert!((120.0..450.0).contains(&short), "used ones were asked at 200 to 400 dollars: {short}");
}

/// Routes of all servers of the sample fleet under a policy.
fn routes(policy: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("policy.toml"), folder.path().join("out"));
    std::fs::write(&file, policy).unwrap();
    residua()
        .args(["plan", "data/samples/fleet.csv", "--as-of", "2026-11", "--quiet", "--policy"])
        .args([&file, std::path::Path::new("-o"), &out])
        .assert()
        .success();
    let mut table = csv::Reader::from_path(out.join("plan.csv")).unwrap();
    let column = |name: &str, header: &csv::StringRecord| header.iter().position(|one| one == name).unwrap();
    let header = table.headers().unwrap().clone();
    let (id, class, route) =
        (column("asset_id", &header), column("class", &header), column("route", &header));
    table
        .into_records()
        .map(Result::unwrap)
        .filter(|record| &record[class] == "server")
        .map(|record| (record[id].to_owned(), record[route].to_owned()))
        .collect()
}

#[test]
fn doubled_memory_prices_turn_some_old_servers_to_parts_and_none_back() {
    let (usual, dear) = (routes(""), routes("price_factor = { memory = 2.0 }"));
    let turned = usual.iter().zip(&dear).filter(|(before, after)| before.1 == "resell" && after.1 == "parts");
    let back = usual.iter().zip(&dear).filter(|(before, after)| before.1 == "parts" && after.1 != "parts");
    let turned = turned.count();
    assert!(turned > 5 && turned < usual.len(), "{turned} of {}", usual.len());
    assert_eq!(back.count(), 0);
}
