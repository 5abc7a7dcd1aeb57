//! Keeps the views up to date: follows the log on a thread of its own, and lets readers wait.
//!
//! Owns which views are kept and how far they reach. What an event does to a row is the engine's
//! [`Follower`]; where rows are is the store's.

use std::sync::Arc;
use std::time::Duration;

use mote_contract::View;
use mote_engine::{FollowError, Follower};
use mote_log::{Log, Position, Views};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::log::WatchedLog;

/// How long the follower waits after a failure: a full disk is not freed in a millisecond.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Keeps views, until dropped.
#[derive(Debug)]
pub struct ViewKeeper {
    wanted: watch::Sender<Wanted>,
    reached: watch::Receiver<Reached>,
}

/// The views to keep; each change counts up, so that those who changed it can wait for it.
#[derive(Clone, Debug)]
struct Wanted {
    change: u64,
    follower: Arc<Follower>,
}

/// How far the views reach.
#[derive(Clone, Debug, Default)]
struct Reached {
    /// The change whose views have caught up.
    change: u64,
    position: Position,
    /// Why they do not move, and at which change.
    failure: Option<(u64, String)>,
}

/// Why views cannot be brought up to date now. They are tried again and again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the views cannot be brought up to date: {0}")]
pub struct KeepError(String);

impl ViewKeeper {
    /// Keep views in `store` from the commits of `log`. None are kept before [`ViewKeeper::keep`].
    pub fn start<L, V>(log: WatchedLog<L>, store: V, runtime: &Handle) -> ViewKeeper
    where
        L: Log + 'static,
        V: Views + 'static,
    {
        let wanted = watch::Sender::new(Wanted { change: 0, follower: Arc::new(Follower::new([])) });
        let (tell, reached) = watch::channel(Reached::default());
        let (asked, runtime) = (wanted.subscribe(), runtime.clone());
        // Rows are written on the thread that follows: a slow disk must not hold a worker.
        std::thread::spawn(move || runtime.block_on(follow(&log, &store, asked, &tell)));
        ViewKeeper { wanted, reached }
    }

    /// Keep these views and no others, and wait until they have caught up with the log as it is now,
    /// or until that fails once.
    pub async fn keep(&self, views: impl IntoIterator<Item = Arc<View>>) -> Result<(), KeepError> {
        let follower = Arc::new(Follower::new(views));
        let mut change = 0;
        self.wanted.send_modify(|wanted| {
            change = wanted.change + 1;
            *wanted = Wanted { change, follower };
        });
        let mut reached = self.reached.clone();
        let failed = |reached: &Reached| {
            reached.failure.clone().filter(|(at, _)| *at >= change).map(|(_, why)| KeepError(why))
        };
        let settled = reached.wait_for(|reached| reached.change >= change || failed(reached).is_some()).await;
        match settled {
            Ok(reached) => failed(&reached).map_or(Ok(()), Err),
            Err(_) => Err(KeepError("the follower has ended".to_owned())),
        }
    }

    /// Tells how far all views reach.
    pub fn freshness(&self) -> Freshness {
        Freshness { reached: self.reached.clone() }
    }
}

/// How far the views reach, for those who want to read their own writes.
#[derive(Clone, Debug)]
pub struct Freshness {
    reached: watch::Receiver<Reached>,
}

impl Freshness {
    /// Wait until every view reaches `position`. False if it takes longer than `wait`.
    pub async fn reaches(&self, position: Position, wait: Duration) -> bool {
        let mut reached = self.reached.clone();
        let arrived = reached.wait_for(|reached| reached.position >= position);
        tokio::time::timeout(wait, arrived).await.is_ok_and(|arrived| arrived.is_ok())
    }

    /// How far all views reach.
    pub fn reached(&self) -> Position {
        self.reached.borrow().position
    }

    /// Why the views do not move, if so.
    pub fn failure(&self) -> Option<String> {
        self.reached.borrow().failure.as_ref().map(|(_, why)| why.clone())
    }
}

async fn follow<L: Log, V: Views>(
    log: &WatchedLog<L>,
    store: &V,
    mut asked: watch::Receiver<Wanted>,
    tell: &watch::Sender<Reached>,
) {
    let mut grown = log.grown();
    let mut kept = None;
    loop {
        grown.mark_unchanged();
        let wanted = asked.borrow_and_update().clone();
        match bring(log, store, &wanted, &mut kept).await {
            Ok(position) => {
                tell.send_replace(Reached { change: wanted.change, position, failure: None });
                tokio::select! {
                    grew = grown.changed() => if grew.is_err() { return },
                    changed = asked.changed() => if changed.is_err() { return },
                }
            }
            Err(error) => {
                tell.send_modify(|reached| reached.failure = Some((wanted.change, error.to_string())));
                tokio::select! {
                    () = tokio::time::sleep(AGAIN_AFTER) => {}
                    changed = asked.changed() => if changed.is_err() { return },
                }
            }
        }
    }
}

/// Bring the wanted views to the end of the log.
async fn bring<L: Log, V: Views>(
    log: &WatchedLog<L>,
    store: &V,
    wanted: &Wanted,
    kept: &mut Option<u64>,
) -> Result<Position, FollowError> {
    if *kept != Some(wanted.change) {
        store.keep(&wanted.follower.kept()).await?;
        *kept = Some(wanted.change);
    }
    loop {
        let step = wanted.follower.step(log, store).await?;
        if step.commits == 0 {
            return Ok(step.reached);
        }
    }
}
