// The corpus of the instruction counts: scenes that a player goes through, each a list of counts per render quantum.
const PAGES = 128;
const SAMPLE_RATE = 48_000;
const RING_FRAMES = 32_768;
const QUANTUM_FRAMES = 128;
const STAGING_FRAMES = 4096;

const FOLLOW = 0;
const NOW = 1;

/** One player over an instance of a module that counts its instructions. */
class Player {
  constructor(module) {
    this.memory = new WebAssembly.Memory({ initial: PAGES, maximum: 16_384, shared: true });
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports;
    const arena = this.exports.controller_open();
    const address = this.exports.controller_player(arena, SAMPLE_RATE, RING_FRAMES);
    if (address <= 0) throw new Error(`no player: ${address}`);
    [this.controller, this.feeder, this.processor] = new Uint32Array(this.memory.buffer, address, 3);
    this.gain = new Float32Array(this.memory.buffer, this.exports.rt_gain_values(this.processor), 4096);
    this.gain[0] = 1;
    this.fed = 0;
  }

  /** A segment begins. */
  begin(epoch, join, frame = 0) {
    this.succeed(this.exports.feeder_begin(this.feeder, epoch, 1, frame, join, 0));
  }

  end() {
    this.succeed(this.exports.feeder_end(this.feeder));
  }

  play() {
    this.succeed(this.exports.controller_play(this.controller));
  }

  pause() {
    this.succeed(this.exports.controller_pause(this.controller));
  }

  succeed(result) {
    if (result !== 1) throw new Error('a call of the engine found no room');
  }

  /** Feeds up to `frames` frames of a sum of sines, as many as find room. */
  feed(frames) {
    for (let left = frames; left > 0;) {
      const count = Math.min(left, STAGING_FRAMES);
      for (const channel of [0, 1]) {
        const address = this.exports.feeder_staging(this.feeder, channel);
        const staging = new Float32Array(this.memory.buffer, address, count);
        for (let frame = 0; frame < count; frame += 1) staging[frame] = Math.sin((this.fed + frame) * (0.01 + channel * 0.007)) / 2;
      }
      const taken = this.exports.feeder_push(this.feeder, count);
      this.fed += taken;
      left -= count;
      if (taken < count) return;
    }
  }

  /** Renders a quantum. Returns the instructions that it took. */
  quantum(frames = QUANTUM_FRAMES, gainCount = 1) {
    const { instruction_count: counter } = this.exports;
    const before = counter.value;
    if (this.exports.rt_process(this.processor, frames, gainCount) !== 1) throw new Error('the processor is lost');
    return Number(counter.value - before);
  }

  quanta(count, each = () => this.quantum()) {
    return Array.from({ length: count }, (_, index) => each(index));
  }

  /** Plays from a ring that is full. */
  started() {
    this.begin(1, NOW);
    this.feed(RING_FRAMES);
    this.play();
    this.quanta(4);
    return this;
  }
}

/** Scenes by name: what each does, as a function that makes the counts. */
export const scenes = {
  'nothing to play': (player) => player.quanta(64),

  'waiting for the first frames': (player) => {
    player.begin(1, NOW);
    player.feed(1024);
    player.play();
    return player.quanta(64);
  },

  playing: (player) => {
    player.started();
    return player.quanta(1024, () => {
      player.feed(QUANTUM_FRAMES);
      return player.quantum();
    });
  },

  'playing, the volume automated': (player) => {
    player.started();
    return player.quanta(256, (index) => {
      player.feed(QUANTUM_FRAMES);
      for (let frame = 0; frame < QUANTUM_FRAMES; frame += 1) {
        player.gain[frame] = 0.5 + Math.sin((index * QUANTUM_FRAMES + frame) * 0.001) / 2;
      }
      return player.quantum(QUANTUM_FRAMES, QUANTUM_FRAMES);
    });
  },

  'playing, paused and resumed': (player) => {
    player.started();
    return player.quanta(64, (index) => {
      if (index % 8 === 0) player.pause();
      if (index % 8 === 4) player.play();
      return player.quantum();
    });
  },

  paused: (player) => {
    player.started();
    player.pause();
    player.quanta(2);
    return player.quanta(64);
  },

  starved: (player) => {
    player.started();
    player.quanta(RING_FRAMES / QUANTUM_FRAMES);
    return player.quanta(64);
  },

  'at the end': (player) => {
    player.begin(1, NOW);
    player.feed(10_000);
    player.end();
    player.play();
    player.quanta(80);
    return player.quanta(64);
  },

  'jumping back and forth': (player) => {
    player.started();
    let epoch = 1;
    return player.quanta(512, (index) => {
      if (index % 128 === 0) {
        epoch += 1;
        player.begin(epoch, NOW, index * 1000);
      }
      player.feed(1024);
      return player.quantum();
    });
  },

  'a loop of 100 frames': (player) => {
    player.begin(1, NOW);
    player.feed(100);
    player.play();
    const refill = () => {
      while (player.exports.feeder_begin(player.feeder, 1, 1, 0, FOLLOW, 0) === 1) player.feed(100);
    };
    refill();
    player.quanta(4);
    return player.quanta(256, () => {
      refill();
      return player.quantum();
    });
  },

  'quanta of 1 frame': (player) => {
    player.started();
    return player.quanta(512, () => player.quantum(1));
  },

  'quanta of 4096 frames': (player) => {
    player.started();
    return player.quanta(64, () => {
      player.feed(4096);
      return player.quantum(4096);
    });
  },
};

/** What every scene costs: `{ quanta, instructions, worst }` by name, `worst` being the dearest quantum. */
export function measure(module) {
  return Object.fromEntries(Object.entries(scenes).map(([name, scene]) => {
    const counts = scene(new Player(module));
    const instructions = counts.reduce((sum, count) => sum + count, 0);
    return [name, { quanta: counts.length, instructions, worst: Math.max(...counts) }];
  }));
}
