import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compression, defineAlgorithm } from 'vite-plugin-compression2';

export default defineConfig({
  // Relative: the gateway may be mounted under any path.
  base: './',
  plugins: [
    react(),
    // The gateway sends these siblings to whom takes them.
    compression({ algorithms: [defineAlgorithm('brotliCompress'), defineAlgorithm('gzip', { level: 9 })], threshold: 0 }),
  ],
  build: {
    outDir: '../../web/frontend',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // No data: URLs where a cacheable file will do.
    assetsInlineLimit: 0,
    license: { fileName: 'licences.md' },
  },
  server: { proxy: { '/graphql': 'http://127.0.0.1:8000' } },
});
