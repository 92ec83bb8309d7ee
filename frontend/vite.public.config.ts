import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { browserOwn } from "./build/browserOwn.ts";
import { logical } from "./build/logical.ts";
import { purge } from "./build/purge.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The public pages' stylesheet and script: fixed names, because the pages that name them are made by the server. */
export default defineConfig({
  css: {
    postcss: { plugins: [browserOwn(), logical(), purge(here("../backend/earshot"), here("./src/public"))] },
    preprocessorOptions: { scss: { quietDeps: true, loadPaths: [here("./node_modules")] } },
  },
  build: {
    outDir: "dist/public",
    emptyOutDir: true,
    copyPublicDir: false,
    cssCodeSplit: false,
    rolldownOptions: {
      input: { form: here("./src/public/form.ts") },
      output: { format: "iife", entryFileNames: "[name].js", assetFileNames: "form[extname]" },
    },
  },
});
