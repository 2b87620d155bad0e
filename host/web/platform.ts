// The classes that a browser insists on. Where they are not, as on a server, the package must still load.

/** What makes a node of a class that is registered in the context's worklet: the browser's `AudioWorkletNode`, or what a library has in its place. */
export type NodeConstructor = new (context: never, name: string, options?: AudioWorkletNodeOptions) => object;

/**
 * An `AudioWorkletNode`, made by `constructor`. A node that is not the browser's own is given what the classes of ours add to it, on top of
 * what it is.
 */
export const WorkletNode = function (context: BaseAudioContext, name: string, options: AudioWorkletNodeOptions, constructor?: NodeConstructor): object {
  if (!constructor) return Reflect.construct(AudioWorkletNode, [context, name, options], new.target);
  const node = new constructor(context as never, name, options);
  const ours = Object.getOwnPropertyDescriptors(new.target.prototype);
  return Object.setPrototypeOf(node, Object.create(Object.getPrototypeOf(node), ours));
} as unknown as new (context: BaseAudioContext, name: string, options: AudioWorkletNodeOptions, constructor?: NodeConstructor) => AudioWorkletNode;

// Where there are no worklets it is for `Engine.support` to say so.
WorkletNode.prototype = globalThis.AudioWorkletNode?.prototype ?? {};

export const PageElement = globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement);

/** Has the document make elements of a class, unless it does already. */
export function defineElement(name: string, element: CustomElementConstructor): void {
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, element);
}
