//! Turns round the channel coupling in a Vorbis setup header.
//!
//! Channels are uncoupled from the last step to the first (Vorbis I, section 4.3.5), since a later step may couple what
//! an earlier one made. Symphonia 0.6.1 goes from the first to the last, which is the same with one step, so with
//! two channels, and noise with more. Given the steps in reverse order it decodes right.

/// What a list of coupling steps looks like in the header.
struct Coupling {
    /// First bit of the first step.
    start: usize,
    steps: usize,
    /// Bits of a step: two channel numbers.
    step_bits: usize,
}

/// Reverses the coupling steps of every mapping in `setup`, the setup header of a stream with `channels`.
///
/// A header that cannot be read stays as it is: the decoder says what is wrong with it.
pub(crate) fn reverse_coupling(setup: &mut [u8], channels: u8) {
    let Some(couplings) = find_couplings(setup, channels) else {
        return;
    };
    for Coupling {
        start,
        steps,
        step_bits,
    } in couplings
    {
        let places: Vec<usize> = (0..steps).map(|step| start + step * step_bits).collect();
        let mut bits = Bits {
            bytes: setup,
            position: 0,
        };
        let values: Option<Vec<u32>> = places
            .iter()
            .map(|&place| bits.at(place).read(step_bits))
            .collect();
        for (place, value) in places.iter().zip(values.unwrap_or_default().iter().rev()) {
            for bit in 0..step_bits {
                let (byte, mask) = ((place + bit) / 8, 1 << ((place + bit) % 8));
                setup[byte] = if value >> bit & 1 == 1 {
                    setup[byte] | mask
                } else {
                    setup[byte] & !mask
                };
            }
        }
    }
}

/// A header read from the least significant bit of each byte on (Vorbis I, section 2).
struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Bits<'_> {
    fn at(&mut self, position: usize) -> &mut Self {
        self.position = position;
        self
    }

    fn read(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for bit in 0..count {
            let byte = self.bytes.get(self.position / 8)?;
            value |= u32::from(byte >> (self.position % 8) & 1) << bit;
            self.position += 1;
        }
        Some(value)
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.read(1)? == 1)
    }

    /// A count that is stored less one.
    fn count(&mut self, bits: usize) -> Option<usize> {
        Some(self.read(bits)? as usize + 1)
    }

    fn skip(&mut self, bits: usize) -> Option<()> {
        self.position = self.position.checked_add(bits)?;
        (self.position <= self.bytes.len() * 8).then_some(())
    }
}

/// Walks over the header (Vorbis I, section 4.2.4) to its mappings.
fn find_couplings(setup: &[u8], channels: u8) -> Option<Vec<Coupling>> {
    if !setup.starts_with(b"\x05vorbis") {
        return None;
    }
    let mut bits = Bits {
        bytes: setup,
        position: 7 * 8,
    };
    for _ in 0..bits.count(8)? {
        skip_codebook(&mut bits)?;
    }
    let time_transforms = bits.count(6)?;
    bits.skip(16 * time_transforms)?;
    for _ in 0..bits.count(6)? {
        skip_floor(&mut bits)?;
    }
    for _ in 0..bits.count(6)? {
        skip_residue(&mut bits)?;
    }
    let channel_bits = integer_log(u32::from(channels).checked_sub(1)?);
    let mut couplings = Vec::new();
    for _ in 0..bits.count(6)? {
        bits.skip(16)?;
        let submaps = if bits.flag()? { bits.count(4)? } else { 1 };
        if bits.flag()? {
            let steps = bits.count(8)?;
            let step_bits = 2 * channel_bits;
            couplings.push(Coupling {
                start: bits.position,
                steps,
                step_bits,
            });
            bits.skip(steps * step_bits)?;
        }
        bits.skip(2)?;
        bits.skip(if submaps > 1 {
            4 * usize::from(channels)
        } else {
            0
        })?;
        bits.skip(24 * submaps)?;
    }
    Some(couplings)
}

