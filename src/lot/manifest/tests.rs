//! Lists and registers as manifests.

use super::*;
use crate::decide::Policy;

fn list(text: &str) -> Manifest {
    let options = Policy::built_in().read_options("2026-11".parse().unwrap());
    read_bytes(Path::new("lot.txt"), text.as_bytes(), &options).unwrap()
}

#[test]
fn a_line_of_a_mail_is_a_count_a_product_and_remarks() {
    let lot = list("# offer of Monday\n\n12 x Latitude 5420 i5/16/256, grade B, bought 2021-06\n");
    let asset = &lot.fleet.assets[0];
    assert_eq!((asset.quantity, asset.model.as_deref()), (12, Some("Latitude 5420")));
    assert_eq!((asset.cpu.as_deref(), asset.ram_gb, asset.storage_gb), (Some("i5"), Some(16.0), Some(256.0)));
    assert_eq!(asset.stated_grade.as_ref().unwrap().code, "B");
    assert_eq!(asset.purchase_date.unwrap().month().to_string(), "2021-06");
    assert_eq!(asset.rows[0].line, 3);
}

#[test]
fn a_server_says_what_it_holds_and_a_price_of_ones_own_is_kept() {
    let lot = list(
        "2x PowerEdge R740xd, 2x Xeon Gold 6148, 256GB RAM, 4x 1.92TB SSD\n40 pcs Whitebox PC, price 1,035.50 EUR\n",
    );
    let server = &lot.fleet.assets[0];
    assert_eq!((server.cpu.as_deref(), server.cpu_count), (Some("Xeon Gold 6148"), Some(2)));
    assert_eq!((server.ram_gb, server.storage_gb), (Some(256.0), Some(7680.0)));
    assert_eq!(lot.prices[&1], (1035.5, "EUR".parse().unwrap()));
}

#[test]
fn a_count_may_stand_where_people_write_it_or_the_line_is_refused() {
    let written = [
        "Latitude 7490 - 12 units",
        "Latitude 7490 x12",
        "qty 12 Latitude 7490",
        "Qty: 12 Latitude 7490, grade B",
        "Latitude 7490, qty: 12",
        "Latitude 7490, 12 pcs, grade B",
        "Latitude 7490 x12, grade B",
        "12pcs Latitude 7490",
        "Latitude 7490 12 pc",
        "Latitude 7490, count: 12",
        "Latitude 7490 x 12",
        "Latitude 7490 × 12, grade B",
        "Latitude 7490 x 12 grade B",
        "Latitude 7490 x12 grade B",
        "12 x Latitude 7490 grade B",
    ];
    for line in written {
        let lot = list(line);
        let asset = &lot.fleet.assets[0];
        assert_eq!((asset.quantity, asset.model.as_deref()), (12, Some("Latitude 7490")), "{line}");
        assert_eq!(asset.stated_grade.is_some(), line.contains("grade"), "{line}");
        assert_eq!(lot.fleet.findings, [], "{line}");
    }
    let lot = list("1 x Quadro T400 PCIe x16\nQuadro T400 PCIe x16\nLatitude 7490 (12)\n");
    assert_eq!(lot.fleet.assets.iter().map(|asset| asset.quantity).collect::<Vec<_>>(), [1, 1]);
    assert!(lot.fleet.rejects[0].reason.contains("in brackets"));
    let lot = list(
        "2 x OptiPlex 3070 PC\nOptiPlex 390 PC, grade B\nOptiPlex 3070 units\nOptiPlex 3070, 1200 units\n",
    );
    assert_eq!(lot.fleet.assets.iter().map(|asset| asset.quantity).collect::<Vec<_>>(), [2, 1, 1200]);
    assert!(lot.fleet.rejects[0].reason.contains("before a word for units"));
}

