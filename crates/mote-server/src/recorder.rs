//! Records calls: what the sampler chooses is masked and kept in a ring, on a thread of its own.
//!
//! Owns the thread, and what is counted of it. Never makes a call wait and never fails one: what cannot be
//! kept is lost and counted. Which calls are worth it is the engine's [`Sampler`]; what is masked, the
//! law's matter. Recordings are read with [`recordings`], by anybody, at any time.

mod keeper;
mod queue;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mote_contract::Recording;
use mote_engine::{Decided, Sampler, Sampling};
use mote_expr::schema::Mask;
use mote_store::{Ring, RingError};

use self::keeper::Keeper;
use self::queue::{Queue, Waiting};
use crate::metrics::Gauge;

/// How long the end of a process waits for what is still to be written.
const DRAIN: Duration = Duration::from_secs(2);

/// What is recorded, and where.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The folder of the rings.
    pub folder: PathBuf,
    /// The most bytes that they take together.
    pub bytes: u64,
    /// How many calls are recorded besides breaches.
    pub sampling: Sampling,
    /// What sensitive values are masked with.
    pub mask: Mask,
}

/// Records calls, until dropped.
#[derive(Debug)]
pub struct Recorder {
    sampler: Mutex<Sampler>,
    queue: Arc<Queue>,
    /// Closed by the thread's end.
    ended: Mutex<Receiver<()>>,
}

impl Recorder {
    /// Record calls as `recorded` says.
    pub fn start(recorded: Recorded) -> Recorder {
        let sampler = Mutex::new(Sampler::new(recorded.sampling));
        let queue = Arc::new(Queue::default());
        let (alive, ended) = channel();
        let taken = queue.clone();
        // A disk may take long: only this thread waits for it.
        std::thread::spawn(move || {
            let _alive = alive;
            let mut keeper = Keeper::new(recorded);
            while let Some(waiting) = taken.next() {
                taken.count(keeper.keep(&waiting), keeper.bytes());
            }
        });
        Recorder { sampler, queue, ended: Mutex::new(ended) }
    }

    /// Take note of a call, if it is one to be recorded.
    pub fn note<C>(&self, call: &Decided<'_, C>) {
        let chosen = self.sampler.lock().unwrap_or_else(PoisonError::into_inner).chooses(call);
        let weight = call.envelope.input.len() + call.said.map_or(0, <[u8]>::len);
        if chosen && self.queue.has_room(call.is_breach(), weight) {
            let (law, recording) = (call.release.law.clone(), call.recording());
            self.queue.push(Waiting { law, recording, weight });
        }
    }

    /// Write what was noted, and record nothing more.
    pub fn end(&self) {
        self.queue.end();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        // It ends by closing: nothing is ever sent. A disk that hangs is not waited for.
        let _ = ended.recv_timeout(DRAIN);
    }

    /// What it can tell of itself in numbers.
    pub fn gauges(&self) -> [Gauge; 3] {
        let (kept, lost, bytes) = self.queue.counts();
        let gauge = |name, help, value| Gauge { name, help, value };
        [
            gauge("mote_recordings_kept", "Calls that were recorded since the start.", kept),
            gauge(
                "mote_recordings_lost",
                "Calls that were to be recorded and were not: the disk was full, or too slow.",
                lost,
            ),
            gauge("mote_recordings_bytes", "What recordings take on the disk.", bytes),
        ]
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.queue.end();
    }
}

/// What is recorded.
#[derive(Clone, Debug, Default)]
pub struct Recordings {
    /// The recordings, the newest first.
    pub found: Vec<Recording>,
    /// How many records cannot be read.
    pub damaged: usize,
}

/// What is recorded in `folder` of the operations that are `wanted`, whether somebody records there or not.
pub fn recordings(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Recordings, RingError> {
    let mut recordings = Recordings::default();
    for ring in keeper::RINGS {
        let kept = Ring::read(&folder.join(ring))?;
        recordings.damaged += kept.damaged;
        for (label, record) in kept.records {
            // A label begins with its operation: what nobody wants is not worth reading.
            if !wanted(label.split(' ').next().unwrap_or("")) {
                continue;
            }
            match Recording::read(&record) {
                Ok(recording) => recordings.found.push(recording),
                Err(_) => recordings.damaged += 1,
            }
        }
    }
    let place = |recording: &Recording| (recording.now().to_owned(), recording.id.clone());
    recordings.found.sort_by_cached_key(|recording| std::cmp::Reverse(place(recording)));
    Ok(recordings)
}
