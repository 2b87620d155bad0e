/// What real-time code looks like: bounded, saturating, without a panic path.
pub struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    s: [f32; 2],
}

impl Biquad {
    fn process(&mut self, samples: &mut [f32]) {
        let [b0, b1, b2] = self.b;
        let [a1, a2] = self.a;
        for sample in samples {
            let y = b0 * *sample + self.s[0];
            self.s[0] = b1 * *sample - a1 * y + self.s[1];
            self.s[1] = b2 * *sample - a2 * y;
            *sample = y;
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_good(filter: &mut Biquad, block: &mut [f32; 128], frames: usize, position: f32) -> u32 {
    if let Some(run) = block.get_mut(..frames) {
        filter.process(run);
    }
    let whole = position as u32;
    let sum: f32 = block.chunks_exact(4).map(|lane| lane[0] + lane[3]).sum();
    whole.wrapping_add(sum as u32) / 3
}
