//! What this process has used: its time, its allocations and its memory.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    fs,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeVal,
};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Bytes that are allocated and not freed.
static LIVE: AtomicU64 = AtomicU64::new(0);

/// Not one atomic step, which would cost more than it measures: a measurement has one thread.
fn add(counter: &AtomicU64, more: usize) {
    counter.store(counter.load(Relaxed).wrapping_add(more as u64), Relaxed);
}

fn subtract(counter: &AtomicU64, less: usize) {
    counter.store(counter.load(Relaxed).wrapping_sub(less as u64), Relaxed);
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed to `System` unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(&ALLOCATIONS, 1);
        add(&LIVE, layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        subtract(&LIVE, layout.size());
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(&ALLOCATIONS, 1);
        add(&LIVE, layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(&ALLOCATIONS, 1);
        add(&LIVE, size);
        subtract(&LIVE, layout.size());
        unsafe { System.realloc(place, layout, size) }
    }
}

/// What the process has used so far.
pub struct Usage {
    at: Instant,
    pub user: Duration,
    /// Allocations and reallocations.
    pub allocations: u64,
    /// Bytes that are allocated and not freed.
    pub live: u64,
}

impl Usage {
    pub fn now() -> nix::Result<Self> {
        let micros = micros_of(getrusage(UsageWho::RUSAGE_SELF)?.user_time());
        Ok(Self {
            at: Instant::now(),
            user: Duration::from_micros(micros),
            allocations: ALLOCATIONS.load(Relaxed),
            live: LIVE.load(Relaxed),
        })
    }

    pub fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }
}

/// CPU time of this process and of those that it has waited for, in user mode and in the kernel.
pub fn cpu_time() -> nix::Result<Duration> {
    let mut micros = 0;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who)?;
        micros += micros_of(usage.user_time()) + micros_of(usage.system_time());
    }
    Ok(Duration::from_micros(micros))
}

fn micros_of(time: TimeVal) -> u64 {
    time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64
}

/// Peak resident memory in KiB, if the system reports it.
pub fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
