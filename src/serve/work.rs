//! Work that takes processors, kept off the connections.
//!
//! In: something to work out. Out: what came of it. As many run at once as there are processors; the others wait in the order
//! in which they came. Who goes away while waiting, as a page does whose slider has moved on, is passed over.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

/// Room for work.
#[derive(Debug, Clone)]
pub(super) struct Workers(Arc<Semaphore>);

impl Workers {
    /// One for each processor.
    pub(super) fn new() -> Workers {
        Workers(Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from))))
    }

    /// Runs a piece of work once there is room.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let place = Arc::clone(&self.0).acquire_owned().await;
        let running = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        match running.await {
            Ok(done) => done,
            // A panic goes on where it was waited for; nothing else ends blocking work before its time.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
