//! The reference is what the program says of itself: commands by their help, files by their columns.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::residua;

// What can be printed hangs on the feature; the page has it all.
#[cfg(feature = "parquet")]
#[test]
fn the_page_of_commands_is_what_each_help_prints() {
    use common::{commands, help};
    use std::fmt::Write as _;

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let mut page = "# Every command\n\nWritten from `--help` by `RESIDUA_UPDATE_README=1 cargo test --test reference`.\n".to_owned();
    let mut add = |command: &[&str]| {
        let told = help(command);
        let lines: Vec<&str> = told.lines().map(str::trim_end).collect();
        write!(page, "\n## residua {}\n\n```text\n{}\n```\n", command.join(" "), lines.join("\n").trim_end())
            .unwrap();
        commands(&told)
    };
    for name in commands(&help(&[])) {
        for below in add(&[&name]) {
            add(&[&name, &below]);
        }
    }
    if std::env::var_os("RESIDUA_UPDATE_README").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == page, "docs/commands.md is old: RESIDUA_UPDATE_README=1 cargo test --test reference");
}

/// Files of a directory by their headers, JSON left out.
fn headers(folder: &Path) -> Vec<(String, Vec<String>)> {
    let files = common::files_below(folder).into_iter().filter(|(name, _)| name.ends_with(".csv"));
    let header = |(name, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8(bytes).unwrap();
        let columns =
            text.trim_start_matches('\u{feff}').lines().next().unwrap().split(',').map(str::to_owned);
        (name, columns.collect())
    };
    files.map(header).collect()
}

#[test]
fn the_page_of_files_names_every_file_and_column_that_is_written_and_no_other() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/files.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let scenarios = folder.path().join("scenarios.toml");
    let scenario = "[[scenario]]\nname = \"48 months\"\nrefresh = { rule = \"fixed\", months = 48 }\n";
    std::fs::write(&scenarios, scenario).unwrap();
    let scenarios = scenarios.to_str().unwrap();
    let sample = "data/samples/fleet.csv";
    let runs: [&[&str]; 9] = [
        &["plan", sample],
        &["plan", sample, "--stream"],
        &["plan", sample, "--triggers"],
        &["check", sample],
        &["value", sample, "--stream", "--horizon", "2"],
        &["whatif", sample, "--scenarios", scenarios],
        &["replace", sample, "--with", "H100 SXM5 80GB", "--quantity", "4", "--arrives", "2027-03"],
        &["lot", "data/samples/lot.csv"],
        &[
            "settle",
            "tests/fixtures/exports/itad_settlement.csv",
            "--request",
            "tests/fixtures/settlements/request.json",
        ],
    ];
    let mut told: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    for (number, arguments) in runs.into_iter().enumerate() {
        let out = folder.path().join(number.to_string());
        let mut command = residua();
        command.args(arguments).args(["-o", out.to_str().unwrap()]);
        if arguments[0] != "settle" {
            command.args(["--as-of", "2026-11"]);
        }
        command.assert().success();
        for (file, columns) in headers(&out) {
            let file = file.rsplit('/').next().unwrap();
            assert!(
                page.contains(&format!("`{file}`")),
                "docs/files.md does not speak of {file} of {arguments:?}"
            );
            for column in columns {
                let column = column.trim_matches('"');
                assert!(
                    page.contains(&format!("`{column}`")),
                    "docs/files.md does not speak of column {column} of {file}, {arguments:?}"
                );
                told.retain(|known| *known != column);
            }
        }
    }
    assert!(told.is_empty(), "docs/files.md speaks of columns that no file has: {told:?}");
}
