//! `residua-cluster`: SQL over registers, plans of them, batches through a pipe, and the processes of a cluster.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::SessionContext;
use residua::units::{Currency, Month};
use residua_cluster::plan::{self, Format};
use residua_cluster::processes::{self, ExecutorPlace};
use residua_cluster::session;
use residua_cluster::setting::{Given, SettingFiles, Settings};

/// Values registers of IT hardware by SQL, and plans them, in one process or on many machines.
#[derive(Debug, Parser)]
#[command(name = "residua-cluster", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer a query over the rows of a register
    Sql(SqlArguments),
    /// Plan a register of any number of files
    Plan(PlanArguments),
    /// Read Arrow batches on standard input, write them with answers on standard output
    Score(SettingArguments),
    /// Write a setting into a folder named by its hash, and print the hash
    Setting(SettingArguments),
    /// Run the scheduler of a cluster
    Scheduler(SchedulerArguments),
    /// Run an executor of a cluster
    Executor(ExecutorArguments),
}

#[derive(Debug, Args)]
struct SettingArguments {
    /// Month from which everything is seen (YYYY-MM); clients: this month, if the policy says none
    #[arg(long, value_name = "YYYY-MM")]
    as_of: Option<Month>,
    /// Directory of fitted models, used in place of the program's own class by class
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Catalog file (CSV) laid over the built-in catalog
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Policy file (TOML)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Currency of the answer, three letters
    #[arg(long)]
    currency: Option<Currency>,
    /// Directory of settings by hash, the same for all machines: clients write theirs, executors read what they are asked for
    #[arg(long, value_name = "DIR")]
    settings: Option<PathBuf>,
    /// Threads that work out answers; default: all cores
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Debug, Args)]
struct PlaceArguments {
    /// Scheduler of the cluster (HOST:PORT); default: this process does it all
    #[arg(long, value_name = "HOST:PORT")]
    scheduler: Option<String>,
    /// Parts a query is cut into; default: twice the cores of this machine
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    partitions: Option<u16>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua-cluster sql 'SELECT site, sum(net_recovery) FROM assets GROUP BY site' \\\n    --register 'data/*.parquet' --as-of 2026-11"
)]
struct SqlArguments {
    /// The query; its tables are `assets` (rows with answers) and `register` (rows as they stand)
    query: String,
    /// The register: a file, folder or pattern, path or URL, Parquet or CSV
    #[arg(long, value_name = "PLACE")]
    register: String,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Print::Table)]
    format: Print,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    setting: SettingArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Print {
    /// Lines and columns
    Table,
    /// CSV with a header
    Csv,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua-cluster plan 'file:///data/2026/*.parquet' -o out --scheduler 10.0.0.1:50050 --as-of 2026-11"
)]
struct PlanArguments {
    /// The register: a file, folder or pattern, path or URL, Parquet or CSV
    register: String,
    /// Directory for the plan, which does not exist yet and which all machines reach under this name
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// How the cluster writes rows
    #[arg(long, value_enum, default_value_t = Rows::Parquet)]
    format: Rows,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    setting: SettingArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rows {
    /// Parquet
    Parquet,
    /// CSV with a header
    Csv,
}

#[derive(Debug, Args)]
struct SchedulerArguments {
    /// Address to listen at
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:50050")]
    listen: SocketAddr,
    /// Name by which others find this machine; default: the address
    #[arg(long, value_name = "NAME")]
    external_host: Option<String>,
    /// Seconds without a sign of life after which an executor is taken for lost
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(2..))]
    lost_after: u64,
    #[command(flatten)]
    setting: SettingArguments,
}

#[derive(Debug, Args)]
struct ExecutorArguments {
    /// Scheduler of the cluster
    #[arg(long, value_name = "HOST:PORT")]
    scheduler: String,
    /// Address to listen at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    listen: IpAddr,
    /// Name by which others find this machine; default: the address
    #[arg(long, value_name = "NAME")]
    external_host: Option<String>,
    /// Port for data
    #[arg(long, default_value_t = 50051)]
    port: u16,
    /// Port for tasks
    #[arg(long, default_value_t = 50052)]
    task_port: u16,
    /// Tasks at one time; default: all cores
    #[arg(long, default_value_t = 0)]
    slots: usize,
    /// Folder for what is on its way between stages; default: one of its own below the system's
    #[arg(long, value_name = "DIR")]
    work_directory: Option<PathBuf>,
    /// Seconds without a sign of life after which the scheduler takes it for lost: as the scheduler has it
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(2..))]
    lost_after: u64,
    #[command(flatten)]
    setting: SettingArguments,
}

impl SettingArguments {
    fn given(&self) -> Given {
        Given {
            as_of: self.as_of,
            currency: self.currency,
            policy: self.policy.clone(),
            catalog: self.catalog.clone(),
            models: self.models.clone(),
        }
    }

    fn use_threads(&self) {
        if let Some(threads) = self.threads {
            // Fails only when a pool exists already, which nothing makes before this.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
        }
    }

