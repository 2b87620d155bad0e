trait Effect {
    fn process(&self, sample: f32) -> f32;
}

struct Half;
struct Square;
struct Flip;

impl Effect for Half {
    fn process(&self, sample: f32) -> f32 {
        sample * 0.5
    }
}

impl Effect for Square {
    fn process(&self, sample: f32) -> f32 {
        sample * sample
    }
}

impl Effect for Flip {
    fn process(&self, sample: f32) -> f32 {
        -sample
    }
}

static EFFECTS: [&(dyn Effect + Sync); 4] = [&Half, &Square, &Flip, &Half];

#[unsafe(no_mangle)]
extern "C" fn rt_bad(which: usize, sample: f32) -> f32 {
    EFFECTS[which & 3].process(sample)
}
