// Isolates pages whose server cannot be told to: a service worker that adds the headers to documents and to the scripts of workers, and
// lets everything else pass. It must lie beside or above the pages that it is for. A classic script without imports.
'use strict';

const ISOLATED = new Set(['document', 'iframe', 'frame', 'worker', 'sharedworker']);

const policy = new URL(location.href).searchParams.get('policy') === 'credentialless' ? 'credentialless' : 'require-corp';

async function isolated(request) {
  const response = await fetch(request);
  // A redirection is followed by the browser, and what is opaque has no headers.
  if (response.type === 'opaqueredirect' || response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', policy);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (ISOLATED.has(event.request.destination)) event.respondWith(isolated(event.request));
});
