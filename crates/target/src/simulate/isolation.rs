//! A wrong world as it may fail again: without any other, and where it does not, among those that were there
//! with it. A service that has many may go another way than one that has few.

use lamplighter_core::hours::Zones;
use lamplighter_scenario::simulate::{Case, Inquirer, Inquiry, Shrunken, shrink_finding};

use super::batch::FailingWorld;
use super::shrink::TargetInquirer;

/// So often in a row a world must fail among others: what a service keeps of those before could have made it
/// fail once.
const TIMES_AMONG: u32 = 2;

/// A wrong world as it may fail again without any other: from its start on, from before the last clock change
/// since its properties were made, and from when they were.
pub fn alone(wrong: &FailingWorld, zones: &Zones) -> impl Iterator<Item = Case> {
    let case = &wrong.case;
    let made = wrong.made.filter(|made| *made < case.start);
    let earlier = made.and_then(|made| case.from_before_clock_change(made, zones));
    let from_made = made.map(|start| Case { start, ..case.clone() });
    [Some(case.clone()), earlier, from_made].into_iter().flatten()
}

/// One of the worlds that were there with the wrong one.
#[derive(Clone)]
struct OtherWorld {
    case: Case,
    /// Whether it was made before the wrong one.
    is_before: bool,
}

/// Makes a world small that fails only where others are, which were made before it and behind it: as few of
/// them as will do. Nothing but their hours, and those of bystanders that are made last, is tried first.
pub fn shrink_among(
    wrong: &FailingWorld,
    (before, behind): (&[Case], &[Case]),
    bystanders: &[Case],
    zones: &Zones,
    inquirer: &mut TargetInquirer<'_, '_>,
) -> Option<Shrunken> {
    inquirer.times = TIMES_AMONG;
    let other = |is_before| move |case: &Case| OtherWorld { case: case.clone(), is_before };
    let all: Vec<OtherWorld> =
        before.iter().map(other(true)).chain(behind.iter().map(other(false))).collect();
    let hours = all.iter().cloned().chain(bystanders.iter().map(other(false)));
    let hours = hours.map(|it| OtherWorld { case: it.case.hours_alone(), ..it });
    let hours: Vec<OtherWorld> = hours.filter(|other| !other.case.properties.is_empty()).collect();
    let some = [hours, all].into_iter().filter(|others| !others.is_empty());
    let mut tries = some.flat_map(|others| {
        alone(wrong, zones).map(move |case| (case, others.clone())).collect::<Vec<_>>()
    });
    tries.find_map(|(case, others)| shrink_with(&case, wrong, others, inquirer))
}

/// The same of one form of the world, and of its others; `None` where it does not fail among all of them.
fn shrink_with(
    case: &Case,
    wrong: &FailingWorld,
    mut kept: Vec<OtherWorld>,
    inquirer: &mut TargetInquirer<'_, '_>,
) -> Option<Shrunken> {
    let mut ask = |kept: &[OtherWorld]| {
        let of = |is_before| {
            let those = kept.iter().filter(move |other| other.is_before == is_before);
            those.map(|other| &other.case).collect::<Vec<_>>()
        };
        let (case, question) = case.beside(&of(true), &of(false), &wrong.question);
        match inquirer.goes_on().then(|| inquirer.ask(&case, &question)) {
            Some(Inquiry::Differs(finding)) => Some((case, finding)),
            _ => None,
        }
    };
    let mut smallest = ask(&kept)?;
    let mut length = kept.len().div_ceil(2);
    while length > 0 {
        let mut at = 0;
        while at < kept.len() {
            let end = kept.len().min(at + length);
            let fewer = [&kept[..at], &kept[end..]].concat();
            match ask(&fewer) {
                Some(smaller) => (kept, smallest) = (fewer, smaller),
                None => at = end,
            }
        }
        length /= 2;
    }
    let (case, finding) = smallest;
    Some(shrink_finding(case, finding, inquirer))
}
