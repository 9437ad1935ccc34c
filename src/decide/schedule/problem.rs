//! The schedule as a problem of numbers: who may go when, what it is worth, what it uses up.
//!
//! In: plain numbers. Out: a [`Problem`] and its measures. Units `x` of item `i` are given to choices `c`:
//!
//! `max Σ v_ic x_ic − Σ_p m_p q_p · s_p √q_p`, `q_p = Σ w_ic x_ic`, `Σ_c x_ic = n_i`, `Σ a_ric x_ic ≤ b_r`, `x` whole,
//!
//! v the present value of one unit at the full price, a what a unit uses of limit r, and p a pool: one product sold in
//! one month. With Q units of one price in the pool the price falls by the square-root law `Y σ √(Q / V)`, so
//! `s = Y σ / √V` and `m` is what a unit brings in of the market price. Where prices in a pool differ, a unit counts by
//! its price over the mean price `m` (weight w): the loss stays convex, and it is the law itself when all are alike.

/// Where units end up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// By the best route of the month.
    Best,
    /// By the best route that needs no market, when the market is full.
    Unsold,
    /// Back to the lessor.
    Returned,
    /// Nowhere within the months looked ahead.
    Stays,
}

/// One thing that a unit of an item can do.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    /// Months ahead; none for staying.
    pub month: Option<usize>,
    /// Where it ends up.
    pub exit: Exit,
    /// Whether the end of a lease or contract is passed against payment.
    pub pays_to_pass: bool,
    /// Present value of one unit at the full price.
    pub value: f64,
    /// The part of it that is net recovery.
    pub recovery: f64,
    /// Limits it uses, and how much of each.
    pub uses: [Option<(usize, f64)>; 2],
    /// The pool it is sold in, and its weight there.
    pub sale: Option<(usize, f64)>,
}

impl Choice {
    /// Limits used by one unit.
    pub(super) fn uses(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.uses.iter().flatten().copied()
    }
}

/// Units with the same choices.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// How many there are.
    pub units: u64,
    /// What each can do.
    pub choices: Vec<Choice>,
}

impl Item {
    /// Whether it can stay whatever the limits are.
    pub(super) fn can_stay(&self) -> bool {
        self.choices.iter().any(|choice| choice.exit == Exit::Stays)
    }

    /// The best choice when nothing limits and the market is deep: the first of the most valuable.
    pub(super) fn ideal(&self) -> usize {
        let better = |best: usize, at: usize| {
            if self.choices[at].value > self.choices[best].value { at } else { best }
        };
        (0..self.choices.len()).reduce(better).unwrap_or(0)
    }
}

/// One product sold in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pool {
    /// Present value that a unit of weight one brings in of the market price.
    pub mean_worth: f64,
    /// `Y σ / √V`.
    pub steepness: f64,
}

impl Pool {
    /// By what share the price falls with `quantity` sold.
    pub(super) fn price_fall(&self, quantity: f64) -> f64 {
        (self.steepness * quantity.max(0.0).sqrt()).min(1.0)
    }

    /// What is lost with `quantity` sold.
    pub(super) fn loss(&self, quantity: f64) -> f64 {
        self.mean_worth * quantity.max(0.0) * self.price_fall(quantity)
    }

    /// `c` of the loss `c q^{3/2}` while the price is above nothing.
    pub(super) fn loss_coefficient(&self) -> f64 {
        self.mean_worth * self.steepness
    }

    /// What one weighted unit more loses, on all; at most the whole of what it brings in.
    pub(super) fn marginal_loss(&self, quantity: f64) -> f64 {
        (1.5 * self.steepness * quantity.max(0.0).sqrt()).min(1.0) * self.mean_worth
    }

    /// `max over q ≥ 0 of price × q − loss(q)`: `4/27 price³ / (m s)²`. It holds for prices up to `m`: a price that
    /// has fallen to nothing falls no further, but then a unit more costs `m` and the maximum lies before.
    pub(super) fn conjugate(&self, price: f64) -> f64 {
        let slope = self.loss_coefficient();
        if slope <= 0.0 { 0.0 } else { 4.0 / 27.0 * price.powi(3) / slope.powi(2) }
    }
}

/// The whole problem.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Problem {
    /// Who leaves.
    pub items: Vec<Item>,
    /// How much there is of each limit.
    pub limits: Vec<f64>,
    /// Markets of one product and month.
    pub pools: Vec<Pool>,
}

/// Units given to choices, with what they use and sell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assignment {
    /// Units by item and choice.
    pub units: Vec<Vec<u64>>,
    /// Used of each limit.
    pub used: Vec<f64>,
    /// Weighted units in each pool.
    pub sold: Vec<f64>,
}

