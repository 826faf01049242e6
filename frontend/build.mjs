// Builds everything a browser or typst needs into one folder:  node build.mjs FOLDER
//   FOLDER/web/            content-hashed files, served under /assets/
//   FOLDER/fonts/          full TrueType fonts for PDFs
//   FOLDER/licences/       the licences of what was built in
//   FOLDER/manifest.json   {"app.css": "app-<hash>.css", …}
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import * as esbuild from "esbuild";

const out = resolve(process.argv[2] ?? "dist");
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const FONTS = ["400Regular", "400Regular_Italic", "600SemiBold", "700Bold"];

const shared = {
  bundle: true,
  minify: true,
  metafile: true,
  outdir: join(out, "web"),
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none", // the whole licences are copied below
  logLevel: "warning",
};

const builds = await Promise.all([
  esbuild.build({
    ...shared,
    entryPoints: ["src/css/app.css", "src/app.js", "src/door.js", "src/kiosk.js", "src/ticket-worker.js", "src/door-worker.js"],
    format: "esm",
    target: ["chrome111", "firefox115", "safari16.4"],
    loader: { ".woff2": "file" },
  }),
  esbuild.build({
    ...shared,
    entryPoints: ["src/icon.svg", "src/icon-192.png", "src/icon-512.png", "src/share.png", "zxing-wasm/reader/zxing_reader.wasm"],
    bundle: false,
    minify: false,
    loader: { ".svg": "copy", ".png": "copy", ".wasm": "copy" },
  }),
]);

const manifest = {};
for (const { metafile } of builds) {
  for (const file of Object.keys(metafile.outputs)) {
    const name = basename(file);
    manifest[name.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, "")] = name;
  }
}
const sorted = Object.fromEntries(Object.entries(manifest).sort());
writeFileSync(join(out, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);

mkdirSync(join(out, "fonts"), { recursive: true });
for (const style of FONTS) {
  const file = `SourceSans3_${style}.ttf`;
  cpSync(join("node_modules/@expo-google-fonts/source-sans-3", style, file), join(out, "fonts", file));
}

mkdirSync(join(out, "licences"), { recursive: true });
for (const name of Object.keys(dependencies)) {
  const found = ["LICENSE_FONT", "LICENSE", "LICENSE.md"]
    .map((file) => join("node_modules", name, file))
    .find((file) => existsSync(file));
  if (!found) throw new Error(`${name} carries no licence file`);
  cpSync(found, join(out, "licences", `${name.replace(/^@/, "").replace("/", "-")}.txt`));
}
