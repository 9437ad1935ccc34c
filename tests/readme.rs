//! What the README shows is what the program prints.
//!
//! Every `console` block begins with `$ residua …`; the rest is the output. `RESIDUA_UPDATE_README=1 cargo test
//! --test readme` writes the blocks anew.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use common::residua;

/// Cuts a command line at spaces, keeping quoted words whole.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (position, part) in command.split('"').enumerate() {
        if position % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn output(command: &str) -> String {
    let assert = residua().args(words(command)).output().unwrap();
    let text = String::from_utf8(assert.stdout).unwrap();
    assert!(assert.status.success(), "residua {command}: {}", String::from_utf8_lossy(&assert.stderr));
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn every_command_of_the_readme_prints_what_the_readme_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let mut renewed = String::new();
    let mut commands = 0;
    for (position, part) in readme.split("```").enumerate() {
        if position > 0 {
            renewed.push_str("```");
        }
        match part.strip_prefix("console\n$ residua ") {
            Some(block) if position % 2 == 1 => {
                let command = block.lines().next().unwrap();
                commands += 1;
                renewed.push_str(&format!("console\n$ residua {command}\n{}", output(command)));
            }
            _ => renewed.push_str(part),
        }
    }
    assert!(commands >= 3, "the README shows {commands} commands");
    if std::env::var_os("RESIDUA_UPDATE_README").is_some() {
        std::fs::write(path, renewed).unwrap();
    } else {
        assert!(
            renewed == readme,
            "the README shows something else than the program prints; see the module's comment"
        );
    }
}

#[test]
fn the_picture_of_the_readme_is_the_one_the_program_draws() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/recommendation.svg");
    let drawn = output("explain data/samples/fleet.csv NWA-10789 --as-of 2026-11 --svg");
    if std::env::var_os("RESIDUA_UPDATE_README").is_some() {
        std::fs::write(path, &drawn).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == drawn,
        "docs/recommendation.svg is old; see the module's comment"
    );
}
