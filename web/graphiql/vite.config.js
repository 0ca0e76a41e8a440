import { defineConfig } from 'vite';

export default defineConfig({
  // Under whatever path the gateway is mounted: build.mjs says in index.html where its files are from /graphql.
  base: './',
  // The workers load chunks of their own, which only module workers can.
  worker: { format: 'es' },
  build: {
    // Every browser that runs GraphiQL 5 knows modulepreload.
    modulePreload: { polyfill: false },
    // No data: URLs where a cacheable file will do.
    assetsInlineLimit: 0,
    license: { fileName: 'licences.md' },
    // Monaco is one chunk of 2.8 MB (0.7 MB compressed).
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      // "use client" means something to servers that render React; this is a page.
      onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
    },
  },
});
