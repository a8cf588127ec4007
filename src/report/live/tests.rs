//! Several live readings, and files, at once. All times are those of imaginary machines.

mod simulation;

use proptest::prelude::*;

use self::simulation::*;
use crate::table_test::each;

/// Seconds that the scenes with a long file last.
const SCENE: f64 = 300.0;
/// Short requests in such a scene.
const SHORT: usize = 16;

/// Listeners to long articles who come one after the other, then short requests, a few seconds apart; and maybe, before all,
/// a file of 10,000 chunks.
fn scene(streams: usize, has_file: bool) -> Vec<Request> {
    let files = has_file.then(|| file(0.0, 10_000)).into_iter();
    let long = (0..streams).map(|number| live(1.0 + 1.3 * number as f64, 70));
    let begin = 20.0 + 1.3 * streams as f64;
    files.chain(long).chain((0..SHORT).map(|number| live(begin + 9.3 * number as f64, 2))).collect()
}

/// What a scene was like.
struct Figures {
    /// Seconds until the first sound of each short request, in order of length.
    first: Vec<f64>,
    underruns: usize,
    silence: f64,
    /// Seconds of work for the file, and that were left for it.
    file: f64,
    left: f64,
    is_file_done: bool,
}

impl Figures {
    fn of(machine: Machine, streams: usize, has_file: bool) -> Self {
        let served = serve(machine, &scene(streams, has_file), SCENE, 5);
        let (files, live) = served.split_at(usize::from(has_file));
        let short = &live[streams..];
        let mut first: Vec<f64> =
            short.iter().map(|served| served.first_made.unwrap_or(f64::INFINITY)).collect();
        first.sort_by(f64::total_cmp);
        let sound: f64 = live.iter().map(|served| served.sound).sum();
        Self {
            first,
            underruns: live.iter().map(|served| served.underruns).sum(),
            silence: live.iter().map(|served| served.silence).sum(),
            file: files.iter().map(|served| served.chunks as f64 * machine.work(100)).sum(),
            is_file_done: files.iter().all(|served| served.ends.is_some()),
            left: machine.workers as f64 * SCENE - machine.real_time_factor * sound,
        }
    }

    fn show(&self) -> String {
        let [median, longest] = [self.first.len() / 2, self.first.len() - 1].map(|place| self.first[place]);
        format!("{median:.3} | {longest:.3} | {} | {:.1} | {:.0}", self.underruns, self.silence, self.file)
    }
}

/// The slower and the faster voice on two cores, and numbers of listeners that they can serve.
const CROWDS: [(f64, usize); 6] = [(0.16, 1), (0.16, 4), (0.16, 9), (0.09, 16), (0.005, 16), (0.005, 64)];

#[test]
fn a_short_request_is_heard_at_once_beside_streams_and_a_long_file() {
    println!(
        "| factor, streams, file | rule | first sound, median | longest | underruns | s of silence | file |"
    );
    each(CROWDS, |(factor, streams)| {
        let machine = Machine::new(2, factor);
        let alone = serve(machine, &[live(0.0, 2)], SCENE, 5)[0].first_made.unwrap();
        for has_file in [false, true] {
            let what = format!("{factor}, {streams}, {has_file}");
            let before = Figures::of(machine.before(), streams, has_file);
            let now = Figures::of(machine, streams, has_file);
            println!("| {what} | oldest first | {} |", before.show());
            println!("| {what} | least ahead | {} |", now.show());
            assert_eq!(now.underruns, 0, "{what}: {:.1} s of silence", now.silence);
            assert!(now.first[SHORT - 1] <= 3.0 * alone, "{what}: {:?}, alone {alone}", now.first);
            assert!(now.first[SHORT / 2] <= before.first[SHORT / 2] * 1.7, "{what}: {:?}", before.first);
            if has_file {
                // Clauses cost more a second of sound than sentences do.
                assert!(
                    now.is_file_done || now.file >= 0.8 * now.left,
                    "{what}: {} of {} s",
                    now.file,
                    now.left
                );
                assert!(before.first[SHORT / 2] > 30.0, "{what}: {:?}", before.first);
            }
        }
    });
}

