//! `residua-cluster plan` in one process: the plan is that of `residua plan --stream`.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{AS_OF, csv_rows, output_of, program, register};
use residua::stream::PlanForm;
use residua::units::Work;

/// Limits under which cohorts leave in several months.
const NARROW: &str = "[capacity]\nother = 40\n";

/// The plan of the single machine.
fn streamed(register: &Path, policy: &str, out: &Path) {
    let policy = residua::decide::Policy::from_toml("policy.toml", policy).unwrap();
    let catalog = residua::catalog::built_in().unwrap();
    let models = residua::price::Models::built_in().unwrap();
    let profiles = residua::fleet::Profiles::built_in();
    let as_of = AS_OF.parse().unwrap();
    let setting = residua::decide::Setting::new(policy, None, as_of, models, catalog, profiles).unwrap();
    residua::stream::plan(&setting, register, PlanForm::Csv, out, Work::unwatched()).unwrap();
}

#[test]
fn it_is_the_plan_of_the_single_machine_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 1_500, 4, 5);
    let policy = folder.path().join("policy.toml");
    std::fs::write(&policy, NARROW).unwrap();
    let (single, cluster) = (folder.path().join("single"), folder.path().join("cluster"));
    streamed(&register.whole, NARROW, &single);
    let to = cluster.to_str().unwrap();
    let policy = policy.to_str().unwrap();
    let arguments =
        ["plan", &register.pattern, "-o", to, "--format", "csv", "--as-of", AS_OF, "--policy", policy];
    output_of(&arguments);

    for name in ["schedule.csv", "cohorts.csv"] {
        let read = |folder: &Path| csv_rows(&std::fs::read(folder.join(name)).unwrap());
        for (found, expected) in read(&cluster).iter().zip(&read(&single)) {
            assert_eq!(found, expected, "{name}");
        }
    }
    let read = |folder: &Path| csv_rows(&std::fs::read(folder.join("plan.csv")).unwrap());
    let (of_cluster, mut of_single) = (read(&cluster), read(&single));
    of_single.iter_mut().for_each(|row| drop(row.remove("line")));
    assert_eq!(of_cluster.len(), of_single.len());
    for (found, expected) in of_cluster.iter().zip(&of_single) {
        assert_eq!(found, expected);
    }
    let several = of_cluster.iter().filter(|row| row["scheduled_month"].contains('('));
    assert!(several.count() > 0, "rows of several units leave in several months");
    let rejects = |folder: &Path| csv_rows(&std::fs::read(folder.join("rejects.csv")).unwrap());
    let (found, expected) = (rejects(&cluster), rejects(&single));
    assert_eq!(found.len(), expected.len());
    assert!(
        found.iter().zip(&expected).all(|(found, expected)| found["reason"].contains(&expected["reason"]))
    );

    // Nothing is written over.
    let again = program().args(arguments).output().unwrap();
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("exists"));
}

#[test]
fn rows_without_names_are_refused_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let register = folder.path().join("register.csv");
    std::fs::write(&register, "model,purchase_date\nDell Latitude 5430,2022-08-15\n").unwrap();
    let out = folder.path().join("out");
    let run = program()
        .args(["plan", register.to_str().unwrap(), "--as-of", AS_OF, "-o", out.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!run.status.success());
    let message = String::from_utf8_lossy(&run.stderr);
    assert!(message.contains("no column names the units"), "{message}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
