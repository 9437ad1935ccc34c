//! How fast prices are fitted and forecast: a made-up market of 60 products and 48 months.
//!
//! `cargo bench --bench price` prints the time of a fit of the followed prices (index model at every month, replay of the
//! rule at every lag), of a backtest from 16 origins with its six rivals, and of one product's forecast to 60 months.

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use residua::catalog::{AssetClass, Catalog, Product};
use residua::market::{Basis, FollowedMarket, FollowedMonth, FollowedSeries};
use residua::price::backtest::{Settings, backtest, card};
use residua::price::followed::FollowedPrices;
use residua::price::parts::Configuration;
use residua::price::{ClassModel, Fitted, Models, Subject, forecast};
use residua::units::{Currency, ExchangeRates, Month};

const PRODUCTS: usize = 60;
const MONTHS: i32 = 48;

fn market() -> FollowedMarket {
    let first: Month = "2020-01".parse().unwrap();
    let ln_price = |product: usize, month: i32| {
        let (item, time) = (product as f64, f64::from(month));
        6.0 + 0.01 * item - 0.02 * time + 0.2 * (time / 6.0).sin() + 0.04 * (item * 1.3 + time).sin()
    };
    FollowedMarket {
        class: AssetClass::Gpu,
        basis: Basis::Sold,
        currency: Currency::USD,
        source: "bench".into(),
        series: (0..PRODUCTS)
            .map(|product| FollowedSeries {
                product: format!("Card {product}"),
                variant: String::new(),
                grade: String::new(),
                known_as: None,
                months: (0..MONTHS)
                    .map(|month| FollowedMonth {
                        month: first.plus(month),
                        ln_price: ln_price(product, month),
                        quantity: Some(20.0),
                    })
                    .collect(),
            })
            .collect(),
    }
}

/// A catalog that knows list price and launch of every card, so that the index model has its say.
fn catalog(market: &mut FollowedMarket) -> Catalog {
    let header = include_str!("../data/catalog/gpu.csv").lines().next().unwrap();
    let columns: Vec<&str> = header.split(',').collect();
    let row = |product: usize| {
        let cell = |column: &&str| match *column {
            "product" => format!("Card {product}"),
            "class" => "gpu".into(),
            "vendor" => "NVIDIA".into(),
            "family" => "GeForce".into(),
            "launch_date" => format!("2019-{:02}", product % 12 + 1),
            "list_price" => format!("{}", 400 + 10 * product),
            "currency" => "USD".into(),
            "memory_gb" => "8".into(),
            _ => String::new(),
        };
        columns.iter().map(cell).collect::<Vec<_>>().join(",")
    };
    let text = (0..PRODUCTS).fold(header.to_owned(), |text, product| text + "\n" + &row(product));
    let products: Vec<Product> = residua::catalog::read_catalog("bench.csv", &text).unwrap();
    let catalog = Catalog::new(products);
    for series in &mut market.series {
        series.known_as = catalog.by_name(&series.product).map(|found| found.0);
    }
    catalog
}

fn price(criterion: &mut Criterion) {
    let mut market = market();
    let catalog = catalog(&mut market);
    let rates = ExchangeRates::built_in();
    let mut group = criterion.benchmark_group("price");
    group.sample_size(10);
    group.bench_function("fit of followed prices", |bencher| {
        bencher.iter(|| FollowedPrices::fit(&market, &catalog, &rates).unwrap());
    });
    let settings = Settings { step_months: 2, first_origin: "2021-01".parse().ok(), ..Settings::default() };
    group.bench_function("backtest", |bencher| {
        bencher.iter(|| backtest(&market, &catalog, &rates, &settings).unwrap());
    });
    let prices = FollowedPrices::fit(&market, &catalog, &rates).unwrap().unwrap();
    let mut model =
        ClassModel::new(AssetClass::Gpu, card::card_of(std::slice::from_ref(&market)), Fitted::Followed);
    model.followed.push(prices);
    let folder = std::env::temp_dir().join("residua_bench_models");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("gpu.json"), model.to_json().unwrap()).unwrap();
    let models = Models::from_directory(&folder).unwrap();
    let (_, product) = catalog.by_name("Card 7").unwrap();
    let subject = Subject {
        class: AssetClass::Gpu,
        product: Some(product),
        successor_launch: None,
        cost_usd: None,
        cost_from_siblings: false,
        acquired: None,
        grade: None,
        accelerators: None,
        configuration: Configuration::default(),
    };
    group.bench_function("forecast of one product to 60 months", |bencher| {
        bencher.iter(|| forecast(&models, &subject, "2023-12".parse().unwrap(), 60).unwrap());
    });
    group.finish();
}

criterion_group!(benches, price);
criterion_main!(benches);
