//! Connections: taken, limited in number and time, and handed to the pages.
//!
//! In: a bound listener and the service. Out: nothing; it goes on until the process ends. A client that is slow to send its
//! headers, or that stays silent, is let go, so that idle connections cannot crowd out the others.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections at once; more wait to be taken.
const CONNECTIONS: usize = 512;

/// Time to send the head of a request, and longest silence between two of them.
const HEADER_TIME: Duration = Duration::from_secs(15);

/// Wait after a connection could not be taken, when the system is out of descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// Takes connections for ever.
pub(super) async fn listen(listener: TcpListener, pages: Router) -> Infallible {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&room).acquire_owned().await;
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        // Answers are small and are waited for by a person.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(pages.clone());
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIME)
                .max_buf_size(64 << 10)
                .serve_connection(TokioIo::new(stream), service);
            // A client that went away is no fault of ours.
            let _ = connection.await;
            drop(place);
        });
    }
}
