//! The local web page: scenarios by slider, assets, uploads, and the files of the commands.
//!
//! In: what fleets are planned under, a register, and where to listen. Out: pages and JSON until the process ends. A request
//! goes through the [`guard`], is read as a view of a [`register`], worked out by [`work`]ers, and drawn by
//! [`report::desk`](crate::report). Nothing that is asked changes anything but what is remembered: uploads
//! ([`registers`], [`lots`]) and long work ([`jobs`]). An address shows the same whenever and by whomever it is opened.

mod api;
mod files;
mod guard;
mod jobs;
mod listen;
mod lots;
mod pages;
mod refusal;
mod register;
mod registers;
mod shelf;
mod uploads;
mod work;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::Semaphore;

pub use guard::Token;

use crate::decide::Setting;
use crate::fleet::Fleet;
use crate::scenario::WhatIfError;
use guard::Guard;
use register::Register;
use registers::Registers;
use shelf::Shelf;
use work::Workers;

/// Time that a request may take, its body included.
const REQUEST_TIME: Duration = Duration::from_secs(120);

/// Name of the register that the server was started with, in addresses.
const FIRST: &str = "main";

/// Where and to whom the server listens.
#[derive(Debug)]
pub struct Options {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Further names that browsers may call it by.
    pub names: Vec<String>,
    /// The secret that opens it; away from loopback one is made where none is given.
    pub token: Option<Token>,
}

/// A server that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The system has no randomness for a token.
    #[error("cannot make a token: {0}")]
    Token(#[from] getrandom::Error),
    /// The system gives no threads.
    #[error("cannot start threads to work with: {0}; ask for fewer with --threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The register cannot be planned.
    #[error(transparent)]
    Plan(#[from] WhatIfError),
}

/// What all requests share.
#[derive(Debug, Clone)]
struct Desk {
    setting: Arc<Setting>,
    registers: Arc<Registers>,
    workers: Workers,
    uploading: Arc<Semaphore>,
    lots: Arc<Shelf<String, lots::Sent>>,
    jobs: Arc<jobs::Jobs>,
}

/// Serves until the process ends. `ready` is told the address to open, with its token.
pub fn serve(
    options: Options,
    setting: Setting,
    first: Option<(String, Fleet)>,
    ready: impl FnOnce(&str),
) -> Result<(), ServeError> {
    let setting = Arc::new(setting);
    let first = match first {
        Some((name, fleet)) => Some(Register::new(FIRST.to_owned(), name, Arc::clone(&setting), fleet)?),
        None => None,
    };
    let failed = |source| ServeError::Listen { address: options.address, source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let token = match options.token {
        None if !options.address.ip().is_loopback() => Some(Token::fresh()?),
        token => token,
    };
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(options.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        ready(&open_at(address, token.as_ref()));
        let desk = Desk {
            setting,
            registers: Arc::new(Registers::new(first)),
            workers: Workers::new()?,
            uploading: Arc::new(Semaphore::new(1)),
            lots: Arc::new(Shelf::new(lots::KEPT)),
            jobs: Arc::new(jobs::Jobs::new()),
        };
        let guard = Guard { address, names: options.names, token };
        match listen::listen(listener, pages(desk, guard)).await {}
    })
}

/// The address that a browser on this machine can open.
fn open_at(address: SocketAddr, token: Option<&Token>) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V6(ip) => format!("[{ip}]"),
        IpAddr::V4(ip) => ip.to_string(),
    };
    let token = token.map_or(String::new(), |token| format!("?token={}", token.secret()));
    format!("http://{host}:{}/{token}", address.port())
}

fn pages(desk: Desk, guard: Guard) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/registers", get(pages::registers))
        .route("/upload", post(uploads::upload).layer(DefaultBodyLimit::max(uploads::MOST_BYTES)))
        .route("/fleet/{id}", get(pages::overview))
        .route("/fleet/{id}/part", get(pages::part))
        .route("/fleet/{id}/asset", get(pages::asset))
        .route("/fleet/{id}/compare", get(pages::compare))
        .route("/fleet/{id}/findings", get(pages::findings))
        .route("/fleet/{id}/files", get(files::files_page))
        .route("/fleet/{id}/files/{name}", get(files::file))
        .route("/fleet/{id}/jobs/{kind}", post(jobs::start))
        .route("/jobs/{name}", get(jobs::show))
        .route("/jobs/{name}/cancel", post(jobs::cancel))
        .route("/jobs/{name}/files/{*file}", get(jobs::file))
        .route("/lot", get(lots::form).post(lots::take).layer(DefaultBodyLimit::max(uploads::MOST_BYTES)))
        .route("/lot/{id}", get(lots::show))
        .route("/lot/{id}/files/{name}", get(lots::file))
        .route("/api", get(api::description))
        .route("/api/registers", get(api::registers))
        .route("/api/fleet/{id}/whatif", get(api::what_if))
        .route("/static/{name}", get(pages::static_file))
        .with_state(desk)
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(guard, guard::watch))
}

/// Ends a request that takes too long, whatever it waits for.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "this took too long\n").into_response(),
    }
}
