import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { browserOwn } from "./build/browserOwn.ts";
import { logical } from "./build/logical.ts";
import { purge } from "./build/purge.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const scripts = (name: string): Record<string, string> => ({ [name]: here(`./src/public/${name}.ts`) });

/**
 * The public pages' stylesheet and scripts: fixed names, because the pages that name them are made by the server.
 *
 * Each script is whole in itself, so each has a build of its own: `--mode speak` makes the one that seals.
 */
export default defineConfig(({ mode }) => ({
  css: {
    postcss: { plugins: [browserOwn(), logical(), purge(here("../backend/earshot"), here("./src/public"))] },
    preprocessorOptions: { scss: { quietDeps: true, loadPaths: [here("./node_modules")] } },
  },
  build: {
    outDir: "dist/public",
    emptyOutDir: mode !== "speak",
    copyPublicDir: false,
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: {
      input: mode === "speak" ? scripts("speak") : scripts("form"),
      output: { format: "iife", entryFileNames: "[name].js", assetFileNames: "form[extname]" },
    },
  },
}));
