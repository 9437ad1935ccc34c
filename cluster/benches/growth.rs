//! How a query grows with executors: the same one on one and on two, each of one task and one thread.
//!
//! `cargo bench --bench growth` prints seconds and the ratio. Registers are made anew, and every run has executors that remember
//! nothing. `RESIDUA_CLUSTER_ROWS` and `RESIDUA_CLUSTER_KINDS` set the size of the register.

#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::{AS_OF, cluster, output_of, register};

const QUERY: &str = "SELECT site, sum(net_recovery) AS net FROM assets GROUP BY site ORDER BY site";

fn from_environment(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn main() {
    let rows = from_environment("RESIDUA_CLUSTER_ROWS", 20_000);
    let costs = from_environment("RESIDUA_CLUSTER_KINDS", 4_000);
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), rows, 16, costs);
    println!("{rows} rows, purchase costs of {costs} kinds");
    println!("{:>9}  {:>10}  {:>10}", "executors", "first, s", "again, s");
    let mut first_of_one = None;
    let mut answer = None;
    for executors in [1, 2] {
        let logs = tempfile::tempdir().unwrap();
        let cluster = cluster(logs.path(), executors, &["--as-of", AS_OF]);
        let run = || {
            let begin = Instant::now();
            let output = output_of(&[
                "sql",
                QUERY,
                "--format",
                "csv",
                "--register",
                &register.pattern,
                "--as-of",
                AS_OF,
                "--scheduler",
                &cluster.scheduler,
                "--partitions",
                "16",
            ]);
            (begin.elapsed().as_secs_f64(), output)
        };
        let ((first, output), (again, same)) = (run(), run());
        assert!(output == same && answer.get_or_insert_with(|| output.clone()) == &output, "other bytes");
        println!("{executors:>9}  {first:>10.2}  {again:>10.2}");
        match first_of_one {
            None => first_of_one = Some(first),
            Some(one) => println!("two are {:.2} times as fast as one, at 2 the most", one / first),
        }
    }
}
