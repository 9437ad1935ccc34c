//! Which gaps an asset has.
//!
//! In: an asset, its planned cohort, and what the fleet as a whole tells ([`Surroundings`]). Out: its [`Gap`]s, each with
//! the code of the field guide. This is the one place that decides what counts as a gap; findings count them and prices
//! price them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::states;
use crate::catalog::AssetClass;
use crate::decide::cohort::Standing;
use crate::decide::plan::{PlanInput, PlannedCohort};
use crate::decide::{Action, Rule};
use crate::fleet::{Asset, Field, Fleet, Ownership, Severity, Status};

/// Months without a sighting, and without a physical audit, from which a unit may be a ghost.
const UNSEEN_MONTHS: i32 = 6;
const UNAUDITED_MONTHS: i32 = 12;

/// Units below which a site is worth a thought about its pickup.
const FEW_UNITS: u64 = 5;

/// Words of rows that are no IT gear, or that nobody buys used.
const NOT_IT: [&str; 18] = [
    "blank",
    "blanking",
    "busplug",
    "busbar",
    "bus plug",
    "cable",
    "chair",
    "cooling",
    "copper jack",
    "crac",
    "desk",
    "faceplate",
    "fiber panel",
    "furniture",
    "jack",
    "patch panel",
    "pdu",
    "shelf",
];

/// Why nobody knows whose a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The register has a column for it, blank here.
    Blank,
    /// A lease is named, its terms are not.
    LeaseReference,
    /// Another system found it.
    Found,
}

/// A gap of one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Ghost,
    Found,
    Duplicate,
    Conflict,
    NoSerial,
    BrokenSerial,
    TwoDates,
    NoAge,
    Condition,
    UnknownScheme,
    Lock { enrolled: bool },
    Load,
    Configuration,
    Unmatched,
    TwoPlaces,
    FewAtSite,
    Ownership(Doubt),
    Hold,
    Drives,
    Bulk,
    NotIt,
}

impl Gap {
    /// Its code.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Gap::Ghost => "DQ-01",
            Gap::Found => "DQ-02",
            Gap::Duplicate => "DQ-03",
            Gap::Conflict => "DQ-05",
            Gap::NoSerial => "DQ-06",
            Gap::BrokenSerial => "DQ-07",
            Gap::TwoDates => "DQ-08",
            Gap::NoAge => "DQ-10",
            Gap::Condition => "DQ-12",
            Gap::UnknownScheme => "DQ-13",
            Gap::Lock { .. } => "DQ-14",
            Gap::Load => "DQ-15",
            Gap::Configuration => "DQ-16",
            Gap::Unmatched => "DQ-17",
            Gap::TwoPlaces => "DQ-18",
            Gap::FewAtSite => "DQ-19",
            Gap::Ownership(_) => "DQ-20",
            Gap::Hold => "DQ-21",
            Gap::Drives => "DQ-23",
            Gap::Bulk => "DQ-24",
            Gap::NotIt => "DQ-28",
        }
    }
}

