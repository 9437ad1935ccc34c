//! What people see in a terminal: lines that fit it, styles only where they are wanted, completions, manual pages, and a
//! hint after every error.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use common::{register, residua};

const SAMPLE: &str = "data/samples/fleet.csv";

/// Commands that print a text, each on files of the repository.
fn texts() -> Vec<Vec<&'static str>> {
    let seen = ["--as-of", "2026-11", "-q"];
    let with = |arguments: &[&'static str]| [arguments, &seen[..]].concat();
    vec![
        with(&["plan", SAMPLE]),
        with(&["plan", SAMPLE, "--triggers"]),
        with(&["check", SAMPLE]),
        with(&["check", "tests/fixtures/two_sources/itam.csv", "tests/fixtures/two_sources/intune.csv"]),
        with(&["quote", "A100 SXM 80GB", "-n", "150", "--bought", "2023-06"]),
        with(&["whatif", SAMPLE, "--scenarios", "data/samples/scenarios.toml", "--quick"]),
        with(&["replace", SAMPLE, "--with", "H100 SXM5 80GB", "--quantity", "20", "--arrives", "2027-03"]),
        with(&["lot", "data/samples/lot.txt", "--bid", "9000", "--share", "0.6", "--fees", "before"]),
        with(&["explain", SAMPLE, "NWA-10789"]),
        with(&["guarantee", "A100 SXM 80GB", "--strike", "1500", "--month", "2027-11"]),
        with(&["handoff", SAMPLE, "--assets", "all-due"]),
        with(&["convert", "--explain", "tests/fixtures/exports/glpi_computers_fr.csv"]),
        with(&["convert", "--explain", "tests/fixtures/exports/servicenow_ui_csv.csv"]),
        vec!["catalog", "DELL PE R740XD 24SFF"],
        vec!["depreciate", "--method", "ddb", "--cost", "2400", "--salvage", "300", "--life", "5"],
        vec!["settle", "tests/fixtures/settlements/german.csv", "--request"]
            .into_iter()
            .chain(["tests/fixtures/settlements/request.json", "-q"])
            .collect(),
    ]
}

fn printed(arguments: &[&str], columns: &str) -> String {
    let assert = residua().args(arguments).env("COLUMNS", columns).assert().success();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

#[test]
fn no_line_of_any_command_is_longer_than_the_terminal() {
    for arguments in texts() {
        for columns in ["80", "120"] {
            let text = printed(&arguments, columns);
            let most: usize = columns.parse().unwrap();
            let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > most).collect();
            assert!(long.is_empty(), "{arguments:?} at {columns}:\n{}", long.join("\n"));
            assert!(text.lines().count() > 1, "{arguments:?}");
        }
    }
}

#[test]
fn a_terminal_narrower_than_80_columns_is_taken_for_80_and_one_wider_than_200_for_200() {
    let arguments = ["plan", SAMPLE, "--as-of", "2026-11", "-q"];
    assert_eq!(printed(&arguments, "20"), printed(&arguments, "80"));
    assert_eq!(printed(&arguments, "999"), printed(&arguments, "200"));
    assert_ne!(printed(&arguments, "80"), printed(&arguments, "200"));
}

#[test]
fn amounts_are_whole_at_every_width_and_names_give_way() {
    let arguments = ["plan", SAMPLE, "--as-of", "2026-11", "-q"];
    let (narrow, wide) = (printed(&arguments, "80"), printed(&arguments, "200"));
    for amount in ["1,249,159", "337,293", "25,103", "52,864", "-5,989,950", "3,623–13,859 USD"] {
        assert!(narrow.contains(amount) && wide.contains(amount), "{amount}\n{narrow}");
    }
    assert!(narrow.contains("Supermicro SYS-4029GP-T…") && wide.contains("Supermicro SYS-4029GP-TVRT"));
}

