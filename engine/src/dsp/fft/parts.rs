//! The passes of each length, by their number of points.

use super::form::{self, forward16, forward32, inverse16, inverse32};
use super::kernels::leaf::{forward2, forward4, forward8, inverse2, inverse4, inverse8};

/// Calls the function with the points of the level as its constant.
macro_rules! for_points {
    ($points:expr, $function:ident($($argument:expr),*)) => {
        match $points {
            1 => form::$function::<1>($($argument),*),
            2 => form::$function::<2>($($argument),*),
            4 => form::$function::<4>($($argument),*),
            8 => form::$function::<8>($($argument),*),
            16 => form::$function::<16>($($argument),*),
            32 => form::$function::<32>($($argument),*),
            64 => form::$function::<64>($($argument),*),
            128 => form::$function::<128>($($argument),*),
            256 => form::$function::<256>($($argument),*),
            512 => form::$function::<512>($($argument),*),
            1024 => form::$function::<1024>($($argument),*),
            2048 => form::$function::<2048>($($argument),*),
            _ => {}
        }
    };
}

/// Splits a signal into the work area of its level.
///
/// # Safety
/// As for [`split`](super::portable::split), of that many points.
pub unsafe fn split(points: usize, signal: *const f32, work: *mut f32, twiddles: *const f32) {
    // SAFETY: the caller's promise.
    unsafe { for_points!(points, split(signal, work, twiddles)) }
}

/// Splits a signal, times a window, into the work area of its level.
///
/// # Safety
/// As for [`split_windowed`](super::portable::split_windowed), of that many points.
pub unsafe fn split_windowed(
    points: usize,
    signal: *const f32,
    window: *const f32,
    work: *mut f32,
    twiddles: *const f32,
) {
    // SAFETY: the caller's promise.
    unsafe { for_points!(points, split_windowed(signal, window, work, twiddles)) }
}

/// Puts the signals of a level together again.
///
/// # Safety
/// As for [`unsplit`](super::portable::unsplit), of that many points.
pub unsafe fn unsplit(points: usize, signal: *mut f32, work: *const f32, twiddles: *const f32, positions: *const u32) {
    // SAFETY: the caller's promise.
    unsafe { for_points!(points, unsplit(signal, work, twiddles, positions)) }
}

/// The transform of the last rest.
///
/// # Safety
/// As for [`leaf`](super::kernels::leaf), of that many points.
pub unsafe fn leaf(points: usize, signal: *mut f32, spectrum: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe {
        match points {
            2 => forward2(signal, spectrum),
            4 => forward4(signal, spectrum),
            8 => forward8(signal, spectrum),
            16 => forward16(signal, spectrum),
            32 => forward32(signal, spectrum),
            _ => {}
        }
    }
}

/// The inverse of that.
///
/// # Safety
/// As for [`leaf`].
pub unsafe fn inverse_leaf(points: usize, signal: *mut f32, spectrum: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe {
        match points {
            2 => inverse2(signal, spectrum),
            4 => inverse4(signal, spectrum),
            8 => inverse8(signal, spectrum),
            16 => inverse16(signal, spectrum),
            32 => inverse32(signal, spectrum),
            _ => {}
        }
    }
}
