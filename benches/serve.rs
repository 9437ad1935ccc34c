//! How fast `residua serve` answers many planners at once, and whether its memory stays flat.
//!
//! 64 planners work on a register of 10,000 assets, once in few cohorts (the sample repeated) and once in many (other costs,
//! months, sites and conditions at some of the repetitions). Each keeps a connection, looks at what it got for two to ten
//! seconds, and turns one of the seven figures to a value drawn anew; now and then it turns all back. What is timed is what a slider waits for: the request of the part of the page that it redraws, from
//! the first byte sent to the last one read. All run on the machine of the server and share its processors.
//!
//! `cargo bench --bench serve` runs each register for `RESIDUA_SERVE_SECONDS` (default 600) and prints, for every minute, the
//! moves, their times (median, 90, 99 and 99.9 of 100, the longest), the processors used, and the memory of the server. Moves
//! under a capacity, which asks for a schedule, are told apart.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use common::register;
use residua::scenario::DIALS;
use residua::units::SplitMix64;

/// People at work at once.
const PLANNERS: u64 = 64;

/// Assets of their register.
const ASSETS: usize = 10_000;

/// Shortest and longest look at an answer, seconds.
const LOOK_SECONDS: (f64, f64) = (2.0, 10.0);

/// Clock ticks of a second in `/proc/PID/stat`, as Linux has it on every common machine.
const TICKS: f64 = 100.0;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let seconds = std::env::var("RESIDUA_SERVE_SECONDS").map_or(600, |text| text.parse().unwrap());
    for variants in [1, 4] {
        run(variants, Duration::from_secs(seconds));
    }
}

fn run(variants: usize, time: Duration) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("register.csv");
    std::fs::write(&path, register(ASSETS, variants)).unwrap();
    let started = Instant::now();
    let server = Server::of(path.to_str().unwrap());
    println!(
        "{ASSETS} assets, every repetition of the sample one of {variants}: ready after {:.1} s, {:.0} MiB",
        started.elapsed().as_secs_f64(),
        server.memory()
    );
    let moves = Mutex::new(Vec::new());
    let start = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..PLANNERS {
            let (server, moves) = (&server, &moves);
            scope.spawn(move || plan(&server.address, number, start + time, moves));
        }
        let (mut minute, mut used) = (0, server.processor_seconds());
        let mut all: Vec<Move> = Vec::new();
        while start.elapsed() < time {
            let next = Duration::from_secs(60 * (minute + 1)).min(time);
            std::thread::sleep(next.saturating_sub(start.elapsed()));
            let times = std::mem::take(&mut *moves.lock().unwrap());
            let now = server.processor_seconds();
            minute += 1;
            tell(&format!("minute {minute}"), &times, &|_| true);
            println!("    {:.2} processors, {:.0} MiB", (now - used) / 60.0, server.memory());
            used = now;
            all.extend(times);
        }
        tell("all", &all, &|_| true);
        tell("all without a capacity", &all, &|one| !one.under_capacity);
        tell("all under a capacity", &all, &|one| one.under_capacity);
    });
}

/// A move and how long it took.
#[derive(Debug, Clone, Copy)]
struct Move {
    seconds: f64,
    under_capacity: bool,
}

fn tell(name: &str, moves: &[Move], counts: &dyn Fn(&Move) -> bool) {
    let mut times: Vec<f64> = moves.iter().filter(|one| counts(one)).map(|one| one.seconds).collect();
    if times.is_empty() {
        return;
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| 1e3 * times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "  {name}: {} moves, {:.0} ms median, {:.0} ms p90, {:.0} ms p99, {:.0} ms p99.9, {:.0} ms longest",
        times.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        at(1.0)
    );
}

/// One planner until the end. Figures once turned stay so until all are turned back: hardly a scenario is asked for twice.
fn plan(address: &str, number: u64, end: Instant, moves: &Mutex<Vec<Move>>) {
    let mut random = SplitMix64::new(number);
    let mut connection = Connection::to(address);
    let mut turned: [Option<i64>; DIALS.len()] = [None; DIALS.len()];
    let look = |random: &mut SplitMix64| {
        let (shortest, longest) = LOOK_SECONDS;
        Duration::from_secs_f64(shortest + (longest - shortest) * random.uniform())
    };
    // They do not all come in the same moment.
    std::thread::sleep(look(&mut random));
    while Instant::now() < end {
        match random.below(10) {
            0 => turned = [None; DIALS.len()],
            _ => {
                let place = random.below(DIALS.len());
                let dial = DIALS[place];
                let steps = |value: f64| (value * dial.steps_per_unit as f64).round() as i64;
                let (least, most) = (steps(dial.least), steps(dial.most));
                turned[place] = Some(least + random.below((most - least + 1) as usize) as i64);
            }
        }
        let query: Vec<String> = DIALS
            .iter()
            .zip(turned)
            .filter_map(|(dial, steps)| Some(format!("{}={}", dial.key, dial.text(steps?))))
            .collect();
        let start = Instant::now();
        let status = connection.get(&format!("/fleet/main/part?{}", query.join("&")));
        let seconds = start.elapsed().as_secs_f64();
        let under_capacity = query.iter().any(|figure| figure.starts_with("capacity="));
        moves.lock().unwrap().push(Move { seconds, under_capacity });
        assert_eq!(status, 200, "{query:?}");
        std::thread::sleep(look(&mut random));
    }
}

/// A connection that is kept.
struct Connection {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn to(address: &str) -> Connection {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { address: address.to_owned(), stream: BufReader::new(stream) }
    }

    /// Asks for a page and reads all of it; its status.
    fn get(&mut self, path: &str) -> u16 {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            }
            if let Some(rest) = line.to_lowercase().strip_prefix("content-length:") {
                length = rest.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        status
    }
}

/// `residua serve` on a free port; it ends with this value.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn of(register: &str) -> Server {
        let mut process = Command::new(env!("CARGO_BIN_EXE_residua"))
            .args(["serve", register, "--as-of", "2026-11", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.split_once("http://").map(|(_, rest)| rest.to_owned()));
        let address = address.unwrap().trim_end_matches('/').to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Server { process, address }
    }

    /// Resident memory, MiB.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Processor time used so far, seconds.
    fn processor_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let after_name = stat.rsplit_once(") ").unwrap().1;
        let ticks: Vec<f64> =
            after_name.split_whitespace().skip(11).take(2).map(|field| field.parse().unwrap()).collect();
        ticks.iter().sum::<f64>() / TICKS
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
