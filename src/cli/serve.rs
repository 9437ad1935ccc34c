//! `residua serve`: a local web page for scenarios.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::common::CommonArguments;
use crate::fleet;
use crate::serve::{self, Options, Token};

/// Arguments of `residua serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  residua serve data/samples/fleet.csv\n  residua serve itam.csv dcim.csv --policy residua.toml --listen 127.0.0.1:9000\n  residua serve register.csv --listen 0.0.0.0:8787 --host gear.example.com\n\nThe page is for this machine alone unless --listen says otherwise; then a token is asked for, printed once on standard error. There is no encryption: put a proxy with TLS in front of it before it leaves your network. Uploads stay in memory. Stop it with Ctrl-C."
)]
pub(super) struct ServeArguments {
    /// Asset registers: CSV in any dialect, XLSX, JSON, zip; `-` is standard input; without one, upload it on the page
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Name by which browsers may call the server besides its address; again for another
    #[arg(long = "host", value_name = "NAME")]
    names: Vec<String>,
    /// File whose first line is the token, at least 16 letters and digits; default away from loopback: a new one
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    common: CommonArguments,
}

pub(super) fn run(arguments: ServeArguments) -> anyhow::Result<()> {
    let setting = arguments.common.setting()?;
    let token = arguments.token_file.as_ref().map(token).transpose()?;
    let first = match arguments.files.as_slice() {
        [] => None,
        files => {
            let names: Vec<String> = files
                .iter()
                .filter_map(|file| file.file_name())
                .map(|name| name.to_string_lossy().into_owned())
                .collect();
            Some((names.join(", "), fleet::read(files, &setting.read_options())?))
        }
    };
    let options = Options { address: arguments.listen, names: arguments.names, token };
    serve::serve(options, setting, first, |address| eprintln!("open {address}"))?;
    Ok(())
}

fn token(path: &PathBuf) -> anyhow::Result<Token> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the token {}", path.display()))?;
    match Token::new(text.lines().next().unwrap_or("").trim()) {
        Some(token) => Ok(token),
        None => bail!("{}: a token is at least 16 letters, digits or -._~ in the first line", path.display()),
    }
}
