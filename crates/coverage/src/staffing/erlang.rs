//! The formulas of Erlang C (nobody leaves) and Erlang A (exponential patience), for constant staff and
//! arrivals at random: what the simulation of queues must agree with, and how many members an hour needs.

/// Chats that come at random to a constant number of places at which one can be answered.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Load {
    /// How many chats can be answered at once.
    pub places: u32,
    /// How many chats come in a millisecond, on average.
    pub arrivals_per_ms: f64,
    /// How long a chat takes on average, in milliseconds.
    pub handle_ms: f64,
    /// How long somebody waits on average before leaving, in milliseconds; `None` for ever.
    pub patience_ms: Option<f64>,
}

impl Load {
    /// How many places would be busy on average if there were enough: the load in Erlangs.
    pub fn erlangs(&self) -> f64 {
        self.arrivals_per_ms * self.handle_ms
    }

    /// The share of chats for whom all of the places are busy when they would begin, if nobody may wait:
    /// Erlang B.
    fn blocked(&self) -> f64 {
        let erlangs = self.erlangs();
        (1..=self.places)
            .fold(1.0, |blocked, place| erlangs * blocked / (f64::from(place) + erlangs * blocked))
    }

    /// The share of chats that wait at all.
    pub fn waits(&self) -> f64 {
        match self.patience_ms {
            None => self.waits_patiently(),
            Some(patience_ms) => {
                let (busy, queue) = self.queue(patience_ms);
                (1.0 + queue.iter().sum::<f64>()) / busy
            }
        }
    }

    /// Erlang C; where more comes than can be answered, everybody waits.
    fn waits_patiently(&self) -> f64 {
        let (erlangs, places) = (self.erlangs(), f64::from(self.places));
        if erlangs >= places {
            return 1.0;
        }
        let blocked = self.blocked();
        blocked / (1.0 - erlangs / places * (1.0 - blocked))
    }

    /// The share of all chats that are answered within a time.
    pub fn answered_within(&self, within_ms: f64) -> f64 {
        match self.patience_ms {
            None => {
                let (erlangs, places) = (self.erlangs(), f64::from(self.places));
                if erlangs >= places {
                    return 0.0;
                }
                let left = (-(places - erlangs) * within_ms / self.handle_ms).exp();
                1.0 - self.waits_patiently() * left
            }
            Some(patience_ms) => self.answered_before_leaving(within_ms, patience_ms),
        }
    }

    /// The share of all chats that leave before anybody answers.
    pub fn left(&self) -> f64 {
        let Some(patience_ms) = self.patience_ms else { return 0.0 };
        let (all, queue) = self.queue(patience_ms);
        let waiting = queue.iter().zip(1_u32..).map(|(share, place)| share * f64::from(place));
        // Who leaves in a millisecond, of those who come in one.
        waiting.sum::<f64>() / all / patience_ms / self.arrivals_per_ms
    }

    /// How likely each length of the queue is, from one on, beside all places being busy with nobody
    /// waiting; and what all states together are beside that.
    fn queue(&self, patience_ms: f64) -> (f64, Vec<f64>) {
        let (served, leaves) = (f64::from(self.places) / self.handle_ms, 1.0 / patience_ms);
        let mut queue = Vec::new();
        let mut share = 1.0;
        loop {
            let place = (queue.len() + 1) as f64;
            let falls = self.arrivals_per_ms / (served + place * leaves);
            share *= falls;
            // From here on it falls at least as fast.
            if falls < 1.0 && share < 1e-13 {
                break;
            }
            queue.push(share);
        }
        (1.0 / self.blocked() + queue.iter().sum::<f64>(), queue)
    }

    /// Erlang A: who finds so many before them waits until these are answered or have left, and may
    /// leave meanwhile.
    fn answered_before_leaving(&self, within_ms: f64, patience_ms: f64) -> f64 {
        let (all, queue) = self.queue(patience_ms);
        let waits = (1.0 + queue.iter().sum::<f64>()) / all;
        let (served, leaves) = (f64::from(self.places) / self.handle_ms, 1.0 / patience_ms);
        // Of who finds `place` others waiting: the share answered after so many steps of a clock that
        // is as fast as the fastest of these rates together.
        let moves = |place: usize| served + place as f64 * leaves;
        let fastest = moves(queue.len()) + leaves;
        let mut answered = vec![0.0; queue.len() + 1];
        let mut after = vec![0.0; queue.len() + 1];
        let mean_steps = fastest * within_ms;
        let (mut steps, mut ln_likely) = (0.0, -mean_steps);
        loop {
            let likely = f64::exp(ln_likely);
            for (sum, share) in after.iter_mut().zip(&answered) {
                *sum += likely * share;
            }
            if steps > mean_steps && likely < 1e-14 {
                break;
            }
            for place in (0..answered.len()).rev() {
                let moved = moves(place);
                let before = if place == 0 { 1.0 } else { answered[place - 1] };
                let stays = fastest - moved - leaves;
                answered[place] = (moved * before + stays * answered[place]) / fastest;
            }
            steps += 1.0;
            ln_likely += (mean_steps / steps).ln();
        }
        let found = std::iter::once(&1.0).chain(&queue);
        let waited: f64 = found.zip(&after).map(|(share, after)| share * after).sum();
        1.0 - waits + waited / all
    }
}

/// The smallest number of members, each with room for so many chats, with whom a share of the chats is
/// answered within a time; `None` where nobody comes.
pub fn members_needed(load: Load, concurrent: u32, (share, within_ms): (f64, f64)) -> Option<u32> {
    /// More members than any team has.
    const MEMBERS_MAX: u32 = 100_000;
    if load.arrivals_per_ms <= 0.0 {
        return None;
    }
    // Without patience fewer than the load never do.
    let fewest = load.erlangs() / f64::from(concurrent);
    let first = if load.patience_ms.is_none() { fewest as u32 } else { 0 };
    (first.max(1)..MEMBERS_MAX).find(|members| {
        let places = members.saturating_mul(concurrent);
        Load { places, ..load }.answered_within(within_ms) >= share
    })
}
