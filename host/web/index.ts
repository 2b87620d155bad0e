/**
 * Rusty Audio: the classes that a page sees. They carry their calls to the host module; the thinking is in Rust.
 *
 * @module
 */
export { locateAssets } from './assets.js';
export { Engine } from './engine.js';
export { EngineNode } from './engine_node.js';
export { EQUALIZER_TYPES } from './effects.js';
export { isolate } from './isolate.js';
export { Monitor } from './monitor.js';
export { PlayerNode } from './player_node.js';
export { FIGURES, ROWS } from './schema.js';
export { SpectrumReader } from './spectrum_reader.js';
export { measureRoundTrip, rememberedRoundTrip } from './round_trip.js';
export type { RememberedRoundTrip, RoundTrip, RoundTripOptions } from './round_trip.js';
export type { AssetName, AssetOptions } from './assets.js';
export type { NodeConstructor } from './platform.js';
export type { EngineNodeEventMap, PlayerNodeEventMap } from './events.js';
export type { Isolation, IsolationOptions } from './isolate.js';
export type { ErrorCode } from './error_codes.js';
export type * from './effects.js';
export type * from './monitor.js';
export type * from './schema.js';
export type * from './types.js';
