// What the test server does wrong on demand.
//
// A fault is a parameter of the query, for one resource (`/track/mp3-vbr.mp3?stallAfter=100000`), or of a
// prefix, for a page and all that it loads by relative addresses (`/~isolation=off&missing=codec-mp3.wasm/pages/player.html`).
//
//   isolation=off        no Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy
//   policy=TEXT          this Content-Security-Policy
//   ranges=off           answers every request with the whole resource and 200
//   length=off           does not tell the length (chunked; implies ranges=off)
//   status=NUMBER        answers with this status and no content
//   type=TEXT            this Content-Type
//   cache=TEXT           this Cache-Control for pages and scripts, instead of none that would keep them
//   cors=allow           readable from other origins, with the headers that ranges need (by default nothing is)
//   stallAfter=NUMBER    bytes from this offset on never arrive, and the connection stays open
//   lateFrom=NUMBER      bytes from this offset on come `lateSeconds` after they were first asked for
//   lateSeconds=NUMBER   for lateFrom; 0 by default
//   dropAfter=NUMBER     the connection is destroyed at this offset
//   rate=NUMBER          bytes per second, per request
//   etag=changing        another ETag with every answer
//   missing=NAME         404 for any path that ends with NAME
//   wrongType=NAME       text/plain for any path that ends with NAME
//   failing=NAME         503 to the first `failures` requests for any path that ends with NAME
//   failures=NUMBER      for failing; by default all fail
//   cut=NAME             the first half of any file that ends with NAME, as if it were the whole
//   older=NAME           any file that ends with NAME as if it were of another version of the package
//   edition              the package as another version whose worklet scripts have other names for their classes
//   inert                an empty script, whatever file it is
//   trapping=NAME        instead of any path that ends with NAME a codec module that traps after `packets` packets
//   packets=NUMBER       for trapping; 0 by default
//
// Offsets are those of the resource, whatever range was asked for.

const numbers = ['status', 'stallAfter', 'lateFrom', 'lateSeconds', 'dropAfter', 'rate', 'packets', 'failures'];
const words = ['isolation', 'policy', 'ranges', 'length', 'type', 'cache', 'cors', 'etag', 'missing', 'wrongType', 'trapping', 'failing', 'cut', 'older', 'edition', 'inert'];

/** The prefix that puts `faults` on a page and all that it loads by relative addresses. */
export function prefix(faults) {
  const text = new URLSearchParams(faults).toString();
  return text === '' ? '' : `/~${text}`;
}

/**
 * Splits an address into the path without its prefix and the faults of both places.
 * Parameters that name no fault are left alone: they only make an address unlike another.
 */
export function parse(address) {
  const url = new URL(address, 'http://loopback');
  const [, ofPage, rest] = /^(?:\/~([^/]*))?(\/.*)$/.exec(url.pathname);
  const faults = {};
  for (const parameters of [new URLSearchParams(ofPage), url.searchParams]) {
    for (const [name, value] of parameters) {
      if (words.includes(name)) faults[name] = value;
      else if (numbers.includes(name)) faults[name] = Number(value);
    }
  }
  return { path: decodeURIComponent(rest), faults };
}
