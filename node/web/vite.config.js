import { defineConfig } from "vite";

// The page is served by the node itself, never from another host: every asset is a file of its own, nothing is inlined
// that the content security policy would refuse.
export default defineConfig({
  base: "/",
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
