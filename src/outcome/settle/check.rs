//! One line held against its hand-over.
//!
//! In: a [`Piece`] of a line, what was agreed, what the erasure report says. Out: the [`Outcome`] that is filed, and every
//! difference with the sentence to write. Amounts of a piece are the line's, by its share of the units. Whether it is the unit
//! that was sent looks [`super::check_unit`], what became of its data [`super::check_data`].

use super::difference::{Difference, DifferenceKind as Kind};
use super::erasure::ErasureReport;
use super::line::{Fee, SettlementLine};
use super::money::{self, Recomputed, Stated, cents};
use super::pairs::{MatchedBy, Piece};
use super::read::Settlement;
use super::same_model::{Likeness, Models};
use super::{Agreed, SettledLine};
use crate::outcome::{Disposition, FeesOrder, HandedOver, Outcome, Receipt, Sanitization, Terms};
use crate::units::{Currency, Money};

/// A piece that was checked.
pub(super) struct Checked {
    pub line: SettledLine,
    pub differences: Vec<Difference>,
}

impl Checked {
    /// Whether anything of it is disputed.
    pub(super) fn disputes(&self) -> bool {
        self.differences.iter().any(|difference| difference.kind.is_dispute())
    }
}

/// A piece in its context while it is checked.
pub(super) struct Checker<'a> {
    pub(super) told: &'a SettlementLine,
    pub(super) piece: &'a Piece,
    /// Line of the file that had taken the unit before.
    earlier: Option<u64>,
    pub(super) handed: Option<&'a HandedOver>,
    pub(super) agreed: &'a Agreed<'a>,
    pub(super) models: &'a Models<'a>,
    unit: String,
    pub(super) currency: Currency,
    pub(super) gross: Option<f64>,
    fees: Vec<Fee>,
    pub(super) net: Option<f64>,
    differences: Vec<Difference>,
}

/// Checks one piece.
pub(super) fn check(
    settlement: &Settlement,
    piece: &Piece,
    erasure: Option<&ErasureReport>,
    agreed: &Agreed<'_>,
    models: &Models<'_>,
    statement: Currency,
) -> Checked {
    let told = &settlement.lines[piece.line];
    let handed = piece.handed.map(|(at, _)| &agreed.handed[at]);
    let part = piece.units as f64 / told.quantity as f64;
    let scaled = |amount: f64| if piece.units == told.quantity { amount } else { cents(amount * part) };
    let fees = told.fees.iter().map(|fee| Fee { kind: fee.kind.clone(), amount: scaled(fee.amount) });
    let mut checker = Checker {
        told,
        piece,
        earlier: piece.twice.map(|line| settlement.lines[line].file_line),
        handed,
        agreed,
        models,
        unit: unit_name(told),
        currency: told.currency.unwrap_or(statement),
        gross: told.gross.map(scaled),
        fees: fees.collect(),
        net: told.net.map(scaled),
        differences: Vec::new(),
    };
    let receipt = checker.receipt();
    let sanitization = checker.erasure(erasure);
    let net_agreed = match handed {
        Some(handed) => checker.against(handed, receipt, sanitization),
        None => {
            checker.without_hand_over();
            None
        }
    };
    checker.by_itself();
    checker.finish(&settlement.sha256, receipt, sanitization, net_agreed)
}

/// `7XK2LM3 (DELL LATITUDE 5430)`.
fn unit_name(told: &SettlementLine) -> String {
    let name = told.serial.as_ref().or(told.tag.as_ref());
    match (name, &told.model) {
        (Some(name), Some(model)) => format!("{name} ({model})"),
        (Some(name), None) => name.clone(),
        (None, Some(model)) if told.quantity > 1 => format!("{} × {model}", told.quantity),
        (None, Some(model)) => model.clone(),
        (None, None) => "a charge without a unit".to_owned(),
    }
}

