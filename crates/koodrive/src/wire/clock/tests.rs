#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows should fail")]

use std::collections::BTreeMap;

use http::header::{AGE, DATE};

use super::*;
use crate::error::response::MAX_AGE;

struct Fixed(SystemTime);

impl TimeSource for Fixed {
    fn now(&self) -> SystemTime {
        self.0
    }
}

#[test]
fn until_the_service_told_its_time_the_date_is_back_dated_and_never_panics() {
    let epoch = SystemTime::UNIX_EPOCH;
    for (now, text) in [
        (epoch + Duration::from_millis(1_762_153_360_999), "20251103T070140Z"),
        (epoch + Duration::from_secs(1_709_164_860), "20240229T000000Z"),
        (epoch, "19700101T000000Z"),
        (epoch - Duration::from_secs(10_000_000_000), "19700101T000000Z"),
        (epoch + Duration::from_secs(900_000_000_000), "99991230T220000Z"),
    ] {
        assert_eq!(Clock::new(Arc::new(Fixed(now))).stamp().text, text);
    }
}

#[test]
fn only_a_date_of_now_is_learnt() {
    let stamp_after = |headers: &[(http::HeaderName, &'static str)]| {
        let clock = Clock::new(Arc::new(Fixed(SystemTime::UNIX_EPOCH)));
        let value = |text| http::HeaderValue::from_static(text);
        clock.learn(&headers.iter().map(|(name, text)| (name.clone(), value(text))).collect());
        clock.stamp().text
    };
    let date = (DATE, "Mon, 03 Nov 2025 07:01:40 GMT");
    assert_eq!(stamp_after(std::slice::from_ref(&date)), "20251103T070140Z");
    assert_eq!(stamp_after(&[date, (AGE, "10")]), "19700101T000000Z");
    assert_eq!(stamp_after(&[(DATE, "yesterday")]), "19700101T000000Z");
    assert_eq!(stamp_after(&[]), "19700101T000000Z");
}

/// A machine's clocks: one counts the time since `start`, the other is wrong by `error`.
struct Machine {
    start: Instant,
    passed: Mutex<Duration>,
    error: Mutex<i64>,
}

impl Machine {
    fn set(&self, passed: Duration) {
        *self.passed.lock().unwrap() = passed;
    }

    /// The service's time `passed` after the start.
    fn true_time(passed: Duration) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_762_153_300_123) + passed
    }
}

impl TimeSource for Machine {
    fn now(&self) -> SystemTime {
        let time = Self::true_time(*self.passed.lock().unwrap());
        let error = *self.error.lock().unwrap();
        let by = Duration::from_millis(error.unsigned_abs());
        if error < 0 { time - by } else { time + by }
    }

    fn monotonic(&self) -> Instant {
        self.start + *self.passed.lock().unwrap()
    }
}

fn machine(error: i64) -> (Arc<Machine>, Clock) {
    let (start, passed) = (Instant::now(), Mutex::default());
    let machine = Arc::new(Machine { start, passed, error: Mutex::new(error) });
    (Arc::clone(&machine), Clock::new(machine))
}

const MINUTE: i64 = 60_000;

fn to_ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// An exchange that starts `at`, in milliseconds: when the request comes in at the service, when its
/// answer comes in here, and the `Date` of that, which is stamped at any moment of the service's work.
fn exchange(random: &mut fastrand::Rng, at: u64) -> (u64, u64, HeaderMap) {
    let asked = at + random.u64(..=2_000);
    let work = random.u64(..=3_000);
    let dated = asked + [0, random.u64(..=work), work][random.usize(..3)];
    let date = httpdate::fmt_http_date(Machine::true_time(to_ms(dated)));
    let head = HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
    (asked, asked + work + random.u64(..=2_000), head)
}

/// Whether the service takes it, if it comes in at `asked`.
fn is_taken(stamp: &Stamp, asked: u64) -> bool {
    let now = Machine::true_time(to_ms(asked));
    stamp.instant <= now && now < stamp.instant + MAX_AGE
}

#[test]
fn of_200_000_requests_of_machines_whose_clocks_are_wrong_all_are_dated_within_the_window() {
    let mut random = fastrand::Rng::with_seed(3);
    let (mut requests, mut outside, mut untold, mut jumps) = (0, 0, 0, 0);
    for _ in 0..2_000 {
        // 14 minutes slow, less the 3 s that latency and the cut to a second take, to 1 minute fast.
        let (machine, clock) = machine(random.i64(-14 * MINUTE + 3_000..=MINUTE));
        let (mut at, mut is_told) = (0, false);
        let mut answers = BTreeMap::new();
        for _ in 0..100 {
            while let Some(answer) = answers.first_entry().filter(|answer| *answer.key() <= at) {
                let (answered, head) = answer.remove_entry();
                machine.set(to_ms(answered));
                clock.learn(&head);
                is_told = true;
            }
            if is_told && random.u8(..10) == 0 {
                let by =
                    [-60 * MINUTE, 60 * MINUTE, random.i64(-500_000 * MINUTE..500_000 * MINUTE)];
                *machine.error.lock().unwrap() += by[random.usize(..3)];
                jumps += 1;
            }
            machine.set(to_ms(at));
            let (asked, answered, head) = exchange(&mut random, at);
            requests += 1;
            untold += u32::from(!is_told);
            outside += u32::from(!is_taken(&clock.stamp(), asked));
            if random.u8(..10) > 0 {
                answers.insert(answered, head); // the others are lost
            }
            // Some are sent while earlier ones are still under way.
            let most = [3_000, 600_000][random.usize(..2)];
            at += random.u64(..=most);
        }
    }
    let counted =
        format!("{outside} outside of {requests}; {untold} before an answer, {jumps} jumps");
    assert_eq!((requests, outside), (200_000, 0), "{counted}");
    assert!(untold > 2_000 && jumps > 10_000, "{counted}");
}

#[test]
fn a_date_that_was_refused_is_right_on_the_second_try_however_wrong_the_clock_is() {
    const YEAR: i64 = 365 * 24 * 60 * MINUTE;
    let mut random = fastrand::Rng::with_seed(3);
    let mut refused = 0;
    for case in 0..10_000 {
        let (machine, clock) = machine(match case % 4 {
            0 => random.i64(-60 * MINUTE..-14 * MINUTE + 3_000),
            1 => random.i64(MINUTE..60 * MINUTE),
            2 => random.i64(-50 * YEAR..-60 * MINUTE),
            _ => random.i64(60 * MINUTE..50 * YEAR),
        });
        let (asked, answered, head) = exchange(&mut random, 0);
        let first = clock.stamp();
        if is_taken(&first, asked) {
            continue;
        }
        refused += 1;
        machine.set(to_ms(answered));
        clock.learn(&head);
        assert!(clock.correct());

        let (asked, ..) = exchange(&mut random, answered);
        let second = clock.stamp();
        assert!(is_taken(&second, asked), "case {case}: {}, then {}", first.text, second.text);
    }
    assert!(refused > 9_800, "{refused} refused");
}
