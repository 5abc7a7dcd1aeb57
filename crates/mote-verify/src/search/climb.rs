//! Climbs towards a goal: change by change, keeping what is not farther away.
//! Owns when to go on, and when to begin elsewhere. Every search is bounded, and the same for ever.

use mote_contract::Situation;
use mote_expr::{Distance, Measured};

use super::change::{Changing, known_of};
use super::situations::Situations;
use crate::asked::{Finding, decided};
use crate::cases::Draft;
use crate::random::Random;

/// After how many changes that brought nothing nearer a climb ends.
const PATIENCE: usize = 200;
/// The same where it is known by how much a number is off: there is a slope, if a narrow one.
const PATIENCE_ON_SLOPE: usize = 500;
/// How often a change begins from a step aside.
const ASIDE: usize = 12;
/// After how many steps on a plateau what occurs around is looked at again.
const LOOK_AGAIN_AFTER: usize = 16;

/// The end of a climb.
pub(crate) struct Climbed {
    pub(crate) draft: Draft,
    pub(crate) measured: Measured,
    /// How often a situation was measured.
    pub(crate) evaluations: usize,
    /// An expression of the contract erred: worth more than any goal.
    pub(crate) erred: bool,
}

/// From `start` towards where `measure` is 0, with at most `most` measurements.
pub(crate) fn climb(
    situations: &Situations<'_>,
    start: Draft,
    most: usize,
    random: &mut Random,
    measure: &dyn Fn(&Situation) -> Measured,
) -> Climbed {
    let changing = Changing::of(situations);
    let measured = measure(&start.situation);
    let mut best = Climbed { draft: start, measured, evaluations: 1, erred: false };
    let mut known = known_of(situations, &best.draft, random);
    let (mut tried, mut idle, mut walked) = (0, 0, 0);
    // A step in a wrong direction from which the next one may get further: a quantity of one, say,
    // from where any sum can be met by its price.
    let mut aside: Option<(Draft, i64, usize)> = None;
    let patience = |measured: Measured| {
        if measured.excess.is_some() { PATIENCE_ON_SLOPE } else { PATIENCE }
    };
    while !best.measured.distance.is_reached() && tried < most && idle < patience(best.measured) {
        // What is not admitted is cheap, and counts: a search that only meets that ends too.
        tried += 1;
        idle += 1;
        let (from, excess) = match &mut aside {
            Some((draft, excess, left)) if *left > 0 => {
                *left -= 1;
                (&*draft, Some(*excess))
            }
            _ => (&best.draft, best.measured.excess),
        };
        let changed = changing.change(from, &known, excess, random);
        let Some(draft) = changed else { continue };
        let measured = measure(&draft.situation);
        best.evaluations += 1;
        if measured.distance >= Distance::ABSENT
            && let Some(Finding::Broken(_)) = decided(situations.law(), &draft.situation)
        {
            return Climbed { draft, measured, erred: true, ..best };
        }
        // As far away is good enough: on a plateau one has to walk.
        if measured.distance <= best.measured.distance {
            let nearer = measured.distance < best.measured.distance;
            (best.draft, best.measured) = (draft, measured);
            walked += 1;
            if nearer || walked % LOOK_AGAIN_AFTER == 0 {
                known = known_of(situations, &best.draft, random);
            }
            if nearer {
                idle = 0;
                aside = None;
            }
        } else if let Some(excess) = measured.excess
            && measured.distance < Distance::ABSENT
            && aside.as_ref().is_none_or(|(.., left)| *left == 0)
            && random.chance(20)
        {
            aside = Some((draft, excess, ASIDE));
        }
    }
    best
}