impl Checker<'_> {
    fn finish(
        self,
        settlement: &str,
        receipt: Receipt,
        sanitization: Sanitization,
        net_agreed: Option<f64>,
    ) -> Checked {
        let told = self.told;
        let outcome = Outcome {
            settlement: settlement.to_owned(),
            file_line: told.file_line,
            job: told.job.clone(),
            handed_over: self.handed.map(|handed| (handed.request.clone(), handed.line)),
            serial: told.serial.clone(),
            tag: told.tag.clone(),
            audited_model: told.model.clone(),
            grade: told.grade.clone().or_else(|| told.codes.clone()),
            receipt,
            disposition: told.disposition,
            sanitization,
            received: told.received,
            sold: told.sold,
            quantity: self.piece.units,
            currency: self.currency,
            gross: self.gross,
            fees: cents(self.fees.iter().map(|fee| fee.amount).sum()),
            share_stated: told.share,
            net_stated: self.net,
            net_agreed,
            disputed: self.differences.iter().any(|difference| difference.kind.is_dispute()),
        };
        let line = SettledLine {
            outcome,
            matched_by: self.piece.handed.map(|(_, by)| by),
            is_part: self.piece.is_part,
            is_twice: self.piece.twice.is_some(),
        };
        Checked { line, differences: self.differences }
    }

    pub(super) fn tell(
        &mut self,
        kind: Kind,
        expected: String,
        stated: String,
        stake: Option<f64>,
        sentence: String,
    ) {
        self.differences.push(Difference {
            kind,
            file_line: Some(self.told.file_line),
            handed_over: self.handed.map(|handed| (handed.request.clone(), handed.line)),
            unit: self.unit.clone(),
            expected,
            stated,
            stake: stake.map(cents),
            currency: self.currency,
            sentence: format!("Line {}, {}: {sentence}", self.told.file_line, self.unit),
        });
    }

    pub(super) fn money(&self, amount: f64) -> String {
        Money::from_major(amount, self.currency)
            .map_or_else(|_| amount.to_string(), |money| money.to_string())
    }

    fn receipt(&self) -> Receipt {
        match (self.handed, self.told.receipt) {
            (None, _) => Receipt::Extra,
            (Some(_), Some(receipt @ (Receipt::NotReceived | Receipt::Substituted))) => receipt,
            (Some(handed), _) if self.likeness(handed) == Likeness::Other && !self.piece.is_part => {
                Receipt::Substituted
            }
            (Some(_), _) => Receipt::Received,
        }
    }

    pub(super) fn likeness(&self, handed: &HandedOver) -> Likeness {
        let seen = self.told.model.as_deref();
        seen.map_or(Likeness::Unclear, |seen| self.models.compare(&handed.product, seen, handed.class))
    }

    const fn is_sale(&self) -> bool {
        matches!(
            self.told.disposition,
            Disposition::Sold | Disposition::SoldWithoutDrives | Disposition::SoldAsParts
        )
    }

    /// Everything that is held against the hand-over; the agreed net.
    fn against(&mut self, handed: &HandedOver, receipt: Receipt, sanitization: Sanitization) -> Option<f64> {
        self.match_to_confirm(handed);
        self.twice(handed);
        let not_received = receipt == Receipt::NotReceived;
        if not_received {
            self.not_received(handed);
        } else if !self.piece.is_part {
            self.model(handed, receipt);
            self.grade(handed);
            self.order_of_days(handed);
            self.price_of_one(handed);
        }
        self.wipe(handed, sanitization);
        if self.currency != handed.currency {
            let sentence = format!(
                "the amounts are in {}; the hand-over was agreed in {}. Please settle in {}, or name the rate and its date.",
                self.currency, handed.currency, handed.currency
            );
            let stated = self.currency.to_string();
            self.tell(Kind::CurrencyDiffers, handed.currency.to_string(), stated, None, sentence);
        }
        self.net(handed, !not_received)
    }

    fn match_to_confirm(&mut self, handed: &HandedOver) {
        let by = self.piece.handed.map(|(_, by)| by);
        let line = format!("{} line {} ({})", handed.request, handed.line, handed.product);
        let sentence = match by {
            Some(MatchedBy::SerialSlip) => {
                let serial = handed.serial.clone().unwrap_or_default();
                format!(
                    "your serial number reads as our {serial}, {line}, with O for 0 or I for 1. Please confirm."
                )
            }
            Some(MatchedBy::RequestLine) => {
                format!("by your line number it is our {line}. Please confirm its serial number.")
            }
            Some(MatchedBy::Model) => {
                format!("only the model says that it is our {line}. Please give serial number or tag.")
            }
            _ => return,
        };
        let stated = by.map_or("", MatchedBy::name).to_owned();
        self.tell(Kind::MatchToConfirm, line, format!("matched by {stated}"), None, sentence);
    }

    /// The unit stands in an earlier line, or an earlier settlement has it sold.
    fn twice(&mut self, handed: &HandedOver) {
        let key = (handed.request.clone(), handed.line);
        let before = self.agreed.before.get(&key).map_or(0, |before| before.sold);
        let sold_now = self.is_sale() && self.gross.is_some() && !self.piece.is_part;
        if sold_now && before > 0 && before + self.piece.units > handed.quantity {
            let sentence = format!(
                "an earlier settlement has {before} of the {} handed over as sold. Which unit is this? Please give its \
                 serial number or take the line out.",
                handed.quantity
            );
            let stated = "sold, and sold in an earlier settlement".to_owned();
            self.tell(Kind::SoldTwice, "sold once".to_owned(), stated, None, sentence);
        }
        let Some(earlier) = self.earlier else { return };
        let sale = self.is_sale() && self.gross.is_some();
        let kind = if sale { Kind::SoldTwice } else { Kind::ListedTwice };
        let verb = if sale { "sold" } else { "listed" };
        let sentence = format!(
            "the unit is {verb} here and on line {earlier}; we handed it over once. Which unit is this? Please give its \
             serial number or take the line out."
        );
        let stated = format!("{verb} on lines {earlier} and {}", self.told.file_line);
        self.tell(kind, "one line".to_owned(), stated, None, sentence);
    }

    fn not_received(&mut self, handed: &HandedOver) {
        let stake = handed.forecast.as_ref().map(|made| made.net.p50 * self.piece.units as f64);
        let sentence = format!(
            "you say it was not received. We handed it over on {} ({} line {}). Please look for it, or pay for the loss.",
            handed.handed_over, handed.request, handed.line
        );
        let expected = format!("received, handed over {}", handed.handed_over);
        self.tell(Kind::NotReceived, expected, "not received".to_owned(), stake, sentence);
    }

    /// The net by the terms, and what of the stated one differs; the agreed net where something was sold.
    fn net(&mut self, handed: &HandedOver, arrived: bool) -> Option<f64> {
        let terms = self.agreed.terms.unwrap_or(handed.terms);
        if self.gross.is_some_and(|gross| gross < 0.0) {
            // No share of a negative price was ever agreed: it is disputed as a whole.
            return None;
        }
        let fees = std::mem::take(&mut self.fees);
        let stated = Stated {
            gross: self.gross,
            fees: &fees,
            share: self.told.share,
            net: self.net,
            units: self.piece.units,
        };
        let found = money::recompute(&stated, handed, terms, self.agreed.fees, arrived);
        self.fees = fees;
        self.tell_fees(&found, arrived);
        if found.share != 0.0 {
            let (agreed, stated) = (percent(terms.share), percent(self.told.share.unwrap_or_default()));
            let sentence = format!(
                "our share is {agreed}, you settled {stated}: {} are missing.",
                self.money(found.share)
            );
            self.tell(Kind::ShareDiffers, agreed, stated, Some(found.share), sentence);
        }
        if found.rest != 0.0 {
            self.tell_rest(&found, terms);
        }
        self.gross.map(|_| found.agreed)
    }

    fn tell_fees(&mut self, found: &Recomputed, arrived: bool) {
        for fee in &found.excess_fees {
            let why = match () {
                () if !arrived => "for a unit that you did not receive",
                () if fee.without_data => "for a unit that holds no data",
                () if fee.agreed == 0.0 => "which is not in the agreed list",
                () => "which is more than agreed",
            };
            let sentence = format!(
                "{} fee of {}, {why}. Please credit {}.",
                fee.kind,
                self.money(fee.charged),
                self.money(fee.stake)
            );
            let expected = format!("{} {}", fee.kind, self.money(fee.agreed));
            let stated = format!("{} {}", fee.kind, self.money(fee.charged));
            self.tell(Kind::FeeNotAgreed, expected, stated, Some(fee.stake), sentence);
        }
    }

    fn tell_rest(&mut self, found: &Recomputed, terms: Terms) {
        let stated = self.net.unwrap_or_default();
        let expected = cents(stated + found.rest);
        let order = match terms.fees {
            FeesOrder::BeforeSplit => "before",
            FeesOrder::AfterSplit => "after",
        };
        let why = match self.gross {
            Some(gross) => {
                let fees: f64 = self.fees.iter().map(|fee| fee.amount).sum();
                let how = format!(
                    "{} gross, {} fees, {} with fees {order} the split give {}, not {}",
                    self.money(gross),
                    self.money(fees),
                    percent(self.told.share.unwrap_or(terms.share)),
                    self.money(expected),
                    self.money(stated)
                );
                let other = if order == "before" { "after" } else { "before" };
                if found.other_order { format!("{how}; yours takes the fees {other} the split") } else { how }
            }
            None => format!(
                "it was not sold, its fees come to {}; you settled {}",
                self.money(-expected),
                self.money(stated)
            ),
        };
        let ask = if found.rest > 0.0 {
            format!("Please pay {} more.", self.money(found.rest))
        } else {
            format!("You paid {} too much.", self.money(-found.rest))
        };
        let (expected, stated) = (self.money(expected), self.money(stated));
        self.tell(Kind::NetDiffers, expected, stated, Some(found.rest), format!("{why}. {ask}"));
    }

    /// A line that nobody handed over.
    fn without_hand_over(&mut self) {
        let charge = self.net.map(|net| (-net).max(0.0)).filter(|charge| *charge > 0.0);
        let stated = self.net.map_or_else(|| "no net".to_owned(), |net| format!("net {}", self.money(net)));
        let ask = match charge {
            Some(charge) => format!("We agreed to no charge for it; please credit {}.", self.money(charge)),
            None => "Whose is it? Please check your records.".to_owned(),
        };
        let (kind, sentence) = if self.told.receipt == Some(Receipt::Extra) {
            (Kind::Extra, format!("you received it and we did not hand it over. {ask}"))
        } else {
            (Kind::NoHandOver, format!("it matches nothing that we handed over. {ask}"))
        };
        self.tell(kind, "not handed over".to_owned(), stated, charge, sentence);
    }

    /// What is wrong with the line whatever was handed over.
    fn by_itself(&mut self) {
        let Some(gross) = self.gross else {
            if self.is_sale() {
                self.no_price("no price");
            }
            return;
        };
        if gross < 0.0 {
            let owed = self.net.map(|net| (-net).max(0.0));
            let sentence = format!(
                "its price is {}. A price cannot be below zero: is it a correction of another line? Please name that line.",
                self.money(gross)
            );
            let stated = self.money(gross);
            self.tell(Kind::NegativePrice, "a price of zero or more".to_owned(), stated, owed, sentence);
        } else if gross == 0.0 && self.is_sale() {
            self.no_price("a price of zero");
        }
    }

    fn no_price(&mut self, stated: &str) {
        let sentence = format!("it was sold and {stated} is stated. What did it fetch?");
        self.tell(Kind::NoPrice, "the price it fetched".to_owned(), stated.to_owned(), None, sentence);
    }
}

/// `65 %`, with decimals where there are any.
fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
