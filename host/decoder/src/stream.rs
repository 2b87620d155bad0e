//! One track as stereo frames at the context's sample rate: codec, channel mixing, resampling.

use rusty_audio_protocol::{Failure, TrackDescription};

use crate::codec::{Codec, CodecDescription, IndexState, Interruption, SeekAbility};
use crate::{ChannelMixer, Resampler, StereoFrames, converted_frames};

/// Where the stream is between two packets.
enum Stage {
    /// The codec must be opened (again).
    Closed,
    /// The codec must be moved to the target.
    Seeking,
    /// The first packet after a seek tells where it landed.
    Landing,
    /// Packets follow each other.
    Decoding,
    /// Nothing follows; a failure is told when what was decoded before it has been taken.
    Ended(Option<Failure>),
}

/// A track that is being decoded.
pub struct Stream<C> {
    codec: C,
    sample_rate: u32,
    stage: Stage,
    opened: Option<Opened>,
    /// Frame that the last seek asked for.
    target: u64,
    /// The codec stands at its first frame.
    at_start: bool,
    /// Source frame of the next packet, so that what precedes the target can be dropped.
    wanted_source_frame: u64,
    exact: bool,
    position: u64,
    ready: StereoFrames,
    index: IndexState,
    /// The file is local: a seek can wait until the index reaches its target.
    local: bool,
    planes: Vec<Vec<f32>>,
    mixed: StereoFrames,
}

/// What exists once the codec has said what the file is.
struct Opened {
    description: CodecDescription,
    mixer: ChannelMixer,
    /// None when the file already has the context's rate: its samples pass unchanged.
    resampler: Option<Resampler>,
    /// Source frame and output frame on which positions are founded: 0 except after an inexact seek.
    origin: (u64, u64),
    /// Source frames of this pass, counted from the file's start.
    source_frame: u64,
}

impl<C: Codec> Stream<C> {
    /// A stream at the start of a track, at `sample_rate` in Hz. Nothing is opened before the first [`Stream::poll`].
    ///
    /// Seeks in a `local` file that needs an index wait for the index, which costs milliseconds, and are exact.
    /// Those in a remote one land near their target until [`Stream::extend_index`] has completed it.
    #[must_use]
    pub fn new(codec: C, sample_rate: u32, local: bool) -> Self {
        Self {
            codec,
            sample_rate,
            stage: Stage::Closed,
            opened: None,
            target: 0,
            at_start: false,
            wanted_source_frame: 0,
            exact: true,
            position: 0,
            ready: StereoFrames::default(),
            index: IndexState::Partial(0.0),
            local,
            planes: Vec::new(),
            mixed: StereoFrames::default(),
        }
    }

    /// Makes `frame` the next one. Takes effect in the polls that follow.
    pub fn seek(&mut self, frame: u64) {
        if frame == self.position && matches!(self.stage, Stage::Decoding) && self.exact {
            return;
        }
        if frame == self.target && matches!(self.stage, Stage::Closed | Stage::Seeking | Stage::Landing) {
            return;
        }
        self.target = frame;
        self.ready.clear();
        self.position = frame;
        self.exact = true;
        // A codec that has failed may be gone: it is opened again.
        self.stage = match self.stage {
            Stage::Closed | Stage::Ended(Some(_)) => Stage::Closed,
            _ => Stage::Seeking,
        };
    }

    /// Decodes until there is at least one frame to take.
    ///
    /// # Errors
    /// [`Interruption`]; `End` and `Failed` come when all frames before them have been taken.
    pub fn poll(&mut self) -> Result<(), Interruption> {
        while self.ready.is_empty() {
            match &self.stage {
                Stage::Closed => self.open()?,
                Stage::Seeking => self.start_seek()?,
                Stage::Landing | Stage::Decoding => match self.decode() {
                    Ok(()) => {}
                    Err(Interruption::Waiting) => return Err(Interruption::Waiting),
                    Err(Interruption::End) => self.finish(None),
                    Err(Interruption::Failed(failure)) => self.finish(Some(failure)),
                },
                Stage::Ended(None) => return Err(Interruption::End),
                Stage::Ended(Some(failure)) => return Err(Interruption::Failed(failure.clone())),
            }
        }
        Ok(())
    }

    /// Frames that can be taken now; the first is number [`Stream::position`].
    #[must_use]
    pub const fn ready(&self) -> &StereoFrames {
        &self.ready
    }

    /// Takes the first `frames` of [`Stream::ready`].
    pub fn take(&mut self, frames: usize) {
        self.ready.drop_first(frames);
        self.position += frames as u64;
    }

    /// Frame of the track that comes next.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Whether that position is known to be true.
    #[must_use]
    pub const fn position_is_exact(&self) -> bool {
        self.exact
    }

    /// Length in frames at the context's rate, when known.
    #[must_use]
    pub fn frames(&self) -> Option<u64> {
        let description = &self.opened.as_ref()?.description;
        description.frames.map(|frames| converted_frames(frames, description.sample_rate, self.sample_rate))
    }

    /// What is known of the track, once it has been opened.
    #[must_use]
    pub fn description(&self) -> Option<TrackDescription> {
        let progress = match self.index {
            IndexState::Partial(progress) => progress,
            IndexState::Complete => 1.0,
        };
        self.opened.as_ref().map(|opened| opened.description.for_track(self.sample_rate, progress))
    }

