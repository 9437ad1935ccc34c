//! What must be done by when, backwards from the hand-over.
//!
//! In: what leaves and when, the register, the policy. Out: [`Task`]s in the order of their dates. What takes
//! preparation is due in the month before the hand-over; wiping, hand-over and the move of the work fall in its own month;
//! ends of leases, contracts, warranties and support keep the dates of the register and the catalog.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Ground;
use super::answer::Displaced;
use crate::catalog::AssetClass;
use crate::decide::{DataRule, Route};
use crate::fleet::{Asset, RegisterDate};
use crate::units::{Money, MoneyError, Month};

/// What kind of task, in the order in which those of one month are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum TaskKind {
    Warranty,
    Support,
    Lease,
    Contract,
    Release,
    CheckLocks,
    Bids,
    MoveWork,
    Wipe,
    HandOver,
}

impl TaskKind {
    /// The words of files.
    pub const fn name(self) -> &'static str {
        match self {
            TaskKind::Warranty => "warranty ends",
            TaskKind::Support => "support ends",
            TaskKind::Lease => "lease",
            TaskKind::Contract => "support contract",
            TaskKind::Release => "release from management",
            TaskKind::CheckLocks => "check locks",
            TaskKind::Bids => "ask for bids",
            TaskKind::MoveWork => "move the work",
            TaskKind::Wipe => "data",
            TaskKind::HandOver => "hand over",
        }
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Month by whose end it is done.
    pub due: Month,
    /// The day, where register or catalog state it.
    pub day: Option<Date>,
    /// What kind.
    pub kind: TaskKind,
    /// Where; blank for everywhere.
    pub site: String,
    /// Units it is about.
    pub units: u64,
    /// Lines of the answer it is about, by rank.
    pub lines: Vec<usize>,
    /// What to do, for people.
    pub text: String,
    /// Money that hangs on it, where the data say.
    pub money: Option<Money>,
}

/// What makes one task of many units: those that share all this are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    due: Month,
    day: Option<Date>,
    kind: TaskKind,
    site: String,
    /// Tells apart what needs other words.
    detail: Detail,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Plain,
    Months(i32),
    Contract { left: i32, transferable: bool },
    Data(&'static str),
    Route(Route),
    Product(String),
}

#[derive(Debug, Default)]
struct Gathered {
    units: u64,
    lines: Vec<usize>,
    money: f64,
    cents: i64,
}

struct Tasks<'a> {
    ground: &'a Ground<'a>,
    gathered: BTreeMap<Key, Gathered>,
}

/// Everything there is to do.
pub(super) fn tasks(
    ground: &Ground<'_>,
    quantity: u32,
    displaced: &[Displaced],
) -> Result<Vec<Task>, MoneyError> {
    let mut tasks = Tasks { ground, gathered: BTreeMap::new() };
    for line in displaced {
        tasks.of_line(line);
        for (index, units) in &line.assets {
            tasks.of_asset(line, &ground.input.fleet.assets[*index], *units);
        }
    }
    let currency = ground.plan.currency;
    let product = &ground.product.name;
    tasks
        .gathered
        .into_iter()
        .map(|(key, gathered)| {
            let money = match key.kind {
                TaskKind::HandOver => Some(Money::from_minor(gathered.cents, currency)),
                _ if gathered.money != 0.0 => Some(Money::from_major(gathered.money, currency)?),
                _ => None,
            };
            let release_minutes = ground.input.policy.gaps.release_minutes;
            let text = words(&key, &gathered, (quantity, product), release_minutes);
            let Key { due, day, kind, site, .. } = key;
            Ok(Task { due, day, kind, site, units: gathered.units, lines: gathered.lines, text, money })
        })
        .collect()
}

