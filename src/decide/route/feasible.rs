//! What forbids which route.
//!
//! In: what binds a unit ([`Situation`]). Out: for a route and a month the first [`Obstacle`] in its way, if any. The
//! whole rule is the table [`FORBIDS`]; routes that the policy does not offer, or that have nothing to work on, come
//! after it.

use super::Route;
use super::terms::sale_of;
use crate::decide::policy::{DataRule, Policy};

/// What stands in the way of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Obstacle {
    LegalHold,
    Leased,
    NotLeased,
    UnitMustBeDestroyed,
    DrivesMustBeDestroyed,
    Locked,
    NotOffered,
    NobodyNeedsIt,
    PartsUnknown,
    NoUpgrade,
}

/// Routes by which a unit is sold whole.
const SALES: [Route; 4] = [Route::Resell, Route::Retail, Route::Wholesale, Route::BuyBack];

/// Each obstacle and the routes it forbids: `legal hold` all of them, `leased` all but giving it back, `must be
/// destroyed` all but that; what must lose its drives cannot go where whole units are wanted; what is locked is good for
/// parts, scrap, and for staying.
const FORBIDS: [(Obstacle, &[&[Route]]); 6] = [
    (Obstacle::LegalHold, &[&Route::ALL]),
    (
        Obstacle::Leased,
        &[
            &SALES,
            &[Route::Redeploy, Route::Parts, Route::Donate, Route::Recycle, Route::Destroy, Route::Upgrade],
        ],
    ),
    (Obstacle::NotLeased, &[&[Route::LeaseReturn]]),
    (
        Obstacle::UnitMustBeDestroyed,
        &[&SALES, &[Route::Redeploy, Route::Parts, Route::Donate, Route::Recycle, Route::Upgrade]],
    ),
    (Obstacle::DrivesMustBeDestroyed, &[&[Route::BuyBack, Route::Donate]]),
    (Obstacle::Locked, &[&SALES, &[Route::Redeploy, Route::Donate]]),
];

/// What binds a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decide) struct Situation {
    pub legal_hold: bool,
    pub leased: bool,
    /// Whether somebody in the house would buy such a unit.
    pub needed: bool,
    pub has_parts: bool,
    pub can_be_upgraded: bool,
}

impl Situation {
    fn has(&self, obstacle: Obstacle, policy: &Policy, ahead: usize) -> bool {
        match obstacle {
            Obstacle::LegalHold => self.legal_hold,
            Obstacle::Leased => self.leased,
            Obstacle::NotLeased => !self.leased,
            Obstacle::UnitMustBeDestroyed => policy.disposal.data == DataRule::DestroyUnit,
            Obstacle::DrivesMustBeDestroyed => policy.disposal.data == DataRule::DestroyDrives,
            Obstacle::Locked => ahead < policy.disposal.locked_months as usize,
            Obstacle::NotOffered | Obstacle::NobodyNeedsIt | Obstacle::PartsUnknown | Obstacle::NoUpgrade => {
                false
            }
        }
    }
}

/// The first obstacle in the way of a route `ahead` months from now.
pub(in crate::decide) fn obstacle(
    route: Route,
    situation: &Situation,
    policy: &Policy,
    ahead: usize,
) -> Option<Obstacle> {
    let forbidden = FORBIDS.iter().find(|(obstacle, routes)| {
        routes.iter().any(|some| some.contains(&route)) && situation.has(*obstacle, policy, ahead)
    });
    forbidden.map(|(obstacle, _)| *obstacle).or_else(|| missing(route, situation, policy))
}

fn missing(route: Route, situation: &Situation, policy: &Policy) -> Option<Obstacle> {
    match route {
        Route::Redeploy => (!situation.needed).then_some(Obstacle::NobodyNeedsIt),
        Route::Parts if !situation.has_parts => Some(Obstacle::PartsUnknown),
        Route::Parts => (!policy.parts.offered).then_some(Obstacle::NotOffered),
        Route::Donate => (!policy.donate.offered).then_some(Obstacle::NotOffered),
        Route::Upgrade => (!situation.can_be_upgraded).then_some(Obstacle::NoUpgrade),
        Route::Recycle | Route::Destroy | Route::LeaseReturn => None,
        _ => (!sale_of(policy, route).offered).then_some(Obstacle::NotOffered),
    }
}

impl Obstacle {
    /// Why a route is closed, for people.
    pub const fn in_words(self) -> &'static str {
        match self {
            Obstacle::LegalHold => "legal hold",
            Obstacle::Leased => "leased: not yours to dispose of",
            Obstacle::NotLeased => "not leased",
            Obstacle::UnitMustBeDestroyed => "the unit must be destroyed for its data",
            Obstacle::DrivesMustBeDestroyed => "its drives must be destroyed",
            Obstacle::Locked => "locked until it is released",
            Obstacle::NotOffered => "not offered (policy)",
            Obstacle::NobodyNeedsIt => "no demand in the policy",
            Obstacle::PartsUnknown => "no prices of its parts",
            Obstacle::NoUpgrade => "no upgrade in the policy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Situation =
        Situation { legal_hold: false, leased: false, needed: true, has_parts: true, can_be_upgraded: true };

    fn open(situation: &Situation, policy: &Policy, ahead: usize) -> Vec<&'static str> {
        let open = |route: &Route| obstacle(*route, situation, policy, ahead).is_none();
        Route::ALL.into_iter().filter(open).map(Route::name).collect()
    }

    #[test]
    fn the_default_policy_opens_consignment_parts_recycling_and_destruction() {
        let plain = Situation { needed: false, has_parts: false, can_be_upgraded: false, ..FREE };
        assert_eq!(open(&plain, &Policy::built_in(), 0), ["resell", "recycle", "destroy"]);
        let all = ["redeploy", "resell", "parts", "recycle", "destroy", "upgrade"];
        assert_eq!(open(&FREE, &Policy::built_in(), 0), all);
    }

    #[test]
    fn nothing_leaves_on_legal_hold_and_a_leased_unit_only_goes_back() {
        let policy = Policy::built_in();
        let held = Situation { legal_hold: true, leased: true, ..FREE };
        assert!(open(&held, &policy, 0).is_empty());
        assert_eq!(open(&Situation { leased: true, ..FREE }, &policy, 0), ["lease return"]);
    }

    #[test]
    fn a_locked_unit_is_sold_for_parts_or_recycled_until_it_is_released() {
        let policy = Policy::from_toml("mine.toml", "[disposal]\nlocked_months = 3\n").unwrap();
        assert_eq!(open(&FREE, &policy, 2), ["parts", "recycle", "destroy", "upgrade"]);
        assert!(open(&FREE, &policy, 3).contains(&"resell"));
    }

    #[test]
    fn a_unit_that_must_be_destroyed_has_one_way() {
        let policy = Policy::from_toml("mine.toml", "[disposal]\ndata = \"destroy unit\"\n").unwrap();
        assert_eq!(open(&FREE, &policy, 0), ["destroy"]);
    }
}
