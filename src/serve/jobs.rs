//! Work that takes long: shown while it goes on, stopped on demand, its files kept for a while.
//!
//! In: what is wanted of an address: the drivers that move the answer and break-evens, or the whole plan with its report.
//! Out: a page that tells how far it is, and then its files: the same bytes as of the commands. One job runs at a time; the
//! others wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use tokio::sync::Semaphore;

use super::Desk;
use super::files::{self, one_of};
use super::pages::Asked;
use super::refusal::{Refusal, page};
use super::register::{Register, Told};
use super::shelf::{Shelf, id_of};
use crate::report::desk::{self, JobState, View};
use crate::report::{self, Files};
use crate::scenario::Depth;
use crate::units::{Progress, Watcher, Work};

/// Jobs whose files are kept.
const KEPT: usize = 6;

/// All jobs.
#[derive(Debug)]
pub(super) struct Jobs {
    kept: Shelf<String, Job>,
    turn: Arc<Semaphore>,
}

impl Jobs {
    pub(super) fn new() -> Jobs {
        Jobs { kept: Shelf::new(KEPT), turn: Arc::new(Semaphore::new(1)) }
    }
}

/// One job.
#[derive(Debug)]
pub(super) struct Job {
    title: String,
    /// Where its page leads back to.
    back: String,
    cancelled: AtomicBool,
    progress: Mutex<Option<Progress>>,
    done: OnceLock<Result<Files, String>>,
}

impl Watcher for Job {
    fn told(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

impl Job {
    fn state(&self) -> JobState<'_> {
        match self.done.get() {
            Some(Ok(files)) => JobState::Done(files),
            Some(Err(why)) => JobState::Failed(why),
            None => JobState::Running(*self.progress.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

/// Starts a job, or leads to the one that does the same.
pub(super) async fn start(
    State(desk): State<Desk>,
    Path((id, kind)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let Asked { register, view } = desk.asked(&id, query.as_deref())?;
    let title = match kind.as_str() {
        "drivers" => "What the scenarios hang on",
        "plan" => "The whole plan with its report",
        _ => return Err(Refusal::Unknown("there is no job of this kind".to_owned())),
    };
    let asked = view.query();
    let name = id_of(&format!("{kind} {id} {asked}"));
    if desk.jobs.kept.get(&name).is_some_and(|job| matches!(job.done.get(), Some(Err(_)))) {
        desk.jobs.kept.forget(&name);
    }
    let mut is_new = false;
    let job = desk.jobs.kept.get_or_add(name.clone(), || {
        is_new = true;
        Arc::new(Job {
            title: title.to_owned(),
            back: view.address(&format!("/fleet/{id}/files")),
            cancelled: AtomicBool::new(false),
            progress: Mutex::default(),
            done: OnceLock::new(),
        })
    });
    if is_new {
        tokio::spawn(run(Arc::clone(&desk.jobs.turn), job, register, view, kind));
    }
    Ok(Redirect::to(&format!("/jobs/{name}")).into_response())
}

async fn run(turn: Arc<Semaphore>, job: Arc<Job>, register: Arc<Register>, view: View, kind: String) {
    let Ok(_turn) = turn.acquire_owned().await else { return };
    let of_work = Arc::clone(&job);
    let work = tokio::task::spawn_blocking(move || {
        if of_work.is_cancelled() {
            return Err("cancelled".to_owned());
        }
        let work = Work::watched(&*of_work);
        let files = match kind.as_str() {
            "plan" => plan(&register, work),
            _ => files::what_if(&register, &view, Depth::Drivers, work),
        };
        files.map_err(Refusal::why)
    });
    let files = work.await.unwrap_or_else(|_| Err("a fault of the program ended this job".to_owned()));
    let _ = job.done.set(files);
}

/// Files of `residua plan` for the base.
fn plan(register: &Register, work: Work<'_>) -> Result<Files, Refusal> {
    let told = Told::of(register, work).map_err(Refusal::of)?;
    report::plan_files(&register.setting, &register.fleet, &told.plan, &told.prices).map_err(Refusal::of)
}

impl Desk {
    fn job(&self, name: &str) -> Result<Arc<Job>, Refusal> {
        let gone = "this job is not known here; its files are kept for a while only";
        self.jobs.kept.get(&name.to_owned()).ok_or_else(|| Refusal::Unknown(gone.to_owned()))
    }
}

/// How far a job is, or its files.
pub(super) async fn show(State(desk): State<Desk>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let job = desk.job(&name)?;
    Ok(page(desk::job_page(&name, &job.title, &job.back, job.state())))
}

/// Stops a job.
pub(super) async fn cancel(State(desk): State<Desk>, Path(name): Path<String>) -> Result<Redirect, Refusal> {
    desk.job(&name)?.cancelled.store(true, Ordering::Relaxed);
    Ok(Redirect::to(&format!("/jobs/{name}")))
}

/// A file of a job that is done.
pub(super) async fn file(
    State(desk): State<Desk>,
    Path((name, file)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    match desk.job(&name)?.done.get() {
        Some(Ok(files)) => one_of(files.clone(), &file),
        _ => Err(Refusal::Unknown("this job has no files yet".to_owned())),
    }
}