impl Tasks<'_> {
    fn add(&mut self, line: &Displaced, key: Key, units: u64) -> &mut Gathered {
        let gathered = self.gathered.entry(key).or_default();
        gathered.units += units;
        if gathered.lines.last() != Some(&line.rank) {
            gathered.lines.push(line.rank);
        }
        gathered
    }

    /// The month before a hand-over, or this one when that is past.
    fn before(&self, month: Month) -> Month {
        month.plus(-1).max(self.ground.input.as_of)
    }

    fn of_line(&mut self, line: &Displaced) {
        let key = |due: Month, kind: TaskKind, detail: Detail| Key {
            due,
            day: None,
            kind,
            site: line.site.clone(),
            detail,
        };
        let arrives = self.ground.arrives;
        let everywhere = Key { site: String::new(), ..key(arrives, TaskKind::MoveWork, Detail::Plain) };
        self.add(line, everywhere, line.units);
        let policy = self.ground.plan.policies.at(line.cohort);
        if let Some(what) = holds_data(line.class).then(|| data_words(policy.disposal.data)) {
            self.add(line, key(line.month, TaskKind::Wipe, Detail::Data(what)), line.units);
        }
        if line.route.needs_market() {
            let everywhere =
                Key { site: String::new(), ..key(self.before(line.month), TaskKind::Bids, Detail::Plain) };
            self.add(line, everywhere, line.units);
        }
        let released = self.ground.input.as_of.plus(policy.disposal.locked_months as i32);
        if released > line.month {
            let late = Detail::Months(released.months_since(line.month));
            let due = self.before(line.month);
            self.add(line, key(due, TaskKind::Release, late), line.units);
        }
        if line.route != Route::LeaseReturn {
            let gathered =
                self.add(line, key(line.month, TaskKind::HandOver, Detail::Route(line.route)), line.units);
            gathered.cents += line.recovery.expected.minor();
        }
        self.of_product(line);
    }

    /// The end of the maker's support before the hand-over.
    fn of_product(&mut self, line: &Displaced) {
        let identified = self.ground.plan.cohorts[line.cohort].cohort.identification.product;
        let ends = identified.and_then(|id| self.ground.input.catalog.get(id).end_of_support);
        let Some(ends) = ends.map(|date| date.month) else { return };
        if (self.ground.input.as_of..line.month).contains(&ends) {
            let detail = Detail::Product(line.product.clone());
            let key = Key { due: ends, day: None, kind: TaskKind::Support, site: line.site.clone(), detail };
            self.add(line, key, line.units);
        }
    }

    fn of_asset(&mut self, line: &Displaced, asset: &Asset, units: u64) {
        let key = |date: RegisterDate, kind: TaskKind, detail: Detail| Key {
            due: date.month(),
            day: Some(date.date),
            kind,
            site: line.site.clone(),
            detail,
        };
        let as_of = self.ground.input.as_of;
        let ahead = |date: Option<RegisterDate>| date.filter(|date| date.month() >= as_of);
        if let Some(end) = ahead(asset.warranty_end).filter(|end| end.month() < line.month) {
            let months = line.month.months_since(end.month());
            self.add(line, key(end, TaskKind::Warranty, Detail::Months(months)), units);
        }
        if line.route == Route::LeaseReturn
            && let Some(end) = asset.lease_end
        {
            let gap = self.ground.arrives.months_since(end.month().max(as_of));
            self.add(line, key(end, TaskKind::Lease, Detail::Months(gap)), units);
        }
        if let Some(end) = ahead(asset.contract_end) {
            let left = end.month().months_since(line.month);
            let transferable = asset.contract_transferable == Some(true);
            let rates = self.ground.input.policy.rates();
            let currency = self.ground.plan.currency;
            let monthly = asset.contract_monthly.and_then(|(amount, paid_in)| {
                rates.factor(paid_in, currency).ok().map(|factor| amount * factor)
            });
            let due = if left > 0 {
                Key {
                    due: line.month,
                    day: None,
                    ..key(end, TaskKind::Contract, Detail::Contract { left, transferable })
                }
            } else {
                key(end, TaskKind::Contract, Detail::Contract { left, transferable })
            };
            let gathered = self.add(line, due, units);
            gathered.money += monthly.unwrap_or(0.0) * f64::from(left.abs()) * units as f64;
        }
        self.of_locks(line, asset, units);
    }

    fn of_locks(&mut self, line: &Displaced, asset: &Asset, units: u64) {
        let kind = match asset.enrolled {
            Some(true) => TaskKind::Release,
            Some(false) => return,
            None => {
                let locked = self.ground.input.policy.gaps.locked.of(line.class);
                if locked.is_none_or(|span| span.usual <= 0.0) {
                    return;
                }
                TaskKind::CheckLocks
            }
        };
        let due = self.before(line.month);
        let key = Key { due, day: None, kind, site: line.site.clone(), detail: Detail::Plain };
        self.add(line, key, units);
    }
}

