/**
 * Rusty Audio: the classes that a page sees. They carry their calls to the host module; the thinking is in Rust.
 *
 * @module
 */
export { Engine } from './engine.js';
export { EngineNode } from './engine_node.js';
export { PlayerNode } from './player_node.js';
export type { ErrorCode } from './error_codes.js';
export type * from './effects.js';
export type * from './types.js';
