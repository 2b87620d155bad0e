// A codec module that traps: it opens anything as 44.1 kHz stereo, decodes a number of packets of 1024
// frames, and then reaches an unreachable instruction. Written byte by byte, so that no tool is needed.

const i32 = 0x7f;
const f64 = 0x7c;

const unsigned = (value) => {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
};
const signed = (value) => {
  const bytes = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if ((value === 0 && !(low & 0x40)) || (value === -1 && low & 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
};
const list = (items) => [...unsigned(items.length), ...items.flat()];
const name = (text) => list([...Buffer.from(text)].map((byte) => [byte]));
const section = (id, contents) => [id, ...unsigned(contents.length), ...contents];
const constant = (value) => [0x41, ...signed(value)];

const DESCRIPTION_ADDRESS = 64;
const PLANE_ADDRESS = 4096;
export const packetFrames = 1024;

/** The module's bytes: it traps instead of decoding its packet number `packets`, counted from 0. */
export function trappingCodec(packets) {
  const description = JSON.stringify({
    container: 'WAV', codec: 'PCM 32-bit float', channels: 2, sampleRate: 44_100, frames: 10 * 44_100, framesExact: true, gapless: true,
    seek: 'exact', notes: [], channelPositions: ['FL', 'FR'],
  });
  const plane = Buffer.from(Float32Array.from({ length: packetFrames }, (_, frame) => trappingSample(frame)).buffer);
  const functions = [
    ['codec_open', [f64], i32, constant(0)],
    ['codec_description', [], i32, constant(DESCRIPTION_ADDRESS)],
    ['codec_description_length', [], i32, constant(description.length)],
    // if (count >= packets) unreachable; count += 1; return packetFrames
    ['codec_next', [], i32, [0x23, 0, ...constant(packets), 0x4f, 0x04, 0x40, 0x00, 0x0b, 0x23, 0, ...constant(1), 0x6a, 0x24, 0, ...constant(packetFrames)]],
    ['codec_plane', [i32], i32, constant(PLANE_ADDRESS)],
    // (count - 1) * packetFrames, as f64
    ['codec_position', [], f64, [0x23, 0, ...constant(1), 0x6b, ...constant(packetFrames), 0x6c, 0xb7]],
    ['codec_seek', [f64], i32, constant(0)],
    ['codec_seek_exact', [], i32, constant(1)],
    ['codec_byte_position', [], f64, [0x44, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['codec_message', [], i32, constant(0)],
    ['codec_message_length', [], i32, constant(0)],
    ['codec_skipped_packets', [], i32, constant(0)],
  ];
  const exported = [...functions.map(([text], index) => [...name(text), 0x00, ...unsigned(index)]), [...name('memory'), 0x02, 0]];
  const data = (address, bytes) => [0, ...constant(address), 0x0b, ...list([...bytes].map((byte) => [byte]))];
  return Buffer.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list(functions.map(([, parameters, result]) => [0x60, ...list(parameters.map((type) => [type])), 1, result]))),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(5, list([[0, 1]])),
    ...section(6, list([[i32, 1, ...constant(0), 0x0b]])),
    ...section(7, list(exported)),
    ...section(10, list(functions.map(([, , , body]) => {
      const code = [0, ...body, 0x0b];
      return [...unsigned(code.length), ...code];
    }))),
    ...section(11, list([data(DESCRIPTION_ADDRESS, Buffer.from(description)), data(PLANE_ADDRESS, plane)])),
  ]);
}

/** Frame `frame` of what it decodes, in both channels: a saw that repeats with each packet. */
export function trappingSample(frame) {
  return ((frame % packetFrames) + 1) / (2 * packetFrames);
}
