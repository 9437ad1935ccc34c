//! How long a fit of made-up sales takes, how it grows with them, and how long one more month takes.
//!
//! 10,000 to 1 million sales of 20 to 2,000 products over 84 months (`RESIDUA_FIT_SALES` says how many at most; default
//! 100,000) are fitted by the program, whole process, file to model, on one thread and on two; then the sales of an 85th
//! month are taken into the fitted model. `cargo bench --bench fit` prints seconds and sales a second, and the time of the
//! update beside that of a fit anew.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Sales, and products among them.
const SIZES: [(usize, usize); 5] =
    [(10_000, 20), (30_000, 60), (100_000, 200), (300_000, 600), (1_000_000, 2_000)];

const MONTHS: usize = 84;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let most = std::env::var("RESIDUA_FIT_SALES").map_or(100_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (sales, month, catalog) = (path("sales.csv"), path("month.csv"), path("catalog.csv"));
    println!(
        "{:>9} {:>9} {:>22} {:>22} {:>8} {:>12}",
        "sales", "products", "1 thread", "2 threads", "growth", "update"
    );
    let mut before: Option<(usize, f64)> = None;
    for (count, products) in SIZES.into_iter().filter(|(count, _)| *count <= most) {
        write_catalog(&catalog, products);
        write_sales(&sales, count, products, |place| place % MONTHS);
        write_sales(&month, count / MONTHS, products, |_| MONTHS);
        let models = path("models");
        let [one, two] = [1, 2].map(|threads| {
            seconds(fit(&sales, &catalog, &models).env("RAYON_NUM_THREADS", threads.to_string()))
        });
        let update = seconds(fit(&month, &catalog, &path("updated")).arg("--update").arg(&models));
        let told = |seconds: f64| format!("{seconds:>8.2} s {:>7.1} k/s", count as f64 / seconds / 1e3);
        // The power of the number of sales that the time grows with.
        let growth = before.map_or(String::new(), |(fewer, faster)| {
            format!("{:>8.2}", (two / faster).ln() / (count as f64 / fewer as f64).ln())
        });
        println!(
            "{count:>9} {products:>9} {:>22} {:>22} {growth:>8} {:>9.0} ms",
            told(one),
            told(two),
            1e3 * update
        );
        before = Some((count, two));
    }
}

/// A fit of the sales of a file.
fn fit(sales: &Path, catalog: &Path, output: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_residua"));
    command.arg("fit").arg(sales).arg("--catalog").arg(catalog).arg("-o").arg(output).arg("--quiet");
    command
}

fn seconds(command: &mut Command) -> f64 {
    let start = Instant::now();
    assert!(command.stdout(Stdio::null()).status().unwrap().success());
    start.elapsed().as_secs_f64()
}

/// Launch in months before the first sale, and list price.
fn facts(product: usize) -> (usize, f64) {
    (1 + product * 7 % 48, (6.5 + 0.8 * (product as f64 * 1.7).sin()).exp())
}

fn write_catalog(path: &Path, products: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "product,class,vendor,launch_date,list_price,currency").unwrap();
    for product in 0..products {
        let (before, price) = facts(product);
        let launch = 2018 * 12 - before;
        let (year, month) = (launch / 12, launch % 12 + 1);
        writeln!(file, "Vendor X{product:04},gpu,Vendor,{year}-{month:02}-01,{price:.2},USD").unwrap();
    }
    file.flush().unwrap();
}

/// Sales whose prices fall with age at a pace of the product, in a market that goes up and down, with noise of their own.
fn write_sales(path: &Path, count: usize, products: usize, month_of: impl Fn(usize) -> usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "date,product,price,currency,basis,quantity,source").unwrap();
    let mut state = 0x9E37_79B9_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for _ in 0..count {
        let product = (random() * products as f64) as usize;
        let time = month_of((random() * MONTHS as f64) as usize);
        let (before, list) = facts(product);
        let rate = 0.025 + 0.008 * (product as f64 * 2.9).sin();
        let noise = (0..4).map(|_| random() - 0.5).sum::<f64>() * 0.43;
        let market = 0.15 * (time as f64 / 9.0).sin();
        let level = 0.2 * (product as f64 * 5.3).sin();
        let price = list * (level + market + noise - rate * (time + before) as f64).exp();
        let (year, month, day) = (2018 + time / 12, time % 12 + 1, 1 + (random() * 28.0) as usize);
        writeln!(file, "{year}-{month:02}-{day:02},Vendor X{product:04},{price:.2},USD,sold,1,market")
            .unwrap();
    }
    file.flush().unwrap();
}
