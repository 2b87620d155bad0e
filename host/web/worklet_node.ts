/** The class that a browser insists on; where there are no worklets the package must still load, for `Engine.support` to say so. */
export const WorkletNode = globalThis.AudioWorkletNode ?? (class {} as unknown as typeof AudioWorkletNode);
