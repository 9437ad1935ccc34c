//! What a settlement says otherwise than was agreed.
//!
//! A [`Difference`] names the line, what was expected, what is stated, the money at stake and the sentence to write to the
//! vendor. Money at stake is what the owner is owed: below zero, what the vendor paid too much.

use crate::units::Currency;

/// Kinds of differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum DifferenceKind {
    NetDiffers,
    ShareDiffers,
    FeeNotAgreed,
    NotReceived,
    Extra,
    NoHandOver,
    Substituted,
    GradeLower,
    SoldTwice,
    ListedTwice,
    WipeFailedSoldWhole,
    WipeUnproven,
    ErasureContradicted,
    NegativePrice,
    NoPrice,
    PriceOfOneUnit,
    SoldBeforeReceived,
    CurrencyDiffers,
    TotalDiffers,
    MatchToConfirm,
    ModelToConfirm,
    GradeToConfirm,
}

impl DifferenceKind {
    /// All kinds, in the order reports list them.
    pub const ALL: [DifferenceKind; 22] = [
        DifferenceKind::NetDiffers,
        DifferenceKind::ShareDiffers,
        DifferenceKind::FeeNotAgreed,
        DifferenceKind::NotReceived,
        DifferenceKind::Extra,
        DifferenceKind::NoHandOver,
        DifferenceKind::Substituted,
        DifferenceKind::GradeLower,
        DifferenceKind::SoldTwice,
        DifferenceKind::ListedTwice,
        DifferenceKind::WipeFailedSoldWhole,
        DifferenceKind::WipeUnproven,
        DifferenceKind::ErasureContradicted,
        DifferenceKind::NegativePrice,
        DifferenceKind::NoPrice,
        DifferenceKind::PriceOfOneUnit,
        DifferenceKind::SoldBeforeReceived,
        DifferenceKind::CurrencyDiffers,
        DifferenceKind::TotalDiffers,
        DifferenceKind::MatchToConfirm,
        DifferenceKind::ModelToConfirm,
        DifferenceKind::GradeToConfirm,
    ];

    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            DifferenceKind::NetDiffers => "net_differs",
            DifferenceKind::ShareDiffers => "share_differs",
            DifferenceKind::FeeNotAgreed => "fee_not_agreed",
            DifferenceKind::NotReceived => "not_received",
            DifferenceKind::Extra => "extra",
            DifferenceKind::NoHandOver => "no_hand_over",
            DifferenceKind::Substituted => "substituted",
            DifferenceKind::GradeLower => "grade_lower",
            DifferenceKind::SoldTwice => "sold_twice",
            DifferenceKind::ListedTwice => "listed_twice",
            DifferenceKind::WipeFailedSoldWhole => "wipe_failed_sold_whole",
            DifferenceKind::WipeUnproven => "wipe_unproven",
            DifferenceKind::ErasureContradicted => "erasure_contradicted",
            DifferenceKind::NegativePrice => "negative_price",
            DifferenceKind::NoPrice => "no_price",
            DifferenceKind::PriceOfOneUnit => "price_of_one_unit",
            DifferenceKind::SoldBeforeReceived => "sold_before_received",
            DifferenceKind::CurrencyDiffers => "currency_differs",
            DifferenceKind::TotalDiffers => "total_differs",
            DifferenceKind::MatchToConfirm => "match_to_confirm",
            DifferenceKind::ModelToConfirm => "model_to_confirm",
            DifferenceKind::GradeToConfirm => "grade_to_confirm",
        }
    }

    /// The words people read.
    pub const fn title(self) -> &'static str {
        match self {
            DifferenceKind::NetDiffers => "net differs from the terms",
            DifferenceKind::ShareDiffers => "share differs",
            DifferenceKind::FeeNotAgreed => "fee not agreed",
            DifferenceKind::NotReceived => "not received",
            DifferenceKind::Extra => "extra, not handed over",
            DifferenceKind::NoHandOver => "matches no hand-over",
            DifferenceKind::Substituted => "another model or configuration",
            DifferenceKind::GradeLower => "graded two steps lower",
            DifferenceKind::SoldTwice => "sold twice",
            DifferenceKind::ListedTwice => "listed twice",
            DifferenceKind::WipeFailedSoldWhole => "erasure failed, sold whole",
            DifferenceKind::WipeUnproven => "erasure not proven",
            DifferenceKind::ErasureContradicted => "erasure contradicted",
            DifferenceKind::NegativePrice => "negative price",
            DifferenceKind::NoPrice => "sold without a price",
            DifferenceKind::PriceOfOneUnit => "price of one unit for several",
            DifferenceKind::SoldBeforeReceived => "dates out of order",
            DifferenceKind::CurrencyDiffers => "currency differs",
            DifferenceKind::TotalDiffers => "total differs from the lines",
            DifferenceKind::MatchToConfirm => "match to confirm",
            DifferenceKind::ModelToConfirm => "model to confirm",
            DifferenceKind::GradeToConfirm => "grade to confirm",
        }
    }

    /// Whether the vendor has to answer for it, so that the line teaches nothing until it is settled. The others are to be
    /// looked at.
    pub const fn is_dispute(self) -> bool {
        !matches!(
            self,
            DifferenceKind::MatchToConfirm | DifferenceKind::ModelToConfirm | DifferenceKind::GradeToConfirm
        )
    }
}

/// One thing to dispute or to confirm.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What kind.
    pub kind: DifferenceKind,
    /// Line of the file; none for what the file does not list.
    pub file_line: Option<u64>,
    /// Request and line of the hand-over, where there is one.
    pub handed_over: Option<(String, u32)>,
    /// The unit, as people name it.
    pub unit: String,
    /// What was expected.
    pub expected: String,
    /// What is stated.
    pub stated: String,
    /// Money the owner is owed; none where nobody can say.
    pub stake: Option<f64>,
    /// Currency of the money.
    pub currency: Currency,
    /// What to write to the vendor.
    pub sentence: String,
}
