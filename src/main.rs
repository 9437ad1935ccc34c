//! The `residua` command: parses, calls the library, prints. Exit 0 done, 1 the data or the run failed, 2 wrong
//! usage.

use std::process::ExitCode;

fn main() -> ExitCode {
    residua::cli::main()
}
