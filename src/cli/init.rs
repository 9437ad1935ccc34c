//! `residua init`: a commented starter policy.

use std::path::PathBuf;

use clap::Args;

use super::common::print;
use super::hint::hinted;
use crate::decide::DEFAULT_POLICY;
use crate::report;

/// Arguments of `residua init`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  residua init\n  residua plan register.csv --policy residua.toml")]
pub(super) struct InitArguments {
    /// Where to write it; `-` is standard output
    #[arg(value_name = "FILE", default_value = "residua.toml")]
    file: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: InitArguments) -> anyhow::Result<()> {
    if arguments.file.as_os_str() == "-" {
        return print(DEFAULT_POLICY);
    }
    if arguments.file.exists() && !arguments.force {
        return Err(hinted(
            format!("{} exists; give another name, or --force to write over it", arguments.file.display()),
            "`residua init -` prints the policy",
        ));
    }
    report::write_file(&arguments.file, DEFAULT_POLICY.as_bytes())?;
    eprintln!("wrote {}", arguments.file.display());
    Ok(())
}
