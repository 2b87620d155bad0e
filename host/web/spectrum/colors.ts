// Colours of a style sheet, as numbers.

let pixel: CanvasRenderingContext2D | undefined;

/**
 * Red, green, blue and alpha of a custom property of an element, such as `--spectrum-low`: 0 to 1, not premultiplied. It may have
 * any notation of the browser's, which is asked for the pixel; grey if it has none.
 */
export function colorOf(element: Element, property: string): number[] {
  pixel ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = '#808080';
  pixel.fillStyle = getComputedStyle(element).getPropertyValue(property).trim();
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
}