#[test]
fn styles_are_for_terminals_and_for_those_who_force_them() {
    let run = |variables: &[(&str, &str)]| {
        let mut command = residua();
        command.args(["lot", "data/samples/lot.txt", "--as-of", "2026-11", "-q"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied());
        String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
    };
    let plain = run(&[]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let styled = run(&[("CLICOLOR_FORCE", "1")]);
    assert!(styled.starts_with("\u{1b}[1mBid "), "{styled}");
    assert_eq!(run(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "0")]), plain);
    let bare = styled.replace("\u{1b}[1m", "").replace("\u{1b}[2m", "").replace("\u{1b}[0m", "");
    assert_eq!(bare, plain);
}

#[test]
fn no_bar_is_drawn_where_standard_error_is_no_terminal() {
    let output = residua().args(["plan", SAMPLE, "--as-of", "2026-11"]).output().unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(!talk.contains("deciding cohorts") && !talk.contains('\u{1b}'), "{talk}");
    for arguments in [
        &["quote", "A100 SXM 80GB", "--as-of", "2026-11"][..],
        &["guarantee", "A100 SXM 80GB", "--strike", "1500", "--month", "2027-11", "--as-of", "2026-11"],
    ] {
        let output = residua().args(arguments).output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{arguments:?}");
    }
}

/// Names of the commands, as the help lists them.
fn commands() -> Vec<String> {
    let help = residua().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let named = listed.take_while(|line| !line.is_empty()).filter(|line| line.starts_with("  "));
    let names = named.filter(|line| !line.starts_with("    "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn the_script_of_every_shell_names_every_command() {
    let commands = commands();
    assert!(commands.len() > 15 && commands.contains(&"whatif".to_owned()), "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = common::output_of(&["completions", shell]);
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell}: {command}");
        }
    }
}

#[test]
fn every_shell_that_is_there_reads_its_script() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, only_reads) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let path = folder.path().join(shell);
        std::fs::write(&path, common::output_of(&["completions", shell])).unwrap();
        match std::process::Command::new(shell).arg(only_reads).arg(&path).status() {
            Ok(status) => assert!(status.success(), "{shell}"),
            Err(_) => eprintln!("skipped: there is no {shell}"),
        }
    }
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let ask = r#"
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _residua residua "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        echo "${COMPREPLY[@]}"
    "#;
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("residua.bash");
    std::fs::write(&script, common::output_of(&["completions", "bash"])).unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["residua", "pl"], "plan"),
        (&["residua", "ledger", "gr"], "grade"),
        (&["residua", "plan", "--form"], "--format"),
        (
            &["residua", "plan", "--format", ""],
            if cfg!(feature = "parquet") { "table csv json parquet" } else { "table csv json" },
        ),
    ];
    for (words, wanted) in cases {
        let asked =
            std::process::Command::new("bash").args(["-c", ask, "bash"]).arg(&script).args(*words).output();
        let Ok(answer) = asked else { return eprintln!("skipped: there is no bash") };
        assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), *wanted, "{words:?}");
    }
}

#[test]
fn every_command_has_a_manual_page_with_its_flags_and_its_example() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    residua().args(["man", "-o"]).arg(&pages).assert().success();
    for command in commands().iter().filter(|command| *command != "help") {
        let page = std::fs::read_to_string(pages.join(format!("residua-{command}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS") && page.contains("residua"), "{command}");
        assert!(page.contains(".SH EXAMPLES"), "{command} has no example");
    }
    assert!(pages.join("residua.1").exists() && pages.join("residua-ledger-grade.1").exists());
    let one = common::output_of(&["man", "plan"]);
    assert_eq!(one.into_bytes(), std::fs::read(pages.join("residua-plan.1")).unwrap());
}

/// Requests and macros of troff that pages use.
const KNOWN: &[&str] = &["TH", "SH", "TP", "RS", "RE", "IP", "PP", "br", "nf", "fi", "nh", "ad", "ie", "el"];

