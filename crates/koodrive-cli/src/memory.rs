//! The memory that downloads use again and again.

/// Larger than any buffer of a download. Of the block itself, no page is ever touched.
const LARGE: usize = 16 << 20;

/// Lets glibc keep freed memory, up to 32 MiB. Without it, glibc returns most buffers of a download to the system
/// and takes new, zeroed pages for the next ones: 40,000 page faults a gigabyte, 5 % of the time.
///
/// glibc keeps at most twice the largest block that was freed (`mallopt(3)`, `M_MMAP_THRESHOLD`), so freeing one
/// large block is enough. Other allocators do not mind.
pub(crate) fn keep_freed() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGE)));
}
