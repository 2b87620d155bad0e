//! The macro that makes a table of effects.

/// Makes an enum of effects that implements [`Effects`](crate::effects::Effects): a line for each, and its number is its
/// place in the list.
///
/// ```
/// use rusty_audio_engine::effects::{Effects, Gain};
///
/// rusty_audio_engine::effects! {
///     /// Mine.
///     pub enum MyEffects<'a> {
///         Gain(Gain),
///     }
/// }
/// assert_eq!(MyEffects::LIST[0].name, "gain");
/// ```
#[macro_export]
macro_rules! effects {
    ($(#[$meta:meta])* $visibility:vis enum $table:ident<$life:lifetime> { $($name:ident($effect:ty)),+ $(,)? }) => {
        $(#[$meta])*
        #[allow(clippy::large_enum_variant, reason = "one of them lies in the arena and never moves")]
        $visibility enum $table<$life> {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($effect),
            )+
            #[doc(hidden)]
            Never(::core::convert::Infallible, ::core::marker::PhantomData<&$life ()>),
        }

        impl<$life> $crate::effects::Effects<$life> for $table<$life> {
            const LIST: &'static [$crate::effects::Description] = &[$(
                $crate::effects::Description {
                    name: <$effect as $crate::effects::Effect<$life>>::NAME,
                    parameters: <$effect as $crate::effects::Effect<$life>>::PARAMETERS,
                    settings: <$effect as $crate::effects::Effect<$life>>::SETTINGS,
                    readings: <$effect as $crate::effects::Effect<$life>>::READINGS,
                },
            )+];

            fn build(
                number: usize,
                arena: &mut $crate::Arena<$life>,
                sample_rate: f32,
                settings: &[f32],
            ) -> Result<Option<Self>, $crate::ConfigError> {
                // Each in a frame of its own: one frame with all of them would be as large as all of them together.
                #[inline(never)]
                fn new<$life, E: $crate::effects::Effect<$life>>(
                    arena: &mut $crate::Arena<$life>,
                    sample_rate: f32,
                    settings: &[f32],
                    entry: impl FnOnce(E) -> $table<$life>,
                ) -> Result<Option<$table<$life>>, $crate::ConfigError> {
                    E::new(arena, sample_rate, settings).map(|effect| Some(entry(effect)))
                }
                let mut rest = number;
                $(
                    if rest == 0 {
                        return new::<$effect>(arena, sample_rate, settings, Self::$name);
                    }
                    rest = rest.wrapping_sub(1);
                )+
                let _ = rest;
                Ok(None)
            }

            fn parameter_count(number: usize, settings: &[f32]) -> usize {
                let mut rest = number;
                $(
                    if rest == 0 {
                        return <$effect as $crate::effects::Effect<$life>>::parameter_count(settings);
                    }
                    rest = rest.wrapping_sub(1);
                )+
                let _ = rest;
                0
            }

            fn process(
                &mut self,
                run: &mut $crate::Quantum<'_>,
                parameters: &$crate::effects::Parameters<'_>,
                dispatcher: &mut $crate::Dispatcher<'_>,
            ) {
                match self {
                    $(Self::$name(effect) => $crate::effects::Effect::process(effect, run, parameters, dispatcher),)+
                    Self::Never(never, _) => match *never {},
                }
            }

            fn reset(&mut self) {
                match self {
                    $(Self::$name(effect) => $crate::effects::Effect::reset(effect),)+
                    Self::Never(never, _) => match *never {},
                }
            }

            fn latency_frames(&self) -> u32 {
                match self {
                    $(Self::$name(effect) => $crate::effects::Effect::latency_frames(effect),)+
                    Self::Never(never, _) => match *never {},
                }
            }

            fn tail_frames(&self) -> Option<u32> {
                match self {
                    $(Self::$name(effect) => $crate::effects::Effect::tail_frames(effect),)+
                    Self::Never(never, _) => match *never {},
                }
            }

            fn read(&mut self, readings: &mut [f32]) {
                match self {
                    $(Self::$name(effect) => $crate::effects::Effect::read(effect, readings),)+
                    Self::Never(never, _) => match *never {},
                }
            }

            fn region(&self) -> Option<u32> {
                match self {
                    $(Self::$name(effect) => $crate::effects::Effect::region(effect),)+
                    Self::Never(never, _) => match *never {},
                }
            }

            fn receive(&mut self, word: u32, dispatcher: &mut $crate::Dispatcher<'_>) {
                match self {
                    $(Self::$name(effect) => $crate::effects::Effect::receive(effect, word, dispatcher),)+
                    Self::Never(never, _) => match *never {},
                }
            }

            fn close(&mut self, dispatcher: &mut $crate::Dispatcher<'_>) -> bool {
                match self {
                    $(Self::$name(effect) => $crate::effects::Effect::close(effect, dispatcher),)+
                    Self::Never(never, _) => match *never {},
                }
            }
        }
    };
}
