//! One invented fleet as two systems tell of it, with the truth of which row is which unit.
//!
//! In: how many units and how bad the data is. Out: two CSV texts and the unit behind each row. The generator is SplitMix64
//! with the seed of the caller. Deliveries share model, day, site and cost; the serial numbers of a third of them follow one
//! another, as makers do, so that a slip of the pen can be a neighbour.

use std::fmt::Write;

use residua::units::SplitMix64;

/// How bad the data is; shares of 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dirt {
    pub(crate) tags_missing: f64,
    pub(crate) serials_missing: f64,
    pub(crate) typos: f64,
    pub(crate) duplicates: f64,
    /// Units that only one of the systems knows.
    pub(crate) known_to_one: f64,
}

/// Two registers and their truth: the unit of each row, in the order of the rows.
#[derive(Debug, Default)]
pub(crate) struct TwoSystems {
    pub(crate) assets: String,
    pub(crate) assets_truth: Vec<u32>,
    pub(crate) devices: String,
    pub(crate) devices_truth: Vec<u32>,
}

const MODELS: [(&str, &str, &str, u32); 8] = [
    ("Dell", "Latitude 5430", "laptop", 1_389),
    ("Dell", "Latitude 7420", "laptop", 1_650),
    ("Lenovo", "ThinkPad T14 Gen 3", "laptop", 1_420),
    ("HP", "EliteBook 840 G8", "laptop", 1_510),
    ("Dell", "PowerEdge R750", "server", 18_420),
    ("HPE", "ProLiant DL380 Gen10", "server", 12_900),
    ("Lenovo", "ThinkSystem SR650", "server", 14_200),
    ("Apple", "MacBook Pro 14", "laptop", 2_399),
];

const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

struct Unit {
    serial: String,
    tag: String,
    host: String,
    model: usize,
    site: usize,
    rack: u64,
    day: u64,
    cost: f64,
}

/// Invents `units` units and tells of them twice.
pub(crate) fn two_systems(units: usize, dirt: &Dirt, seed: u64) -> TwoSystems {
    let mut dice = SplitMix64::new(seed);
    let mut both = TwoSystems {
        assets: "asset_tag,serial_number,name,manufacturer,model,class,site,location,purchase_date,purchase_cost,currency,status\n".into(),
        devices: "Serial number,Asset tag,Name,Manufacturer,Model,Site,Location,Install date,Cost (USD),Status\n".into(),
        ..TwoSystems::default()
    };
    let mut made = 0;
    while made < units {
        let delivery = 1 + (dice.uniform().powi(3) * 120.0) as usize;
        let model = (dice.uniform().powi(2) * MODELS.len() as f64) as usize;
        let (site, day) = (below(&mut dice, 12) as usize, below(&mut dice, 2_000));
        let cost = f64::from(MODELS[model].3) * (0.9 + 0.2 * dice.uniform());
        let in_series = dice.uniform() < 0.33;
        let first_serial = below(&mut dice, 34_u64.pow(7) - 1_000);
        for place in 0..delivery.min(units - made) {
            let number =
                if in_series { first_serial + place as u64 } else { below(&mut dice, 34_u64.pow(7)) };
            let serial = in_base_34(number);
            let tag = format!("P{:07}", 1_000_000 + made);
            let host = match below(&mut dice, 10) {
                0..=3 => format!("LT-{serial}"),
                4..=7 => format!("{}{:05}", ["ber", "par", "nyc"][made % 3], made),
                _ => String::new(),
            };
            let unit = Unit { serial, tag, host, model, site, rack: below(&mut dice, 400), day, cost };
            tell(&mut both, &unit, made as u32, dirt, &mut dice);
            made += 1;
        }
    }
    both
}

fn tell(both: &mut TwoSystems, unit: &Unit, truth: u32, dirt: &Dirt, dice: &mut SplitMix64) {
    let (one, other) = match dice.uniform() {
        share if share < dirt.known_to_one / 2.0 => (true, false),
        share if share < dirt.known_to_one => (false, true),
        _ => (true, true),
    };
    let again = |dice: &mut SplitMix64| 1 + usize::from(dice.uniform() < dirt.duplicates);
    let (maker, model, class, _) = MODELS[unit.model];
    if one {
        for _ in 0..again(dice) {
            let (serial, tag) = identifiers(unit, dirt, dice);
            let _ = writeln!(
                both.assets,
                "{tag},{serial},{},{maker},{maker} {model},{class},Site {},Rack {},{},{:.2},USD,In use",
                unit.host,
                unit.site,
                unit.rack,
                date(unit.day),
                unit.cost
            );
            both.assets_truth.push(truth);
        }
    }
    if other {
        for _ in 0..again(dice) {
            let (serial, tag) = identifiers(unit, dirt, dice);
            let host = if dice.uniform() < 0.1 { String::new() } else { unit.host.to_lowercase() };
            let installed =
                if dice.uniform() < 0.6 { date(unit.day + below(dice, 30)) } else { String::new() };
            let cost = if dice.uniform() < 0.5 { format!("{:.2}", unit.cost) } else { String::new() };
            let _ = writeln!(
                both.devices,
                "{serial},{tag},{host},{maker} Inc.,{model},Site {},Rack {},{installed},{cost},Active",
                unit.site, unit.rack
            );
            both.devices_truth.push(truth);
        }
    }
}

fn identifiers(unit: &Unit, dirt: &Dirt, dice: &mut SplitMix64) -> (String, String) {
    let mut of = |text: &str, missing: f64| {
        if dice.uniform() < missing {
            String::new()
        } else if dice.uniform() < dirt.typos {
            slipped(text, dice)
        } else {
            text.to_owned()
        }
    };
    (of(&unit.serial, dirt.serials_missing), of(&unit.tag, dirt.tags_missing))
}

/// A character mistaken, replaced, left out or swapped with its neighbour.
fn slipped(text: &str, dice: &mut SplitMix64) -> String {
    let mut letters: Vec<u8> = text.bytes().collect();
    let at = below(dice, letters.len() as u64 - 1) as usize;
    match below(dice, 4) {
        0 => match letters.iter().position(|letter| b"0185".contains(letter)) {
            Some(place) => {
                letters[place] = match letters[place] {
                    b'0' => b'O',
                    b'1' => b'I',
                    b'8' => b'B',
                    _ => b'S',
                }
            }
            None => letters.swap(at, at + 1),
        },
        1 => letters[at] = LETTERS[below(dice, LETTERS.len() as u64) as usize],
        2 => drop(letters.remove(at)),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().map(char::from).collect()
}

fn below(dice: &mut SplitMix64, end: u64) -> u64 {
    ((dice.uniform() * end as f64) as u64).min(end - 1)
}

fn in_base_34(mut number: u64) -> String {
    let mut text = Vec::new();
    for _ in 0..7 {
        text.push(LETTERS[(number % 34) as usize]);
        number /= 34;
    }
    text.into_iter().rev().map(char::from).collect()
}

fn date(day: u64) -> String {
    let start = jiff::civil::Date::constant(2020, 1, 1);
    start.saturating_add(jiff::Span::new().days(day as i64)).to_string()
}