/// What is wrong with a line of a manual page.
fn fault_of(line: &str) -> Option<&'static str> {
    let request = line.strip_prefix('.').map(|rest| rest.split(' ').next().unwrap_or(rest));
    match request {
        Some(request) if !KNOWN.contains(&request) => Some("begins with a stray dot"),
        _ if line.starts_with('\'') => Some("begins with a stray apostrophe"),
        _ if !line.is_ascii() => Some("has a letter that is not named"),
        _ if line.contains(" --") => Some("has hyphens that are set as dashes"),
        _ if line.contains(['`', '~', '^']) => Some("has a mark that is set as another"),
        _ => None,
    }
}

#[test]
fn every_manual_page_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    residua().args(["man", "-o"]).arg(folder.path()).assert().success();
    let mut seen = 0;
    for (name, page) in common::files_below(folder.path()) {
        let page = String::from_utf8(page).unwrap();
        for line in page.lines() {
            assert_eq!(fault_of(line), None, "{name}: {line}");
        }
        assert_eq!(page.matches("\n.TH ").count(), 1, "{name}");
        let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
        assert_eq!(sections[..4], ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"], "{name}");
        assert!(sections.contains(&"\"EXIT STATUS\""), "{name}: {sections:?}");
        for section in page.split(".SH ").skip(1) {
            let text = section.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with('.'));
            assert!(text.count() > 0, "{name}: an empty section: {section}");
        }
        let leads_on = name != "residua.1";
        assert_eq!(sections.contains(&"\"SEE ALSO\""), leads_on, "{name}");
        assert!(!page.contains("help(1)"), "{name}");
        seen += 1;
    }
    assert!(seen > 25, "{seen}");
}

#[test]
fn a_manual_page_keeps_its_examples_as_they_are_typed_and_says_how_to_call() {
    let page = common::output_of(&["man", "handoff"]);
    let examples = page.split(".SH EXAMPLES\n.nf\n").nth(1).and_then(|rest| rest.split("\n.fi\n").next());
    let help = common::output_of(&["handoff", "--help"]);
    assert!(examples.unwrap().lines().all(|call| call.starts_with("residua handoff ")), "{examples:?}");
    assert!(
        help.contains("residua handoff verify request")
            && examples.unwrap().contains("handoff verify request")
    );
    assert!(page.contains("\\fBresidua handoff\\fR [OPTIONS] \\-\\-assets <LIST> <FILE>..."), "{page}");
    assert!(page.contains("\\fBresidua handoff\\fR <COMMAND>"), "{page}");
}

/// Standard error of a run that must fail, and its last line.
fn complaint(arguments: &[&str]) -> (String, String) {
    let (code, talk) = common::failure_of(arguments);
    assert!(code == 1 || code == 2, "{arguments:?}: {code} {talk}");
    let last = talk.trim_end().lines().last().unwrap_or_default().to_owned();
    (talk, last)
}

