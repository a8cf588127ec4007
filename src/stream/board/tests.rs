mod least_ahead;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use proptest::prelude::*;

use super::*;
use crate::table_test::each;

const MILLISECOND: Duration = Duration::from_millis(1);

impl Supply for usize {}
impl Supply for () {}

fn workers(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

/// The result of a batch in virtual time.
struct Played {
    /// Milliseconds until all is spoken.
    makespan: u64,
    /// Milliseconds until each article was complete.
    complete: Vec<u64>,
    /// Articles that were open at once.
    most_open: usize,
    /// Jobs that were open at once.
    most_jobs: usize,
}

/// Plays articles (milliseconds that each chunk takes) on a board. An opener begins the next one when a worker is
/// hungry. Listeners take complete sound at once.
fn play(mut board: Board<usize>, articles: &[Vec<u64>]) -> Played {
    let begin = Instant::now();
    let mut now = 0;
    let mut ids: Vec<LaneId> = Vec::new();
    let mut pulled = vec![0; articles.len()];
    let mut spoken: Vec<Vec<bool>> = articles.iter().map(|chunks| vec![false; chunks.len()]).collect();
    let mut delivered = vec![0; articles.len()];
    let mut complete = vec![0; articles.len()];
    // When it ends, article, number.
    let mut at_work: BinaryHeap<Reverse<(u64, usize, u64)>> = BinaryHeap::new();
    let (mut most_open, mut most_jobs) = (0, 0);
    loop {
        let time = begin + MILLISECOND * now as u32;
        while let Some((id, article)) = board.take(time) {
            let Some(&length) = articles[article].get(pulled[article]) else {
                board.exhausted(id);
                continue;
            };
            pulled[article] += 1;
            let grant = board.pulled(id, pulled[article] == articles[article].len()).unwrap();
            // Threads share a chunk evenly.
            let threads = grant.threads.get() as u64;
            at_work.push(Reverse((now + length.div_ceil(threads), article, grant.number)));
        }
        most_jobs = most_jobs.max((0..ids.len()).map(|article| pulled[article] - delivered[article]).sum());
        if board.is_hungry(time) && ids.len() < articles.len() {
            ids.push(board.open(ids.len(), false, time));
            most_open = most_open.max((0..ids.len()).filter(|&a| delivered[a] < articles[a].len()).count());
            continue;
        }
        let Some(Reverse((end, article, number))) = at_work.pop() else { break };
        now = end;
        board.spoken(ids[article], number);
        spoken[article][number as usize] = true;
        while spoken[article].get(delivered[article]) == Some(&true) {
            delivered[article] += 1;
            board.delivered(ids[article]);
        }
        if delivered[article] == articles[article].len() {
            board.close(ids[article]);
            complete[article] = now;
        }
    }
    assert_eq!(delivered, articles.iter().map(Vec::len).collect::<Vec<_>>(), "not all is spoken");
    Played { makespan: now, complete, most_open, most_jobs }
}

/// Chunks as news has them: 1 to 12 s of sound, and now and then a very short one.
fn news(articles: usize, chunks: usize, seed: u64) -> Vec<Vec<u64>> {
    let mut state = seed;
    let mut draw = move |limit: u64| {
        // Knuth's MMIX generator.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    (0..articles)
        .map(|_| {
            let count = 1 + draw(2 * chunks as u64);
            (0..count).map(|_| if draw(10) == 0 { 40 } else { 200 + draw(2200) }).collect()
        })
        .collect()
}

fn work(articles: &[Vec<u64>]) -> u64 {
    articles.iter().flatten().sum()
}

/// The lower bound for any schedule: all work shared evenly. (A single chunk is shorter here in all cases.)
fn lower_bound(articles: &[Vec<u64>], workers: usize) -> u64 {
    work(articles).div_ceil(workers as u64)
}

#[test]
fn a_batch_takes_hardly_longer_than_its_work_shared_evenly() {
    each([1, 2, 4, 8], |count| {
        let (mut bound, mut together, mut one_by_one) = (0, 0, 0);
        for seed in 0..20 {
            let articles = news(20, 12, seed);
            bound += lower_bound(&articles, count);
            together += play(Board::new(workers(count), TakeRule::OldestFirst), &articles).makespan;
            one_by_one += articles
                .iter()
                .map(|article| {
                    play(Board::new(workers(count), TakeRule::OldestFirst), std::slice::from_ref(article))
                        .makespan
                })
                .sum::<u64>();
        }
        let [together, one_by_one] = [together, one_by_one].map(|time| time as f64 / bound as f64);
        println!("{count} workers: {together:.3} of the bound; one article after the other {one_by_one:.3}");
        let most = 1.0 + 0.01 * (count - 1) as f64;
        assert!(together <= most, "{count} workers: {together:.3} of the bound");
        assert!(count == 1 || together < one_by_one, "{count} workers: no faster than one by one");
    });
}

#[test]
fn a_window_of_two_a_worker_is_enough() {
    each([1, 2, 4, 8], |count| {
        let time = |window: usize| -> u64 {
            let play_one = |seed| {
                play(Board::with_window(workers(count), TakeRule::OldestFirst, window), &news(1, 60, seed))
                    .makespan
            };
            (0..40).map(play_one).sum()
        };
        let bound: u64 = (0..40).map(|seed| lower_bound(&news(1, 60, seed), count)).sum();
        let [none, one, two, three, ten] = [count, count + 1, 2 * count + 1, 3 * count + 1, 10 * count + 1]
            .map(|window| time(window) as f64 / bound as f64);
        println!(
            "{count} workers, of the bound, by window: {count}: {none:.3}, {}: {one:.3}, {}: {two:.3}, {}: {three:.3}, {}: {ten:.3}",
            count + 1,
            2 * count + 1,
            3 * count + 1,
            10 * count + 1
        );
        assert!(two <= ten * 1.01, "{count} workers: a larger window would gain: {two:.3}, {ten:.3}");
    });
}

#[test]
fn what_comes_first_is_complete_first_and_not_much_later_than_alone() {
    each([1, 2, 4], |count| {
        for seed in 0..20 {
            let articles = news(12, 12, seed);
            let played = play(Board::new(workers(count), TakeRule::OldestFirst), &articles);
            let alone = play(Board::new(workers(count), TakeRule::OldestFirst), &articles[..1]).makespan;
            // A worker may be busy with a chunk of another article when it is needed here.
            let longest = *articles.iter().flatten().max().unwrap();
            assert!(
                played.complete[0] <= alone + longest,
                "{count} workers, batch {seed}: {} ms, alone {alone} ms",
                played.complete[0]
            );
        }
    });
}

proptest! {
    /// For any lengths: all work gets done, no worker idles while there is work, and few lanes are open.
    #[test]
    fn a_batch_is_never_worse_than_its_bound_and_one_chunk(
        count in 1..6usize,
        articles in prop::collection::vec(prop::collection::vec(1..3000u64, 1..20), 1..20),
    ) {
        let played = play(Board::new(workers(count), TakeRule::OldestFirst), &articles);
        let longest = *articles.iter().flatten().max().unwrap();
        // Graham's bound for list schedules, and the cost of the order within an article at the very end.
        let window = (2 * count + 1) as u64;
        prop_assert!(played.makespan <= lower_bound(&articles, count) + window * longest);
        prop_assert!(played.makespan >= longest.div_ceil(count as u64));
        prop_assert!(played.most_open <= count + 1, "{} articles were open", played.most_open);
        prop_assert!(played.most_jobs <= (count + 1) * (2 * count + 1), "{} jobs were open", played.most_jobs);
    }
}

#[test]
fn hunger_is_for_more_than_what_is_open() {
    let now = Instant::now();
    let later = now + SLOW_PULL + MILLISECOND;
    let mut board = Board::with_window(workers(2), TakeRule::OldestFirst, 2);
    assert!(board.is_hungry(now), "nothing is open");
    let id = board.open((), false, now);
    assert!(!board.is_hungry(now), "an article waits for a worker");
    board.take(now).unwrap();
    assert!(!board.is_hungry(now), "more will come of the article as soon as a job is pulled");
    assert!(board.is_hungry(later), "pulling takes too long");
    assert_eq!(board.pulled(id, false).unwrap().number, 0);
    board.take(now).unwrap();
    board.pulled(id, false).unwrap();
    assert!(!board.is_hungry(later), "both are busy");
    board.spoken(id, 1);
    assert!(board.take(now).is_none(), "two jobs are open");
    assert!(board.is_hungry(now), "the window waits for the other worker");
    board.spoken(id, 0);
    assert!(!board.is_hungry(later), "the article waits for its listener only");
    board.delivered(id);
    board.take(now).unwrap();
    board.exhausted(id);
    assert!(board.is_hungry(now), "the article is at its end");
    // A report on a lane that is gone only changes the idle workers.
    let gone = board.open((), false, now);
    board.take(now).unwrap();
    board.close(gone);
    assert_eq!(board.pulled(gone, false), None);
    board.delivered(gone);
    let hurried = board.open((), true, now);
    board.take(now).unwrap();
    assert_eq!(board.pulled(hurried, false).unwrap().threads, workers(2));
    assert!(board.take(now).is_none() && !board.is_hungry(later), "the first job has all threads");
    board.spoken(hurried, 0);
    assert!(board.take(now).is_some());
}

#[test]
fn a_last_chunk_gets_the_threads_that_have_nothing_else_to_do() {
    let now = Instant::now();
    each(
        [(false, false, true, 3), (false, false, false, 1), (true, false, true, 1), (false, true, true, 1)],
        |(others, more, is_last, want)| {
            let mut board = Board::new(workers(3), TakeRule::OldestFirst);
            if more {
                board.expect();
            }
            let id = board.open((), false, now);
            board.take(now).unwrap();
            if others {
                board.open((), false, now);
            }
            assert_eq!(
                board.pulled(id, is_last).unwrap().threads,
                workers(want),
                "others: {others}, more: {more}"
            );
            if more {
                board.expect_no_more();
                let last = board.open((), false, now);
                board.take(now).unwrap();
                assert_eq!(board.pulled(last, true).unwrap().threads, workers(2), "one is busy");
            }
        },
    );
}
