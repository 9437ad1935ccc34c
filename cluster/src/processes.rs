//! The processes of a cluster: one scheduler, any number of executors.
//!
//! In: addresses and settings. Out: a process that runs until it is told to stop. Functions do not travel with a plan, only their
//! names do, so both know residua's functions ([`functions`](mod@crate::functions)): the scheduler plans with them, executors
//! call them. An executor from which nothing is heard for a while is taken for lost, and what it did or was about to do is done
//! again by the others.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use ballista_core::error::{BallistaError, Result};
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::utils::default_session_builder;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::prelude::SessionConfig;

use crate::functions::functions;
use crate::setting::Settings;

/// Signs of life in the time after which an executor is taken for lost.
const SIGNS_OF_LIFE: u64 = 4;

/// Where an executor runs and how much it does.
#[derive(Debug, Clone)]
pub struct ExecutorPlace {
    /// Name or address of the scheduler.
    pub scheduler_host: String,
    /// Its port.
    pub scheduler_port: u16,
    /// The address it listens at.
    pub host: IpAddr,
    /// The name others find it by; else that address.
    pub external_host: Option<String>,
    /// Port for data.
    pub port: u16,
    /// Port for tasks.
    pub grpc_port: u16,
    /// Tasks at one time.
    pub slots: usize,
    /// Folder for what is on its way between stages.
    pub work_directory: PathBuf,
    /// Seconds after which the scheduler takes it for lost.
    pub lost_after_seconds: u64,
}

/// Runs a scheduler until the process ends.
///
/// # Errors
/// When the address is taken.
pub async fn scheduler(
    address: SocketAddr,
    external_host: String,
    lost_after_seconds: u64,
    settings: &Arc<Settings>,
) -> Result<()> {
    let registered = functions(settings);
    let build = move |config: SessionConfig| -> datafusion::common::Result<SessionState> {
        let mut state = default_session_builder(config)?;
        for function in &registered {
            state.register_udf(Arc::clone(function))?;
        }
        Ok(state)
    };
    let config = SchedulerConfig {
        bind_host: address.ip().to_string(),
        bind_port: address.port(),
        external_host,
        executor_timeout_seconds: lost_after_seconds,
        no_executors_grace_period_seconds: lost_after_seconds,
        expire_dead_executor_interval_seconds: (lost_after_seconds / SIGNS_OF_LIFE).max(1),
        override_session_builder: Some(Arc::new(build)),
        ..SchedulerConfig::default()
    };
    let cluster = BallistaCluster::new_from_config(&config).await?;
    start_server(cluster, address, Arc::new(config)).await
}

/// Runs an executor until it is told to stop.
///
/// # Errors
/// When it reaches no scheduler, or a port is taken.
pub async fn executor(place: ExecutorPlace, settings: &Arc<Settings>) -> Result<()> {
    std::fs::create_dir_all(&place.work_directory).map_err(BallistaError::from)?;
    let mut registry = BallistaFunctionRegistry::default();
    for function in functions(settings) {
        registry.scalar_functions.insert(function.name().to_owned(), function);
    }
    let external = place.external_host.unwrap_or_else(|| place.host.to_string());
    let config = ExecutorProcessConfig {
        scheduler_host: place.scheduler_host,
        scheduler_port: place.scheduler_port,
        bind_host: place.host.to_string(),
        external_host: Some(external),
        port: place.port,
        grpc_port: place.grpc_port,
        vcores: place.slots,
        work_dir: Some(place.work_directory.display().to_string()),
        scheduler_connect_timeout_seconds: 30,
        executor_heartbeat_interval_seconds: (place.lost_after_seconds / SIGNS_OF_LIFE).max(1),
        override_function_registry: Some(Arc::new(registry)),
        ..ExecutorProcessConfig::default()
    };
    start_executor_process(Arc::new(config)).await
}
