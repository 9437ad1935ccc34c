//! A made-up past: lines that were handed over with forecasts, and what settlements said of them.

use jiff::civil::{Date, date};
use residua::catalog::AssetClass;
use residua::outcome::ledger::{Exchange, Settled, SettlementRecord};
use residua::outcome::{
    Disposition, FeesOrder, ForecastMade, HandedOver, Outcome, Overridden, Receipt, Sanitization, Terms,
};
use residua::units::{Currency, Month, Quantiles, SplitMix64};

/// Standard deviation of the log price, as forecast.
const FORECAST_SD: f64 = 0.2;

/// One settlement a month from January 2024 on, of one request each with so many lines. Prices come in below their
/// forecasts (servers by 26 %, grade C by another 18 %) and spread twice as far; of twenty lines one is pending, one
/// disputed and one recycled, and on every tenth somebody put 40 in the forecast's place.
pub(crate) fn past(name: &str, seed: u64, settlements: usize, lines: u32) -> Exchange {
    let mut draws = SplitMix64::new(seed);
    let first: Month = "2024-01".parse().unwrap();
    let mut past = Exchange::default();
    for number in 0..settlements {
        let request = format!("{name}-{number:03}");
        let fingerprint = residua::units::sha256(request.as_bytes());
        let made = first.plus((number % 24) as i32);
        let mut outcomes = Vec::new();
        for line in 1..=lines {
            let handed_over = handed_over(&request, line, made, &mut draws);
            outcomes.push(outcome(&handed_over, &fingerprint, draws.below(20), &mut draws));
            past.hand_overs.push(handed_over);
        }
        let record =
            SettlementRecord { fingerprint, file: format!("{request}.csv"), day: day(made.plus(3), 2) };
        past.settlements.push(Settled { record, outcomes });
    }
    past
}

fn day(month: Month, day: i8) -> Date {
    date(month.year() as i16, month.month() as i8, day)
}

fn handed_over(request: &str, line: u32, made: Month, draws: &mut SplitMix64) -> HandedOver {
    let server = draws.below(3) == 0;
    let middle = if server { 900.0 } else { 180.0 };
    let reach = (1.281_551_565_544_600_4 * FORECAST_SD).exp();
    let gross = Quantiles { mean: 1.02 * middle, p10: middle / reach, p50: middle, p90: middle * reach };
    let net = gross.map_linear(0.65, -0.65 * 15.0);
    let grades = [None, Some("B"), Some("C")];
    HandedOver {
        request: request.into(),
        line,
        asset: format!("{request}/{line}"),
        serial: Some(format!("S{request}{line}")),
        tag: None,
        class: if server { AssetClass::Server } else { AssetClass::Laptop },
        product: if server { "PowerEdge R740" } else { ["Latitude 5420", "ThinkPad T14"][draws.below(2)] }
            .into(),
        quantity: 1,
        grade: grades[draws.below(3)].map(str::to_owned),
        data_bearing: true,
        handed_over: day(made.plus(1), 15),
        route: "resell".into(),
        currency: Currency::USD,
        terms: Terms { share: 0.65, fees: FeesOrder::BeforeSplit },
        forecast: Some(ForecastMade {
            made,
            month: made.plus(2),
            gross,
            net,
            basis: "family".into(),
            model: "residua 0.1.0 models 0123456789ab".into(),
        }),
        overridden: (line % 10 == 0).then(|| Overridden {
            net: 40.0,
            by: "m.keller".into(),
            why: "dealer quote".into(),
        }),
    }
}

fn outcome(line: &HandedOver, fingerprint: &str, end: usize, draws: &mut SplitMix64) -> Outcome {
    let class = if line.class == AssetClass::Server { -0.3 } else { 0.0 };
    let grade = if line.grade.as_deref() == Some("C") { -0.2 } else { 0.0 };
    let middle = line.forecast.as_ref().unwrap().gross.p50;
    let price = middle * (class + grade + 2.0 * FORECAST_SD * draws.normal()).exp();
    let gross = (100.0 * price).round() / 100.0;
    let (disposition, gross) = match end {
        0 => (Disposition::Pending, None),
        1 => (Disposition::Recycled, None),
        _ => (Disposition::Sold, Some(gross)),
    };
    let net = gross.map(|gross| line.terms.net(gross, 15.0));
    Outcome {
        settlement: fingerprint.into(),
        file_line: u64::from(line.line) + 1,
        job: Some(line.request.clone()),
        handed_over: Some((line.request.clone(), line.line)),
        serial: line.serial.clone(),
        tag: None,
        audited_model: Some(line.product.clone()),
        grade: line.grade.clone(),
        receipt: Receipt::Received,
        disposition,
        sanitization: Sanitization::Passed,
        received: Some(line.handed_over),
        sold: gross.map(|_| day(line.forecast.as_ref().unwrap().month, 20)),
        quantity: 1,
        currency: line.currency,
        gross,
        fees: if gross.is_some() { 15.0 } else { 0.0 },
        share_stated: Some(0.65),
        net_stated: net,
        net_agreed: net,
        disputed: end == 2,
    }
}
