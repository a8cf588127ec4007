//! The rule for listeners, with whatever they say.

use std::cell::Cell;
use std::rc::Rc;

use super::*;

/// Somebody who says what the test wants.
#[derive(Clone, Debug)]
struct Listener(Rc<Said>);

#[derive(Debug)]
struct Said {
    can_wait: Cell<Option<Duration>>,
    can_rest: Cell<Duration>,
    is_full: Cell<bool>,
}

impl Supply for Listener {
    fn can_wait(&self) -> Option<Duration> {
        self.0.can_wait.get()
    }
    fn can_rest(&self) -> Duration {
        self.0.can_rest.get()
    }
    fn is_full(&self) -> bool {
        self.0.is_full.get()
    }
}

/// Who can wait, and whose work can rest, for so many seconds; negative for a file.
fn listener(seconds: f64) -> Listener {
    let time = (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds));
    let can_rest = Cell::new(time.unwrap_or(Duration::MAX));
    Listener(Rc::new(Said { can_wait: Cell::new(time), can_rest, is_full: Cell::new(false) }))
}

const FILE: f64 = -1.0;

fn board(count: usize) -> Board<Listener> {
    Board::new(workers(count), TakeRule::LeastAhead)
}

/// Opens a lane, and has its first job spoken and delivered if it is not `new`.
fn open(board: &mut Board<Listener>, seconds: f64, is_new: bool, now: Instant) -> LaneId {
    let others: Vec<Listener> = board.lanes.iter().map(|lane| lane.source.clone()).collect();
    let set_full = |is_full| {
        for other in &others {
            other.0.is_full.set(is_full);
        }
    };
    let id = board.open(listener(seconds), false, now);
    if !is_new {
        set_full(true);
        assert_eq!(board.take(now).unwrap().0, id);
        set_full(false);
        board.pulled(id, false).unwrap();
        board.spoken(id, 0);
        board.delivered(id);
    }
    id
}

#[test]
fn who_can_wait_least_goes_first_and_files_take_what_is_left() {
    // How long each can wait, and whether it is new; which is taken, and after how many seconds.
    each(
        [
            (&[(FILE, true), (7.0, false)][..], 0, 1),
            (&[(FILE, true), (40.0, false)], 0, 0),
            (&[(FILE, true), (29.0, false)], 0, 1),
            (&[(FILE, true), (31.0, false)], 0, 0),
            (&[(9.0, false), (3.0, false), (5.0, false)], 0, 1),
            (&[(3.0, false), (0.0, true)], 0, 1),
            (&[(0.5, false), (0.0, true)], 0, 0),
            (&[(0.5, false), (0.0, true)], 7, 1),
            (&[(0.0, false), (0.0, false), (0.0, true)], 0, 0),
            (&[(FILE, true), (FILE, true), (0.0, true), (0.0, true)], 3, 2),
        ],
        |(lanes, seconds, want)| {
            let (mut board, begin) = (board(1), Instant::now());
            let mut ids = Vec::new();
            for (can_wait, is_new) in lanes {
                ids.push(open(&mut board, *can_wait, *is_new, begin));
            }
            let (taken, _) = board.take(begin + Duration::from_secs(seconds)).unwrap();
            assert_eq!(taken, ids[want], "{lanes:?} after {seconds} s");
        },
    );
}

#[test]
fn lanes_of_files_take_turns() {
    let mut board = board(1);
    let begin = Instant::now();
    let ids: Vec<LaneId> = (0..3).map(|_| board.open(listener(FILE), false, begin)).collect();
    for turn in 0..9 {
        let now = begin + MILLISECOND * (turn as u32 + 1);
        let (taken, _) = board.take(now).unwrap();
        assert_eq!(taken, ids[turn % 3], "turn {turn}");
        let number = board.pulled(taken, false).unwrap().number;
        board.spoken(taken, number);
        board.delivered(taken);
    }
}