/// Whether units of a class keep data of their own.
const fn holds_data(class: AssetClass) -> bool {
    !matches!(class, AssetClass::Gpu | AssetClass::Monitor | AssetClass::Cpu | AssetClass::Memory)
}

const fn data_words(rule: DataRule) -> &'static str {
    match rule {
        DataRule::Wipe => "wipe the data and keep the certificate of each unit",
        DataRule::DestroyDrives => "take out the drives and have them destroyed under a certificate",
        DataRule::DestroyUnit => "have the units destroyed whole under a certificate",
    }
}

fn count(units: u64) -> String {
    if units == 1 { "1 unit".to_owned() } else { format!("{units} units") }
}

fn months(months: i32) -> String {
    if months == 1 { "1 month".to_owned() } else { format!("{months} months") }
}

/// What to do, for people.
fn words(key: &Key, gathered: &Gathered, (quantity, product): (u32, &str), release_minutes: f64) -> String {
    let units = count(gathered.units);
    match (key.kind, &key.detail) {
        (TaskKind::Warranty, Detail::Months(left)) => {
            format!("Warranty of {units} ends, {} before the hand-over: renew for no longer.", months(*left))
        }
        (TaskKind::Support, Detail::Product(label)) => {
            format!("The maker ends support of {label} ({units}) before the hand-over.")
        }
        (TaskKind::Lease, Detail::Months(gap)) if *gap > 0 => format!(
            "Give {units} back to the lessor, {} before the newcomers arrive: ask for so much longer, or do without \
             their work. The notice period is in the contract.",
            months(*gap)
        ),
        (TaskKind::Lease, _) => {
            format!("Give {units} back to the lessor. The notice period is in the contract.")
        }
        (TaskKind::Contract, Detail::Contract { left, transferable }) if *left > 0 => format!(
            "Support contracts of {units} run {} beyond the hand-over: {}.",
            months(*left),
            if *transferable { "move them to other units" } else { "ask to end them or for a credit" }
        ),
        (TaskKind::Contract, Detail::Contract { left: 0, .. }) => {
            format!("Support contracts of {units} end with the hand-over: do not renew.")
        }
        (TaskKind::Contract, Detail::Contract { left, .. }) => format!(
            "Support contracts of {units} end {} before the hand-over: extend by no more.",
            months(-left)
        ),
        (TaskKind::Release, Detail::Months(late)) => format!(
            "{units} stay locked {} beyond the hand-over by the policy: release them sooner, or they go for parts or \
             to a recycler.",
            months(*late)
        ),
        (TaskKind::Release, _) => format!(
            "Release {units} from device management: about {:.1} hours.",
            gathered.units as f64 * release_minutes / 60.0
        ),
        (TaskKind::CheckLocks, _) => {
            format!("Look for locks of {units} (activation, device management, BIOS).")
        }
        (TaskKind::Bids, _) => {
            format!("Ask for bids for {units} that are sold, by serial number and condition.")
        }
        (TaskKind::MoveWork, _) => {
            format!("{quantity} × {product} arrive: move the work of {units} to them.")
        }
        (TaskKind::Wipe, Detail::Data(what)) => format!("{units}: {what}."),
        (TaskKind::HandOver, Detail::Route(route)) => format!("Hand over {units}: {}.", route.name()),
        _ => units,
    }
}
