//! Whether a unit is the one that was handed over, in its configuration and grade, and sold when it could be.
//!
//! In: a line and its hand-over. Out: differences: another model or configuration, a grade two steps lower, days out of order.

use super::check::Checker;
use super::difference::DifferenceKind as Kind;
use super::same_model::{Likeness, sizes_differ};
use super::{Configuration, GradeScheme};
use crate::fleet::Grade;
use crate::outcome::{Disposition, HandedOver, Receipt};
use crate::price::grade;

/// Steps of grade from which on a lower one is disputed.
const STEPS_LOWER: usize = 2;

impl Checker<'_> {
    pub(super) fn model(&mut self, handed: &HandedOver, receipt: Receipt) {
        let seen = self.told.model.clone().unwrap_or_else(|| "no model".to_owned());
        let expected_net = handed.forecast.as_ref().map(|made| made.net.p50 * self.piece.units as f64);
        let short = expected_net.zip(self.net).map(|(expected, stated)| (expected - stated).max(0.0));
        if receipt == Receipt::Substituted {
            let sentence = format!(
                "you settled {seen}; we handed over {}. Please check the unit and settle the one we sent.",
                handed.product
            );
            self.tell(Kind::Substituted, handed.product.clone(), seen, short, sentence);
            return;
        }
        if self.likeness(handed) == Likeness::Unclear && self.told.model.is_some() {
            let sentence = format!("is {seen} the {} that we handed over? Please confirm.", handed.product);
            self.tell(Kind::ModelToConfirm, handed.product.clone(), seen.clone(), None, sentence);
        }
        let Some(known) = self.agreed.configurations.get(&(handed.request.clone(), handed.line)).copied()
        else {
            return;
        };
        let drives_out = self.told.disposition == Disposition::SoldWithoutDrives;
        let other_ram = sizes_differ(known.ram_gb, self.told.ram_gb);
        let other_storage = !drives_out && sizes_differ(known.storage_gb, self.told.storage_gb);
        if other_ram || other_storage {
            let stated = sizes(&Configuration { ram_gb: self.told.ram_gb, storage_gb: self.told.storage_gb });
            let sentence = format!(
                "you found {stated}; we handed over {}. Where is the rest? Please settle the unit as it was sent.",
                sizes(&known)
            );
            self.tell(Kind::Substituted, sizes(&known), stated, short, sentence);
        }
    }

    /// The grade as the vendor gave it, by letter, or by code where its scheme is known.
    fn stated_grade(&self) -> Option<Grade> {
        let rec = self.agreed.grade_scheme == GradeScheme::Rec
            || self.told.grade_scheme.as_deref().is_some_and(|scheme| scheme.to_uppercase().contains("REC"));
        let letter = self.told.grade.as_deref().and_then(Grade::from_letter);
        let by_code = || {
            let codes = [self.told.grade.as_deref(), self.told.codes.as_deref()];
            codes.into_iter().flatten().find_map(Grade::from_rec)
        };
        letter.or_else(|| if rec { by_code() } else { None })
    }

    pub(super) fn grade(&mut self, handed: &HandedOver) {
        let Some(before) = handed.grade.as_deref().and_then(Grade::from_letter) else { return };
        let Some(after) = self.stated_grade() else {
            if let Some(text) = self.told.grade.clone().or_else(|| self.told.codes.clone()) {
                let sentence = format!("which grade is `{text}`? We handed it over as {}.", before.name());
                self.tell(Kind::GradeToConfirm, before.name().to_owned(), text, None, sentence);
            }
            return;
        };
        let rank = |grade: Grade| Grade::ALL.iter().position(|one| *one == grade).unwrap_or(0);
        if rank(after) < rank(before) + STEPS_LOWER {
            return;
        }
        // What the unit would have fetched in the grade it left with, at the ladder's ratio of prices.
        let ratio = (grade::effect(Some(before)).shift_log - grade::effect(Some(after)).shift_log).exp();
        let terms = self.agreed.terms.unwrap_or(handed.terms);
        let stake = self.gross.map(|gross| terms.share * gross * (ratio - 1.0));
        let sentence = format!(
            "graded {}; it left us as {}. Please send the photos and the audit sheet of the unit.",
            after.name(),
            before.name()
        );
        let expected = format!("grade {}", before.name());
        self.tell(Kind::GradeLower, expected, format!("grade {}", after.name()), stake, sentence);
    }

    /// A price that is usual for one unit and far too low for each of several: `gross / n < p10² / p50`, which is as far
    /// again below p10 as p10 is below p50, and `p10 ≤ gross ≤ p90` of one.
    pub(super) fn price_of_one(&mut self, handed: &HandedOver) {
        let (Some(gross), Some(made)) = (self.told.gross, &handed.forecast) else { return };
        let of_one = made.gross;
        let units = self.told.quantity as f64;
        let usual_for_one = of_one.p10 <= gross && gross <= of_one.p90;
        let far_below = gross / units < of_one.p10 * of_one.p10 / of_one.p50;
        if !(self.told.quantity > 1 && usual_for_one && far_below) || self.currency != handed.currency {
            return;
        }
        let terms = self.agreed.terms.unwrap_or(handed.terms);
        let (low, high) = (self.money(of_one.p10), self.money(of_one.p90));
        let sentence = format!(
            "{} for {} units is {} each; one was forecast at {low} to {high}. Is it the price of one? Then please pay for all.",
            self.money(gross),
            self.told.quantity,
            self.money(gross / units)
        );
        let stated = format!("{} each", self.money(gross / units));
        // Of this piece: a line that is shared out tells it once for each of its hand-overs.
        let missing = terms.share * gross * (units - 1.0) * self.piece.units as f64 / units;
        self.tell(Kind::PriceOfOneUnit, format!("{low} to {high} each"), stated, Some(missing), sentence);
    }

    pub(super) fn order_of_days(&mut self, handed: &HandedOver) {
        let Some(sold) = self.told.sold else { return };
        let (before, name) = match self.told.received {
            Some(received) if sold < received => (received, "received"),
            _ if sold < handed.handed_over => (handed.handed_over, "handed over"),
            _ => return,
        };
        let sentence = format!(
            "sold on {sold}, before it was {name} on {before}. Which unit was sold? Please correct the dates or the unit."
        );
        let expected = format!("sold on or after {before}");
        self.tell(Kind::SoldBeforeReceived, expected, format!("sold {sold}"), None, sentence);
    }
}

fn sizes(configuration: &Configuration) -> String {
    let one = |size: Option<f64>, what: &str| size.map(|size| format!("{size} GB {what}"));
    let both = [one(configuration.ram_gb, "memory"), one(configuration.storage_gb, "storage")];
    both.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
