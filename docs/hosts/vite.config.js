// Vite: the headers of its development server and of `vite preview`. The host that serves the build needs them, too.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
};

export default { server: { headers }, preview: { headers } };
