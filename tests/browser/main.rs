//! What residua writes and serves, in a real browser: Chromium opens it, and the tests do what a reader does.
//!
//! To run them install Debian's `chromium` and `chromium-driver` (`.ci/run` shows how, and brings axe-core), then
//! `cargo test --test browser`. Without a browser each test says on standard error that it was skipped, and passes; with
//! `RESIDUA_BROWSER=required` it fails instead. The rules of accessibility are those of axe-core: the tests read
//! `axe-core/node_modules/axe-core/axe.min.js` below the target folder, or the file that `RESIDUA_AXE` names.
//!
//! Whatever a test does, no page may log an error or a warning, ask anything of anyone but its own file or server, or ask
//! for what is not there. Pictures of every page, at the sizes of a desk and of a telephone, by day and by night, and what
//! axe-core said of it stay in `target/browser`: look at them after a change. A test that fails leaves a picture of where it
//! stood, `NAME-failed.png`.
//!
//! A new page takes a module: `driven("name", |browser| …)` opens it, `Browser` clicks, types and reads, and
//! `inspection::inspect` does what is asked of every page. See `what_if.rs` for a short one. There is no async here and no
//! framework: `webdriver.rs` speaks the protocol.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod browser;
mod inspection;
mod paper;
mod programs;
mod server;
mod tables;
mod webdriver;

mod compare;
mod downloads;
mod itself;
mod jobs;
mod large;
mod lots;
mod overview;
mod replace;
mod report;
mod uploads;
mod what_if;
mod written;