#[test]
fn parts_of_a_machine_are_read_however_they_are_counted() {
    let lot = list("1 x R740, 4 pcs 1.92TB SSD, 100x 16GB RDIMM\nR750xa, A100 80GB\nR750xa, (256GB) RAM\n");
    let assets = &lot.fleet.assets;
    assert_eq!((assets[0].storage_gb, assets[0].ram_gb), (Some(7680.0), Some(1600.0)));
    assert_eq!((assets[1].gpu.as_deref(), assets[1].gpu_count), (Some("A100 80GB"), Some(1)));
    assert_eq!(assets[2].ram_gb, Some(256.0));
    assert_eq!(lot.fleet.findings, []);
    // A count in front of one size behind a comma is of the part, in front of nothing or of two of the units.
    let lot = list(
        "PowerEdge R740, 4 pcs 1.92TB SSD, grade B\nLatitude 7490, 12 pcs 16GB 512GB SSD\n1.92TB SSD, 4 pcs, grade B\n",
    );
    let read = |asset: &Asset| (asset.quantity, asset.storage_gb);
    let read: Vec<_> = lot.fleet.assets.iter().map(read).collect();
    assert_eq!(read[0], (1, Some(7680.0)));
    assert_eq!((read[1].0, read[2].0), (12, 4));
}

#[test]
fn what_is_not_understood_is_told_and_what_can_be_read_in_two_ways_is_refused() {
    let greeted = list("Hi all, please quote for these:\n\n3 x Latitude 5420\nPowerEdge R740, 384GB RAM\n");
    let names: Vec<_> = greeted.fleet.assets.iter().map(|asset| asset.model.as_deref().unwrap()).collect();
    assert_eq!(names, ["Hi all", "Latitude 5420", "PowerEdge R740"], "nothing is dropped without a word");
    let lot = list("3 x Latitude 5420, with bags\n16 GB DDR4\n4 x ThinkPad T480, cost 1.25,00\n");
    assert!(lot.fleet.findings[0].message.contains("`with bags` is not understood"));
    assert_eq!(lot.fleet.rejects.len(), 2);
    assert!(lot.fleet.rejects[0].reason.contains("may be a count or a name"));
    assert!(lot.fleet.rejects[1].reason.contains("in one way"));
    assert_eq!(lot.fleet.rows_in, 3);
    let mixed = list("40 x ThinkPad T14 Gen 2 mixed B/C\n4 x Latitude 5420 grade A/B\n");
    let told: Vec<&str> = mixed.fleet.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "`mixed B/C` is not understood and counts for nothing",
            "`grade A/B` is not understood and counts for nothing"
        ]
    );
    assert_eq!(mixed.fleet.assets[0].model.as_deref(), Some("ThinkPad T14 Gen 2"));
}

#[test]
fn a_number_in_front_of_a_name_is_a_count_unless_it_numbers_the_lines() {
    let lot = list("40 x ThinkPad T14 Gen 2\n4 HPE DL380 Gen10\n2 RTX 3090 FE, grade B\n");
    assert_eq!(lot.fleet.assets.iter().map(|asset| asset.quantity).collect::<Vec<_>>(), [40, 4, 2]);
    assert_eq!(lot.fleet.findings[0].message, "the number in front is read as 4 units");
    assert_eq!(list("4 HPE DL380 Gen10").fleet.assets[0].quantity, 4);
    let lot = list("5 x Latitude 5420\n1 ThinkPad T14 Gen 2, grade B\n2 HPE DL380 Gen10\n");
    assert_eq!((lot.fleet.assets.len(), lot.fleet.rejects.len()), (1, 2));
}

#[test]
fn a_register_is_read_as_one() {
    let lot = list("asset_id,model,quantity,grade\nA1,Latitude 5420,3,B\n");
    assert_eq!((lot.fleet.assets[0].id.as_str(), lot.fleet.assets[0].quantity), ("A1", 3));
    assert_eq!(lot.fleet.assets[0].stated_grade.as_ref().unwrap().code, "B");
}