/// Slack below which a limit counts as kept: sums of amounts are not exact.
pub(super) const ROUNDING: f64 = 1e-6;

impl Assignment {
    /// Nobody placed yet.
    pub(super) fn empty(problem: &Problem) -> Assignment {
        Assignment {
            units: problem.items.iter().map(|item| vec![0; item.choices.len()]).collect(),
            used: vec![0.0; problem.limits.len()],
            sold: vec![0.0; problem.pools.len()],
        }
    }

    /// Units of an item that have no place yet.
    pub(super) fn unplaced(&self, problem: &Problem, item: usize) -> u64 {
        problem.items[item].units - self.units[item].iter().sum::<u64>()
    }

    /// Items of which units have no place, and how many.
    pub(super) fn stranded(&self, problem: &Problem) -> Vec<(usize, u64)> {
        let of_item = |item: usize| (item, self.unplaced(problem, item));
        (0..problem.items.len()).map(of_item).filter(|(_, units)| *units > 0).collect()
    }

    /// How many more units of a choice the limits take.
    pub(super) fn room(&self, problem: &Problem, choice: &Choice) -> u64 {
        let of_limit = |(limit, each): (usize, f64)| {
            let left = problem.limits[limit] - self.used[limit];
            if each <= 0.0 { u64::MAX } else { ((left + ROUNDING) / each).floor().max(0.0) as u64 }
        };
        choice.uses().map(of_limit).min().unwrap_or(u64::MAX)
    }

    /// Puts units to a choice.
    pub(super) fn put(&mut self, problem: &Problem, item: usize, choice: usize, units: u64) {
        self.units[item][choice] += units;
        self.count(&problem.items[item].choices[choice], units as f64);
    }

    /// Takes units from a choice.
    pub(super) fn take(&mut self, problem: &Problem, item: usize, choice: usize, units: u64) {
        self.units[item][choice] -= units;
        self.count(&problem.items[item].choices[choice], -(units as f64));
    }

    fn count(&mut self, choice: &Choice, units: f64) {
        for (limit, each) in choice.uses() {
            self.used[limit] += each * units;
        }
        if let Some((pool, weight)) = choice.sale {
            self.sold[pool] = (self.sold[pool] + weight * units).max(0.0);
        }
    }

    /// Present value of everything.
    pub(super) fn value(&self, problem: &Problem) -> f64 {
        self.sum(problem, |choice| choice.value)
    }

    /// Present value of all net recovery.
    pub(super) fn recovery(&self, problem: &Problem) -> f64 {
        self.sum(problem, |choice| choice.recovery)
    }

    fn sum(&self, problem: &Problem, each: impl Fn(&Choice) -> f64) -> f64 {
        let of_items: f64 = problem
            .items
            .iter()
            .zip(&self.units)
            .flat_map(|(item, units)| item.choices.iter().zip(units))
            .map(|(choice, units)| each(choice) * *units as f64)
            .sum();
        let losses: f64 = problem.pools.iter().zip(&self.sold).map(|(pool, sold)| pool.loss(*sold)).sum();
        of_items - losses
    }
}

/// What limits and pools cost at the margin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Prices {
    /// One unit more of each limit, zero or more.
    pub limits: Vec<f64>,
    /// One weighted unit more in each pool, zero or more.
    pub pools: Vec<f64>,
}

impl Prices {
    /// What a choice costs besides its value.
    pub(super) fn of(&self, choice: &Choice) -> f64 {
        let limits: f64 = choice.uses().map(|(limit, each)| self.limits[limit] * each).sum();
        limits + choice.sale.map_or(0.0, |(pool, weight)| self.pools[pool] * weight)
    }

    /// Value of a choice after its price.
    pub(super) fn reduced(&self, choice: &Choice) -> f64 {
        choice.value - self.of(choice)
    }

    /// A bound that no assignment exceeds, whatever the prices are (weak duality): every item takes its best choice at
    /// these prices, the limits and pools are paid out.
    pub(super) fn bound(&self, problem: &Problem) -> f64 {
        let items: f64 = problem
            .items
            .iter()
            .map(|item| {
                let best = item.choices.iter().map(|choice| self.reduced(choice));
                item.units as f64 * best.fold(f64::NEG_INFINITY, f64::max)
            })
            .sum();
        let limits: f64 = self.limits.iter().zip(&problem.limits).map(|(price, limit)| price * limit).sum();
        let pools: f64 =
            self.pools.iter().zip(&problem.pools).map(|(price, pool)| pool.conjugate(*price)).sum();
        items + limits + pools
    }
}
