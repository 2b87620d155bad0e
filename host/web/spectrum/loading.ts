// Loads the render module when the first view is shown.
import { findAsset } from '../assets.js';
import initialize, { SpectrumRenderer } from '../render.js';

let loading: Promise<unknown> | undefined;

/** The class of the render module, which is loaded once per page. */
export async function loadRenderer(): Promise<typeof SpectrumRenderer> {
  loading ??= initialize({ module_or_path: findAsset('render_bg.wasm') });
  try {
    await loading;
  } catch (reason) {
    loading = undefined;
    throw reason;
  }
  return SpectrumRenderer;
}