    /// Whether the file can be sought exactly only after it has been indexed, and that is not done.
    #[must_use]
    pub fn needs_index(&self) -> bool {
        self.index != IndexState::Complete
            && self.opened.as_ref().is_some_and(|opened| opened.description.seek == SeekAbility::Index)
    }

    /// Adds a piece of the file to the index; true when that has completed it.
    ///
    /// # Errors
    /// [`Interruption`].
    pub fn extend_index(&mut self) -> Result<bool, Interruption> {
        self.index = self.codec.extend_index()?;
        if self.index != IndexState::Complete {
            return Ok(false);
        }
        let description = self.codec.description()?;
        if let Some(opened) = &mut self.opened {
            opened.description = description;
        }
        Ok(true)
    }

    /// Frames to add to every position since the last, inexact seek, once the index knows.
    ///
    /// # Errors
    /// [`Interruption::Failed`].
    pub fn landing_offset(&mut self) -> Result<Option<i64>, Interruption> {
        let Some(opened) = &self.opened else {
            return Ok(None);
        };
        let (rate_in, rate_out) = (i128::from(opened.description.sample_rate), i128::from(self.sample_rate));
        let offset = self.codec.landing_offset()?;
        Ok(offset.and_then(|frames| i64::try_from((i128::from(frames) * rate_out).div_euclid(rate_in)).ok()))
    }

    fn open(&mut self) -> Result<(), Interruption> {
        let description = self.codec.open()?;
        let resampler = if description.sample_rate == self.sample_rate {
            None
        } else {
            Some(Resampler::new(description.sample_rate, self.sample_rate).map_err(Interruption::Failed)?)
        };
        let channels = description.channels as usize;
        self.planes = vec![Vec::new(); channels];
        self.opened = Some(Opened {
            mixer: ChannelMixer::new(channels, &description.channel_positions),
            resampler,
            origin: (0, 0),
            source_frame: 0,
            description,
        });
        self.at_start = true;
        self.stage = Stage::Seeking;
        Ok(())
    }

    fn start_seek(&mut self) -> Result<(), Interruption> {
        if self.local && self.target > 0 && self.needs_index() {
            match self.extend_index() {
                Err(Interruption::Waiting) => return Err(Interruption::Waiting),
                Ok(_) => return Ok(()),
                // Without an index the seek lands near its target.
                Err(_) => self.index = IndexState::Complete,
            }
        }
        let length = self.frames();
        let Some(opened) = &mut self.opened else {
            self.stage = Stage::Closed;
            return Ok(());
        };
        if let Some(length) = length
            && opened.description.frames_exact
            && self.target >= length
            && self.target > 0
        {
            self.position = length;
            self.stage = Stage::Ended(None);
            return Ok(());
        }
        let source_frame = match &mut opened.resampler {
            None => self.target,
            Some(resampler) => resampler.restart(self.target),
        };
        if source_frame == 0 && self.at_start {
            // Opening has moved it there.
        } else if opened.description.seek == SeekAbility::None {
            if !self.at_start {
                self.codec.open()?;
            }
        } else {
            self.codec.seek(source_frame)?;
        }
        opened.origin = (0, 0);
        self.at_start = false;
        self.wanted_source_frame = source_frame;
        self.stage = Stage::Landing;
        Ok(())
    }

    fn decode(&mut self) -> Result<(), Interruption> {
        let Some(opened) = &mut self.opened else {
            return Err(Interruption::End);
        };
        let frames = self.codec.next()?;
        if frames == 0 {
            return Ok(());
        }
        let landing = matches!(self.stage, Stage::Landing);
        if landing {
            opened.source_frame = self.codec.position()?;
            self.exact = opened.description.seek == SeekAbility::None || self.codec.seek_is_exact()?;
            if !self.exact || opened.source_frame > self.wanted_source_frame {
                self.exact &= opened.source_frame == self.wanted_source_frame;
                self.wanted_source_frame = opened.source_frame;
                let output = converted_frames(opened.source_frame, opened.description.sample_rate, self.sample_rate);
                opened.origin = (opened.source_frame, output);
                self.position = output;
                if let Some(resampler) = &mut opened.resampler {
                    resampler.restart(0);
                }
            }
            self.stage = Stage::Decoding;
        }
        for (channel, plane) in self.planes.iter_mut().enumerate() {
            self.codec.read_plane(channel, plane)?;
        }
        self.mixed.clear();
        opened.mixer.mix(&self.planes, &mut self.mixed);
        let ahead = self.wanted_source_frame.saturating_sub(opened.source_frame);
        let dropped = usize::try_from(ahead).map_or(self.mixed.len(), |ahead| ahead.min(self.mixed.len()));
        self.mixed.drop_first(dropped);
        opened.source_frame += frames as u64;
        match &mut opened.resampler {
            None => self.ready.extend(&self.mixed.left, &self.mixed.right),
            Some(resampler) => resampler.push(&self.mixed, &mut self.ready),
        }
        Ok(())
    }

    fn finish(&mut self, failure: Option<Failure>) {
        let decoded = matches!(self.stage, Stage::Decoding);
        if !decoded && let Some(length) = self.frames() {
            self.position = self.position.min(length);
        }
        if let Some(opened) = &mut self.opened
            && decoded
        {
            if let Some(resampler) = &mut opened.resampler {
                resampler.finish(&mut self.ready);
            }
            if opened.origin == (0, 0) && failure.is_none() {
                // From the file's start or an exact seek on every frame was counted.
                opened.description.frames = Some(opened.source_frame);
                opened.description.frames_exact = true;
            }
        }
        self.stage = Stage::Ended(failure);
    }
}
