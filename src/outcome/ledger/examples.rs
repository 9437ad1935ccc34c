//! Records that tests of the ledger share.

use jiff::civil::date;

use super::SettlementRecord;
use crate::catalog::AssetClass;
use crate::market::{Basis, Observation};
use crate::outcome::{
    Disposition, FeesOrder, ForecastMade, HandedOver, Outcome, Overridden, Receipt, Sanitization, Terms,
};
use crate::units::{Currency, Quantiles};

/// A laptop handed over with a forecast of 100 gross.
pub(super) fn handed_over(request: &str, line: u32) -> HandedOver {
    HandedOver {
        request: request.into(),
        line,
        asset: format!("A{line}"),
        serial: Some(format!("S{line}")),
        tag: None,
        class: AssetClass::Laptop,
        product: "Dell Latitude 5430".into(),
        quantity: 1,
        grade: Some("B".into()),
        data_bearing: true,
        handed_over: date(2026, 3, 15),
        route: "resell".into(),
        currency: Currency::USD,
        terms: Terms { share: 0.65, fees: FeesOrder::BeforeSplit },
        forecast: Some(ForecastMade {
            made: "2026-02".parse().unwrap(),
            month: "2026-04".parse().unwrap(),
            gross: Quantiles { mean: 104.0, p10: 70.0, p50: 100.0, p90: 142.857_142_857_142_85 },
            net: Quantiles { mean: 57.8, p10: 35.7, p50: 55.2, p90: 83.1 },
            basis: "family".into(),
            model: "residua 0.1.0 0123456789ab".into(),
        }),
        overridden: None,
    }
}

pub(super) fn overridden(net: f64) -> Overridden {
    Overridden { net, by: "m.keller".into(), why: "dealer quote".into() }
}

pub(super) fn settlement(fingerprint: &str) -> SettlementRecord {
    SettlementRecord { fingerprint: fingerprint.into(), file: "march.csv".into(), day: date(2026, 5, 2) }
}

/// The line, sold whole for a gross price.
pub(super) fn sold(line: &HandedOver, settlement: &str, gross: f64) -> Outcome {
    let fees = 15.0;
    let net = line.terms.net(gross, fees);
    Outcome {
        settlement: settlement.into(),
        file_line: 2,
        job: Some("J-7".into()),
        handed_over: Some((line.request.clone(), line.line)),
        serial: line.serial.clone(),
        tag: None,
        audited_model: Some("Latitude 5430".into()),
        grade: Some("C".into()),
        receipt: Receipt::Received,
        disposition: Disposition::Sold,
        sanitization: Sanitization::Passed,
        received: Some(date(2026, 3, 20)),
        sold: Some(date(2026, 4, 11)),
        quantity: line.quantity,
        currency: line.currency,
        gross: Some(gross),
        fees,
        share_stated: Some(0.65),
        net_stated: Some(net),
        net_agreed: Some(net),
        disputed: false,
    }
}

/// The line, not sold yet.
pub(super) fn pending(line: &HandedOver, settlement: &str) -> Outcome {
    Outcome {
        disposition: Disposition::Pending,
        sold: None,
        gross: None,
        fees: 0.0,
        net_stated: None,
        net_agreed: None,
        ..sold(line, settlement, 0.0)
    }
}

pub(super) fn observation(month: &str, price: f64) -> Observation {
    Observation {
        month: month.parse().unwrap(),
        product: "RTX A5000 24GB".into(),
        name: "RTX A5000".into(),
        variant: String::new(),
        class: Some(AssetClass::Gpu),
        price,
        currency: Currency::USD,
        basis: Basis::Sold,
        grade: "used".into(),
        quantity: Some(12.0),
        configuration: String::new(),
        source: "shop".into(),
        flagged: false,
    }
}