#[test]
fn a_lane_that_is_full_gets_no_worker() {
    let mut board = board(1);
    let now = Instant::now();
    let full = listener(0.0);
    full.0.is_full.set(true);
    board.open(full.clone(), false, now);
    assert!(board.take(now).is_none() && !board.is_hungry(now), "its listener may take some at any time");
    let file = board.open(listener(FILE), false, now);
    assert_eq!(board.take(now).unwrap().0, file);
    board.exhausted(file);
    full.0.is_full.set(false);
    assert!(board.take(now).is_some());
    // The other rule does not ask.
    let mut oldest = Board::new(workers(1), TakeRule::OldestFirst);
    full.0.is_full.set(true);
    oldest.open(full, false, now);
    assert!(oldest.take(now).is_some());
}

#[test]
fn a_job_rests_only_for_those_who_can_wait_less() {
    // Workers; the lane at work: how long it can wait and rest, and whether it is new; the lane that comes; whether it is
    // served meanwhile.
    each(
        [
            (1, (FILE, 99.0, true), (0.0, true), true),
            (1, (20.0, 10.0, false), (0.0, true), true),
            (1, (20.0, 10.0, true), (0.0, true), false),
            (1, (20.0, 0.4, false), (0.0, true), false),
            (1, (0.5, 10.0, false), (0.0, true), false),
            (1, (20.0, 10.0, false), (0.4, false), true),
            (1, (20.0, 0.8, false), (0.4, false), false),
            (1, (20.0, 10.0, false), (3.0, false), false),
            (1, (FILE, 99.0, false), (FILE, true), false),
            (2, (FILE, 99.0, true), (0.0, true), false),
        ],
        |(count, (can_wait, can_rest, is_at_first), (other, is_new), want)| {
            let (mut board, now) = (board(count), Instant::now());
            let id = open(&mut board, can_wait, is_at_first, now);
            let other_id = open(&mut board, other, is_new, now);
            board.lanes[0].source.0.can_rest.set(Duration::from_secs_f64(can_rest));
            board.lanes[1].source.0.is_full.set(true);
            assert_eq!(board.take(now).unwrap().0, id);
            board.lanes[1].source.0.is_full.set(false);
            let number = board.pulled(id, false).unwrap().number;
            let urgent = board.interrupt(now, id, number).map(|(urgent, _)| urgent);
            assert_eq!(
                urgent,
                want.then_some(other_id),
                "{count} workers, {can_wait} s, {can_rest} s, {other} s"
            );
            if let Some(urgent) = urgent {
                let grant = board.pulled(urgent, false).unwrap();
                assert_eq!((grant.threads, board.idle()), (workers(1), 0), "no worker is idle");
                board.spoken(urgent, grant.number);
                board.resumed();
                assert_eq!(board.idle(), 0);
                board.spoken(id, number);
                assert_eq!(board.idle(), 1);
            }
        },
    );
}

#[test]
fn what_was_due_before_is_not_interrupted() {
    let mut board = board(1);
    let begin = Instant::now();
    let after = |seconds| begin + Duration::from_secs(seconds);
    let file = board.open(listener(FILE), false, begin);
    // It has waited for a minute, behind listeners who were late all the time.
    board.take(after(61)).unwrap();
    board.pulled(file, false).unwrap();
    board.open(listener(0.0), false, after(61));
    assert!(board.interrupt(after(61), file, 0).is_none(), "it would never end while others come");
    assert!(board.interrupt(after(65), file, 0).is_none());
}

#[test]
fn those_who_compete_are_counted() {
    let mut board = board(1);
    let now = Instant::now();
    assert_eq!(board.competing(), 1, "somebody asks");
    for seconds in [FILE, 40.0, 2.0, 0.0, 29.0] {
        board.open(listener(seconds), false, now);
    }
    board.take(now).unwrap();
    assert_eq!(board.competing(), 3);
}

/// A lane of the play below.
struct Player {
    id: LaneId,
    source: Listener,
    jobs: u64,
    pulled: u64,
    /// Which of the open jobs are spoken.
    open: VecDeque<bool>,
    last_turn: u64,
    longest_wait: u64,
}

/// Chance, as the play's script has it.
struct Chance<'a>(std::iter::Cycle<std::slice::Iter<'a, u16>>);

impl Chance<'_> {
    fn below(&mut self, end: u64) -> u64 {
        u64::from(*self.0.next().unwrap()) % end
    }
}

