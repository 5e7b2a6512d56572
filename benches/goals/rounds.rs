//! Rounds in which everything that is to be compared takes its turn, so that a slow minute of the
//! machine is slow for all; and a canary, by which rounds are told in which the machine was busy
//! with something else.

use std::hint::black_box;
use std::time::Instant as Stopwatch;

use crate::fleet::scattered;

/// Undisturbed rounds that are enough.
const ENOUGH: usize = 9;
/// After so many rounds there are no more, however disturbed they were.
const ROUNDS_MAX: usize = 15;
/// Then the calmest of them count.
const CALMEST: usize = 5;
/// A round is disturbed if the canary ever took so many times its best.
const DISTURBED: f64 = 1.25;

/// What takes its turn: does its work and gives the nanoseconds that one of it took.
pub struct Turn<'a> {
    name: String,
    run: Box<dyn FnMut() -> f64 + 'a>,
}

/// A turn that does something so many times.
pub fn turn<'a>(name: impl Into<String>, count: usize, mut run: impl FnMut() + 'a) -> Turn<'a> {
    counted(name, move || {
        run();
        count as u64
    })
}

/// A turn that says itself how many times it did something.
pub fn counted<'a>(name: impl Into<String>, mut run: impl FnMut() -> u64 + 'a) -> Turn<'a> {
    timed(name, move || {
        let start = Stopwatch::now();
        let count = run();
        start.elapsed().as_secs_f64() * 1e9 / count as f64
    })
}

/// A turn that says itself how many nanoseconds one of it took: some of what it does is not timed.
pub fn timed<'a>(name: impl Into<String>, run: impl FnMut() -> f64 + 'a) -> Turn<'a> {
    Turn { name: name.into(), run: Box::new(run) }
}

/// One round.
struct Round {
    /// The slowest that the canary was.
    canary: f64,
    /// What each turn took.
    costs: Vec<f64>,
}

/// Undisturbed rounds, or what comes nearest to them.
pub struct Rounds {
    names: Vec<String>,
    rounds: Vec<Round>,
}

/// Goes round until it was calm often enough.
pub fn measure(mut turns: Vec<Turn>) -> Rounds {
    let mut canary = Canary::new();
    // The first round fetches everything and does not count.
    for turn in &mut turns {
        (turn.run)();
    }
    let mut best = f64::INFINITY;
    let mut rounds: Vec<Round> = Vec::new();
    let is_calm = |round: &Round, best: f64| round.canary < best * DISTURBED;
    let calm = |rounds: &[Round], best| rounds.iter().filter(|r| is_calm(r, best)).count();
    while rounds.len() < ROUNDS_MAX && calm(&rounds, best) < ENOUGH {
        let mut canaries = vec![canary.time()];
        let mut costs = Vec::new();
        for turn in &mut turns {
            costs.push((turn.run)());
            canaries.push(canary.time());
        }
        best = canaries.iter().copied().fold(best, f64::min);
        rounds.push(Round { canary: canaries.into_iter().fold(0.0, f64::max), costs });
    }
    let (all, kept) = (rounds.len(), calm(&rounds, best).max(CALMEST));
    rounds.sort_by(|a, b| a.canary.total_cmp(&b.canary));
    rounds.truncate(kept);
    let slowest = rounds.last().map_or(1.0, |round| round.canary / best);
    eprintln!(
        "  {kept} rounds count, {} disturbed ones rejected; the canary took at most {slowest:.2} \
         times its best",
        all - kept
    );
    Rounds { names: turns.into_iter().map(|turn| turn.name).collect(), rounds }
}

impl Rounds {
    /// The median of what a turn took, in nanoseconds.
    pub fn ns(&self, name: &str) -> f64 {
        self.median(|costs| costs[self.place(name)])
    }

    /// How many times as long the first took as the second: the median over the rounds.
    pub fn ratio(&self, name: &str, other: &str) -> f64 {
        self.median(|costs| costs[self.place(name)] / costs[self.place(other)])
    }

    fn place(&self, name: &str) -> usize {
        self.names.iter().position(|other| other == name).expect("a turn of that name")
    }

    fn median(&self, of: impl Fn(&[f64]) -> f64) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(|round| of(&round.costs)).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }
}

/// A fixed piece of work, half arithmetic, half waiting for memory.
struct Canary {
    /// Each place names the next one to look at.
    places: Vec<u32>,
}

impl Canary {
    const PLACES: usize = 1 << 21;
    const STEPS: usize = 100_000;
    const PRODUCTS: u64 = 1_000_000;

    fn new() -> Self {
        Self { places: (0..Self::PLACES).map(|i| scattered(i, Self::PLACES) as u32).collect() }
    }

    fn time(&mut self) -> f64 {
        let start = Stopwatch::now();
        let product = (0..Self::PRODUCTS).fold(1_u64, |product, factor| {
            black_box(product.wrapping_mul(factor | 1)).rotate_left(7)
        });
        let mut place = 0;
        for step in 0..Self::STEPS {
            place = (self.places[place] as usize + step) % Self::PLACES;
        }
        black_box((product, place));
        start.elapsed().as_secs_f64()
    }
}
