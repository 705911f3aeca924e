//! What a process is told the time is. Not a part of these tests: they have it compiled and loaded into a server before
//! anything else (`wall.rs`), whose wall clock then goes ahead by as many seconds as stand in a file. All other clocks are the
//! system's.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};

#[repr(C)]
struct Time {
    seconds: i64,
    nanoseconds: c_long,
}

unsafe extern "C" {
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn close(descriptor: c_int) -> c_int;
    fn mmap(at: *mut c_void, bytes: usize, how: c_int, flags: c_int, file: c_int, from: i64) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

const READ_ONLY: c_int = 0;
const CAN_BE_READ: c_int = 1;
const SHARED: c_int = 1;
const THE_NEXT_LIBRARY: *mut c_void = -1_isize as *mut c_void;
const WALL: c_int = 0;

/// In a page of the file: opened before the process shuts itself in, seen by it ever after.
static AHEAD: AtomicPtr<AtomicI64> = AtomicPtr::new(null_mut());
/// The system's own function.
static ASKS: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

extern "C" fn begins() {
    // SAFETY: both names end with a zero; the descriptor is this function's; a mapping is a page at least, and is never taken
    // away.
    unsafe {
        ASKS.store(dlsym(THE_NEXT_LIBRARY, c"clock_gettime".as_ptr()), Ordering::Release);
        let file = open(c"/etc/seconds-ahead".as_ptr(), READ_ONLY);
        if file >= 0 {
            let page = mmap(null_mut(), 8, CAN_BE_READ, SHARED, file, 0);
            if page as isize != -1 {
                AHEAD.store(page.cast(), Ordering::Release);
            }
            close(file);
        }
    }
}

#[used]
#[unsafe(link_section = ".init_array")]
static BEGINS: extern "C" fn() = begins;

#[unsafe(no_mangle)]
extern "C" fn clock_gettime(clock: c_int, time: *mut Time) -> c_int {
    let asks = ASKS.load(Ordering::Acquire);
    if asks.is_null() {
        return -1;
    }
    // SAFETY: it is the function of this name and form; whoever calls gives a place for the answer; the page is never taken
    // away, and its file is not made shorter.
    unsafe {
        let asks: extern "C" fn(c_int, *mut Time) -> c_int = std::mem::transmute(asks);
        let result = asks(clock, time);
        if clock == WALL && result == 0 {
            if let Some(ahead) = AHEAD.load(Ordering::Acquire).as_ref() {
                (*time).seconds += ahead.load(Ordering::Relaxed);
            }
        }
        result
    }
}
