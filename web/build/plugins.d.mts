import type { Plugin } from "vite";
export function ownFormats(): Plugin;
export function serviceWorker(): Plugin;
export function gzipped(): Plugin;
export function filesBelow(folder: string): string[];