/// What the fleet as a whole tells of its assets.
pub(super) struct Surroundings<'a> {
    input: &'a PlanInput<'a>,
    /// Some system sees units, so that one it never saw is remarkable.
    pub watched: bool,
    /// Files with a column that says whose a unit is.
    says_ownership: BTreeSet<usize>,
    /// Units by site.
    units_at: BTreeMap<&'a str, u64>,
    /// Codes that reading and joining found, by asset.
    told: HashMap<&'a str, Vec<&'static str>>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(input: &'a PlanInput<'a>) -> Surroundings<'a> {
        let fleet: &'a Fleet = input.fleet;
        let mut units_at = BTreeMap::new();
        let leaving =
            fleet.assets.iter().filter(|asset| !matches!(asset.status, Status::Gone | Status::Missing));
        for asset in leaving {
            if let Some(site) = &asset.site {
                *units_at.entry(site.as_str()).or_insert(0) += u64::from(asset.quantity);
            }
        }
        let mut told: HashMap<&str, Vec<&'static str>> = HashMap::new();
        for finding in &fleet.findings {
            // A note on a duplicate says that it was merged: nothing is open.
            let open = finding.code != "DQ-03" || finding.severity != Severity::Notes;
            if let Some(id) = finding.asset_id.as_deref().filter(|_| open) {
                told.entry(id).or_default().push(finding.code);
            }
        }
        let says = |file: &crate::fleet::FileSummary| {
            file.columns_used.iter().any(|(_, field)| *field == Field::Ownership)
        };
        Surroundings {
            input,
            watched: fleet.assets.iter().any(|asset| asset.last_seen.is_some()),
            says_ownership: (0..fleet.files.len()).filter(|at| says(&fleet.files[*at])).collect(),
            units_at,
            told,
        }
    }

    fn is_told(&self, asset: &Asset, code: &str) -> bool {
        self.told.get(asset.id.as_str()).is_some_and(|codes| codes.contains(&code))
    }

    /// Units at the site of an asset.
    pub(super) fn units_at(&self, site: Option<&str>) -> u64 {
        site.and_then(|site| self.units_at.get(site).copied()).unwrap_or(0)
    }

    /// The gaps of an asset, in the order of their codes. None for what is outside the plan.
    pub(super) fn gaps_of(&self, asset: &Asset, planned: &PlannedCohort) -> Vec<Gap> {
        let standing = planned.cohort.standing;
        match standing {
            Standing::Missing => return vec![Gap::Ghost],
            Standing::LegalHold => return vec![Gap::Hold],
            Standing::InPlan => {}
            _ => return Vec::new(),
        }
        if asset.ownership == Ownership::Leased {
            return if asset.lease_end.is_none() {
                vec![Gap::Ownership(Doubt::LeaseReference)]
            } else {
                Vec::new()
            };
        }
        if is_not_it(asset, planned) {
            return vec![Gap::NotIt];
        }
        let class = planned.cohort.class;
        let dates = [asset.purchase_date, asset.in_service_date];
        let challenged = matches!(planned.decision.rule, Rule::Challenger(_));
        let plain_server = class == AssetClass::Server && planned.cohort.accelerators.is_none();
        let configured = asset.ram_gb.is_some() && asset.cpu_count.is_some() && asset.storage_gb.is_some();
        let bulk = asset.quantity > 1;
        let no_serial = asset.serial.is_none() && !bulk;
        let broken = no_serial && self.is_told(asset, "DQ-07");
        let scheme = self.is_told(asset, "DQ-13");
        let open = states::condition_is_open(asset);
        let lockable = states::can_be_locked(class) && self.input.policy.disposal.locked_months == 0;
        let goes = planned.decision.action == Action::Go;
        let few =
            goes && self.units_at.len() > 1 && (1..FEW_UNITS).contains(&self.units_at(asset.site.as_deref()));
        let may_be = [
            (Gap::Ghost, self.may_be_a_ghost(asset, class)),
            (Gap::Found, self.is_told(asset, "DQ-02")),
            (Gap::Duplicate, self.is_told(asset, "DQ-03")),
            (Gap::Conflict, asset.conflicts.iter().any(|conflict| moves_value(conflict.field))),
            (Gap::NoSerial, no_serial && !broken),
            (Gap::BrokenSerial, broken),
            (Gap::TwoDates, dates.into_iter().flatten().any(|date| date.other.is_some())),
            (Gap::NoAge, asset.acquired().is_none()),
            (Gap::Condition, open && !scheme),
            (Gap::UnknownScheme, open && scheme),
            (Gap::Lock { enrolled: asset.enrolled == Some(true) }, lockable && asset.enrolled != Some(false)),
            (Gap::Load, challenged && shares_work(class) && asset.utilization.is_none() && !asset.is_idle()),
            (Gap::Configuration, plain_server && !configured),
            (Gap::Unmatched, !planned.cohort.is_known()),
            (Gap::TwoPlaces, self.is_told(asset, "DQ-18") || has_two_places(asset)),
            (Gap::FewAtSite, few),
        ];
        let mut found: Vec<Gap> = may_be.into_iter().filter(|(_, is)| *is).map(|(gap, _)| gap).collect();
        found.extend(self.doubt(asset).map(Gap::Ownership));
        // The configurations of a server say what drives it has.
        if states::carries_data(class) && !plain_server && asset.storage_gb.is_none() {
            found.push(Gap::Drives);
        }
        if bulk {
            found.push(Gap::Bulk);
        }
        found
    }

    fn may_be_a_ghost(&self, asset: &Asset, class: AssetClass) -> bool {
        let since = |date: Option<crate::fleet::RegisterDate>| {
            date.map(|date| self.input.as_of.months_since(date.month()))
        };
        let audited = since(asset.last_audited).is_some_and(|months| months <= UNAUDITED_MONTHS);
        let new = since(asset.acquired()).is_some_and(|months| months <= UNSEEN_MONTHS);
        if audited || new {
            return false;
        }
        match since(asset.last_seen) {
            Some(months) => months > UNSEEN_MONTHS,
            // A unit on a shelf is on no network.
            None => {
                self.watched
                    && asset.status == Status::InUse
                    && (states::can_be_locked(class) || class == AssetClass::Server)
            }
        }
    }

    fn doubt(&self, asset: &Asset) -> Option<Doubt> {
        if asset.ownership != Ownership::Unknown {
            return None;
        }
        if asset.lease_reference.is_some() {
            return Some(Doubt::LeaseReference);
        }
        let blank = asset.rows.iter().any(|row| self.says_ownership.contains(&row.file));
        blank.then_some(Doubt::Blank)
    }
}

