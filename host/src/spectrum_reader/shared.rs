//! Reading in shared mode.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::Float32Array;

use crate::place::Place;
use crate::pool::{Pool, Stage};

use super::Subject;

/// What a reader has asked for, and what it has read last.
#[derive(Default)]
pub(super) struct Shared {
    /// The spectrum on its way, in the pool of an engine that may have been replaced since.
    asked: RefCell<Option<(Weak<Pool>, u32)>>,
    power_end: Cell<Option<u32>>,
    frames_end: Cell<Option<u32>>,
}

impl Shared {
    /// Copies the spectrum that was asked for to `target` if it is done, and asks for the next one. Returns the end of what was
    /// copied.
    pub(super) fn read_power(
        &self,
        subject: Subject,
        place: &Place,
        pool: &Rc<Pool>,
        target: &Float32Array,
    ) -> Option<u32> {
        let spectra = pool.spectra();
        let ours = Rc::downgrade(pool);
        let asked = self.asked.take().filter(|(pool, _)| pool.ptr_eq(&ours));
        let read = match asked.map(|(_, ticket)| (ticket, spectra.stage(ticket))) {
            Some((ticket, Stage::Unclaimed | Stage::Running)) => {
                self.asked.replace(Some((ours, ticket)));
                return None;
            }
            Some((ticket, Stage::Done)) => Some(spectra.fetch(ticket, target)),
            Some((ticket, Stage::Lost)) => {
                spectra.release(ticket);
                None
            }
            None => None,
        };
        if read.is_some() {
            self.power_end.set(read);
        }
        let region = place.region(subject.effect);
        let end_of = |region| pool.surface().analysed_until(region);
        // Of what stands still there is no other spectrum.
        let has_gone_on = |&region: &u32| end_of(region).is_some_and(|end| self.power_end.get() != Some(end));
        if let Some(region) = region.filter(has_gone_on) {
            let ticket = spectra.ask(subject.reader, region, subject.size, subject.window);
            self.asked.replace(ticket.map(|ticket| (ours, ticket)));
        }
        read
    }

    /// Copies the newest frames to `target` if they are newer. Returns their end.
    pub(super) fn read_frames(
        &self,
        subject: Subject,
        place: &Place,
        pool: &Pool,
        target: &Float32Array,
    ) -> Option<u32> {
        let surface = pool.surface();
        let region = place.region(subject.effect)?;
        let end = surface.analysed_until(region).filter(|&end| self.frames_end.get() != Some(end))?;
        let frames = target.length() / 2;
        for plane in 0..2 {
            let newest = surface.analysed_frames(region, end, plane, frames)?;
            target.set(&newest, plane * frames);
        }
        self.frames_end.set(Some(end));
        Some(end)
    }

    pub(super) fn close(&self) {
        if let Some((pool, ticket)) = self.asked.take()
            && let Some(pool) = pool.upgrade()
        {
            pool.spectra().release(ticket);
        }
    }
}
