import { defineConfig } from "vitest/config";

// One module, without names that change: where it is served its address says the version.
export default defineConfig({
  build: {
    lib: { entry: "src/main.ts", formats: ["es"], fileName: () => "showrunner.js" },
    target: "es2022",
    minify: true,
    sourcemap: false,
    // What is bundled is under licences that want to be handed on with it.
    license: { fileName: "licenses.md" },
  },
  test: { environment: "happy-dom", include: ["test/**/*.test.ts"] },
});