proptest! {
    /// Whatever listeners say, at any moment: all jobs are pulled and delivered, in order and once; no more are open than the
    /// window has; no more workers are busy than there are; and nobody who needs a worker waits for ever.
    #[test]
    fn nobody_is_forgotten_whatever_the_others_say(
        count in 1..4usize,
        lanes in prop::collection::vec((1..60u64, prop_oneof![2 => 0.0..50.0, 1 => Just(FILE)]), 1..12),
        script in prop::collection::vec(any::<u16>(), 200..400),
        window in 1..6usize,
    ) {
        let begin = Instant::now();
        let mut chance = Chance(script.iter().cycle());
        let mut board = Board::with_window(workers(count), TakeRule::LeastAhead, window);
        let mut players: Vec<Player> = lanes.iter().map(|(jobs, seconds)| {
            let source = listener(*seconds);
            let id = board.open(source.clone(), chance.below(2) == 0, begin);
            Player { id, source, jobs: *jobs, pulled: 0, open: VecDeque::new(), last_turn: 0, longest_wait: 0 }
        }).collect();
        // Of each worker the jobs, the one at work last: when it ends, whose it is, its number.
        let mut at_work: Vec<Vec<(u64, usize, u64)>> = vec![Vec::new(); count];
        let (mut now, longest) = (0, 3_000);
        while players.iter().any(|player| player.pulled < player.jobs || !player.open.is_empty()) {
            let time = begin + MILLISECOND * now as u32;
            for player in &mut players {
                // Some keep to what they said first.
                if player.source.can_wait().is_some() && chance.below(3) == 0 {
                    player.source.0.can_wait.set(Some(MILLISECOND * chance.below(29_000) as u32));
                    player.source.0.can_rest.set(MILLISECOND * chance.below(5_000) as u32);
                }
                while player.open.front() == Some(&true) {
                    player.open.pop_front();
                    board.delivered(player.id);
                }
            }
            for jobs in &mut at_work {
                let taken = match jobs.first() {
                    None => board.take(time),
                    Some((_, lane, number)) if jobs.len() == 1 => board.interrupt(time, players[*lane].id, *number),
                    Some(_) => None,
                };
                let Some((id, _)) = taken else { continue };
                let is_nested = !jobs.is_empty();
                let index = players.iter().position(|player| player.id == id).unwrap();
                let player = &mut players[index];
                player.longest_wait = player.longest_wait.max(now - player.last_turn);
                player.last_turn = now;
                if player.pulled == player.jobs {
                    board.exhausted(id);
                    if is_nested {
                        board.resumed();
                    }
                    continue;
                }
                player.pulled += 1;
                let grant = board.pulled(id, false).unwrap();
                prop_assert_eq!(grant.number + 1, player.pulled);
                player.open.push_back(false);
                prop_assert!(player.open.len() <= window, "{} are open", player.open.len());
                let length = 1 + chance.below(longest);
                // What rests ends so much later.
                for job in jobs.iter_mut() {
                    job.0 += length;
                }
                jobs.push((now + length, index, grant.number));
            }
            let busy = at_work.iter().filter(|jobs| !jobs.is_empty()).count();
            prop_assert_eq!(board.idle(), count - busy);
            let step = now + 1 + chance.below(200);
            let next = at_work.iter().filter_map(|jobs| jobs.last()).map(|job| job.0).min();
            prop_assert!(now < 10_000_000, "it never ends");
            now = next.map_or(step, |next| next.min(step).max(now));
            for jobs in &mut at_work {
                while let Some((end, index, number)) = jobs.last().copied().filter(|(end, ..)| *end <= now) {
                    jobs.pop();
                    board.spoken(players[index].id, number);
                    if !jobs.is_empty() {
                        board.resumed();
                    }
                    let player = &mut players[index];
                    let first = player.pulled - player.open.len() as u64;
                    player.open[(number - first) as usize] = true;
                    prop_assert!(end <= now);
                }
            }
        }
        for (player, (_, seconds)) in players.iter().zip(&lanes) {
            // Those who are well ahead may wait for all others.
            let others = longest * (lanes.len() * window) as u64;
            if *seconds < 30.0 {
                prop_assert!(player.longest_wait <= 60_000 + others, "{} ms", player.longest_wait);
            }
        }
    }
}
