// The corpus of the instruction counts: scenes that the audio thread or a worker goes through, each a list of counts, one
// for each render quantum or turn.
import { CONTROL_FRAMES, Engine, NOW, QUANTUM_FRAMES, RING_FRAMES } from './engine.mjs';

/** Quanta after which the audio thread trusts a pool that just came to life. */
const SETTLING_QUANTA = 1000;

const FOLLOW = 0;

const FFT = 0;
const AUDIO_BLOCK = 1;
const TEST = 3;
const SPECTRUM = 6;
const FLAT_TOP = 3;

/** Scenes by name: what each does, as a function that makes the counts. */
const scenes = {
  'nothing to play': (engine) => engine.quanta(64),

  'waiting for the first frames': (engine) => {
    engine.begin(1, NOW);
    engine.feed(1024);
    engine.play();
    return engine.quanta(64);
  },

  playing: (engine) => {
    engine.started();
    return engine.quanta(1024, () => engine.fedQuantum());
  },

  'playing, the volume automated': (engine) => {
    engine.started();
    return engine.quanta(256, (index) => {
      engine.feed(QUANTUM_FRAMES);
      for (let point = 0; point < QUANTUM_FRAMES / CONTROL_FRAMES; point += 1) {
        engine.values[point * engine.width] = 0.5 + Math.sin((index * QUANTUM_FRAMES + point * CONTROL_FRAMES) * 0.001) / 2;
      }
      return engine.quantum();
    });
  },

  'playing, paused and resumed': (engine) => {
    engine.started();
    return engine.quanta(64, (index) => {
      if (index % 8 === 0) engine.pause();
      if (index % 8 === 4) engine.play();
      return engine.quantum();
    });
  },

  paused: (engine) => {
    engine.started();
    engine.pause();
    engine.quanta(2);
    return engine.quanta(64);
  },

  starved: (engine) => {
    engine.started();
    engine.quanta(RING_FRAMES / QUANTUM_FRAMES);
    return engine.quanta(64);
  },

  'starving player': (engine) => {
    engine.started();
    engine.quanta(RING_FRAMES / QUANTUM_FRAMES);
    // Half a quantum, then a hole, again and again.
    return engine.quanta(64, () => {
      engine.feed(QUANTUM_FRAMES / 2);
      return engine.quantum();
    });
  },

  'at the end': (engine) => {
    engine.begin(1, NOW);
    engine.feed(10_000);
    engine.end();
    engine.play();
    engine.quanta(80);
    return engine.quanta(64);
  },

  'jumping back and forth': (engine) => {
    engine.started();
    let epoch = 1;
    return engine.quanta(512, (index) => {
      if (index % 128 === 0) {
        epoch += 1;
        engine.begin(epoch, NOW, index * 1000);
      }
      engine.feed(1024);
      return engine.quantum();
    });
  },

  'a loop of 100 frames': (engine) => {
    engine.begin(1, NOW);
    engine.feed(100);
    engine.play();
    const refill = () => {
      while (engine.exports.feeder_begin(engine.feeder, 1, 1, 0, FOLLOW, 0) === 1) engine.feed(100);
    };
    refill();
    engine.quanta(4);
    return engine.quanta(256, () => {
      refill();
      return engine.quantum();
    });
  },

  'quanta of 1 frame': (engine) => {
    engine.started();
    return engine.quanta(512, () => engine.quantum(1));
  },

  'quanta of 4096 frames': (engine) => {
    engine.started();
    return engine.quanta(64, () => {
      engine.feed(4096);
      return engine.quantum(4096);
    });
  },
};

/** Scenes of an engine whose player convolves. */
const convolving = {
  'convolving alone': (engine) => {
    engine.started();
    engine.quanta(128, () => engine.fedQuantum());
    return engine.quanta(2048, () => engine.fedQuantum());
  },

  'convolving, the response faded out': (engine) => {
    engine.started();
    engine.set('convolver.wet', 0);
    engine.quanta(128, () => engine.fedQuantum());
    return engine.quanta(256, () => engine.fedQuantum());
  },

  'convolving with a worker': (engine) => {
    assist(engine);
    return engine.quanta(1024, () => assisted(engine));
  },

  'the worker that helps': (engine) => {
    assist(engine);
    const counts = [];
    engine.quanta(256, () => assisted(engine, counts));
    return counts;
  },

  'convolving after the worker fell silent': (engine) => {
    assist(engine);
    return engine.quanta(256, () => engine.fedQuantum());
  },
};