#[test]
fn a_new_listener_is_served_within_a_chunk_also_where_nothing_rests() {
    each(CROWDS, |(factor, streams)| {
        let machine = Machine { rests: false, ..Machine::new(2, factor) };
        let served = serve(machine, &scene(streams, true), SCENE, 9);
        for (number, served) in served.iter().enumerate().skip(1) {
            let waited = served.first_begun.unwrap();
            let chunk = machine.work(180);
            assert!(waited <= chunk, "{factor}, {streams}: request {number} waited {waited} s of {chunk}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// With a third of the speed to spare nobody hears silence, however many listeners come at once, and the file gets
    /// what is left.
    #[test]
    fn nobody_hears_silence_where_the_workers_are_fast_enough(
        workers in 1..5usize,
        load in 0.1..0.7_f64,
        factor in 0.003..0.25_f64,
        spread in 0.0..2.0_f64,
        has_file: bool,
        noise in prop_oneof![Just(0.0), Just(0.3)],
        seed in 0..1000_u64,
    ) {
        let streams = ((load * workers as f64 / factor) as usize).clamp(1, 40);
        let machine = Machine { noise, ..Machine::new(workers, factor) };
        let files = has_file.then(|| file(0.0, 10_000)).into_iter();
        let streams = (0..streams).map(|number| live(1.0 + spread * number as f64, 25));
        let requests: Vec<Request> = files.chain(streams).collect();
        let served = serve(machine, &requests, 400.0, seed);
        for served in &served[usize::from(has_file)..] {
            // Only a first clause of one short word may be over before the next is made.
            prop_assert!(served.late_silence == 0.0 && served.silence <= 0.6, "{:?}", served);
            prop_assert!(served.ends.is_some(), "{:?}", served);
        }
        prop_assert!(!has_file || served[0].chunks > 20, "{:?}", served[0]);
    }
}

#[test]
fn with_little_speed_to_spare_all_make_chunks_that_are_worth_their_time() {
    // Nine at once need nine tenths of two workers, and clauses cost more than sentences.
    let silence = |counts: bool| -> f64 {
        let machine = Machine { noise: 0.3, counts, ..Machine::new(2, 0.2) };
        let requests: Vec<Request> = [file(0.0, 10_000)].into_iter().chain([live(1.0, 40); 9]).collect();
        let silences = (0..4).flat_map(|seed| serve(machine, &requests, 600.0, seed));
        silences.map(|served| served.silence).sum::<f64>() / 36.0
    };
    let [counted, alone] = [true, false].map(silence);
    println!("silence of each: {counted:.2} s; where each counts on all workers {alone:.0} s");
    assert!(counted < 1.0 && alone > 30.0, "{counted} s, {alone} s");
}

#[test]
fn two_hundred_requests_on_two_workers_all_end_in_fair_order() {
    let alike = What::Live { sentences: 3, seed: 7, most_ahead: f64::INFINITY };
    each([("listeners", alike, 2), ("files", What::File { chunks: 4 }, 2)], |(what, alike, most)| {
        let requests: Vec<Request> =
            (0..200).map(|number| Request { at: 0.02 * f64::from(number), what: alike }).collect();
        let served = serve(Machine::new(2, 0.16), &requests, 1e6, 3);
        let mut order: Vec<usize> = (0..served.len()).collect();
        let ends: Vec<f64> = served.iter().map(|served| served.ends.expect("all end")).collect();
        order.sort_by(|a, b| ends[*a].total_cmp(&ends[*b]));
        let moved = order.iter().enumerate().map(|(place, number)| place.abs_diff(*number)).max().unwrap();
        println!("{what}: at most {moved} places from the order in which they came");
        assert!(moved <= most, "{what}: {moved} places");
    });
}

#[test]
fn with_too_many_listeners_all_get_the_same_and_nobody_waits_for_ever() {
    let machine = Machine::new(2, 0.16);
    let listeners = (0..20).map(|number| live(0.1 * f64::from(number), 400));
    let late = (0..10).map(|number| live(100.0 + 5.0 * f64::from(number), 2));
    let requests: Vec<Request> = [file(0.0, 10_000)].into_iter().chain(listeners).chain(late).collect();
    let served = serve(machine, &requests, 600.0, 3);
    let (file, live) = served.split_first().unwrap();
    assert!(live.iter().map(|served| served.underruns).sum::<usize>() > 0, "they are not too many");
    let sounds: Vec<f64> = live[..20].iter().map(|served| served.sound).collect();
    let [least, most] = [f64::min, f64::max].map(|of| sounds.iter().copied().reduce(of).unwrap());
    assert!(least > 0.9 * most, "{least} to {most} s of sound");
    for served in &live[20..] {
        // Five seconds, and then a turn of all others who are late.
        assert!(
            served.first_begun.unwrap() <= 5.0 + 10.0 * machine.work(90) && served.ends.is_some(),
            "{served:?}"
        );
    }
    assert!(file.longest_wait <= 60.0 + 10.0 * machine.work(90) && file.chunks >= 8, "{file:?}");
}

#[test]
fn a_file_alone_is_made_as_fast_as_before_and_a_client_that_takes_little_holds_little() {
    let machine = Machine::new(2, 0.16);
    let [now, before] = [machine, machine.before()]
        .map(|machine| serve(machine, &[file(0.0, 2_000)], 1e6, 3)[0].ends.unwrap());
    assert!((now / before - 1.0).abs() < 1e-3, "{now} s, before {before} s");

    let slow = Request { at: 0.0, what: What::Live { sentences: 100, seed: 1, most_ahead: 4.0 } };
    let served = serve(machine, &[slow, live(5.0, 10), file(6.0, 10_000)], 400.0, 3);
    let [slow, other, file] = &served[..] else { panic!("three are served") };
    let most = MOST_UNTAKEN + 2.0 * 180.0 * 0.063 + 0.6;
    assert!(slow.most_untaken > 8.0 && slow.most_untaken <= most, "{} s wait", slow.most_untaken);
    assert!(slow.underruns + other.underruns == 0 && other.ends.is_some(), "{served:?}");
    assert!(file.chunks as f64 * machine.work(100) > 0.85 * 2.0 * 300.0, "{file:?}");
}
