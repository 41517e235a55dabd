// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// A host in Rust, with threads of its own and with those of wg_go().
use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, Ordering};

#[repr(C)]
struct Wg {
    state: [u32; 3],
}

extern "C" {
    fn wg_add(wg: *mut Wg, delta: i32) -> i32;
    fn wg_done(wg: *mut Wg) -> i32;
    fn wg_go(wg: *mut Wg, task: extern "C" fn(*mut c_void), arg: *mut c_void) -> i32;
    fn wg_wait(wg: *mut Wg) -> i32;
    fn wg_destroy(wg: *mut Wg) -> i32;
}

static ENDED: AtomicI32 = AtomicI32::new(0);

extern "C" fn task(_: *mut c_void) {
    ENDED.fetch_add(1, Ordering::Relaxed);
}

fn main() {
    let wg = Box::into_raw(Box::new(Wg { state: [0; 3] }));
    let address = wg as usize;
    unsafe {
        for _ in 0..4 {
            assert_eq!(wg_add(wg, 1), 0);
            std::thread::spawn(move || {
                task(std::ptr::null_mut());
                assert_eq!(wg_done(address as *mut Wg), 0);
            });
            assert_eq!(wg_go(wg, task, std::ptr::null_mut()), 0);
        }
        assert_eq!(wg_wait(wg), 0);
        assert_eq!(ENDED.load(Ordering::Relaxed), 8);
        assert_eq!(wg_destroy(wg), 0);
        drop(Box::from_raw(wg));
    }
}
