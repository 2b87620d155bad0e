// The piece that comes with the page, composed by a program of the project.
export const BUNDLED_TRACK = { address: 'track/lanterns.flac', name: 'Lanterns' };