/** A scene for each effect: a steady signal, then every parameter on its way at every control point. */
function effectScenes(table) {
  const scene = (moving) => (engine) => {
    const parameters = engine.names.length;
    // A flat equalizer does nothing.
    engine.names.filter((name) => /equalizer\.band\d+\.gain/.test(name)).forEach((name) => engine.set(name, 6));
    return engine.quanta(256, (index) => {
      for (const channel of [0, 1]) {
        const plane = engine.plane(channel);
        for (let frame = 0; frame < QUANTUM_FRAMES; frame += 1) plane[frame] = Math.sin((engine.frame + frame) * (0.01 + channel * 0.007)) / 2;
      }
      for (let place = 0; moving && place < 5 * parameters; place += 1) engine.values[place] *= 1 + Math.sin(index + place) / 8;
      return engine.quantum();
    });
  };
  return table.flatMap(({ name }) => [[name, scene(false), name], [`${name}, its parameters automated`, scene(true), name]]);
}

/** Jobs of the main thread: turns of the worker. */
const jobs = {
  'transform of 1024': (engine) => engine.job(FFT, 1024, 0, 0, 1024),
  'transform of 32768': (engine) => engine.job(FFT, 32_768, 0, 0, 32_768),
  'audio block of 16384 frames': (engine) => engine.job(AUDIO_BLOCK, 16_384, 0, 0x3f800000, 32_768),
  'test of 4 slices': (engine) => engine.job(TEST, 1, 4, -1, 0),
};

/** Jobs over what an analyser keeps: with its window computed first, and with the same one again. */
const spectra = {
  'spectra of 32768': (engine) => {
    engine.quanta(300);
    const region = engine.exports.controller_region(engine.processor, 0);
    return [0, 1].flatMap(() => engine.job(SPECTRUM, region, 32_768, FLAT_TOP, 0));
  },
};

/** Scenes whose work must lie evenly on the quanta: what the audio thread computes of jobs it computes slice by slice. */
const EVEN = new Set(['playing', 'convolving alone', 'convolving after the worker fell silent']);

/** Lets a worker help until the audio thread trusts it. */
function assist(engine) {
  engine.started();
  engine.exports.controller_take_seat(engine.pool, 0);
  engine.quanta(SETTLING_QUANTA, () => assisted(engine));
}

/** A quantum, before which the worker has taken the turns that it needs for what was posted. */
function assisted(engine, counts = []) {
  do counts.push(engine.turn(0)); while (engine.exports.controller_claimed_by(engine.pool, 0) > 0);
  return engine.fedQuantum();
}

/** What every scene costs, by name: `worst` and `median` are those of one quantum or turn. */
export function measure(module) {
  const measured = {};
  const prepare = (engine) => {
    if (engine.effects.includes('convolver')) {
      engine.putResponse();
      engine.set('convolver.wet', 0.5);
    }
    return engine;
  };
  for (const [group, options] of [[scenes, {}], [convolving, { effects: ['convolver', 'gain'] }], [jobs, {}], [spectra, { effects: ['analyser'], source: false }]]) {
    for (const [name, scene] of Object.entries(group)) {
      measured[name] = summary(scene(prepare(new Engine(module, options))), EVEN.has(name));
    }
  }
  for (const [name, scene, effect] of effectScenes(new Engine(module).table)) {
    measured[name] = summary(scene(prepare(new Engine(module, { effects: [effect], source: false }))));
  }
  return measured;
}

/** A list of counts in short. */
export function summary(counts, even = false) {
  const sorted = counts.toSorted((a, b) => a - b);
  return {
    quanta: counts.length,
    instructions: counts.reduce((sum, count) => sum + count, 0),
    median: sorted[counts.length >> 1],
    worst: sorted.at(-1),
    even,
  };
}
