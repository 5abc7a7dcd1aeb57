//! The engine's ports in a simulated world: code that takes time, lies, and stops.

use std::num::{NonZeroU64, NonZeroUsize};

use mote_contract::{Budget, Isolation};
use mote_engine::{Envelope, Heads, Lanes, Ports, Stop};

use crate::code::{Code, Lie};
use crate::disk::Disk;
use crate::history::History;
use crate::world::World;

/// How often code does not answer as it should, in a thousand calls.
const LIES: u64 = 40;
const TRAPS: u64 = 10;
const TIMEOUTS: u64 = 10;
const FULL_POOLS: u64 = 10;

/// Fewer than there are books, so that heads come and go.
const HEADS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// Few enough that every book has snapshots.
const SNAPSHOTS_EACH: NonZeroU64 = NonZeroU64::new(4).unwrap();

/// The ports of one process.
pub(crate) struct SimPorts {
    world: World,
    history: History,
    disk: Disk,
    heads: Heads,
    lanes: Lanes,
}

impl SimPorts {
    pub(crate) fn new(world: World, history: History, disk: Disk) -> SimPorts {
        SimPorts {
            world,
            history,
            disk,
            heads: Heads::new(HEADS).with_snapshots_each(SNAPSHOTS_EACH),
            lanes: Lanes::new(),
        }
    }
}

impl Ports for SimPorts {
    type Code = Code;
    type Log = Disk;

    fn log(&self) -> &Disk {
        &self.disk
    }

    fn heads(&self) -> &Heads {
        &self.heads
    }

    fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    async fn ask(
        &self,
        code: &Code,
        call: Vec<u8>,
        _budget: &Budget,
        _isolation: Isolation,
        envelope: &Envelope,
    ) -> Result<Vec<u8>, Stop> {
        self.world.pass(5..200).await;
        let lied = || self.history.facts().lied.insert(envelope.id.clone());
        if self.world.happens(TRAPS) {
            lied();
            return Err(Stop::Breach { clause: "budget/fuel".to_owned(), message: "out of fuel".to_owned() });
        }
        if self.world.happens(TIMEOUTS) {
            return Err(Stop::Timeout(1_000));
        }
        if self.world.happens(FULL_POOLS) {
            return Err(Stop::Unavailable("every instance is taken".to_owned()));
        }
        let lie = self.world.happens(LIES).then(|| *self.world.pick(&Lie::ALL));
        if lie.is_some() {
            lied();
        }
        Ok(code.answer(&call, lie))
    }
}