#[test]
fn every_error_ends_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let headless = write("headless.csv", "foo,bar\n1,2\n");
    let policy = write("policy.toml", "[resell]\nshar = 0.5\n");
    let scenarios = write("scenarios.toml", "[[scenario]]\nname = 3\n");
    let file = write("file", "x");
    let occupied = folder.path().display().to_string();
    let inside_a_file = format!("{file}/out");
    let cases: &[(&[&str], &str)] = &[
        (&["plan", "no_such.csv"], "check the path"),
        (&["plan", &headless], "residua convert --explain"),
        (&["plan", "data"], "name its files"),
        (&["plan", SAMPLE, "--policy", "no_such.toml"], "check the path"),
        (&["plan", SAMPLE, "--policy", &policy], "residua init -"),
        (&["plan", SAMPLE, "--as-of", "1990-01"], "--as-of 20"),
        (&["plan", SAMPLE, "--currency", "XAU"], "[exchange_rates]"),
        (&["plan", SAMPLE, "--models", &occupied], "residua fit"),
        (&["plan", SAMPLE, "-q", "-o", &inside_a_file], "-o"),
        (&["plan", SAMPLE, "-q", "-o", &occupied], "-o"),
        (&["quote", "flux capacitor mk2"], "residua catalog"),
        (&["catalog", "flux capacitor mk2"], "residua catalog"),
        (&["guarantee", "flux capacitor mk2", "--strike", "9", "--month", "2027-11"], "residua catalog"),
        (&["explain", SAMPLE, "NOBODY"], "lists all assets"),
        (&["replace", SAMPLE, "--with", "flux capacitor mk2", "--quantity", "1"], "residua catalog"),
        (&["whatif", SAMPLE, "--scenarios", "no_such.toml"], "check the path"),
        (&["whatif", SAMPLE, "--scenarios", &scenarios], "--example"),
        (&["ledger", "show", "--ledger", "no_such.db"], "residua plan REGISTER --ledger"),
        (&["fit", "no_such.csv", "-o", "nowhere"], "observations are CSV"),
        (&["settle", "no_such.csv", "--request", "no.json"], "check the path"),
        (&["handoff", SAMPLE, "--assets", "NOBODY", "-q"], "lists the assets"),
        (&["man", "no-such"], "--help"),
    ];
    for (arguments, wanted) in cases {
        let (talk, last) = complaint(arguments);
        assert!(talk.contains("error: "), "{arguments:?}: {talk}");
        assert!(last.starts_with("hint: ") && last.contains(wanted), "{arguments:?}: {talk}");
    }
}

#[test]
fn words_that_are_not_understood_end_with_a_hint_as_well() {
    let cases: &[(&[&str], &str, &str)] = &[
        (&["plan", SAMPLE, "--formt", "csv"], "similar argument exists: '--format'", "plan"),
        (&["plan", SAMPLE, "--output"], "a value is required", "plan"),
        (&["plan"], "required arguments were not provided", "plan"),
        (&["plan", SAMPLE, "--as-of", "soon"], "invalid value 'soon'", "plan"),
        (&["plan", SAMPLE, "--format", "cvs"], "possible values: table, csv, json", "plan"),
        (&["plan", SAMPLE, "-q", "-v"], "cannot be used with", "plan"),
        (&["ledger", "grad"], "'grade'", "ledger"),
        (&["ledger", "override", "VR"], "required arguments were not provided", "ledger override"),
        (&["completions", "tcsh"], "possible values", "completions"),
        (&["qoute", "A100"], "'quote'", ""),
        (&["--nonsense"], "unexpected argument", ""),
    ];
    for (arguments, wanted, command) in cases {
        let (code, talk) = common::failure_of(arguments);
        assert_eq!(code, 2, "{arguments:?}: {talk}");
        assert!(talk.contains(wanted), "{arguments:?}: {talk}");
        assert!(talk.starts_with("error: ") && !talk.contains("For more information"), "{talk}");
        let last = talk.lines().last().unwrap();
        let space = if command.is_empty() { "" } else { " " };
        assert!(
            last.starts_with(&format!("hint: `residua{space}{command} --help` ")),
            "{arguments:?}: {talk}"
        );
    }
}

#[test]
fn help_that_is_asked_for_or_needed_is_help_alone() {
    for (arguments, code) in [(&["--version"][..], 0), (&["plan", "--help"], 0), (&[], 2), (&["ledger"], 2)] {
        let output = residua().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let (text, talk) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!talk.contains("hint: ") && !talk.contains("error: "), "{arguments:?}: {talk}");
        assert_eq!(text.is_empty(), code == 2, "{arguments:?}");
    }
}

