import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

// The page is served by the node itself, never from another host: every asset is a file of its own, nothing is inlined
// that the content security policy would refuse.
export default defineConfig({
  base: "/",
  resolve: { alias: { xmlbuilder2: fileURLToPath(new URL("src/volume/noXml.ts", import.meta.url)) } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4096, // Cornerstone3D is one chunk, loaded with the first volume
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
