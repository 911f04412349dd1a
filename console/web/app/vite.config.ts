import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Libraries that every page shares, each in a file of its own that stays cached over releases.
const SHARED: [string, RegExp][] = [
  ["echarts", /node_modules\/(echarts|zrender)\//],
  ["codemirror", /node_modules\/(@codemirror|@lezer|@marijn|crelt|style-mod|w3c-keyname)\//],
  ["react", /node_modules\/(react|react-dom|scheduler|@tanstack)\//],
  ["antd", /node_modules\/(antd|@ant-design|@rc-component|rc-[^/]+)\//],
];

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    chunkSizeWarningLimit: 1600,
    rolldownOptions: {
      output: { codeSplitting: { groups: SHARED.map(([name, test]) => ({ name, test })) } },
    },
  },
  // The server judges the page's origin by the host that was asked: it must stay the browser's own.
  server: { proxy: { "/api": { target: process.env.FENGSUI_API ?? "http://127.0.0.1:8600", changeOrigin: false } } },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
