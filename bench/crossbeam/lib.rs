// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

//! crossbeam's WaitGroup for C.
//!
//! In Rust each task owns a handle.  All handles of a group are the same pointer, so C has one
//! that stands for all of them, and sees to it that there are as many drops as clones.

use crossbeam_utils::sync::WaitGroup;
use std::mem::{forget, transmute};
use std::os::raw::c_void;

fn to_c(handle: WaitGroup) -> *mut c_void {
    unsafe { transmute(handle) }
}

unsafe fn from_c(handle: *mut c_void) -> WaitGroup {
    transmute(handle)
}

#[no_mangle]
pub extern "C" fn crossbeam_new() -> *mut c_void {
    to_c(WaitGroup::new())
}

/// # Safety
/// A handle that has not been dropped.
#[no_mangle]
pub unsafe extern "C" fn crossbeam_clone(handle: *mut c_void) {
    let handle = from_c(handle);
    forget(handle.clone());
    forget(handle);
}

/// # Safety
/// As often as there are handles.
#[no_mangle]
pub unsafe extern "C" fn crossbeam_drop(handle: *mut c_void) {
    drop(from_c(handle));
}

/// # Safety
/// Drops the handle, too.
#[no_mangle]
pub unsafe extern "C" fn crossbeam_wait(handle: *mut c_void) {
    from_c(handle).wait();
}