#[test]
fn a_column_that_nothing_knows_is_told_by_every_command_that_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let register = folder.path().join("register.csv");
    std::fs::write(&register, "serial,model,Befund,Lid,User name\nS1,Dell Latitude 5430,defekt,x,Miller\n")
        .unwrap();
    let register = register.display().to_string();
    for command in ["plan", "value", "check", "lot", "convert"] {
        let output = residua().args([command, &register, "--as-of", "2026-11"]).output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command}: {talk}");
        assert!(
            talk.contains("not known, and counting for nothing: columns `Befund`, `Lid`\n"),
            "{command}: {talk}"
        );
        let quiet = residua().args([command, &register, "--as-of", "2026-11", "-q"]).output().unwrap();
        assert!(quiet.stderr.is_empty(), "{command}");
    }
}

#[test]
fn a_slip_of_the_pen_is_answered_with_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let slipped = folder.path().join("slipped.csv");
    std::fs::write(&slipped, "seriall,modle\nS1,Dell Latitude 5430\n").unwrap();
    let slipped = slipped.display().to_string();
    let scenarios = folder.path().join("scenarios.toml");
    let text =
        "[[scenario]]\nname = \"late\"\n[[scenario.launch]]\nproduct = \"NVIDIA B30O\"\ndate = \"2027-01\"\n";
    std::fs::write(&scenarios, text).unwrap();
    let scenarios = scenarios.display().to_string();
    let cases: &[(&[&str], &str)] = &[
        (&["qoute", "A100"], "quote"),
        (&["plan", &slipped], "did you mean `serial` for `seriall`"),
        (&["quote", "Latitud 543O"], "Dell Latitude 5430"),
        (&["catalog", "Latitud 543O"], "Dell Latitude 5430"),
        (&["guarantee", "Latitud 543O", "--strike", "9", "--month", "2027-01"], "Dell Latitude 5430"),
        (&["replace", SAMPLE, "--with", "Latitud 543O", "--quantity", "1"], "did you mean `Dell Latitude"),
        (&["explain", SAMPLE, "NWA-1O789"], "did you mean `NWA-10789`?"),
        (&["whatif", SAMPLE, "--scenarios", &scenarios], "did you mean `NVIDIA"),
        (
            &["whatif", SAMPLE, "--scenarios", "data/samples/scenarios.toml", "--only", "GPUs fal"],
            "`GPUs fall`?",
        ),
        (&["man", "plann"], "did you mean `plan`?"),
    ];
    for (arguments, wanted) in cases {
        let (talk, _) = complaint(arguments);
        assert!(talk.contains(wanted), "{arguments:?}: {talk}");
    }
}

#[test]
fn a_column_that_is_nearly_known_is_named_while_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = register(folder.path(), "asset_id,model,purchse_date\nA1,Dell Latitude 5430,2022-08-15\n");
    for command in ["plan", "check"] {
        let output = residua().arg(command).arg(&path).args(["--as-of", "2026-11"]).output().unwrap();
        let talk = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{talk}");
        assert!(talk.contains("column `purchse_date` is not known; did you mean `purchase_date`?"), "{talk}");
    }
}

#[cfg(unix)]
#[test]
fn the_next_run_takes_away_what_a_killed_one_left_beside_its_directory() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 60 * 60);
    // No process has such a number.
    for left in [".out.4294967295.partial", ".out.4294967295.replaced"] {
        let left = folder.path().join(left);
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join("plan.csv"), "half").unwrap();
        std::fs::File::open(&left).unwrap().set_modified(long_ago).unwrap();
    }
    residua().args(["man", "-o"]).arg(folder.path().join("pages")).assert().success();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    residua().args(["simulate", "--products", "3", "--months", "6", "-q", "-o"]).arg(&out).assert().success();
    let mut left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["out", "pages"]);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_leaves_no_output_behind() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("residua"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["plan", SAMPLE, "--as-of", "2026-11", "-q", "-o"])
        .arg(&out)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let stopped =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let output = child.wait().unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(output.success() || left.is_empty(), "{left:?}");
}