impl Doubt {
    /// What is believed of such a unit.
    pub(super) fn owned(self, gaps: &crate::decide::policy::Gaps) -> crate::decide::policy::Span {
        match self {
            Doubt::Blank => gaps.owned_when_blank,
            Doubt::LeaseReference => gaps.owned_with_lease_reference,
            Doubt::Found => gaps.owned_when_found,
        }
    }
}

/// Fields whose contradiction changes what a unit is worth.
pub(super) const fn moves_value(field: Field) -> bool {
    matches!(
        field,
        Field::Model
            | Field::RamGb
            | Field::StorageGb
            | Field::CpuCount
            | Field::PurchaseDate
            | Field::InServiceDate
    )
}

fn has_two_places(asset: &Asset) -> bool {
    asset.conflicts.iter().any(|conflict| matches!(conflict.field, Field::Site | Field::Location))
}

/// Whether its load says how many new machines do its work.
fn shares_work(class: AssetClass) -> bool {
    matches!(class, AssetClass::Server | AssetClass::Gpu | AssetClass::Storage)
}

/// Whether a row without product and serial number reads like something that is no IT gear.
pub(super) fn is_not_it(asset: &Asset, planned: &PlannedCohort) -> bool {
    if planned.cohort.identification.product.is_some() || planned.cohort.class != AssetClass::Other {
        return false;
    }
    let text =
        [&asset.name, &asset.model].into_iter().flatten().fold(String::new(), |all, text| all + " " + text);
    let words = text.to_lowercase().replace(|character: char| !character.is_alphanumeric(), " ");
    let words = format!(" {} ", words.split_whitespace().collect::<Vec<_>>().join(" "));
    NOT_IT.iter().any(|word| words.contains(&format!(" {word} ")) || words.contains(&format!(" {word}s ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_what_is_no_it_gear_is_written_as_it_is_compared() {
        for word in NOT_IT {
            assert_eq!(word, word.to_lowercase().trim());
            assert!(word.chars().all(|character| character.is_alphanumeric() || character == ' '), "{word}");
        }
    }
}
