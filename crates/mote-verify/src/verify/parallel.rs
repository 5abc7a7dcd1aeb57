//! Work shared among threads, with results in the order of the work.
//! Owns the threads. What is computed must depend on the index alone, so that their number does not show.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// How many pieces of work a thread takes at once, and after how many progress is told.
const CHUNK: usize = 16;

/// The results of `work` for 0 to `count`, in order. `progress` runs on this thread.
pub(crate) fn map<T: Send>(
    threads: usize,
    count: usize,
    progress: &dyn Fn(usize),
    work: &(dyn Fn(usize) -> T + Sync),
) -> Vec<T> {
    in_chunks(CHUNK, threads, count, progress, work)
}

/// The same, for pieces of work that each take long: every thread takes one at a time.
pub(super) fn map_each<T: Send>(
    threads: usize,
    count: usize,
    progress: &dyn Fn(usize),
    work: &(dyn Fn(usize) -> T + Sync),
) -> Vec<T> {
    in_chunks(1, threads, count, progress, work)
}

fn in_chunks<T: Send>(
    chunk: usize,
    threads: usize,
    count: usize,
    progress: &dyn Fn(usize),
    work: &(dyn Fn(usize) -> T + Sync),
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let take = |out: &mut Vec<(usize, T)>| {
        let from = next.fetch_add(chunk, Ordering::Relaxed);
        out.extend((from..count.min(from.saturating_add(chunk))).map(|index| (index, work(index))));
        from < count
    };
    let mut results = Vec::with_capacity(count);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        // More threads than chunks would only start and end.
        for _ in 1..threads.min(count.div_ceil(chunk)) {
            let sender = sender.clone();
            let take = &take;
            scope.spawn(move || {
                let mut out = Vec::new();
                while take(&mut out) {}
                // Nobody listens only if the calling thread panicked; the scope then panics too.
                drop(sender.send(out));
            });
        }
        drop(sender);
        while take(&mut results) {
            progress(next.load(Ordering::Relaxed).min(count));
        }
        results.extend(receiver.into_iter().flatten());
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_work() {
        for threads in [0, 1, 2, 7] {
            for count in [0, 1, 15, 16, 17, 500] {
                let squares: Vec<_> = (0..count).map(|index| index * index).collect();
                assert_eq!(map(threads, count, &|_| (), &|index| index * index), squares);
                assert_eq!(map_each(threads, count, &|_| (), &|index| index * index), squares);
            }
        }
    }
}
