//! `residua completions`: what a shell completes.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Arguments;
use super::common::print;

/// Arguments of `residua completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  residua completions bash > ~/.local/share/bash-completion/completions/residua\n  residua completions zsh > ~/.zfunc/_residua\n  residua completions fish > ~/.config/fish/completions/residua.fish"
)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "residua", &mut script);
    print(&String::from_utf8(script)?)
}