    /// The setting of who asks: it is left where executors look for it.
    fn files_of_client(&self) -> anyhow::Result<SettingFiles> {
        let files = match SettingFiles::given(&self.given()) {
            Err(residua_cluster::setting::SettingError::NoMonth) => {
                let this_month = Month::from(jiff::Zoned::now().date());
                SettingFiles::given(&Given { as_of: Some(this_month), ..self.given() })?
            }
            files => files?,
        };
        if let Some(directory) = &self.settings {
            files.write(directory)?;
        }
        Ok(files)
    }

    fn of_client(&self) -> anyhow::Result<Arc<Settings>> {
        self.use_threads();
        let files = self.files_of_client()?;
        Ok(Arc::new(Settings::new(Some(&files), self.settings.clone())?))
    }

    /// The settings of who answers: the own one may be left out where there is a directory of others.
    fn of_server(&self) -> anyhow::Result<Arc<Settings>> {
        self.use_threads();
        let nothing = self.as_of.is_none() && self.policy.is_none();
        let own = match &self.settings {
            Some(_) if nothing => None,
            _ => Some(SettingFiles::given(&self.given())?),
        };
        Ok(Arc::new(Settings::new(own.as_ref(), self.settings.clone())?))
    }
}

impl PlaceArguments {
    async fn session(&self, register: &str, settings: &Arc<Settings>) -> anyhow::Result<SessionContext> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let partitions = self.partitions.map_or(2 * cores, usize::from);
        let context = session::session(self.scheduler.as_deref(), partitions, settings).await?;
        session::register(&context, register, settings)
            .await
            .with_context(|| format!("cannot use the register {register}"))?;
        Ok(context)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    match Arguments::parse().command {
        Command::Sql(arguments) => sql(arguments).await,
        Command::Plan(arguments) => plan_register(arguments).await,
        Command::Score(setting) => score(&setting),
        Command::Setting(setting) => {
            let directory = setting.settings.as_ref().context("name a directory with --settings")?;
            println!("{}", setting.files_of_client()?.hash());
            eprintln!("wrote it below {}", directory.display());
            Ok(())
        }
        Command::Scheduler(arguments) => {
            let settings = arguments.setting.of_server()?;
            let name = arguments.external_host.unwrap_or_else(|| arguments.listen.ip().to_string());
            Ok(processes::scheduler(arguments.listen, name, arguments.lost_after, &settings).await?)
        }
        Command::Executor(arguments) => executor(arguments).await,
    }
}

async fn sql(arguments: SqlArguments) -> anyhow::Result<()> {
    let settings = arguments.setting.of_client()?;
    let context = arguments.place.session(&arguments.register, &settings).await?;
    let frame = context.sql(&arguments.query).await?;
    let schema = Arc::clone(frame.schema().inner());
    let mut batches = frame.collect().await?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    let mut output = std::io::stdout().lock();
    match arguments.format {
        Print::Table => writeln!(output, "{}", pretty_format_batches(&batches)?)?,
        Print::Csv => {
            let mut writer = WriterBuilder::new().with_header(true).build(&mut output);
            for batch in &batches {
                writer.write(batch)?;
            }
        }
    }
    Ok(())
}

async fn plan_register(arguments: PlanArguments) -> anyhow::Result<()> {
    let settings = arguments.setting.of_client()?;
    let context = arguments.place.session(&arguments.register, &settings).await?;
    let format = match arguments.format {
        Rows::Parquet => Format::Parquet,
        Rows::Csv => Format::Csv,
    };
    let made = plan::plan(&context, &settings, &arguments.register, &arguments.output, format).await?;
    eprintln!(
        "rows: {}, kinds: {}, cohorts: {}; wrote them to {}",
        made.rows,
        made.kinds,
        made.cohorts,
        arguments.output.display()
    );
    Ok(())
}

fn score(setting: &SettingArguments) -> anyhow::Result<()> {
    let settings = setting.of_client()?;
    let scorer = settings.scorer(None)?;
    let reader =
        StreamReader::try_new(std::io::stdin().lock(), None).context("standard input is no Arrow stream")?;
    let empty = scorer.score(&RecordBatch::new_empty(reader.schema()))?;
    let mut writer = StreamWriter::try_new(std::io::stdout().lock(), &empty.schema())?;
    for batch in reader {
        writer.write(&scorer.score(&batch?)?)?;
        // Whoever pipes batch by batch waits for this one.
        writer.flush()?;
    }
    writer.finish()?;
    Ok(())
}

async fn executor(arguments: ExecutorArguments) -> anyhow::Result<()> {
    let settings = arguments.setting.of_server()?;
    let (host, port) = arguments.scheduler.rsplit_once(':').context("--scheduler is HOST:PORT")?;
    let own = || std::env::temp_dir().join(format!("residua-executor-{}", std::process::id()));
    let place = ExecutorPlace {
        scheduler_host: host.to_owned(),
        scheduler_port: port.parse().context("--scheduler is HOST:PORT")?,
        host: arguments.listen,
        external_host: arguments.external_host,
        port: arguments.port,
        grpc_port: arguments.task_port,
        slots: arguments.slots,
        work_directory: arguments.work_directory.unwrap_or_else(own),
        lost_after_seconds: arguments.lost_after,
    };
    Ok(processes::executor(place, &settings).await?)
}
