//! What the tests share: a register in several files, the single machine's answers to it, and processes on loopback.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The month all tests look from.
pub const AS_OF: &str = "2026-11";

/// The header of registers.
pub const HEADER: &str =
    "asset_id,serial,model,class,purchase_date,purchase_cost,currency,site,quantity,last_seen,status,grade\n";

/// Rows of a register, sorted by name: some of several units, some without a date, some wrong. `costs` makes more kinds.
pub fn rows(from: usize, to: usize, costs: usize) -> String {
    let products = [
        ("Dell Latitude 5430", "laptop", 1389),
        ("Lenovo ThinkPad T480", "laptop", 1250),
        ("Dell PowerEdge R640", "server", 7400),
        ("NVIDIA A100 PCIe 40GB", "gpu", 9800),
        ("Whitebox 2U", "server", 3100),
    ];
    let mut text = String::new();
    for row in from..to {
        let (model, class, cost) = products[row * 7 % 11 % products.len()];
        let date = match row % 13 {
            0 => String::new(),
            month => format!("{}-{month:02}-15", 2019 + row % 5),
        };
        let quantity = if row % 17 == 3 { "3" } else { "1" };
        let cost = if row % 101 == 50 { "-5".to_owned() } else { format!("{}.50", cost + row % costs) };
        let site = ["Berlin", "\"Austin, TX\"", "Manchester"][row / 3 % 3];
        // A sighting tells the age of a unit without a date of purchase.
        let seen = if row % 13 == 0 { format!("2026-10-{:02}", 1 + row % 28) } else { String::new() };
        let status = if row % 29 == 0 { "disposed" } else { "in use" };
        let grade = ["A", "B", ""][row % 3];
        writeln!(
            text,
            "T{row:06},S{row:06},{model},{class},{date},{cost},USD,{site},{quantity},{seen},{status},{grade}"
        )
        .unwrap();
    }
    text
}

/// A register of CSV files below a folder, and the whole of it in one file beside.
pub struct Register {
    /// The pattern of the files.
    pub pattern: String,
    /// All rows in one file.
    pub whole: PathBuf,
}

/// Writes a register in so many files.
pub fn register(folder: &Path, count: usize, files: usize, costs: usize) -> Register {
    let parts = folder.join("parts");
    std::fs::create_dir(&parts).unwrap();
    let each = count.div_ceil(files);
    let mut whole = HEADER.to_owned();
    for file in 0..files {
        let rows = rows(file * each, count.min((file + 1) * each), costs);
        whole += &rows;
        std::fs::write(parts.join(format!("{file:02}.csv")), format!("{HEADER}{rows}")).unwrap();
    }
    let path = folder.join("register.csv");
    std::fs::write(&path, whole).unwrap();
    Register { pattern: format!("{}/*.csv", parts.display()), whole: path }
}

/// `plan.csv` of the single machine, as rows by name of column.
pub fn single_machine(register: &Path) -> Vec<BTreeMap<String, String>> {
    let policy = residua::decide::Policy::built_in();
    let as_of: residua::units::Month = AS_OF.parse().unwrap();
    let catalog = residua::catalog::built_in().unwrap();
    let models = residua::price::Models::built_in().unwrap();
    let profiles = residua::fleet::Profiles::built_in();
    let setting = residua::decide::Setting::new(policy, None, as_of, models, catalog, profiles).unwrap();
    let bytes = std::fs::read(register).unwrap();
    let fleet = residua::fleet::read_text("register.csv", &bytes, &setting.read_options()).unwrap();
    let plan = residua::decide::plan(&setting.plan_input(&fleet)).unwrap();
    let table = residua::report::plan_table(&plan, &fleet, &setting.catalog).to_csv();
    csv_rows(&table)
}

/// Rows of CSV by name of column.
pub fn csv_rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(bytes).deserialize().map(|row| row.unwrap()).collect()
}

/// An amount in cents.
pub fn cents(text: &str) -> i64 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "00"));
    sign * (whole.parse::<i64>().unwrap() * 100 + format!("{decimals:0<2}").parse::<i64>().unwrap())
}

/// The program.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_residua-cluster"))
}

/// What a run of the program writes to standard output.
pub fn output_of(arguments: &[&str]) -> Vec<u8> {
    let run = program().args(arguments).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    run.stdout
}

/// A process that ends with the test.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One scheduler and its executors, each of one task at a time.
pub struct Cluster {
    /// Address of the scheduler.
    pub scheduler: String,
    /// The executors.
    pub executors: Vec<Process>,
    _scheduler: Process,
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing listens at {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Starts a cluster; what its processes say goes to files in a folder.
pub fn cluster(folder: &Path, executors: usize, setting: &[&str]) -> Cluster {
    let log = |name: &str| Stdio::from(std::fs::File::create(folder.join(format!("{name}.log"))).unwrap());
    let port = free_port();
    let scheduler = format!("127.0.0.1:{port}");
    let process = program()
        .args(["scheduler", "--lost-after", "4", "--listen", &scheduler])
        .args(setting)
        .stderr(log("scheduler"))
        .spawn()
        .unwrap();
    let process = Process(process);
    wait_for(port);
    let start = |number: usize| {
        let (port, task_port) = (free_port(), free_port());
        let child = program()
            .args([
                "executor",
                "--lost-after",
                "4",
                "--slots",
                "1",
                "--threads",
                "1",
                "--scheduler",
                &scheduler,
            ])
            .args(["--port", &port.to_string(), "--task-port", &task_port.to_string(), "--work-directory"])
            .arg(folder.join(format!("work-{number}")))
            .args(setting)
            .stderr(log(&format!("executor-{number}")))
            .spawn()
            .unwrap();
        wait_for(task_port);
        Process(child)
    };
    let executors = (0..executors).map(start).collect();
    Cluster { scheduler, executors, _scheduler: process }
}
