//! How long the GPU works on a frame, where the adapter has timestamps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use wgpu::{BufferUsages, Features, MapMode};

/// Share of a frame in the time that is told, which is a mean over the last ones: browsers make timestamps coarse.
const SMOOTHING: f64 = 0.1;

/// The two timestamps of a frame, in bytes.
const BYTES: u64 = 16;

/// Nothing is under way; the next frame is measured.
const IDLE: u8 = 0;
/// A frame's timestamps are on their way to the CPU. Frames meanwhile are not measured.
const UNDER_WAY: u8 = 1;
/// They can be read.
const ARRIVED: u8 = 2;

/// Measures frames of a device.
#[derive(Debug)]
pub struct Stopwatch {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    copy: wgpu::Buffer,
    tick_ms: f64,
    phase: Arc<AtomicU8>,
    frame_ms: Option<f64>,
}

impl Stopwatch {
    /// One for a device; `None` if it has no timestamps.
    #[must_use]
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Option<Self> {
        if !device.features().contains(Features::TIMESTAMP_QUERY) {
            return None;
        }
        let buffer = |label, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: BYTES,
                usage,
                mapped_at_creation: false,
            })
        };
        Some(Self {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("frame"),
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            }),
            resolved: buffer("timestamps", BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC),
            copy: buffer("copied timestamps", BufferUsages::COPY_DST | BufferUsages::MAP_READ),
            tick_ms: f64::from(queue.get_timestamp_period()) / 1e6,
            phase: Arc::new(AtomicU8::new(IDLE)),
            frame_ms: None,
        })
    }

    /// From the beginning of a frame's first pass to the end of its last one, in ms: a mean over the last frames that were measured.
    #[must_use]
    pub fn frame_ms(&self) -> Option<f64> {
        self.frame_ms
    }

    /// A frame begins. Returns whether it is measured: the times of an earlier one may still be under way.
    pub fn begin(&mut self) -> bool {
        if self.phase.load(Ordering::Acquire) == ARRIVED {
            self.read();
            self.phase.store(IDLE, Ordering::Release);
        }
        self.phase.load(Ordering::Acquire) == IDLE
    }

    /// Where the first pass of a frame notes down that it begins.
    #[must_use]
    pub fn of_first_pass(&self) -> wgpu::ComputePassTimestampWrites<'_> {
        wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: Some(0),
            end_of_pass_write_index: None,
        }
    }

    /// Where the last pass of a frame notes down that it ends; and that it begins, if it is the `only` one.
    #[must_use]
    pub fn of_last_pass(&self, only: bool) -> wgpu::RenderPassTimestampWrites<'_> {
        wgpu::RenderPassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: only.then_some(0),
            end_of_pass_write_index: Some(1),
        }
    }

    /// The passes of a frame that is measured are encoded; their times follow them.
    pub fn end(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(&self.queries, 0..2, &self.resolved, 0);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.copy, 0, BYTES);
        self.phase.store(UNDER_WAY, Ordering::Release);
        let phase = Arc::clone(&self.phase);
        encoder.map_buffer_on_submit(&self.copy, MapMode::Read, .., move |mapped| {
            // Of a device that is lost nothing comes any more.
            if mapped.is_ok() {
                phase.store(ARRIVED, Ordering::Release);
            }
        });
    }

    fn read(&mut self) {
        if let Ok(mapped) = self.copy.get_mapped_range(..) {
            let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&mapped);
            // A clock that was set in between is passed over.
            if let [begin, end] = ticks[..]
                && let Some(ticks) = end.checked_sub(begin)
            {
                let ms = ticks as f64 * self.tick_ms;
                self.frame_ms = Some(self.frame_ms.map_or(ms, |before_ms| before_ms + SMOOTHING * (ms - before_ms)));
            }
        }
        self.copy.unmap();
    }
}
