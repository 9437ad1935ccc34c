//! How fast `residua serve` answers many planners at once, and whether its memory stays flat.
//!
//! 64 planners work on a register of 10,000 assets, once in few cohorts (the sample repeated) and once in many (other costs,
//! months, sites and conditions at some of the repetitions). Each keeps a connection, looks at what it got for two to ten
//! seconds, or ten to thirty, and turns one of the seven figures to a value drawn anew; now and then it turns all back. What
//! is timed is what a slider waits for: the request of the part of the page that it redraws, from the first byte sent to the last one read.
//! All run on the machine of the server and share its processors.
//!
//! `cargo bench --bench serve` runs each of the four for `RESIDUA_SERVE_SECONDS` (default 600) and prints, for every minute, the
//! moves, their times (median, 90, 99 and 99.9 of 100, the longest), the processors used, and the memory of the server. Moves
//! under a capacity, which asks for a schedule, are told apart.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;
// The tests' server; what else they ask of it is not asked here.
#[allow(dead_code)]
#[path = "../tests/common/served.rs"]
mod served;

use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use common::register;
use residua::scenario::DIALS;
use residua::units::SplitMix64;
use served::Served;
use ureq::Agent;

/// People at work at once.
const PLANNERS: u64 = 64;

/// Assets of their register.
const ASSETS: usize = 10_000;

/// Shortest and longest look at an answer, seconds: those who try what a slider does, and those who read what comes of it.
const LOOKS_SECONDS: [(f64, f64); 2] = [(2.0, 10.0), (10.0, 30.0)];

/// Clock ticks of a second in `/proc/PID/stat`, as Linux has it on every common machine.
const TICKS: f64 = 100.0;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let seconds = std::env::var("RESIDUA_SERVE_SECONDS").map_or(600, |text| text.parse().unwrap());
    for variants in [1, 4] {
        for look in LOOKS_SECONDS {
            run(variants, look, Duration::from_secs(seconds));
        }
    }
}

/// The binary that is measured.
fn residua() -> Command {
    Command::new(env!("CARGO_BIN_EXE_residua"))
}

fn run(variants: usize, look: (f64, f64), time: Duration) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("register.csv");
    std::fs::write(&path, register(ASSETS, variants)).unwrap();
    let started = Instant::now();
    let served = Served::with(&[path.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    let server = Watched(&served);
    println!(
        "{ASSETS} assets, every repetition of the sample one of {variants}; looks of {} to {} s: ready after {:.1} s, {:.0} MiB",
        look.0,
        look.1,
        started.elapsed().as_secs_f64(),
        server.memory()
    );
    let moves = Mutex::new(Vec::new());
    let start = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..PLANNERS {
            let (served, moves) = (&served, &moves);
            scope.spawn(move || plan(&served.origin, number, look, start + time, moves));
        }
        let (mut minute, mut since, mut used) = (0, start, server.processor_seconds());
        let mut all: Vec<Move> = Vec::new();
        while start.elapsed() < time {
            let next = Duration::from_secs(60 * (minute + 1)).min(time);
            std::thread::sleep(next.saturating_sub(start.elapsed()));
            let times = std::mem::take(&mut *moves.lock().unwrap());
            let now = server.processor_seconds();
            minute += 1;
            tell(&format!("minute {minute}"), &times, &|_| true);
            let processors = (now - used) / since.elapsed().as_secs_f64();
            println!("    {processors:.2} processors, {:.0} MiB", server.memory());
            (since, used) = (Instant::now(), now);
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
fn plan(origin: &str, number: u64, (shortest, longest): (f64, f64), end: Instant, moves: &Mutex<Vec<Move>>) {
    let mut random = SplitMix64::new(number);
    let agent = Agent::new_with_defaults();
    let mut turned: [Option<i64>; DIALS.len()] = [None; DIALS.len()];
    let look =
        |random: &mut SplitMix64| Duration::from_secs_f64(shortest + (longest - shortest) * random.uniform());
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
        let mut answer = agent.get(format!("{origin}/fleet/main/part?{}", query.join("&"))).call().unwrap();
        answer.body_mut().read_to_vec().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let under_capacity = query.iter().any(|figure| figure.starts_with("capacity="));
        moves.lock().unwrap().push(Move { seconds, under_capacity });
        std::thread::sleep(look(&mut random));
    }
}

/// The server as the system sees it.
struct Watched<'a>(&'a Served);

impl Watched<'_> {
    fn told(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.0.process_id())).unwrap()
    }

    /// Resident memory, MiB.
    fn memory(&self) -> f64 {
        let status = self.told("status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Processor time used so far, seconds.
    fn processor_seconds(&self) -> f64 {
        let stat = self.told("stat");
        let after_name = stat.rsplit_once(") ").unwrap().1;
        let ticks: Vec<f64> =
            after_name.split_whitespace().skip(11).take(2).map(|field| field.parse().unwrap()).collect();
        ticks.iter().sum::<f64>() / TICKS
    }
}
