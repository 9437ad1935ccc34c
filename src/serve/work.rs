//! Work that takes processors, kept off the connections.
//!
//! In: something to work out. Out: what came of it. A few more run at once than there are processors, each on threads of its
//! own among which the system divides the processors, so that what is soon done does not wait for what is not; the others
//! wait in the order in which they came. Who goes away while waiting, as a page does whose slider has moved on, is passed
//! over.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::sync::Semaphore;

/// Pieces of work that run at once, for each processor.
const AT_ONCE: usize = 2;

/// Room for work.
#[derive(Debug, Clone)]
pub(super) struct Workers {
    places: Arc<Semaphore>,
    /// One for each place that is free.
    pools: Arc<Mutex<Vec<ThreadPool>>>,
}

impl Workers {
    /// Some for each processor that may be used, each with as many threads as there are.
    pub(super) fn new() -> Result<Workers, ThreadPoolBuildError> {
        let processors = rayon::current_num_threads();
        let pool = |_| ThreadPoolBuilder::new().num_threads(processors).build();
        let pools: Vec<ThreadPool> = (0..AT_ONCE * processors).map(pool).collect::<Result<_, _>>()?;
        Ok(Workers { places: Arc::new(Semaphore::new(pools.len())), pools: Arc::new(Mutex::new(pools)) })
    }

    /// Runs a piece of work once there is room.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let workers = self.clone();
        let running = tokio::task::spawn_blocking(move || {
            let pool = workers.pool();
            let done = pool.install(work);
            drop((pool, place));
            done
        });
        match running.await {
            Ok(done) => done,
            // A panic goes on where it was waited for; nothing else ends blocking work before its time.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Threads for one piece of work. Whoever has a place finds some.
    fn pool(&self) -> Taken {
        let pool = self.pools.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Taken { pool, free: Arc::clone(&self.pools) }
    }
}

/// Threads that go back when the work is done, also by a panic.
struct Taken {
    pool: Option<ThreadPool>,
    free: Arc<Mutex<Vec<ThreadPool>>>,
}

impl Taken {
    fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.pool.take());
    }
}
