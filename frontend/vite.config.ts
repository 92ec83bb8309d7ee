import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { browserOwn } from "./build/browserOwn.ts";
import { logical } from "./build/logical.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** In development, answers every page address with the console's page, as the console's own server does. */
function consoleForEveryPage(): Plugin {
  return {
    name: "earshot-console-page",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const isPage = request.headers.accept?.includes("text/html") && !request.url?.includes(".html");
        if (isPage && !request.url?.startsWith("/api/")) request.url = "/console.html";
        next();
      });
    },
  };
}

export default defineConfig({
  plugins: [vue(), consoleForEveryPage()],
  appType: "mpa",
  resolve: { alias: { "@": here("./src") } },
  css: {
    postcss: { plugins: [browserOwn(), logical()] },
    preprocessorOptions: { scss: { quietDeps: true, loadPaths: [here("./node_modules")] } },
  },
  server: { proxy: { "/api": `http://127.0.0.1:${process.env["EARSHOT_CONSOLE_PORT"] ?? "8001"}` } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: here("./console.html") },
  },
  test: { environment: "node", pool: "threads", isolate: false, include: ["{src,build}/**/*.test.ts"] },
});