/// Section 3.2.1.
fn skip_codebook(bits: &mut Bits<'_>) -> Option<()> {
    if bits.read(24)? != 0x56_4342 {
        return None;
    }
    let dimensions = bits.read(16)?;
    let entries = bits.read(24)?;
    if bits.flag()? {
        bits.skip(5)?;
        let mut entry = 0;
        while entry < entries {
            entry += bits.read(integer_log(entries - entry))?;
        }
    } else {
        let is_sparse = bits.flag()?;
        for _ in 0..entries {
            if !is_sparse || bits.flag()? {
                bits.skip(5)?;
            }
        }
    }
    let lookup = bits.read(4)?;
    if lookup == 0 {
        return Some(());
    }
    bits.skip(64)?;
    let value_bits = bits.count(4)?;
    bits.skip(1)?;
    let values = if lookup == 1 {
        lookup1_values(entries, dimensions)
    } else {
        entries.checked_mul(dimensions)?
    };
    bits.skip((values as usize).checked_mul(value_bits)?)
}

/// Sections 6.2.1 and 7.2.2.
fn skip_floor(bits: &mut Bits<'_>) -> Option<()> {
    if bits.read(16)? == 0 {
        bits.skip(8 + 16 + 16 + 6 + 8)?;
        let books = bits.count(4)?;
        return bits.skip(8 * books);
    }
    let partitions = bits.read(5)?;
    let classes: Vec<usize> = (0..partitions)
        .map(|_| Some(bits.read(4)? as usize))
        .collect::<Option<_>>()?;
    let mut dimensions = [0; 16];
    for dimension in dimensions
        .iter_mut()
        .take(classes.iter().max().map_or(0, |most| most + 1))
    {
        *dimension = bits.count(3)?;
        let subclasses = bits.read(2)?;
        bits.skip(if subclasses > 0 { 8 } else { 0 })?;
        bits.skip(8 << subclasses)?;
    }
    bits.skip(2)?;
    let range_bits = bits.read(4)? as usize;
    bits.skip(
        classes
            .iter()
            .map(|&class| dimensions[class] * range_bits)
            .sum(),
    )
}

/// Section 8.6.1.
fn skip_residue(bits: &mut Bits<'_>) -> Option<()> {
    bits.skip(16 + 24 + 24 + 24)?;
    let classifications = bits.count(6)?;
    bits.skip(8)?;
    let mut books = 0;
    for _ in 0..classifications {
        let low = bits.read(3)?;
        let high = if bits.flag()? { bits.read(5)? } else { 0 };
        books += (low.count_ones() + high.count_ones()) as usize;
    }
    bits.skip(8 * books)
}

/// Bits that a number needs; 0 for 0 (section 9.2.1).
fn integer_log(number: u32) -> usize {
    (u32::BITS - number.leading_zeros()) as usize
}

/// The largest number whose power `dimensions` is not above `entries` (section 9.2.3).
fn lookup1_values(entries: u32, dimensions: u32) -> u32 {
    let fits = |root: u32| {
        root.checked_pow(dimensions)
            .is_some_and(|power| power <= entries)
    };
    let (mut low, mut high) = (0, entries + 1);
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            low = middle
        } else {
            high = middle
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookup_sizes_are_integer_roots() {
        for (entries, dimensions, expected) in [
            (81, 4, 3),
            (80, 4, 2),
            (1, 1, 1),
            (16_777_215, 1, 16_777_215),
            (0, 2, 0),
        ] {
            assert_eq!(
                lookup1_values(entries, dimensions),
                expected,
                "{entries} {dimensions}"
            );
        }
        assert_eq!(
            [0, 1, 2, 3, 4, 7, 8].map(integer_log),
            [0, 1, 2, 2, 3, 3, 4]
        );
    }

    #[test]
    fn a_header_that_cannot_be_read_stays() {
        let mut bytes = b"\x05vorbis\xff\xff\xff\xff\xff\xff".to_vec();
        let before = bytes.clone();
        reverse_coupling(&mut bytes, 6);
        assert_eq!(bytes, before);
    }
}
